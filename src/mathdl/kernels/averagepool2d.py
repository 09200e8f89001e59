"""Kernels of average pooling: the mean of every block of rows x columns entries; blocks may overlap.

They begin ``down`` and ``across`` apart; ``in_height`` and ``in_width`` are those of the input.
"""

from __future__ import annotations

from mathdl.kernels.jit import Reals, kernel_of
from mathdl.kernels.runs import clear_run
from mathdl.kernels.simd import add, lanes_of, load, multiply_add, repeat, store_up_to, zeros
from mathdl.kernels.table import Record, operation

ROW = operation("channels", "in_height", "in_width", "height", "width", "rows", "columns", "down", "across")


@kernel_of(ROW)
def forward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Take the mean of each block."""
    in_width, rows, columns = row.in_width, row.rows, row.columns
    share = repeat(w, w.dtype.type(1 / (rows * columns)))
    for c in range(row.channels):
        for i in range(row.height):
            for j in range(row.width):
                x = (row.input + (c * row.in_height + i * row.down) * in_width + j * row.across) * n
                y = (row.output + (c * row.height + i) * row.width + j) * n
                for s in range(0, n, lanes_of(w)):
                    summed = zeros(w)
                    for r in range(rows):
                        for q in range(columns):
                            summed = add(summed, load(w, x + (r * in_width + q) * n + s))
                    store_up_to(w, y + s, multiply_add(summed, share, zeros(w)), n - s)


@kernel_of(ROW)
def backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Share each block's gradient out among its entries."""
    in_width, rows, columns = row.in_width, row.rows, row.columns
    share = repeat(w, w.dtype.type(1 / (rows * columns)))
    clear_run(w, row.input_gradient * n, row.channels * row.in_height * in_width * n)
    for c in range(row.channels):
        for i in range(row.height):
            for j in range(row.width):
                dx = (row.input_gradient + (c * row.in_height + i * row.down) * in_width + j * row.across) * n
                dy = (row.output_gradient + (c * row.height + i) * row.width + j) * n
                for s in range(0, n, lanes_of(w)):
                    part = load(w, dy + s)
                    for r in range(rows):
                        for q in range(columns):
                            p = dx + (r * in_width + q) * n + s
                            store_up_to(w, p, multiply_add(part, share, load(w, p)), n - s)
