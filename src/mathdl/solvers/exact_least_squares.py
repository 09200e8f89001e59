"""Linear least squares in rational numbers.

Problem: that of ``least_squares``, with the mean of the squares in place of their sum (the same minimisers).
Given: columns of the design and of the targets, each as whole numbers times a rational unit, and weights as whole
numbers.
Result: the one minimiser, or the shortest where there are many; exactly.
Stopping: nothing iterates. The normal equations are solved for centred columns. With dependent columns the shortest
minimiser is the covariance matrix times some z. It takes an equation for every independent row of that matrix; one left
out by mistake is seen to fail, and added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.exact.dyadic import integers
from mathdl.exact.linear_algebra import independent_rows, solve
from mathdl.exact.whole_numbers import over_one_denominator

Array = NDArray[Any]

BLOCK_OBJECTS = 4096  # objects summed at a time
LIMB_BITS = 16  # bits: products of two limbs, summed over a block, stay below 2^53


class Column(NamedTuple):
    """Numbers as whole numbers times a unit."""

    values: list[int]
    unit: Fraction


@dataclass(frozen=True)
class ExactSolution:
    """The minimiser: for each target its coefficients and its intercept; the least mean of squares, summed over them.

    Where there are many and this is the shortest, ``multipliers`` has z for each target: the coefficients are the
    covariances of the design times z.
    """

    coef: list[list[Fraction]]
    intercept: list[Fraction]
    minimum: Fraction
    multipliers: list[list[Fraction]] | None


def column(values: Array) -> Column:
    """Return floating-point numbers as they are, exactly."""
    rows, (exponent,) = integers(values[:, None])
    return reduced([value for (value,) in rows], Fraction(2) ** exponent)


def reduced(values: list[int], unit: Fraction) -> Column:
    """Return a column with all that its numbers have in common in the unit."""
    divisor = gcd(*values)
    if divisor < 2:
        return Column(values, unit)
    return Column([value // divisor for value in values], unit * divisor)


class ExactLeastSquares:
    """A problem, as the covariances of its columns; the objects' weights are positive whole numbers."""

    def __init__(self, design: Sequence[Column], targets: Sequence[Column], weights: list[int]) -> None:
        self.p, self.units = len(design), [column.unit for column in (*design, *targets)]
        ones = [1] * len(weights)
        moments = _moments([ones, *(column.values for column in (*design, *targets))], weights)
        (self.total, *self.sums), *rest = moments
        # S^2 times the covariances, in units of the columns: whole numbers.
        self.covariances = [
            [self.total * ab - a * b for ab, b in zip(row[1:], self.sums, strict=True)]
            for a, row in zip(self.sums, rest, strict=True)
        ]

    def solve(self) -> ExactSolution:
        """Find the minimiser."""
        p, units = self.p, self.units
        rows = [row[:p] for row in self.covariances[:p]]
        right = [row[p:] for row in self.covariances[:p]]
        multipliers = None
        solution = solve(rows, right)
        if solution is None:
            image, coef = self._shortest_minimiser(rows, right)
            multipliers = [[value * self.total**2 / unit for value, unit in zip(z, units, strict=False)] for z in image]
        else:
            coef = [
                [y * row[k] / unit for row, unit in zip(solution, units, strict=False)] for k, y in enumerate(units[p:])
            ]
        means = [unit * value / self.total for unit, value in zip(units, self.sums, strict=True)]
        intercept = [y - _inner(means[:p], b) for y, b in zip(means[p:], coef, strict=True)]
        minimum = Fraction(0)
        for k, b in enumerate(coef):
            explained = _inner([self.covariances[j][p + k] * units[j] for j in range(p)], b)
            y = units[p + k]
            minimum += (y * y * self.covariances[p + k][p + k] - y * explained) / self.total**2
        return ExactSolution(coef, intercept, minimum, multipliers)

    def spread(self) -> tuple[Fraction, Fraction]:
        """Return the variance and the squared mean of the targets, summed over them."""
        targets = range(self.p, len(self.units))
        variance = sum((self.units[k] ** 2 * self.covariances[k][k] for k in targets), Fraction(0))
        square = sum(((self.units[k] * self.sums[k]) ** 2 for k in targets), Fraction(0))
        return variance / self.total**2, square / self.total**2

    def excess(self, solution: ExactSolution, coef: Array, intercept: Array) -> Fraction:
        """Return by how much the mean of squares at (coef, a row a target, and intercept) exceeds the minimum."""
        p, units, total = self.p, self.units, self.total
        excess = Fraction(0)
        for k, (b, c) in enumerate(zip(coef, intercept, strict=True)):
            off = [(Fraction(v) - e) * u for v, e, u in zip(b, solution.coef[k], units[:p], strict=True)]
            whole, below = over_one_denominator(off)
            inner = sum(d * sum(map(mul, whole, row)) for d, row in zip(whole, self.covariances[:p], strict=True))
            mean = Fraction(c) - solution.intercept[k] + _inner(self.sums[:p], off) / total
            excess += Fraction(inner, (below * total) ** 2) + mean**2
        return excess

    def _shortest_minimiser(
        self, rows: list[list[int]], right: list[list[int]]
    ) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
        """Return z and coef = U C z with C U^2 C z = u_y C_y, taken on independent rows until all rows agree."""
        p, m, units = self.p, len(right[0]), self.units
        squares, below = over_one_denominator([unit * unit for unit in units[:p]])
        chosen = independent_rows(rows)
        while True:
            scaled = [list(map(mul, rows[i], squares)) for i in chosen]
            matrix = [[sum(map(mul, left, rows[j])) for j in chosen] for left in scaled]
            solution = solve(matrix, [right[i] for i in chosen])
            assert solution is not None, "rows were chosen that depend on each other"
            z = [[Fraction(0)] * p for _ in range(m)]
            for i, values in zip(chosen, solution, strict=True):
                for k, value in enumerate(values):
                    z[k][i] = below * units[p + k] * value
            coef = [[unit * _dot(row, b) for row, unit in zip(rows, units, strict=False)] for b in z]
            failing = self._first_failing(rows, right, coef)
            if failing is None:
                return z, coef
            chosen.append(failing)

    def _first_failing(self, rows: list[list[int]], right: list[list[int]], coef: list[list[Fraction]]) -> int | None:
        """Return the first normal equation that does not hold."""
        units = self.units
        for k, b in enumerate(coef):
            scaled = [value * unit / units[self.p + k] for value, unit in zip(b, units, strict=False)]
            whole, below = over_one_denominator(scaled)
            for i, row in enumerate(rows):
                if sum(map(mul, row, whole)) != right[i][k] * below:
                    return i
        return None


def _dot(row: Sequence[int], numbers: Sequence[Fraction]) -> Fraction:
    """Return the inner product of whole numbers and rationals."""
    numerators, below = over_one_denominator(numbers)
    return Fraction(sum(map(mul, row, numerators)), below)


def _inner(a: Sequence[Fraction] | Sequence[int], b: Sequence[Fraction]) -> Fraction:
    """Return the inner product of rationals."""
    return sum(map(mul, a, b), Fraction(0))


def _moments(columns: Sequence[list[int]], weights: list[int]) -> list[list[int]]:
    """Return the sums over the objects of weight times product, for every two columns.

    Every number is cut into limbs, whose products BLAS adds up without rounding.
    """
    left = [list(map(mul, weights, values)) for values in columns]
    sizes, left_sizes = _limbs(columns), _limbs(left)
    total = np.zeros((sum(left_sizes), sum(sizes)), dtype=np.int64)
    with one_thread():
        for start in range(0, len(weights), BLOCK_OBJECTS):
            rows = slice(start, start + BLOCK_OBJECTS)
            total += (_planes(left, left_sizes, rows) @ _planes(columns, sizes, rows).T).astype(np.int64)
    numbers = []
    for part in np.split(total, np.cumsum(left_sizes)[:-1]):
        parts = np.split(part, np.cumsum(sizes)[:-1], axis=1)
        numbers.append([_number(piece) for piece in parts])
    return numbers


def _limbs(columns: Sequence[list[int]]) -> list[int]:
    """Return how many limbs the numbers of each column take, with their sign."""
    return [max(map(int.bit_length, values)) // LIMB_BITS + 1 for values in columns]


def _planes(columns: Sequence[list[int]], sizes: list[int], rows: slice) -> Array:
    """Return the limbs of some objects, from low to high, one row for each limb of each column."""
    all_limbs = []
    for values, size in zip(columns, sizes, strict=True):
        raw = b"".join(value.to_bytes(size * LIMB_BITS // 8, "little", signed=True) for value in values[rows])
        limbs = np.frombuffer(raw, "<u2").reshape(-1, size).T.astype(np.float64)
        limbs[-1, limbs[-1] >= 2.0 ** (LIMB_BITS - 1)] -= 2.0**LIMB_BITS  # the highest limb holds the sign
        all_limbs.append(limbs)
    return np.concatenate(all_limbs)


def _number(products: Array) -> int:
    """Return the sum of products of limbs, each at its place."""
    rows = (sum(value << LIMB_BITS * k for k, value in enumerate(row)) for row in products.tolist())
    return sum(value << LIMB_BITS * k for k, value in enumerate(rows))
