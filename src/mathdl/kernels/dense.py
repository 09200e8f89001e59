"""Kernels of a dense layer, y = A x + b (Definition 4.1.2), four rows of A and one vector at a time.

Sizes of a row: inputs, units, and whether ``forward`` makes the copy of x in panels (together with the first unit). The
weights' gradient reads that copy, so that it too runs along contiguous memory.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from mathdl.kernels.fours import add_products, load_four, no_sums, rows_from, spread_four, store_four
from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.narrow import add_row_products
from mathdl.kernels.panels import to_panels
from mathdl.kernels.runs import clear_run, copy_run, sum_of
from mathdl.kernels.simd import (
    MANY_REGISTERS,
    add,
    get,
    lanes_of,
    load,
    load_up_to,
    multiply_add,
    put,
    spread,
    store_up_to,
    total,
    zeros,
)
from mathdl.kernels.table import (
    BIAS,
    BLOCK_ACCUMULATES,
    BLOCK_CHUNK,
    BLOCK_FIRST,
    BLOCK_LAST,
    BLOCK_SAMPLES,
    BLOCK_SHIFT,
    BLOCK_STRIDE,
    FIRST_UNIT,
    INPUT,
    INPUT_GRADIENT,
    LAST_UNIT,
    OUTPUT,
    OUTPUT_GRADIENT,
    PANELS,
    SIZES,
    WEIGHTS,
)

INPUTS = SIZES
UNITS = SIZES + 1
MAKES_COPY = SIZES + 2
BACKWARD_ROWS = 64  # rows of A that the way back goes through at a time, so that they stay in cache
UNROLLED_SAMPLES = 8  # samples of a loop whose length the compiler knows


@kernel
def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = A x + b, for the units from FIRST_UNIT to LAST_UNIT."""
    inputs, first, units = row[INPUTS], row[FIRST_UNIT], row[LAST_UNIT] - row[FIRST_UNIT]
    x, y, weights = row[INPUT] * n, (row[OUTPUT] + first) * n, row[WEIGHTS] + first * inputs
    bias = row[BIAS] + first if row[BIAS] >= 0 else -1
    if n == 1:
        one_sample(a, w, x, y, weights, bias, inputs, units)
        return
    for u in range(0, units, 4):
        rows, outputs = rows_from(u, units, weights, inputs), rows_from(u, units, y, n)
        for s in range(0, n, lanes_of(w)):
            sums = spread_four(a, rows_from(u, units, bias, 1)) if bias >= 0 else no_sums(w)
            for i in range(inputs):
                sums = add_products(a, rows, i, load(w, x + i * n + s), sums)
            store_four(w, outputs, s, sums, n - s)
    if row[MAKES_COPY] == 1 and first == 0:
        to_panels(w, x, row[PANELS] * n, inputs, n)


@part
def one_sample(a: Reals, w: Reals, x: int, y: int, weights: int, bias: int, inputs: int, units: int) -> None:
    """Compute y = A x + b for a single x: inner products along the rows of A."""
    for u in range(0, units, 4):
        a0, a1, a2, a3 = rows_from(u, units, weights, inputs)
        y0 = y1 = y2 = y3 = zeros(w)
        for i in range(0, inputs, lanes_of(w)):
            count = inputs - i
            v = load_up_to(w, x + i, count)
            y0 = multiply_add(load_up_to(a, a0 + i, count), v, y0)
            y1 = multiply_add(load_up_to(a, a1 + i, count), v, y1)
            y2 = multiply_add(load_up_to(a, a2 + i, count), v, y2)
            y3 = multiply_add(load_up_to(a, a3 + i, count), v, y3)
        o0, o1, o2, o3 = rows_from(u, units, y, 1)
        put(w, o0, total(y0))
        put(w, o1, total(y1))
        put(w, o2, total(y2))
        put(w, o3, total(y3))
    if bias >= 0:
        for u in range(0, units, lanes_of(w)):
            count = units - u
            store_up_to(w, y + u, add(load_up_to(w, y + u, count), load_up_to(a, bias + u, count)), count)


@cache
def narrow_forward(inputs: int) -> Any:
    """Make ``forward`` for few inputs: of a single sample, as many units at a time as a vector has lanes."""

    @kernel
    def narrow(row: Integers, a: Reals, w: Reals, n: int) -> None:
        """Compute y = A x + b, for the units from FIRST_UNIT to LAST_UNIT."""
        if n > 1:
            forward(row, a, w, n)
            return
        x, y, weights, bias, lanes = row[INPUT], row[OUTPUT], row[WEIGHTS], row[BIAS], lanes_of(w)
        u, last = row[FIRST_UNIT], row[LAST_UNIT]
        while u + lanes <= last:
            sums = load(a, bias + u) if bias >= 0 else zeros(w)
            store_up_to(w, y + u, add_row_products(a, weights + u * inputs, w, x, sums, inputs), lanes)
            u += lanes
        while u < last:
            v = get(a, bias + u) if bias >= 0 else w.dtype.type(0)
            for i in range(inputs):
                v += get(a, weights + u * inputs + i) * get(w, x + i)
            put(w, y + u, v)
            u += 1

    return narrow


@kernel
def backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = A^T dy."""
    inputs, units = row[INPUTS], row[UNITS]
    dx, dy, weights = row[INPUT_GRADIENT] * n, row[OUTPUT_GRADIENT] * n, row[WEIGHTS]
    if n == 1:
        for i in range(0, inputs, lanes_of(w)):
            v = zeros(w)
            for u in range(units):
                v = multiply_add(spread(w, dy + u), load_up_to(a, weights + u * inputs + i, inputs - i), v)
            store_up_to(w, dx + i, v, inputs - i)
        return
    for top in range(0, units, BACKWARD_ROWS):
        for i in range(0, inputs, 8 if MANY_REGISTERS else 4):
            columns, places = rows_from(i, inputs, weights, 1), rows_from(i, inputs, dx, n)
            j = min(i + 4, inputs - 1)
            more_columns, more_places = rows_from(j, inputs, weights, 1), rows_from(j, inputs, dx, n)
            for s in range(0, n, lanes_of(w)):
                sums = load_four(w, places, s) if top > 0 else no_sums(w)
                more = load_four(w, more_places, s) if top > 0 else no_sums(w)
                for u in range(top, min(top + BACKWARD_ROWS, units)):
                    v = load(w, dy + u * n + s)
                    sums = add_products(a, columns, u * inputs, v, sums)
                    if MANY_REGISTERS:  # what one line of A holds is then used at once
                        more = add_products(a, more_columns, u * inputs, v, more)
                store_four(w, places, s, sums, n - s)
                if MANY_REGISTERS:
                    store_four(w, more_places, s, more, n - s)


@kernel
def weights_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
    """Sum dy x^T over the samples, for the rows of A from BLOCK_FIRST to BLOCK_LAST."""
    inputs, samples, chunk = row[INPUTS], block[BLOCK_SAMPLES], block[BLOCK_CHUNK]
    if samples == 1 and block[BLOCK_ACCUMULATES] == 0:
        place = row[WEIGHTS] + block[BLOCK_SHIFT]
        outer_product(w, row[OUTPUT_GRADIENT], row[INPUT], g, place, block[BLOCK_FIRST], block[BLOCK_LAST], inputs)
        return
    for i in range(0, inputs, lanes_of(w)):
        for u in range(block[BLOCK_FIRST], block[BLOCK_LAST], 4):
            rows, base = rows_from(u, block[BLOCK_LAST], row[WEIGHTS] + block[BLOCK_SHIFT] + i, inputs), 0
            sums = load_four(g, rows, 0) if block[BLOCK_ACCUMULATES] == 1 else no_sums(w)
            for first in range(0, samples, chunk):
                n = min(chunk, samples - first)
                x = base + (row[PANELS] + i) * n if n > 1 else base + row[INPUT] + i
                outputs, whole = (
                    rows_from(u, block[BLOCK_LAST], base + row[OUTPUT_GRADIENT] * n, n),
                    n - n % UNROLLED_SAMPLES,
                )
                for top in range(0, whole, UNROLLED_SAMPLES):
                    for s in range(UNROLLED_SAMPLES):
                        sums = add_products(w, outputs, top + s, load(w, x + (top + s) * lanes_of(w)), sums)
                for s in range(whole, n):
                    sums = add_products(w, outputs, s, load(w, x + s * lanes_of(w)), sums)
                base += block[BLOCK_STRIDE]
            store_four(g, rows, 0, sums, inputs - i)


@part
def outer_product(w: Reals, dy: int, x: int, g: Reals, weights: int, first: int, last: int, inputs: int) -> None:
    """Compute dA = dy x^T for one sample, for the rows from ``first`` to ``last``.

    What a row's last vector writes too much, the next row overwrites.
    """
    stop = weights + last * inputs
    for u in range(first, last):
        d = spread(w, dy + u)
        for i in range(0, inputs, lanes_of(w)):
            p = weights + u * inputs + i
            store_up_to(g, p, multiply_add(d, load(w, x + i), zeros(w)), stop - p)


@kernel
def bias_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
    """Sum dy over the samples, for the units from BLOCK_FIRST to BLOCK_LAST."""
    bias = row[BIAS] + block[BLOCK_SHIFT]
    if block[BLOCK_SAMPLES] == 1 and block[BLOCK_ACCUMULATES] == 0:
        start, count = block[BLOCK_FIRST], block[BLOCK_LAST] - block[BLOCK_FIRST]
        copy_run(w, row[OUTPUT_GRADIENT] + start, g, bias + start, count)
        return
    if block[BLOCK_ACCUMULATES] == 0:
        clear_run(g, bias + block[BLOCK_FIRST], block[BLOCK_LAST] - block[BLOCK_FIRST])
    base = 0
    for first in range(0, block[BLOCK_SAMPLES], block[BLOCK_CHUNK]):
        n = min(block[BLOCK_CHUNK], block[BLOCK_SAMPLES] - first)
        for u in range(block[BLOCK_FIRST], block[BLOCK_LAST]):
            g[bias + u] += sum_of(w, base + (row[OUTPUT_GRADIENT] + u) * n, n)
        base += block[BLOCK_STRIDE]
