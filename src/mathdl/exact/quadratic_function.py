"""Quadratic functions in rational numbers: their minimisers, and how far above the minimum they are at a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul

from mathdl.exact.nearest_solution import Vector, nearest_solution


@dataclass(frozen=True)
class QuadraticFunction:
    """The sum of w . H w / 2 - g . w over the columns w of a matrix W, given row by row; H is ``matrix * unit``.

    H has no negative eigenvalue, and ``linear`` holds a g for every column of W.
    """

    matrix: list[list[int]]
    unit: Fraction
    linear: list[Vector]

    def minimiser(self, start: Sequence[float]) -> Vector | None:
        """Return the minimiser, where there are many the one nearest to ``start``; None without one."""
        outputs, nearest = len(self.linear), [Fraction(v) for v in start]
        for k, g in enumerate(self.linear):
            column = nearest_solution(self.matrix, [v / self.unit for v in g], nearest[k::outputs])
            if column is None:
                return None
            nearest[k::outputs] = column
        return nearest

    def gap(self, point: Sequence[float], minimiser: Vector) -> Fraction:
        """Return how far the function is above its minimum at a point."""
        outputs, total = len(self.linear), Fraction(0)
        off = [Fraction(v) - z for v, z in zip(point, minimiser, strict=True)]
        for k in range(outputs):
            e = off[k::outputs]
            image = [sum(map(mul, row, e), Fraction(0)) for row in self.matrix]
            total += sum(map(mul, e, image), Fraction(0))
        return total * self.unit / 2
