"""Kernels of losses (sections 8.2, 6.6, 7.11): each object's loss, and its gradient with respect to the outputs.

Both come multiplied by the object's weight, which already holds the 1/N of the mean. Outputs are logits for the
entropies. A row's ``input`` are the network's outputs z, ``width`` of them for an object, and its ``output`` is one
number per object. The objects' weights and targets lie in the workspace.
"""

from __future__ import annotations

import numpy as np

from mathdl.kernels.exponential import exponential
from mathdl.kernels.jit import Reals, kernel_of, part
from mathdl.kernels.simd import (
    add,
    divide,
    get,
    lanes_of,
    load,
    load_up_to,
    maximum,
    multiply_add,
    put,
    spread,
    store_up_to,
    subtract,
    total,
    zeros,
)
from mathdl.kernels.table import Record, operation
from mathdl.kernels.views import room

ROW = operation("width", "object_weights")
MAX_LANES = 16


@kernel_of(ROW)
def mean_square(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute l = |z - y|^2 for an object; dl/dz = 2 (z - y)."""
    z, dz, loss = row.input * n, row.input_gradient * n, row.output * n
    weight, target, width = row.object_weights * n, row.targets * n, row.width
    if n == 1:
        one_mean_square(w, z, dz, target, weight, loss, width)
        return
    for s in range(n):
        value = w.dtype.type(0)
        for i in range(width):
            difference = get(w, z + i * n + s) - get(w, target + i * n + s)
            value += difference * difference
            put(w, dz + i * n + s, 2 * w[weight + s] * difference)
        w[loss + s] = w[weight + s] * value


@part
def one_mean_square(w: Reals, z: int, dz: int, target: int, weight: int, loss: int, width: int) -> None:
    """Compute the same for a single object, whose numbers are contiguous."""
    factor, squares = spread(w, weight), zeros(w)
    for i in range(0, width, lanes_of(w)):
        count = width - i
        difference = subtract(load_up_to(w, z + i, count), load_up_to(w, target + i, count))
        squares = multiply_add(difference, difference, squares)
        weighted = multiply_add(factor, difference, zeros(w))
        store_up_to(w, dz + i, add(weighted, weighted), count)
    w[loss] = w[weight] * total(squares)


@kernel_of(ROW)
def huber(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute l = sum of r^2 where |r| <= 1, else 2 |r| - 1, for r = z - y; dl/dz = 2 r, at most 2 in size."""
    z, dz, loss = row.input * n, row.input_gradient * n, row.output * n
    weight, target, one = row.object_weights * n, row.targets * n, w.dtype.type(1)
    for s in range(n):
        value = w.dtype.type(0)
        for i in range(row.width):
            difference = w[z + i * n + s] - w[target + i * n + s]
            slope = one if difference > one else -one if difference < -one else difference  # NaN stays NaN
            value += slope * (2 * difference - slope)
            w[dz + i * n + s] = 2 * w[weight + s] * slope
        w[loss + s] = w[weight + s] * value


@kernel_of(ROW)
def cross_entropy(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute l = log(sum exp z) - z_y for an object of class y; dl/dz = softmax(z) - e_y."""
    z, dz, loss = row.input * n, row.input_gradient * n, row.output * n
    weight, target, width = row.object_weights * n, row.targets * n, row.width
    if n == 1:
        one_cross_entropy(w, z, dz, target, weight, loss, width)
        return
    largest_of, sum_of = room(w, MAX_LANES), room(w, MAX_LANES)
    for first in range(0, n, lanes_of(w)):
        count, largest, exponentials = min(lanes_of(w), n - first), load(w, z + first), zeros(w)
        for i in range(1, width):
            largest = maximum(largest, load(w, z + i * n + first))
        for i in range(width):
            e = exponential(subtract(load(w, z + i * n + first), largest))
            store_up_to(w, dz + i * n + first, e, count)
            exponentials = add(exponentials, e)
        factor = divide(load(w, weight + first), exponentials)
        for i in range(width):
            p = load(w, dz + i * n + first)
            store_up_to(w, dz + i * n + first, multiply_add(p, factor, zeros(w)), count)
        store_up_to(largest_of, 0, largest, lanes_of(w))
        store_up_to(sum_of, 0, exponentials, lanes_of(w))
        for k in range(count):
            s = first + k
            right = int(w[target + s]) * n + s
            w[loss + s] = w[weight + s] * (np.log(sum_of[k]) + largest_of[k] - w[z + right])
            w[dz + right] -= w[weight + s]


@part
def one_cross_entropy(w: Reals, z: int, dz: int, target: int, weight: int, loss: int, width: int) -> None:
    """Compute the same for a single object."""
    largest, exponentials = w[z], w.dtype.type(0)
    for i in range(width):
        largest = max(largest, w[z + i])
    for i in range(width):
        e = np.exp(w[z + i] - largest)
        w[dz + i] = e
        exponentials += e
    right = int(w[target])
    w[loss] = w[weight] * (np.log(exponentials) + largest - w[z + right])
    for i in range(width):
        w[dz + i] *= w[weight] / exponentials
    w[dz + right] -= w[weight]


@kernel_of(ROW)
def binary_cross_entropy(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute l = sum of log(1 + exp z) - y z over the outputs; dl/dz = sigmoid(z) - y."""
    z, dz, loss = row.input * n, row.input_gradient * n, row.output * n
    weight, target, one = row.object_weights * n, row.targets * n, w.dtype.type(1)
    for s in range(n):
        value = w.dtype.type(0)
        for i in range(row.width):
            x, y = w[z + i * n + s], w[target + i * n + s]
            e = np.exp(-np.abs(x))
            value += np.log1p(e) + max(x, w.dtype.type(0)) - y * x
            w[dz + i * n + s] = w[weight + s] * ((one if x >= 0 else e) / (one + e) - y)
        w[loss + s] = w[weight + s] * value


@kernel_of(ROW)
def hinge(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute l = sum of max(0, 1 - y z) over the outputs; dl/dz = -y where y z < 1, else 0."""
    z, dz, loss = row.input * n, row.input_gradient * n, row.output * n
    weight, target, zero = row.object_weights * n, row.targets * n, w.dtype.type(0)
    for s in range(n):
        value = w.dtype.type(0)
        for i in range(row.width):
            y = w[target + i * n + s]
            slack = w.dtype.type(1) - y * w[z + i * n + s]
            value += zero if slack <= zero else slack
            w[dz + i * n + s] = zero if slack <= zero else -y * w[weight + s]
        w[loss + s] = w[weight + s] * value


@kernel_of(ROW)
def weighted_sum(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute the sum of y z over the outputs; dl/dz = y."""
    z, dz, loss = row.input * n, row.input_gradient * n, row.output * n
    weight, target = row.object_weights * n, row.targets * n
    for s in range(n):
        value = w.dtype.type(0)
        for i in range(row.width):
            y = w[target + i * n + s]
            value += y * w[z + i * n + s]
            w[dz + i * n + s] = y * w[weight + s]
        w[loss + s] = w[weight + s] * value
