"""Kernels that join the branches of a Parallel layer: copy an output to its place, add up input gradients.

``width`` counts numbers per sample.
"""

from __future__ import annotations

from mathdl.kernels.jit import Reals, kernel_of
from mathdl.kernels.runs import clear_run, copy_run
from mathdl.kernels.simd import add, lanes_of, load_up_to, store_up_to
from mathdl.kernels.table import Record, operation

ROW = operation("width", "branches")


@kernel_of(ROW)
def copy(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Copy a branch's output to its place in the joined output."""
    x, y, size = row.input * n, row.output * n, row.width * n
    copy_run(w, x, w, y, size)


@kernel_of(ROW)
def copy_back(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Copy the gradient of the joined output's part to the branch."""
    dx, dy, size = row.input_gradient * n, row.output_gradient * n, row.width * n
    copy_run(w, dy, w, dx, size)


@kernel_of(ROW)
def fan_out(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Do nothing: every branch reads the same input."""


@kernel_of(ROW)
def add_gradients(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Sum the branches' gradients of their common input, in order; they lie one after the other."""
    dx, size = row.input_gradient * n, row.width * n
    clear_run(w, dx, size)
    for branch in range(row.branches):
        dy = row.output_gradient * n + branch * size
        for t in range(0, size, lanes_of(w)):
            count = size - t
            summed = add(load_up_to(w, dx + t, count), load_up_to(w, dy + t, count))
            store_up_to(w, dx + t, summed, count)
