"""Kernels of max pooling (Definition 10.4.2): the largest entry of every block of rows x columns entries.

At a tie the gradient goes to the first entry in row order. The maximum is found again on the way back, because an
activation may have overwritten it. Global max pooling is the case of one block per image.

Sizes of a row: channels, height, width of the input; rows and columns of a block; blocks down and across.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.runs import clear_run
from mathdl.kernels.simd import get, lanes_of, load, maximum, put, store_up_to, where_equal, zeros
from mathdl.kernels.table import INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT, SIZES

CHANNELS = SIZES
IN_HEIGHT = SIZES + 1
IN_WIDTH = SIZES + 2
BLOCK_ROWS = SIZES + 3
BLOCK_COLUMNS = SIZES + 4
DOWN = SIZES + 5
ACROSS = SIZES + 6


@kernel
def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Take the maximum of each block."""
    in_width, down, across, lanes = row[IN_WIDTH], row[DOWN], row[ACROSS], lanes_of(w)
    rows, columns = row[BLOCK_ROWS], row[BLOCK_COLUMNS]
    for c in range(row[CHANNELS]):
        for i in range(down):
            for j in range(across):
                x = (row[INPUT] + (c * row[IN_HEIGHT] + i * rows) * in_width + j * columns) * n
                y = (row[OUTPUT] + (c * down + i) * across + j) * n
                if n == 1:
                    put(w, y, largest_of_one(w, x, rows, columns, in_width))
                    continue
                for s in range(0, n, lanes):
                    largest = load(w, x + s)
                    for r in range(rows):
                        for q in range(columns):
                            largest = maximum(largest, load(w, x + (r * in_width + q) * n + s))
                    store_up_to(w, y + s, largest, n - s)


@part
def largest_of_one(w: Reals, x: int, rows: int, columns: int, in_width: int) -> float:
    """Find the largest entry of a block of a single image."""
    largest = get(w, x)
    for r in range(rows):
        for q in range(columns):
            entry = get(w, x + r * in_width + q)
            largest = entry if entry > largest else largest
    return largest  # type: ignore[no-any-return]


@kernel
def backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Give each block's gradient to the first of its largest entries, zero to the others."""
    in_width, down, across, lanes = row[IN_WIDTH], row[DOWN], row[ACROSS], lanes_of(w)
    rows, columns, image = row[BLOCK_ROWS], row[BLOCK_COLUMNS], row[IN_HEIGHT] * row[IN_WIDTH] * n
    for c in range(row[CHANNELS]):
        if down * rows < row[IN_HEIGHT] or across * columns < in_width:
            clear_run(w, row[INPUT_GRADIENT] * n + c * image, image)
        for i in range(down):
            for j in range(across):
                corner = ((c * row[IN_HEIGHT] + i * rows) * in_width + j * columns) * n
                x, dx = row[INPUT] * n + corner, row[INPUT_GRADIENT] * n + corner
                dy = (row[OUTPUT_GRADIENT] + (c * down + i) * across + j) * n
                for s in range(0, n, lanes):
                    largest, left = load(w, x + s), load(w, dy + s)
                    for r in range(rows):
                        for q in range(columns):
                            largest = maximum(largest, load(w, x + (r * in_width + q) * n + s))
                    for r in range(rows):
                        for q in range(columns):
                            p = (r * in_width + q) * n + s
                            entry = load(w, x + p)
                            store_up_to(w, dx + p, where_equal(entry, largest, left, zeros(w)), n - s)
                            left = where_equal(entry, largest, zeros(w), left)
