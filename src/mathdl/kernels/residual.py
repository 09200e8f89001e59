"""Kernels that add the input of a Residual layer to what its layers make of it.

``width`` counts numbers per sample; ``other`` is for ``join`` the offset of the layers' output, for ``join_gradients``
that of the gradient with respect to the sum.
"""

from __future__ import annotations

from mathdl.kernels.jit import Reals, kernel_of, part
from mathdl.kernels.runs import copy_run
from mathdl.kernels.simd import add, lanes_of, load_up_to, store_up_to
from mathdl.kernels.table import Record, operation

ROW = operation("width", "other")


@part
def add_runs(w: Reals, first: int, second: int, target: int, count: int) -> None:
    """Add two runs of numbers up."""
    for t in range(0, count, lanes_of(w)):
        summed = add(load_up_to(w, first + t, count - t), load_up_to(w, second + t, count - t))
        store_up_to(w, target + t, summed, count - t)


@kernel_of(ROW)
def join(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y = x + the layers' output."""
    add_runs(w, row.input * n, row.other * n, row.output * n, row.width * n)


@kernel_of(ROW)
def join_back(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Hand the gradient of the sum to the layers."""
    copy_run(w, row.output_gradient * n, w, row.input_gradient * n, row.width * n)


@kernel_of(ROW)
def branch(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Do nothing: the layers read the input itself."""


@kernel_of(ROW)
def join_gradients(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Add the gradient of the sum and what came back through the layers."""
    add_runs(w, row.other * n, row.output_gradient * n, row.input_gradient * n, row.width * n)
