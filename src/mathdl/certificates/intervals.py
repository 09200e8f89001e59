"""Sums of squared distances to the mean over intervals of sorted numbers, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

from mathdl.certificates.data import Data
from mathdl.certificates.rationals import scaled

COST_BITS = 32  # binary ones of the whole numbers by which costs are compared first


class Intervals:
    """The different numbers in order, and sums from which the cost of an interval follows, in the unit ``1 / unit``."""

    def __init__(self, data: Data) -> None:
        (rows, self.below), (weights, share) = data.integers, scaled(data.weights or [1.0] * data.count)
        masses: dict[int, int] = {}
        for (x,), w in zip(rows, weights, strict=True):
            masses[x] = masses.get(x, 0) + w
        self.points, self.unit = sorted(masses), share * self.below**2
        self.count, origin = len(masses), self.points[0]
        self._sums = [
            list(accumulate((masses[x] * (x - origin) ** power for x in self.points), initial=0)) for power in range(3)
        ]
        self.bits = self._sums[2][-1].bit_length()

    def cost(self, start: int, end: int) -> Fraction:
        """Return the weighted sum of squared distances to the mean."""
        w, s, q = (sums[end] - sums[start] for sums in self._sums)
        return Fraction(q * w - s * s, w)

    def floors(self, costs: Sequence[Fraction]) -> list[int]:
        """Return costs in whole numbers of 2^-COST_BITS, rounded down."""
        return [(cost.numerator << COST_BITS) // cost.denominator for cost in costs]

    def best(self, before: Sequence[Fraction], floors: list[int], starts: range, end: int) -> tuple[Fraction, int]:
        """Return the least of before[start] + cost(start, end), and the first start where it is.

        A sum of two costs rounded down is less than two units too low, so fractions compare only what is that near.
        """
        part = slice(starts.start, starts.stop)
        (W, w), (S, s), (Q, q) = ((sums[end], sums[part]) for sums in self._sums)
        columns = zip(floors[part], w, s, q, strict=True)
        low = [f + ((((Q - qs) * (W - ws) - (S - ss) ** 2) << COST_BITS) // (W - ws)) for f, ws, ss, qs in columns]
        limit = min(low) + 2
        near = (start for start, bound in zip(starts, low, strict=True) if bound <= limit)
        return min((before[start] + self.cost(start, end), start) for start in near)
