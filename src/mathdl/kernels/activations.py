"""Kernels of activation functions, forward y = f(x) and backward dx = f'(x) dy, entry by entry.

Where f'(x) can be told from y the two may share memory, and dx and dy likewise. Derivatives at 0: ReLU 0,
absolute value 0, leaky ReLU its slope.

Of its own a row has the numbers per sample, and the slope of leaky ReLU.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.kernels.exponential import exponential, exponential_less_one
from mathdl.kernels.jit import Kernel, Reals, kernel_of, ordered_kernel, uncached_kernel
from mathdl.kernels.simd import (
    absolute_of,
    add,
    divide,
    lanes_of,
    load,
    maximum,
    multiply_add,
    repeat,
    store_up_to,
    subtract,
    where_positive,
    zeros,
)
from mathdl.kernels.table import Record, operation

ROW = operation("width", slope=float)


@kernel_of(ROW)
def relu(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y = max(x, 0), NaN staying NaN."""
    x, y, size = row.input * n, row.output * n, row.width * n
    for t in range(0, size, lanes_of(w)):
        store_up_to(w, y + t, maximum(load(w, x + t), zeros(w)), size - t)


@kernel_of(ROW)
def relu_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = dy where y > 0, else 0."""
    y, dx, dy, size = row.output * n, row.input_gradient * n, row.output_gradient * n, row.width * n
    for t in range(0, size, lanes_of(w)):
        store_up_to(w, dx + t, where_positive(load(w, y + t), load(w, dy + t), zeros(w)), size - t)


@kernel_of(ROW)
def leaky_relu(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y = x where x > 0, else slope x."""
    size, slope = row.width * n, w.dtype.type(row.slope)
    x, y = w[row.input * n : row.input * n + size], w[row.output * n : row.output * n + size]
    zero = w.dtype.type(0)
    for t in range(size):
        z = x[t]
        y[t] = z if z > zero else slope * z


@kernel_of(ROW)
def leaky_relu_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = dy where y > 0, else slope dy."""
    size, slope = row.width * n, w.dtype.type(row.slope)
    y = w[row.output * n : row.output * n + size]
    dx = w[row.input_gradient * n : row.input_gradient * n + size]
    dy = w[row.output_gradient * n : row.output_gradient * n + size]
    zero = w.dtype.type(0)
    for t in range(size):
        d = dy[t]
        dx[t] = d if y[t] > zero else slope * d


@kernel_of(ROW)
def sigmoid(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y = 1 / (1 + exp(-x)), with an exponential that cannot overflow."""
    x, y, size, one = row.input * n, row.output * n, row.width * n, repeat(w, w.dtype.type(1))
    for t in range(0, size, lanes_of(w)):
        v = load(w, x + t)
        e = exponential(subtract(zeros(w), absolute_of(v)))
        store_up_to(w, y + t, divide(where_positive(v, one, e), add(one, e)), size - t)


@kernel_of(ROW, ordered_kernel)
def sigmoid_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = y (1 - y) dy."""
    size = row.width * n
    y = w[row.output * n : row.output * n + size]
    dx = w[row.input_gradient * n : row.input_gradient * n + size]
    dy = w[row.output_gradient * n : row.output_gradient * n + size]
    one = w.dtype.type(1)
    for t in range(size):
        dx[t] = y[t] * (one - y[t]) * dy[t]


@kernel_of(ROW)
def tanh(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y = tanh(x), with m = exp(-2 |x|) - 1, which is accurate near 0: |y| = -m / (2 + m)."""
    x, y, size, two = row.input * n, row.output * n, row.width * n, repeat(w, w.dtype.type(2))
    for t in range(0, size, lanes_of(w)):
        v = load(w, x + t)
        m = exponential_less_one(multiply_add(subtract(zeros(w), two), absolute_of(v), zeros(w)))
        negative = divide(m, add(two, m))
        store_up_to(w, y + t, where_positive(v, subtract(zeros(w), negative), negative), size - t)


@kernel_of(ROW)
def tanh_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = (1 - y^2) dy."""
    size = row.width * n
    y = w[row.output * n : row.output * n + size]
    dx = w[row.input_gradient * n : row.input_gradient * n + size]
    dy = w[row.output_gradient * n : row.output_gradient * n + size]
    one = w.dtype.type(1)
    for t in range(size):
        dx[t] = (one - y[t] * y[t]) * dy[t]


@kernel_of(ROW)
def absolute(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y = |x|."""
    size = row.width * n
    x, y = w[row.input * n : row.input * n + size], w[row.output * n : row.output * n + size]
    for t in range(size):
        y[t] = np.abs(x[t])


@kernel_of(ROW)
def absolute_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = sign(x) dy."""
    size = row.width * n
    x = w[row.input * n : row.input * n + size]
    dx = w[row.input_gradient * n : row.input_gradient * n + size]
    dy = w[row.output_gradient * n : row.output_gradient * n + size]
    zero = w.dtype.type(0)
    for t in range(size):
        d, z = dy[t], x[t]
        dx[t] = d if z > zero else (-d if z < zero else zero)


@kernel_of(ROW)
def softmax(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y = exp(x - max x) / sum exp(x - max x), over the numbers of each sample; a lane for each sample."""
    x, y, width = row.input * n, row.output * n, row.width
    for s in range(0, n, lanes_of(w)):
        largest, total = load(w, x + s), zeros(w)
        for i in range(1, width):
            largest = maximum(largest, load(w, x + i * n + s))
        for i in range(width):
            e = exponential(subtract(load(w, x + i * n + s), largest))
            store_up_to(w, y + i * n + s, e, n - s)
            total = add(total, e)
        for i in range(width):
            store_up_to(w, y + i * n + s, divide(load(w, y + i * n + s), total), n - s)


@kernel_of(ROW)
def softmax_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx_i = y_i (dy_i - sum_j y_j dy_j)."""
    y, dx, dy, width = row.output * n, row.input_gradient * n, row.output_gradient * n, row.width
    for s in range(n):
        mean = w.dtype.type(0)
        for i in range(width):
            mean += w[y + i * n + s] * w[dy + i * n + s]
        for i in range(width):
            w[dx + i * n + s] = w[y + i * n + s] * (w[dy + i * n + s] - mean)


def own(function: Any, derivative: Any) -> tuple[Kernel, Kernel]:
    """Make the two kernels of a user's activation from the scalar function and its derivative."""
    function, derivative = uncached_kernel(function), uncached_kernel(derivative)

    @kernel_of(ROW, uncached_kernel)
    def forward(row: Record, a: Reals, w: Reals, n: int) -> None:
        size = row.width * n
        x, y = w[row.input * n : row.input * n + size], w[row.output * n : row.output * n + size]
        for t in range(size):
            y[t] = function(x[t])

    @kernel_of(ROW, uncached_kernel)
    def backward(row: Record, a: Reals, w: Reals, n: int) -> None:
        size = row.width * n
        x = w[row.input * n : row.input * n + size]
        dx = w[row.input_gradient * n : row.input_gradient * n + size]
        dy = w[row.output_gradient * n : row.output_gradient * n + size]
        for t in range(size):
            dx[t] = derivative(x[t]) * dy[t]

    return forward, backward
