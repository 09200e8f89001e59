"""The hard margin (equation (7.9)).

Problem: minimise |w|^2 / 2 subject to y (w.x - b) >= 1 for all objects. Given: the objects and y = +1 or -1. Result: w,
b and the multipliers of the constraints, as fractions; none where the classes cannot be separated. Stopping rule: the
dual problem has the same value exactly; where more than 50 objects have multipliers, a value that is lower by at most
1e-9, relatively.

With the nearest points u and v of the two convex hulls, w = 2 (u - v) / |u - v|^2, and an object's multiplier is its
convex weight times |w|^2 / 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.exact.dyadic import aligned, integers
from mathdl.exact.nearest_points import (
    MAX_EXACT_CORRAL,
    ROUNDS_BEFORE_CONDITIONING,
    NearestPoints,
    TooManyRounds,
    nearest_points,
    separating,
)

MAX_RELATIVE_GAP = Fraction(1, 10**9)
EDGE_TOLERANCE = Fraction(1, 10**8)  # how far beyond 1 an object on the edge may be where w is not exact


@dataclass(frozen=True)
class HardMargin:
    """The widest strip between two classes: b - 1 <= w.x <= b + 1."""

    normal: tuple[Fraction, ...]
    offset: Fraction
    multipliers: dict[int, Fraction]
    support: list[int]
    half_square: Fraction
    gap: Fraction


def hard_margin(X: NDArray[Any], signs: list[int]) -> HardMargin | None:
    """Find the widest strip between two classes, whose signs are 1 and -1; None where no hyperplane separates them."""
    rows, exponent = aligned(*integers(X))
    with one_thread():
        nearest = _nearest(rows, signs)
        if nearest is None:
            return None
        result = _strip(nearest, signs, exponent)
        if result.gap > MAX_RELATIVE_GAP * result.half_square:
            result = _strip(nearest_points(rows, signs, None), signs, exponent)
    return result


def _nearest(rows: list[list[int]], signs: list[int]) -> NearestPoints | None:
    """Return the nearest points of the hulls; None where these meet."""
    try:
        nearest = nearest_points(rows, signs, MAX_EXACT_CORRAL, ROUNDS_BEFORE_CONDITIONING)
    except TooManyRounds:
        # Whether the hulls meet is decided faster in other coordinates, but in those another strip is the widest.
        if not any(separating(rows, signs)[1]):
            return None
        nearest = nearest_points(rows, signs)
    return nearest if any(nearest.direction) else None


def _strip(nearest: NearestPoints, signs: list[int], exponent: int) -> HardMargin:
    """Return the strip at right angles to u - v, for objects that are whole numbers times 2^exponent."""
    values = list(zip(nearest.values, signs, strict=True))
    upper, lower = min(value for value, sign in values if sign > 0), max(value for value, sign in values if sign < 0)
    unit, square = Fraction(2) ** exponent, sum(value * value for value in nearest.direction)
    half_square = Fraction(2 * square, (upper - lower) ** 2) / unit**2
    bound = 2 / (nearest.scale**2 * square * unit**2)
    edge = EDGE_TOLERANCE * (upper - lower) / 2 if half_square > bound else 0
    return HardMargin(
        tuple(Fraction(2 * value, upper - lower) / unit for value in nearest.direction),
        Fraction(upper + lower, upper - lower),
        {i: weight * bound for i, weight in nearest.weights.items()},
        [i for i, (value, sign) in enumerate(values) if (value - upper if sign > 0 else lower - value) <= edge],
        half_square,
        half_square - bound,
    )
