"""The soft margin's dual problem in exact arithmetic, from multipliers that are nearly best.

- Problem: minimise |sum a y x|^2 / (4 lambda) - sum a over 0 <= a <= share with sum y a = 0.
- Given: objects, signs, shares, lambda, and multipliers to begin with.
- Result: w and the multipliers, exact up to the last rounding to floats; None for a problem that is too large.
- Stopping rule: every object with y (w.x - b) below 1 has its whole share, and every one above 1 has none.

An active-set method. The objects on the edge, a set with affinely independent points, keep y (w.x - b) = 1 while the
multiplier of one more object moves until that object is on the edge, too, or a multiplier meets its bound. The value
never rises, and sets are finite; the limit on the steps is for cycles among ties.
"""

from __future__ import annotations

from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.dyadic import aligned, integers
from mathdl.exact.linear_algebra import independent_rows, solve
from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.solvers.soft_margin_bounds import feasible_multipliers

Array = NDArray[Any]

MAX_EXACT_NUMBERS = 5_000  # of X: 100 objects with 50 features take up to some seconds (measured)
MAX_STEPS_PER_OBJECT = 10  # chosen; good multipliers need about one step for each object on the edge at most
NEGLIGIBLE_SHARE = 1e-6  # of the largest multiplier, or of an object's share: guessed to be 0, or the whole share


def exact_soft_margin(
    X: Array, signs: Array, shares: Array, regularization: float, multipliers: Array
) -> tuple[Array, Array] | None:
    """Return w and the best multipliers, or None where that would take too long."""
    if X.size > MAX_EXACT_NUMBERS:
        return None
    guess = np.where(multipliers > NEGLIGIBLE_SHARE * multipliers.max(), multipliers, 0.0)
    guess = np.where(shares - guess > NEGLIGIBLE_SHARE * shares, guess, shares)
    active = ActiveSet(X, signs, shares, regularization, feasible_multipliers(guess, signs, shares))
    for _ in range(MAX_STEPS_PER_OBJECT * len(X)):
        worst = active.worst()
        if worst is None:
            return active.normal(), np.array([float(value) for value in active.multipliers])
        active.enter(worst)
    return None


class ActiveSet:
    """Feasible multipliers, the objects on the edge, and b for which these have y (w.x - b) = 1.

    Objects are whole numbers in one unit, and everything else is multiplied with it: ``force`` is sum a y x, which is
    2 lambda w, and ``offset`` is 2 lambda b.
    """

    def __init__(
        self, X: Array, signs: Array, shares: Array, regularization: float | Fraction, multipliers: Array
    ) -> None:
        rows, exponent = aligned(*integers(X))
        self.signs = [int(sign) for sign in signs]
        self.signed = [[sign * value for value in row] for sign, row in zip(self.signs, rows, strict=True)]
        self.shares = [Fraction(value) for value in shares.tolist()]
        self.multipliers = [Fraction(value) for value in multipliers.tolist()]
        self.to_normal = Fraction(2) ** exponent / (2 * Fraction(regularization))
        self.edge_value = 1 / (self.to_normal * Fraction(2) ** exponent)
        whole, self.below = over_one_denominator(self.multipliers)
        self.force = [sum(map(mul, whole, column)) for column in zip(*self.signed, strict=True)]
        room = [min(a, share - a) for a, share in zip(self.multipliers, self.shares, strict=True)]
        free = sorted((i for i, size in enumerate(room) if size), key=lambda i: -room[i]) or [0]
        self.edge = [free[k] for k in independent_rows([[self.signs[i], *self.signed[i]] for i in free])]
        self._settle()

    def _settle(self) -> None:
        """Move the multipliers of the edge until it is one; those that meet their bounds leave it."""
        while True:
            moves, self.offset = self._solve([self.edge_value - self._along(i) for i in self.edge], 0)
            changes = {k: move for k, move in zip(self.edge, moves, strict=True) if move}
            length, stop = min(((self._room(k, change), k) for k, change in changes.items()), default=(Fraction(1), -1))
            self._move(changes, min(length, Fraction(1)))
            if length >= 1:
                return
            self.edge.remove(stop)

    def _along(self, i: int) -> Fraction:
        return Fraction(sum(map(mul, self.signed[i], self.force)), self.below)

    def _beyond(self, i: int) -> Fraction:
        """Return how far an object is beyond its edge: 0 on it, negative within the margin."""
        return self._along(i) - self.signs[i] * self.offset - self.edge_value

    def worst(self) -> int | None:
        """Return the object that is farthest on a side of its edge that its multiplier does not fit; None if all do."""
        found, farthest = None, Fraction(0)
        for i, (a, share) in enumerate(zip(self.multipliers, self.shares, strict=True)):
            beyond = self._beyond(i)
            if abs(beyond) > farthest and (a < share if beyond < 0 else a > 0):
                found, farthest = i, abs(beyond)
        return found

    def enter(self, i: int) -> None:
        """Move an object's multiplier until the object is on the edge or the multiplier at its bound."""
        while True:
            beyond = self._beyond(i)
            rises = 1 if beyond < 0 else -1
            # While the multiplier of i rises by 1, the others and the offset change so that the edge stays.
            across = [sum(map(mul, self.signed[k], self.signed[i])) for k in self.edge]
            moves, shift = self._solve([-value for value in across], -self.signs[i])
            curvature = sum(map(mul, self.signed[i], self.signed[i])) - self.signs[i] * shift
            curvature += sum(map(mul, across, moves), Fraction(0))
            changes = {i: Fraction(rises)}
            changes.update({k: rises * move for k, move in zip(self.edge, moves, strict=True) if move})
            length, stop = min((self._room(k, change), k) for k, change in changes.items())
            if curvature and abs(beyond) <= length * curvature:
                length, stop = abs(beyond) / curvature, -1
            self._move(changes, length)
            self.offset += rises * shift * length
            if stop == -1:
                self.edge.append(i)
            if stop in (-1, i):
                return
            self.edge.remove(stop)
            if not self.edge:
                self.edge = [i]
                self._settle()
                return

    def _room(self, k: int, change: Fraction) -> Fraction:
        """Return how far a multiplier may go at this rate."""
        return (self.shares[k] - self.multipliers[k]) / change if change > 0 else self.multipliers[k] / -change

    def _solve(self, beyond: list[Any], balance: int) -> tuple[list[Fraction], Fraction]:
        """Return changes of the edge's multipliers, and of the offset, that move its objects so far beyond the edge."""
        edge = [self.signed[k] for k in self.edge]
        matrix = [
            [*(sum(map(mul, row, other)) for other in edge), -self.signs[k]]
            for k, row in zip(self.edge, edge, strict=True)
        ]
        matrix.append([*(self.signs[k] for k in self.edge), 0])
        right, below = over_one_denominator(map(Fraction, (*beyond, balance)))
        solution = solve(matrix, [[value] for value in right])
        assert solution is not None  # the edge is affinely independent
        *moves, shift = [value / below for (value,) in solution]
        return moves, shift

    def _move(self, changes: dict[int, Fraction], length: Fraction) -> None:
        for k, change in changes.items():
            self.multipliers[k] += length * change
        whole, self.below = over_one_denominator(self.multipliers)
        self.force = [sum(map(mul, whole, column)) for column in zip(*self.signed, strict=True)]

    def normal(self) -> Array:
        """Return w, rounded."""
        return np.array([float(value * self.to_normal / self.below) for value in self.force])
