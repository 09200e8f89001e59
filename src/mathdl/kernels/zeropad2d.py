"""Kernels of a padding layer (Definition 10.3.1): a number around each image, as often as asked on each side.

Sizes of a row: channels, height, width of the input, then places above, left, and height, width of the output, and the
bits of the number as a float64.
"""

from __future__ import annotations

import numpy as np

from mathdl.kernels.jit import Integers, Reals, kernel
from mathdl.kernels.runs import copy_run, fill_run
from mathdl.kernels.table import INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT, SIZES

CHANNELS = SIZES
IN_HEIGHT = SIZES + 1
IN_WIDTH = SIZES + 2
ABOVE = SIZES + 3
LEFT = SIZES + 4
HEIGHT = SIZES + 5
COLUMNS = SIZES + 6  # width of the output
VALUE = SIZES + 7


@kernel
def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Copy each image row to its place among what surrounds it."""
    width, in_width, y = row[COLUMNS], row[IN_WIDTH], row[OUTPUT] * n
    fill_run(w, y, row[CHANNELS] * row[HEIGHT] * width * n, w.dtype.type(row[VALUE : VALUE + 1].view(np.float64)[0]))
    for c in range(row[CHANNELS]):
        for h in range(row[IN_HEIGHT]):
            p = (row[INPUT] + (c * row[IN_HEIGHT] + h) * in_width) * n
            q = y + ((c * row[HEIGHT] + h + row[ABOVE]) * width + row[LEFT]) * n
            copy_run(w, p, w, q, in_width * n)


@kernel
def backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Take the gradient of the inner part."""
    width, in_width = row[COLUMNS], row[IN_WIDTH]
    for c in range(row[CHANNELS]):
        for h in range(row[IN_HEIGHT]):
            p = (row[INPUT_GRADIENT] + (c * row[IN_HEIGHT] + h) * in_width) * n
            q = (row[OUTPUT_GRADIENT] + (c * row[HEIGHT] + h + row[ABOVE]) * width + row[LEFT]) * n
            copy_run(w, q, w, p, in_width * n)
