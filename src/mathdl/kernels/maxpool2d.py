"""Kernels of max pooling (Definition 10.4.2): the largest entry of every block of rows x columns entries.

Blocks begin ``down`` and ``across`` apart, and may overlap. At a tie the gradient goes to the first entry in row
order. The maximum is found again on the way back, because an activation may have overwritten it. Global max pooling is
the case of one block per image. The kernels are compiled for each size of a block and its steps from the one
description, so that a small block needs no loop. ``in_height`` and ``in_width`` are those of the input.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from mathdl.kernels.jit import Reals, kernel_of, part
from mathdl.kernels.runs import clear_run
from mathdl.kernels.simd import add, get, lanes_of, load, maximum, put, store_up_to, where_equal, zeros
from mathdl.kernels.table import Record, operation

ROW = operation("channels", "in_height", "in_width", "height", "width")


class Pooling(NamedTuple):
    """The kernels for one size of blocks and their steps."""

    forward: Any
    backward: Any


@cache
def pooling(rows: int, columns: int, down: int, across: int) -> Pooling:
    """Make the kernels for blocks of rows x columns entries that begin ``down`` and ``across`` apart."""
    overlap, gaps = down < rows or across < columns, down > rows or across > columns

    @kernel_of(ROW)
    def forward(row: Record, a: Reals, w: Reals, n: int) -> None:
        """Take the maximum of each block."""
        in_width, height, width = row.in_width, row.height, row.width
        for c in range(row.channels):
            for i in range(height):
                corner, place = (c * row.in_height + i * down) * in_width, (c * height + i) * width
                if n == 1:
                    of_one_row(w, row.input + corner, in_width, row.output + place, width)
                    continue
                for j in range(width):
                    x, y = (row.input + corner + j * across) * n, (row.output + place + j) * n
                    for s in range(0, n, lanes_of(w)):
                        largest = load(w, x + s)
                        for r in range(rows):
                            for q in range(columns):
                                largest = maximum(largest, load(w, x + (r * in_width + q) * n + s))
                        store_up_to(w, y + s, largest, n - s)

    @part
    def of_one_row(w: Reals, x: int, in_width: int, y: int, width: int) -> None:
        """Take the maxima of a row of blocks of a single image, number by number."""
        for j in range(width):
            largest = get(w, x + j * across)
            for r in range(rows):
                for q in range(columns):
                    entry = get(w, x + r * in_width + j * across + q)
                    largest = entry if entry > largest else largest
            put(w, y + j, largest)

    @kernel_of(ROW)
    def backward(row: Record, a: Reals, w: Reals, n: int) -> None:
        """Give each block's gradient to the first of its largest entries, zero to the others."""
        in_width, height, width, image = row.in_width, row.height, row.width, row.in_height * row.in_width * n
        for c in range(row.channels):
            if overlap or gaps or height * rows < row.in_height or width * columns < in_width:
                clear_run(w, row.input_gradient * n + c * image, image)
            for i in range(height):
                for j in range(width):
                    corner = ((c * row.in_height + i * down) * in_width + j * across) * n
                    x, dx = row.input * n + corner, row.input_gradient * n + corner
                    dy = (row.output_gradient + (c * height + i) * width + j) * n
                    for s in range(0, n, lanes_of(w)):
                        largest, left = load(w, x + s), load(w, dy + s)
                        for r in range(rows):
                            for q in range(columns):
                                largest = maximum(largest, load(w, x + (r * in_width + q) * n + s))
                        for r in range(rows):
                            for q in range(columns):
                                p = (r * in_width + q) * n + s
                                entry = load(w, x + p)
                                share = where_equal(entry, largest, left, zeros(w))
                                if overlap:
                                    share = add(share, load(w, dx + p))
                                store_up_to(w, dx + p, share, n - s)
                                left = where_equal(entry, largest, zeros(w), left)

    return Pooling(forward, backward)
