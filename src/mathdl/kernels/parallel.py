"""Kernels that join the branches of a Parallel layer: copy an output to its place, add up input gradients.

Sizes of a row: numbers per sample, and for ``add_gradients`` the number of branches.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel
from mathdl.kernels.runs import clear_run, copy_run
from mathdl.kernels.simd import add, lanes_of, load_up_to, store_up_to
from mathdl.kernels.table import INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT, SIZES

WIDTH = SIZES
BRANCHES = SIZES + 1


@kernel
def copy(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Copy a branch's output to its place in the joined output."""
    x, y, size = row[INPUT] * n, row[OUTPUT] * n, row[WIDTH] * n
    copy_run(w, x, w, y, size)


@kernel
def copy_back(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Copy the gradient of the joined output's part to the branch."""
    dx, dy, size = row[INPUT_GRADIENT] * n, row[OUTPUT_GRADIENT] * n, row[WIDTH] * n
    copy_run(w, dy, w, dx, size)


@kernel
def fan_out(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Do nothing: every branch reads the same input."""


@kernel
def add_gradients(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Sum the branches' gradients of their common input, in order; they lie one after the other."""
    dx, size = row[INPUT_GRADIENT] * n, row[WIDTH] * n
    clear_run(w, dx, size)
    for branch in range(row[BRANCHES]):
        dy = row[OUTPUT_GRADIENT] * n + branch * size
        for t in range(0, size, lanes_of(w)):
            count = size - t
            summed = add(load_up_to(w, dx + t, count), load_up_to(w, dy + t, count))
            store_up_to(w, dx + t, summed, count)
