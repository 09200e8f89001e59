"""Kernels of a dense layer, y = A x + b (Definition 4.1.2), a tile of rows of A and of samples at a time.

Where ``makes_copy`` is 1, ``forward`` makes the copy of x in panels, together with the first unit. The gradient of
the weights reads that copy, so that it too runs along contiguous memory.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from mathdl.kernels.jit import Reals, kernel_of, part
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
from mathdl.kernels.table import Record, operation
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
    store_rows,
)

ROW = operation("inputs", "units", "makes_copy")
BACKWARD_ROWS = 64  # rows of A that the way back goes through at a time, so that they stay in cache


@kernel_of(ROW)
def forward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y = A x + b, for the units from ``first_unit`` to ``last_unit``."""
    inputs, first, units = row.inputs, row.first_unit, row.last_unit - row.first_unit
    x, y, weights = row.input * n, (row.output + first) * n, row.weights + first * inputs
    bias = row.bias + first if row.bias >= 0 else -1
    if n == 1:
        one_sample(a, w, x, y, weights, bias, inputs, units)
        return
    lanes, most = lanes_of(w), (VECTORS - 1) * lanes_of(w)
    for u in range(0, units, ROWS):
        rows, outputs = rows_from(ROWS, u, units, weights, inputs), rows_from(ROWS, u, units, y, n)
        biases, s = rows_from(ROWS, u, units, bias, 1), 0
        while n - s > most:
            sums = spread_rows(a, biases, VECTORS) if bias >= 0 else no_sums(w, rows, VECTORS)
            for i in range(inputs):
                sums = add_products(a, rows, i, w, x + i * n + s, lanes, sums)
            store_rows(w, outputs, s, sums, n - s)
            s += VECTORS * lanes
        while s < n:
            last = spread_rows(a, biases, 1) if bias >= 0 else no_sums(w, rows, 1)
            for i in range(inputs):
                last = add_products(a, rows, i, w, x + i * n + s, lanes, last)
            store_rows(w, outputs, s, last, n - s)
            s += lanes
    if row.makes_copy == 1 and first == 0:
        to_panels(w, x, row.panels * n, inputs, n)


@part
def one_sample(a: Reals, w: Reals, x: int, y: int, weights: int, bias: int, inputs: int, units: int) -> None:
    """Compute y = A x + b for a single x: inner products along the rows of A."""
    for u in range(0, units, ROWS):
        rows, outputs = rows_from(ROWS, u, units, weights, inputs), rows_from(ROWS, u, units, y, 1)
        whole, sums = inputs - inputs % lanes_of(w), no_sums(w, rows, 1)
        for i in range(0, whole, lanes_of(w)):
            sums = add_inner_products(a, rows, i, w, (x,), i, sums)
        if whole < inputs:
            sums = add_last_inner_products(a, rows, whole, w, (x,), whole, sums, inputs - whole)
        put_totals(w, outputs, sums)
    if bias >= 0:
        for u in range(0, units, lanes_of(w)):
            count = units - u
            store_up_to(w, y + u, add(load_up_to(w, y + u, count), load_up_to(a, bias + u, count)), count)


@cache
def narrow_forward(inputs: int) -> Any:
    """Make ``forward`` for few inputs: of a single sample, as many units at a time as a vector has lanes."""

    @kernel_of(ROW)
    def narrow(row: Record, a: Reals, w: Reals, n: int) -> None:
        """Compute y = A x + b, for the units from ``first_unit`` to ``last_unit``."""
        if n > 1:
            forward(row, a, w, n)
            return
        x, y, weights, bias, lanes = row.input, row.output, row.weights, row.bias, lanes_of(w)
        u, last = row.first_unit, row.last_unit
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


@kernel_of(ROW)
def backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = A^T dy."""
    inputs, units = row.inputs, row.units
    dx, dy, weights = row.input_gradient * n, row.output_gradient * n, row.weights
    if n == 1:
        for i in range(0, inputs, lanes_of(w)):
            v = zeros(w)
            for u in range(units):
                v = multiply_add(spread(w, dy + u), load_up_to(a, weights + u * inputs + i, inputs - i), v)
            store_up_to(w, dx + i, v, inputs - i)
        return
    lanes, most = lanes_of(w), (VECTORS - 1) * lanes_of(w)
    for top in range(0, units, BACKWARD_ROWS):
        bottom = min(top + BACKWARD_ROWS, units)
        for i in range(0, inputs, ROWS):
            columns, places = rows_from(ROWS, i, inputs, weights, 1), rows_from(ROWS, i, inputs, dx, n)
            s = 0
            while n - s > most:
                sums = load_rows(w, places, s, VECTORS) if top > 0 else no_sums(w, places, VECTORS)
                for u in range(top, bottom):
                    sums = add_products(a, columns, u * inputs, w, dy + u * n + s, lanes, sums)
                store_rows(w, places, s, sums, n - s)
                s += VECTORS * lanes
            while s < n:
                last = load_rows(w, places, s, 1) if top > 0 else no_sums(w, places, 1)
                for u in range(top, bottom):
                    last = add_products(a, columns, u * inputs, w, dy + u * n + s, lanes, last)
                store_rows(w, places, s, last, n - s)
                s += lanes


@kernel_of(ROW)
def weights_gradient(row: Record, w: Reals, g: Reals, block: Record) -> None:
    """Sum dy x^T over the samples, for the rows of A in a block."""
    inputs, samples = row.inputs, block.samples
    if samples == 1 and block.accumulates == 0:
        place = row.weights + block.shift
        outer_product(w, row.output_gradient, row.input, g, place, block.first, block.last, inputs)
        return
    place, lanes, i = row.weights + block.shift, lanes_of(w), 0
    while inputs - i > (VECTORS - 1) * lanes:
        for u in range(block.first, block.last, ROWS):
            rows = rows_from(ROWS, u, block.last, place + i, inputs)
            sums = load_rows(g, rows, 0, VECTORS) if block.accumulates == 1 else no_sums(w, rows, VECTORS)
            sums = add_samples(row, w, block, rows_from(ROWS, u, block.last, 0, 1), i, sums)
            store_rows(g, rows, 0, sums, inputs - i)
        i += VECTORS * lanes
    while i < inputs:
        for u in range(block.first, block.last, ROWS):
            rows = rows_from(ROWS, u, block.last, place + i, inputs)
            last = load_rows(g, rows, 0, 1) if block.accumulates == 1 else no_sums(w, rows, 1)
            last = add_samples(row, w, block, rows_from(ROWS, u, block.last, 0, 1), i, last)
            store_rows(g, rows, 0, last, inputs - i)
        i += lanes


@part
def add_samples(row: Record, w: Reals, block: Record, units: Places, i: int, sums: Sums) -> Sums:
    """Add dy of some units times the vectors of x from its number ``i`` on, over the samples."""
    chunk, samples, base, lanes = block.chunk, block.samples, 0, lanes_of(w)
    for first in range(0, samples, chunk):
        n = min(chunk, samples - first)
        x = base + (row.panels + i) * n if n > 1 else base + row.input + i
        outputs = rows_of(units, base + row.output_gradient * n, n)
        for s in range(n):
            sums = add_products(w, outputs, s, w, x + s * lanes, n * lanes, sums)
        base += block.stride
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


@kernel_of(ROW)
def bias_gradient(row: Record, w: Reals, g: Reals, block: Record) -> None:
    """Sum dy over the samples, for the units of a block."""
    bias = row.bias + block.shift
    if block.samples == 1 and block.accumulates == 0:
        start, count = block.first, block.last - block.first
        copy_run(w, row.output_gradient + start, g, bias + start, count)
        return
    if block.accumulates == 0:
        clear_run(g, bias + block.first, block.last - block.first)
    base = 0
    for first in range(0, block.samples, block.chunk):
        n = min(block.chunk, block.samples - first)
        for u in range(block.first, block.last):
            g[bias + u] += sum_of(w, base + (row.output_gradient + u) * n, n)
        base += block.stride
