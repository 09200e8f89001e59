"""Kernels of activation functions, forward y = f(x) and backward dx = f'(x) dy, entry by entry.

Where f'(x) can be told from y the two may share memory, and dx and dy likewise. Derivatives at 0: ReLU 0,
absolute value 0, leaky ReLU its slope.

Sizes of a row: numbers per sample, and the bits of the slope as a float64 (leaky ReLU).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.kernels.jit import Integers, Kernel, Reals, kernel, ordered_kernel, uncached_kernel
from mathdl.kernels.simd import lanes_of, load, maximum, store_up_to, where_positive, zeros
from mathdl.kernels.table import INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT, SIZES

WIDTH = SIZES
SLOPE = SIZES + 1


@kernel
def relu(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = max(x, 0), NaN staying NaN."""
    x, y, size = row[INPUT] * n, row[OUTPUT] * n, row[WIDTH] * n
    for t in range(0, size, lanes_of(w)):
        store_up_to(w, y + t, maximum(load(w, x + t), zeros(w)), size - t)


@kernel
def relu_backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = dy where y > 0, else 0."""
    y, dx, dy, size = row[OUTPUT] * n, row[INPUT_GRADIENT] * n, row[OUTPUT_GRADIENT] * n, row[WIDTH] * n
    for t in range(0, size, lanes_of(w)):
        store_up_to(w, dx + t, where_positive(load(w, y + t), load(w, dy + t), zeros(w)), size - t)


@kernel
def leaky_relu(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = x where x > 0, else slope x."""
    size, slope = row[WIDTH] * n, w.dtype.type(row[SLOPE : SLOPE + 1].view(np.float64)[0])
    x, y = w[row[INPUT] * n : row[INPUT] * n + size], w[row[OUTPUT] * n : row[OUTPUT] * n + size]
    zero = w.dtype.type(0)
    for t in range(size):
        z = x[t]
        y[t] = z if z > zero else slope * z


@kernel
def leaky_relu_backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = dy where y > 0, else slope dy."""
    size, slope = row[WIDTH] * n, w.dtype.type(row[SLOPE : SLOPE + 1].view(np.float64)[0])
    y = w[row[OUTPUT] * n : row[OUTPUT] * n + size]
    dx = w[row[INPUT_GRADIENT] * n : row[INPUT_GRADIENT] * n + size]
    dy = w[row[OUTPUT_GRADIENT] * n : row[OUTPUT_GRADIENT] * n + size]
    zero = w.dtype.type(0)
    for t in range(size):
        d = dy[t]
        dx[t] = d if y[t] > zero else slope * d


@kernel
def sigmoid(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = 1 / (1 + exp(-x)), with an exponential that cannot overflow."""
    size = row[WIDTH] * n
    x, y = w[row[INPUT] * n : row[INPUT] * n + size], w[row[OUTPUT] * n : row[OUTPUT] * n + size]
    one = w.dtype.type(1)
    for t in range(size):
        e = np.exp(-np.abs(x[t]))
        y[t] = (one if x[t] >= 0 else e) / (one + e)


@ordered_kernel
def sigmoid_backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = y (1 - y) dy."""
    size = row[WIDTH] * n
    y = w[row[OUTPUT] * n : row[OUTPUT] * n + size]
    dx = w[row[INPUT_GRADIENT] * n : row[INPUT_GRADIENT] * n + size]
    dy = w[row[OUTPUT_GRADIENT] * n : row[OUTPUT_GRADIENT] * n + size]
    one = w.dtype.type(1)
    for t in range(size):
        dx[t] = y[t] * (one - y[t]) * dy[t]


@kernel
def tanh(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = tanh(x)."""
    size = row[WIDTH] * n
    x, y = w[row[INPUT] * n : row[INPUT] * n + size], w[row[OUTPUT] * n : row[OUTPUT] * n + size]
    for t in range(size):
        y[t] = np.tanh(x[t])


@kernel
def tanh_backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = (1 - y^2) dy."""
    size = row[WIDTH] * n
    y = w[row[OUTPUT] * n : row[OUTPUT] * n + size]
    dx = w[row[INPUT_GRADIENT] * n : row[INPUT_GRADIENT] * n + size]
    dy = w[row[OUTPUT_GRADIENT] * n : row[OUTPUT_GRADIENT] * n + size]
    one = w.dtype.type(1)
    for t in range(size):
        dx[t] = (one - y[t] * y[t]) * dy[t]


@kernel
def absolute(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = |x|."""
    size = row[WIDTH] * n
    x, y = w[row[INPUT] * n : row[INPUT] * n + size], w[row[OUTPUT] * n : row[OUTPUT] * n + size]
    for t in range(size):
        y[t] = np.abs(x[t])


@kernel
def absolute_backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = sign(x) dy."""
    size = row[WIDTH] * n
    x = w[row[INPUT] * n : row[INPUT] * n + size]
    dx = w[row[INPUT_GRADIENT] * n : row[INPUT_GRADIENT] * n + size]
    dy = w[row[OUTPUT_GRADIENT] * n : row[OUTPUT_GRADIENT] * n + size]
    zero = w.dtype.type(0)
    for t in range(size):
        d, z = dy[t], x[t]
        dx[t] = d if z > zero else (-d if z < zero else zero)


@kernel
def softmax(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = exp(x - max x) / sum exp(x - max x), over the numbers of each sample."""
    x, y, width = row[INPUT] * n, row[OUTPUT] * n, row[WIDTH]
    for s in range(n):
        largest = w[x + s]
        for i in range(width):
            largest = max(largest, w[x + i * n + s])
        z = w.dtype.type(0)
        for i in range(width):
            e = np.exp(w[x + i * n + s] - largest)
            w[y + i * n + s] = e
            z += e
        for i in range(width):
            w[y + i * n + s] /= z


@kernel
def softmax_backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx_i = y_i (dy_i - sum_j y_j dy_j)."""
    y, dx, dy, width = row[OUTPUT] * n, row[INPUT_GRADIENT] * n, row[OUTPUT_GRADIENT] * n, row[WIDTH]
    for s in range(n):
        mean = w.dtype.type(0)
        for i in range(width):
            mean += w[y + i * n + s] * w[dy + i * n + s]
        for i in range(width):
            w[dx + i * n + s] = w[y + i * n + s] * (w[dy + i * n + s] - mean)


def own(function: Any, derivative: Any) -> tuple[Kernel, Kernel]:
    """Make the two kernels of a user's activation from the scalar function and its derivative."""
    function, derivative = uncached_kernel(function), uncached_kernel(derivative)

    @uncached_kernel
    def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
        size = row[WIDTH] * n
        x, y = w[row[INPUT] * n : row[INPUT] * n + size], w[row[OUTPUT] * n : row[OUTPUT] * n + size]
        for t in range(size):
            y[t] = function(x[t])

    @uncached_kernel
    def backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
        size = row[WIDTH] * n
        x = w[row[INPUT] * n : row[INPUT] * n + size]
        dx = w[row[INPUT_GRADIENT] * n : row[INPUT_GRADIENT] * n + size]
        dy = w[row[OUTPUT_GRADIENT] * n : row[OUTPUT_GRADIENT] * n + size]
        for t in range(size):
            dx[t] = derivative(x[t]) * dy[t]

    return forward, backward
