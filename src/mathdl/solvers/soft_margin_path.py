"""The soft margin (7.12) as an exact function of lambda.

- Problem: w and the minimum of lambda |w|^2 + sum share max(0, 1 - y (w.x - b)) for every lambda > 0.
- Given: objects, signs and shares.
- Result: pieces of the half-line of lambda, on each of which w is u + v / lambda.
- Stopping rule: the pieces cover the half-line.

With F = sum a y x = 2 lambda w the conditions of a minimum are linear in a, F, 2 lambda b and lambda. So a set of
objects on the edge, with every other multiplier at one of its bounds, stays right on an interval of lambda. Somewhere
in each part of the half-line that is not covered yet the active-set method finds such a set, and its interval is
covered as a whole. There are finitely many sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.dyadic import aligned, integers
from mathdl.exact.linear_algebra import solve
from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.solvers.exact_soft_margin import ActiveSet

Array = NDArray[Any]
Vector = tuple[Fraction, ...]
Line = tuple[Fraction, Fraction]  # p + q lambda

GOLDEN = Fraction(377, 610)  # chosen: where parts of the half-line are divided, which no round number is


class Piece(NamedTuple):
    """The lambdas for which w is u + v / lambda and the minimum c0 + c1 lambda + c2 / lambda.

    Attributes
    ----------
    low, high : Fraction, and Fraction or None
        The ends; None where there is none.
    normal : tuple of two tuples of Fraction
        u and v.
    objective : tuple of three Fraction
        c0, c1 and c2.
    """

    low: Fraction
    high: Fraction | None
    normal: tuple[Vector, Vector]
    objective: tuple[Fraction, Fraction, Fraction]


def soft_margin_pieces(X: Array, signs: list[int], shares: list[Fraction]) -> list[Piece]:
    """Return the pieces from lambda = 0 on; two that follow one another have different w."""
    problem = _Problem(X, signs, shares)
    found: list[Piece] = []
    parts: list[tuple[Fraction, Fraction | None]] = [(Fraction(0), None)]
    while parts:
        low, high = parts.pop()
        piece = problem.piece(_within(low, high, len(found)))
        if piece.high is None or piece.high > piece.low:
            found.append(piece)
        if low < piece.low:
            parts.append((low, piece.low))
        if piece.high is not None and (high is None or piece.high < high):
            parts.append((piece.high, high))
    return _joined(sorted(found, key=lambda piece: piece.low))


def optimal_offsets(values: list[Fraction], signs: list[int], shares: list[Fraction]) -> tuple[Fraction, Fraction]:
    """Return the least and the largest b that minimise sum share max(0, 1 - y (value - b)): a weighted median."""
    knots: dict[Fraction, Fraction] = {}
    for value, sign, share in zip(values, signs, shares, strict=True):
        knots[value - sign] = knots.get(value - sign, Fraction(0)) + share
    slope, low = -sum((share for share, sign in zip(shares, signs, strict=True) if sign < 0), Fraction(0)), None
    for knot in sorted(knots):
        slope += knots[knot]
        low = knot if slope >= 0 and low is None else low
        if slope > 0:
            assert low is not None
            return low, knot
    raise AssertionError("both classes have weight")


def _within(low: Fraction, high: Fraction | None, tries: int) -> Fraction:
    """Return a number in an interval, another one after each try."""
    part = GOLDEN * Fraction(1000 + tries, 1001 + tries)
    if high is None:
        return 2 * low + part
    return low + part * (high - low)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with those that have the same w made one."""
    found = pieces[:1]
    for piece in pieces[1:]:
        if piece.normal == found[-1].normal:
            found[-1] = found[-1]._replace(high=piece.high)
        else:
            found.append(piece)
    return found


class _Problem:
    """Objects as whole numbers times a unit, their signs and shares."""

    def __init__(self, X: Array, signs: list[int], shares: list[Fraction]) -> None:
        self.X, self.signs, self.shares = X, signs, shares
        rows, exponent = aligned(*integers(X))
        self.last = [Fraction(0)] * len(signs)  # multipliers of the piece before, which the next ones are near to
        self.unit = Fraction(2) ** exponent
        # The rise of y (F.x - 2 lambda b) on the edge with lambda, where x is in whole numbers.
        self.edge_rise = 2 / self.unit**2
        self.signed = [[sign * value for value in row] for sign, row in zip(signs, rows, strict=True)]

    def piece(self, regularization: Fraction) -> Piece:
        """Return the piece of the half-line, with lambda in it, that one set of objects on the edge is right for."""
        shares, start = np.array(self.shares, dtype=object), np.array(self.last, dtype=object)
        active = ActiveSet(self.X, np.array(self.signs), shares, regularization, start)
        while (worst := active.worst()) is not None:
            active.enter(worst)
        self.last = active.multipliers
        multipliers, offset = self._multipliers(active.edge, active.multipliers)
        force = [self._sum(multipliers, column) for column in zip(*self.signed, strict=True)]
        lines = []  # what must not be negative
        for i, ((p, q), share) in enumerate(zip(multipliers, self.shares, strict=True)):
            if i in active.edge:
                lines += [(p, q), (share - p, -q)]
            else:
                value, slope = self._sum(force, self.signed[i])
                beyond = (value - self.signs[i] * offset[0], slope - self.signs[i] * offset[1] - self.edge_rise)
                lines.append(beyond if active.multipliers[i] == 0 else (-beyond[0], -beyond[1]))
        low = max((-p / q for p, q in lines if q > 0), default=Fraction(0))
        highs = [-p / q for p, q in lines if q < 0]
        u = tuple(q * self.unit / 2 for _, q in force)
        v = tuple(p * self.unit / 2 for p, _ in force)
        constant, slope = self._sum(multipliers, [1] * len(multipliers))
        objective = constant - 2 * dot(u, v), slope - dot(u, u), -dot(v, v)
        return Piece(max(low, Fraction(0)), min(highs) if highs else None, (u, v), objective)

    def _sum(self, lines: list[Line], factors: Sequence[int]) -> Line:
        """Return a sum of functions of lambda times factors."""
        return dot([p for p, _ in lines], factors), dot([q for _, q in lines], factors)

    def _multipliers(self, edge: list[int], now: list[Fraction]) -> tuple[list[Line], Line]:
        """Return the multipliers, and 2 lambda b in the unit of the objects, as functions of lambda."""
        fixed = [Fraction(0) if i in edge else a for i, a in enumerate(now)]
        whole, below = over_one_denominator(fixed)
        force = [sum(map(mul, whole, column)) for column in zip(*self.signed, strict=True)]
        rows = [self.signed[k] for k in edge]
        matrix = [
            [*(sum(map(mul, row, other)) for other in rows), -self.signs[k]] for k, row in zip(edge, rows, strict=True)
        ]
        matrix.append([*(self.signs[k] for k in edge), 0])
        right = [[-sum(map(mul, row, force)), 1] for row in rows]
        right.append([-sum(map(mul, self.signs, whole)), 0])
        solved = solve(matrix, right)
        assert solved is not None  # the edge is affinely independent
        *moving, offset = [(p / below, q * self.edge_rise) for p, q in solved]
        lines = [(a, Fraction(0)) for a in fixed]
        for k, line in zip(edge, moving, strict=True):
            lines[k] = line
        return lines, offset


def dot(a: Sequence[Fraction], b: Sequence[Fraction] | Sequence[int]) -> Fraction:
    """Return a.b."""
    return sum(map(mul, a, b), Fraction(0))
