"""Kernels of a dense layer, y = A x + b (Definition 4.1.2), four rows of A and one vector at a time.

Sizes of a row: inputs, units, and whether ``forward`` makes the copy of x in panels (together with the first unit). The
weights' gradient reads that copy, so that it too runs along contiguous memory.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.narrow import add_row_products
from mathdl.kernels.panels import to_panels
from mathdl.kernels.runs import clear_run, copy_run, sum_of
from mathdl.kernels.simd import (
    add,
    get,
    lanes_of,
    load,
    load_up_to,
    multiply_add,
    put,
    spread,
    store_up_to,
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
from mathdl.kernels.tiles import (
    ROWS,
    VECTORS,
    Places,
    Sums,
    add_inner_products,
    add_last_inner_products,
    add_products,
    load_rows,
    no_sums,
    put_totals,
    rows_from,
    rows_of,
    spread_rows,
    store_last_rows,
    store_rows,
)

INPUTS = SIZES
UNITS = SIZES + 1
MAKES_COPY = SIZES + 2
BACKWARD_ROWS = 64  # rows of A that the way back goes through at a time, so that they stay in cache


@kernel
def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y = A x + b, for the units from FIRST_UNIT to LAST_UNIT."""
    inputs, first, units = row[INPUTS], row[FIRST_UNIT], row[LAST_UNIT] - row[FIRST_UNIT]
    x, y, weights = row[INPUT] * n, (row[OUTPUT] + first) * n, row[WEIGHTS] + first * inputs
    bias = row[BIAS] + first if row[BIAS] >= 0 else -1
    if n == 1:
        one_sample(a, w, x, y, weights, bias, inputs, units)
        return
    lanes, width = lanes_of(w), VECTORS * lanes_of(w)
    for u in range(0, units, ROWS):
        rows, outputs = rows_from(ROWS, u, units, weights, inputs), rows_from(ROWS, u, units, y, n)
        biases, s = rows_from(ROWS, u, units, bias, 1), 0
        while s + width <= n:
            sums = spread_rows(a, biases, VECTORS) if bias >= 0 else no_sums(w, rows, VECTORS)
            for i in range(inputs):
                sums = add_products(a, rows, i, w, x + i * n + s, lanes, sums)
            store_rows(w, outputs, s, sums)
            s += width
        while s < n:
            last = spread_rows(a, biases, 1) if bias >= 0 else no_sums(w, rows, 1)
            for i in range(inputs):
                last = add_products(a, rows, i, w, x + i * n + s, lanes, last)
            store_last_rows(w, outputs, s, last, n - s)
            s += lanes
    if row[MAKES_COPY] == 1 and first == 0:
        to_panels(w, x, row[PANELS] * n, inputs, n)


@part
def one_sample(a: Reals, w: Reals, x: int, y: int, weights: int, bias: int, inputs: int, units: int) -> None:
    """Compute y = A x + b for a single x: inner products along the rows of A."""
    for u in range(0, units, ROWS):
        rows, outputs = rows_from(ROWS, u, units, weights, inputs), rows_from(ROWS, u, units, y, 1)
        whole, sums = inputs - inputs % lanes_of(w), no_sums(w, rows, 1)
        for i in range(0, whole, lanes_of(w)):
            sums = add_inner_products(a, rows, w, (x,), i, sums)
        if whole < inputs:
            sums = add_last_inner_products(a, rows, w, (x,), whole, sums, inputs - whole)
        put_totals(w, outputs, sums)
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
    lanes, width = lanes_of(w), VECTORS * lanes_of(w)
    for top in range(0, units, BACKWARD_ROWS):
        bottom = min(top + BACKWARD_ROWS, units)
        for i in range(0, inputs, ROWS):
            columns, places = rows_from(ROWS, i, inputs, weights, 1), rows_from(ROWS, i, inputs, dx, n)
            s = 0
            while s + width <= n:
                sums = load_rows(w, places, s, VECTORS) if top > 0 else no_sums(w, places, VECTORS)
                for u in range(top, bottom):
                    sums = add_products(a, columns, u * inputs, w, dy + u * n + s, lanes, sums)
                store_rows(w, places, s, sums)
                s += width
            while s < n:
                last = load_rows(w, places, s, 1) if top > 0 else no_sums(w, places, 1)
                for u in range(top, bottom):
                    last = add_products(a, columns, u * inputs, w, dy + u * n + s, lanes, last)
                store_last_rows(w, places, s, last, n - s)
                s += lanes


@kernel
def weights_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
    """Sum dy x^T over the samples, for the rows of A from BLOCK_FIRST to BLOCK_LAST."""
    inputs, samples = row[INPUTS], block[BLOCK_SAMPLES]
    if samples == 1 and block[BLOCK_ACCUMULATES] == 0:
        place = row[WEIGHTS] + block[BLOCK_SHIFT]
        outer_product(w, row[OUTPUT_GRADIENT], row[INPUT], g, place, block[BLOCK_FIRST], block[BLOCK_LAST], inputs)
        return
    place, lanes, i = row[WEIGHTS] + block[BLOCK_SHIFT], lanes_of(w), 0
    while i + VECTORS * lanes <= inputs:
        for u in range(block[BLOCK_FIRST], block[BLOCK_LAST], ROWS):
            rows = rows_from(ROWS, u, block[BLOCK_LAST], place + i, inputs)
            sums = load_rows(g, rows, 0, VECTORS) if block[BLOCK_ACCUMULATES] == 1 else no_sums(w, rows, VECTORS)
            store_rows(g, rows, 0, add_samples(row, w, block, rows_from(ROWS, u, block[BLOCK_LAST], 0, 1), i, sums))
        i += VECTORS * lanes
    while i < inputs:
        for u in range(block[BLOCK_FIRST], block[BLOCK_LAST], ROWS):
            rows = rows_from(ROWS, u, block[BLOCK_LAST], place + i, inputs)
            last = load_rows(g, rows, 0, 1) if block[BLOCK_ACCUMULATES] == 1 else no_sums(w, rows, 1)
            last = add_samples(row, w, block, rows_from(ROWS, u, block[BLOCK_LAST], 0, 1), i, last)
            store_last_rows(g, rows, 0, last, inputs - i)
        i += lanes


@part
def add_samples(row: Integers, w: Reals, block: Integers, units: Places, i: int, sums: Sums) -> Sums:
    """Add dy of some units times the vectors of x from its number ``i`` on, over the samples."""
    chunk, samples, base, lanes = block[BLOCK_CHUNK], block[BLOCK_SAMPLES], 0, lanes_of(w)
    for first in range(0, samples, chunk):
        n = min(chunk, samples - first)
        x = base + (row[PANELS] + i) * n if n > 1 else base + row[INPUT] + i
        outputs = rows_of(units, base + row[OUTPUT_GRADIENT] * n, n)
        for s in range(n):
            sums = add_products(w, outputs, s, w, x + s * lanes, n * lanes, sums)
        base += block[BLOCK_STRIDE]
    return sums


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
