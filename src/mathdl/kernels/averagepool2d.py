"""Kernels of average pooling: the mean of every block of rows x columns entries; blocks may overlap.

Sizes of a row: channels, height, width of the input; height and width of the output; rows and columns of a block; how
far apart the blocks begin, down and across.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel
from mathdl.kernels.runs import clear_run
from mathdl.kernels.simd import add, lanes_of, load, multiply_add, repeat, store_up_to, zeros
from mathdl.kernels.table import INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT, SIZES

CHANNELS = SIZES
IN_HEIGHT = SIZES + 1
IN_WIDTH = SIZES + 2
HEIGHT = SIZES + 3
WIDTH = SIZES + 4
ROWS = SIZES + 5
COLUMNS = SIZES + 6
DOWN = SIZES + 7
ACROSS = SIZES + 8


@kernel
def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Take the mean of each block."""
    in_width, rows, columns = row[IN_WIDTH], row[ROWS], row[COLUMNS]
    share = repeat(w, w.dtype.type(1 / (rows * columns)))
    for c in range(row[CHANNELS]):
        for i in range(row[HEIGHT]):
            for j in range(row[WIDTH]):
                x = (row[INPUT] + (c * row[IN_HEIGHT] + i * row[DOWN]) * in_width + j * row[ACROSS]) * n
                y = (row[OUTPUT] + (c * row[HEIGHT] + i) * row[WIDTH] + j) * n
                for s in range(0, n, lanes_of(w)):
                    summed = zeros(w)
                    for r in range(rows):
                        for q in range(columns):
                            summed = add(summed, load(w, x + (r * in_width + q) * n + s))
                    store_up_to(w, y + s, multiply_add(summed, share, zeros(w)), n - s)


@kernel
def backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Share each block's gradient out among its entries."""
    in_width, rows, columns = row[IN_WIDTH], row[ROWS], row[COLUMNS]
    share = repeat(w, w.dtype.type(1 / (rows * columns)))
    clear_run(w, row[INPUT_GRADIENT] * n, row[CHANNELS] * row[IN_HEIGHT] * in_width * n)
    for c in range(row[CHANNELS]):
        for i in range(row[HEIGHT]):
            for j in range(row[WIDTH]):
                dx = (row[INPUT_GRADIENT] + (c * row[IN_HEIGHT] + i * row[DOWN]) * in_width + j * row[ACROSS]) * n
                dy = (row[OUTPUT_GRADIENT] + (c * row[HEIGHT] + i) * row[WIDTH] + j) * n
                for s in range(0, n, lanes_of(w)):
                    part = load(w, dy + s)
                    for r in range(rows):
                        for q in range(columns):
                            p = dx + (r * in_width + q) * n + s
                            store_up_to(w, p, multiply_add(part, share, load(w, p)), n - s)
