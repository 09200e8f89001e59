"""Kernels of a dense layer, y = A x + b (Definition 4.1.2), four rows of A and sixteen columns at a time.

Sizes of a row: inputs, units, offset of a samples-first copy of x, its row width, and whether ``forward`` makes it.
The weights' gradient reads that copy, so that it too runs along contiguous memory.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel
from mathdl.kernels.runs import copy_run, sum_of
from mathdl.kernels.simd import get, load, load_up_to, multiply_add, put, spread, store_up_to, total, zeros
from mathdl.kernels.table import (
    ACCUMULATE,
    BIAS,
    CHUNK,
    FIRST,
    INPUT,
    INPUT_GRADIENT,
    LAST,
    OUTPUT,
    OUTPUT_GRADIENT,
    SAMPLES,
    SIZES,
    STRIDE,
    WEIGHTS,
)

INPUTS = SIZES
UNITS = SIZES + 1
COPY = SIZES + 2
COPY_WIDTH = SIZES + 3
MAKES_COPY = SIZES + 4


@kernel
def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = A x + b."""
    inputs, units, lanes = row[INPUTS], row[UNITS], 64 // w.itemsize
    x, y, weights, bias = row[INPUT] * n, row[OUTPUT] * n, row[WEIGHTS], row[BIAS]
    if n == 1:
        one_sample(a, w, x, y, weights, bias, inputs, units)
    else:
        last = units - 1
        for u in range(0, units, 4):
            u1, u2, u3 = min(u + 1, last), min(u + 2, last), min(u + 3, last)
            a0, a1, a2, a3 = (
                weights + u * inputs,
                weights + u1 * inputs,
                weights + u2 * inputs,
                weights + u3 * inputs,
            )
            for s in range(0, n, lanes):
                y0 = y1 = y2 = y3 = zeros(w)
                if bias >= 0:
                    y0, y1, y2, y3 = (
                        spread(a, bias + u),
                        spread(a, bias + u1),
                        spread(a, bias + u2),
                        spread(a, bias + u3),
                    )
                for i in range(inputs):
                    v = load(w, x + i * n + s)
                    y0 = multiply_add(spread(a, a0 + i), v, y0)
                    y1 = multiply_add(spread(a, a1 + i), v, y1)
                    y2 = multiply_add(spread(a, a2 + i), v, y2)
                    y3 = multiply_add(spread(a, a3 + i), v, y3)
                store_up_to(w, y + u * n + s, y0, n - s)
                store_up_to(w, y + u1 * n + s, y1, n - s)
                store_up_to(w, y + u2 * n + s, y2, n - s)
                store_up_to(w, y + u3 * n + s, y3, n - s)
        if row[MAKES_COPY] == 1:
            copy_samples_first(w, x, row[COPY] * n, inputs, row[COPY_WIDTH], n)


@kernel
def one_sample(a: Reals, w: Reals, x: int, y: int, weights: int, bias: int, inputs: int, units: int) -> None:
    """Compute y = A x + b for a single x: inner products along the rows of A."""
    lanes, last = 64 // w.itemsize, units - 1
    if inputs < lanes:
        for u in range(units):
            value = get(a, bias + u) if bias >= 0 else w.dtype.type(0)
            for i in range(inputs):
                value += get(a, weights + u * inputs + i) * get(w, x + i)
            put(w, y + u, value)
        return
    for u in range(0, units, 4):
        u1, u2, u3 = min(u + 1, last), min(u + 2, last), min(u + 3, last)
        a0, a1, a2, a3 = (
            weights + u * inputs,
            weights + u1 * inputs,
            weights + u2 * inputs,
            weights + u3 * inputs,
        )
        y0 = y1 = y2 = y3 = zeros(w)
        for i in range(0, inputs, lanes):
            count = inputs - i
            v = load_up_to(w, x + i, count)
            y0 = multiply_add(load_up_to(a, a0 + i, count), v, y0)
            y1 = multiply_add(load_up_to(a, a1 + i, count), v, y1)
            y2 = multiply_add(load_up_to(a, a2 + i, count), v, y2)
            y3 = multiply_add(load_up_to(a, a3 + i, count), v, y3)
        w[y + u], w[y + u1], w[y + u2], w[y + u3] = total(y0), total(y1), total(y2), total(y3)
    if bias >= 0:
        for u in range(units):
            w[y + u] += a[bias + u]


@kernel
def copy_samples_first(w: Reals, source: int, target: int, features: int, width: int, n: int) -> None:
    """Copy (features, n) to (n, width), so many features at a time that both sides stay in cache."""
    for first in range(0, features, 64):
        last = min(first + 64, features)
        for s in range(n):
            for i in range(first, last):
                put(w, target + s * width + i, get(w, source + i * n + s))


@kernel
def backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = A^T dy."""
    inputs, units, lanes = row[INPUTS], row[UNITS], 64 // w.itemsize
    dx, dy, weights, last = row[INPUT_GRADIENT] * n, row[OUTPUT_GRADIENT] * n, row[WEIGHTS], inputs - 1
    if n == 1:
        for i in range(0, inputs, lanes):
            v = zeros(w)
            for u in range(units):
                v = multiply_add(spread(w, dy + u), load_up_to(a, weights + u * inputs + i, inputs - i), v)
            store_up_to(w, dx + i, v, inputs - i)
    else:
        for i in range(0, inputs, 4):
            i1, i2, i3 = min(i + 1, last), min(i + 2, last), min(i + 3, last)
            for s in range(0, n, lanes):
                x0 = x1 = x2 = x3 = zeros(w)
                for u in range(units):
                    v = load(w, dy + u * n + s)
                    p = weights + u * inputs
                    x0 = multiply_add(spread(a, p + i), v, x0)
                    x1 = multiply_add(spread(a, p + i1), v, x1)
                    x2 = multiply_add(spread(a, p + i2), v, x2)
                    x3 = multiply_add(spread(a, p + i3), v, x3)
                store_up_to(w, dx + i * n + s, x0, n - s)
                store_up_to(w, dx + i1 * n + s, x1, n - s)
                store_up_to(w, dx + i2 * n + s, x2, n - s)
                store_up_to(w, dx + i3 * n + s, x3, n - s)


@kernel
def weights_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
    """Sum dy x^T over the samples, for the rows of A from FIRST to LAST."""
    inputs, lanes, last = row[INPUTS], 64 // w.itemsize, block[LAST] - 1
    if block[SAMPLES] == 1 and block[ACCUMULATE] == 0:
        outer_product(w, row[OUTPUT_GRADIENT], row[INPUT], g, row[WEIGHTS], block[FIRST], block[LAST], inputs)
        return
    for i in range(0, inputs, lanes):
        count = inputs - i
        for u in range(block[FIRST], block[LAST], 4):
            u1, u2, u3 = min(u + 1, last), min(u + 2, last), min(u + 3, last)
            p = row[WEIGHTS] + i
            g0 = g1 = g2 = g3 = zeros(w)
            if block[ACCUMULATE] == 1:
                g0, g1 = load_up_to(g, p + u * inputs, count), load_up_to(g, p + u1 * inputs, count)
                g2, g3 = load_up_to(g, p + u2 * inputs, count), load_up_to(g, p + u3 * inputs, count)
            for first in range(0, block[SAMPLES], block[CHUNK]):
                n = min(block[CHUNK], block[SAMPLES] - first)
                base = first // block[CHUNK] * block[STRIDE]
                dy = base + row[OUTPUT_GRADIENT] * n
                x, width = base + row[COPY] * n + i, row[COPY_WIDTH]
                if n == 1:
                    x = base + row[INPUT] + i
                for s in range(n):
                    v = load(w, x + s * width)
                    g0 = multiply_add(spread(w, dy + u * n + s), v, g0)
                    g1 = multiply_add(spread(w, dy + u1 * n + s), v, g1)
                    g2 = multiply_add(spread(w, dy + u2 * n + s), v, g2)
                    g3 = multiply_add(spread(w, dy + u3 * n + s), v, g3)
            store_up_to(g, p + u * inputs, g0, count)
            store_up_to(g, p + u1 * inputs, g1, count)
            store_up_to(g, p + u2 * inputs, g2, count)
            store_up_to(g, p + u3 * inputs, g3, count)


@kernel
def outer_product(w: Reals, dy: int, x: int, g: Reals, weights: int, first: int, last: int, inputs: int) -> None:
    """Compute dA = dy x^T for one sample, for the rows from ``first`` to ``last``."""
    for u in range(first, last):
        d, p = get(w, dy + u), weights + u * inputs
        for i in range(inputs):
            put(g, p + i, d * get(w, x + i))


@kernel
def bias_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
    """Sum dy over the samples, for the units from FIRST to LAST."""
    if block[SAMPLES] == 1 and block[ACCUMULATE] == 0:
        start, count = block[FIRST], block[LAST] - block[FIRST]
        copy_run(w, row[OUTPUT_GRADIENT] + start, g, row[BIAS] + start, count)
        return
    for u in range(block[FIRST], block[LAST]):
        b = g[row[BIAS] + u] if block[ACCUMULATE] == 1 else w.dtype.type(0)
        for first in range(0, block[SAMPLES], block[CHUNK]):
            n = min(block[CHUNK], block[SAMPLES] - first)
            dy = first // block[CHUNK] * block[STRIDE] + (row[OUTPUT_GRADIENT] + u) * n
            b += sum_of(w, dy, n)
        g[row[BIAS] + u] = b
