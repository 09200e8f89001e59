"""Kernels of a padding layer (Definition 10.3.1): a number around each image, as often as asked on each side.

``in_height`` and ``in_width`` are those of the input, which begins ``above`` and ``left`` places from the corner.
"""

from __future__ import annotations

from mathdl.kernels.jit import Reals, kernel_of
from mathdl.kernels.runs import copy_run, fill_run
from mathdl.kernels.table import Record, operation

ROW = operation("channels", "in_height", "in_width", "above", "left", "height", "columns", value=float)


@kernel_of(ROW)
def forward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Copy each image row to its place among what surrounds it."""
    width, in_width, y = row.columns, row.in_width, row.output * n
    fill_run(w, y, row.channels * row.height * width * n, w.dtype.type(row.value))
    for c in range(row.channels):
        for h in range(row.in_height):
            p = (row.input + (c * row.in_height + h) * in_width) * n
            q = y + ((c * row.height + h + row.above) * width + row.left) * n
            copy_run(w, p, w, q, in_width * n)


@kernel_of(ROW)
def backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Take the gradient of the inner part."""
    width, in_width = row.columns, row.in_width
    for c in range(row.channels):
        for h in range(row.in_height):
            p = (row.input_gradient + (c * row.in_height + h) * in_width) * n
            q = (row.output_gradient + (c * row.height + h + row.above) * width + row.left) * n
            copy_run(w, q, w, p, in_width * n)
