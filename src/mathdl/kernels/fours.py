"""Four sums at a time: one vector, loaded once, is multiplied by a number of each of four rows.

Eight or more independent sums keep a core's multipliers busy, and four such vectors with what they need fit its
registers. Where fewer than four rows are left, the last one is summed again.
"""

from __future__ import annotations

from typing import Any

from mathdl.kernels.jit import Reals, part
from mathdl.kernels.simd import load, multiply_add, spread, store_up_to, zeros

Four = tuple[int, int, int, int]
Sums = tuple[Any, Any, Any, Any]


@part
def rows_from(first: int, count: int, start: int, step: int) -> Four:
    """Return where row ``first`` and the next three of ``count`` rows begin, ``step`` numbers apart."""
    last = count - 1
    second, third, fourth = min(first + 1, last), min(first + 2, last), min(first + 3, last)
    return start + first * step, start + second * step, start + third * step, start + fourth * step


@part
def no_sums(a: Reals) -> Sums:
    """Return four vectors of zeros."""
    zero = zeros(a)
    return zero, zero, zero, zero


@part
def spread_four(a: Reals, rows: Four) -> Sums:
    """Return four vectors that repeat each row's first number."""
    return spread(a, rows[0]), spread(a, rows[1]), spread(a, rows[2]), spread(a, rows[3])


@part
def load_four(w: Reals, rows: Four, at: int) -> Sums:
    """Load a vector of each row."""
    return load(w, rows[0] + at), load(w, rows[1] + at), load(w, rows[2] + at), load(w, rows[3] + at)


@part
def add_products(a: Reals, rows: Four, at: int, v: Any, sums: Sums) -> Sums:
    """Add v times number ``at`` of each row."""
    return (
        multiply_add(spread(a, rows[0] + at), v, sums[0]),
        multiply_add(spread(a, rows[1] + at), v, sums[1]),
        multiply_add(spread(a, rows[2] + at), v, sums[2]),
        multiply_add(spread(a, rows[3] + at), v, sums[3]),
    )


@part
def store_four(w: Reals, rows: Four, at: int, sums: Sums, count: int) -> None:
    """Store up to ``count`` lanes of each sum in its row."""
    store_up_to(w, rows[0] + at, sums[0], count)
    store_up_to(w, rows[1] + at, sums[1], count)
    store_up_to(w, rows[2] + at, sums[2], count)
    store_up_to(w, rows[3] + at, sums[3], count)
