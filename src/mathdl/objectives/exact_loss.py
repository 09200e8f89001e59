"""Losses of linear models with squares or Huber's phi in rational numbers: normal equations, values, minimisers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.dyadic import aligned, integers
from mathdl.exact.linear_algebra import independent_rows, solve
from mathdl.exact.whole_numbers import over_one_denominator

if TYPE_CHECKING:
    from mathdl.objectives.huber import Huber
    from mathdl.objectives.linear_model_loss import LinearModelLoss

Array = NDArray[Any]
Vector = list[Fraction]

EVERY = slice(None)
ROUNDS = 100  # of Newton's steps, of which there are few from a good guess
DOUBTFUL = 1e-9  # relative distance of a residual from the threshold that may be rounding


class ExactLoss:
    """The objects, targets and weights of a loss as whole numbers."""

    def __init__(self, loss: LinearModelLoss) -> None:
        rows, exponent = aligned(*integers(loss.X.astype(np.float64)))
        weights = [1.0] * loss.objects if loss.sample_weight is None else loss.sample_weight.tolist()
        shares, _ = over_one_denominator(weights)
        self.rows, self.unit = np.array(rows, dtype=object), Fraction(2) ** exponent
        self.shares, self.total = np.array(shares, dtype=object), sum(shares)
        self.weight, self._y = Fraction(loss.regularization), loss.y

    @cached_property
    def targets(self) -> list[Vector]:
        """The columns of y."""
        return [[Fraction(value) for value in column] for column in self._y.T.tolist()]

    def hessian(self, chosen: Array | slice = EVERY, curvature: float = 2.0) -> tuple[list[list[int]], Fraction]:
        """Return curvature times the chosen objects' shares of x x^T plus 2 lambda I, as whole numbers times a unit."""
        rows, shares = self.rows[chosen], self.shares[chosen]
        p = self.rows.shape[1]
        products = rows.T @ (rows * shares[:, None]) if len(rows) else np.zeros((p, p), dtype=object)
        factor = Fraction(curvature) * self.unit**2 / self.total
        (scale, shift), below = over_one_denominator([factor, 2 * self.weight])
        return [
            [int(scale * v + shift * (i == j)) for j, v in enumerate(row)] for i, row in enumerate(products.tolist())
        ], Fraction(1, below)

    def pull(self, values: Sequence[Fraction]) -> Vector:
        """Return the sum of share times value times x."""
        wholes, below = over_one_denominator(values)
        return [
            v * self.unit / (below * self.total) for v in (self.shares * np.array(wholes, dtype=object)) @ self.rows
        ]

    def residuals(self, w: Vector) -> Vector:
        """Return x . w - y for every object, of one target each."""
        wholes, below = over_one_denominator(w)
        outputs = self.rows @ np.array(wholes, dtype=object)
        return [v * self.unit / below - y for v, y in zip(outputs, self.targets[0], strict=True)]

    def huber_value(self, w: Vector, threshold: Fraction) -> Fraction:
        """Return the loss at w with Huber's phi."""
        residuals = self.residuals(w)
        near = [max(-threshold, min(r, threshold)) for r in residuals]
        losses = [n * (2 * r - n) for n, r in zip(near, residuals, strict=True)]
        wholes, below = over_one_denominator(losses)
        mean = Fraction(sum(map(mul, self.shares.tolist(), wholes)), below * self.total)
        return mean + self.weight * sum(v * v for v in w)

    def huber_gradient(self, w: Vector, residuals: Vector, threshold: Fraction) -> Vector:
        """Return the gradient with Huber's phi."""
        pull = self.pull([max(-threshold, min(r, threshold)) for r in residuals])
        return [2 * (v + self.weight * c) for v, c in zip(pull, w, strict=True)]

    def huber_length(self, w: Vector, step: Vector, threshold: Fraction) -> Fraction:
        """Return how far the loss with Huber's phi falls along a step: its slope there goes from kink to kink."""
        residuals = self.residuals(w)
        changes = [
            v - r for v, r in zip(self.residuals([a + b for a, b in zip(w, step, strict=True)]), residuals, strict=True)
        ]

        def slope(length: Fraction) -> Fraction:
            there = [r + length * c for r, c in zip(residuals, changes, strict=True)]
            at = [a + length * b for a, b in zip(w, step, strict=True)]
            return sum(map(mul, self.huber_gradient(at, there, threshold), step), Fraction(0))

        kinks = sorted({(s * threshold - r) / c for r, c in zip(residuals, changes, strict=True) if c for s in (-1, 1)})
        kinks = [Fraction(0), *(k for k in kinks if k > 0)]
        kinks.append(kinks[-1] + 1)  # beyond the last one the slope is linear for ever
        i = min(bisect_left(kinks, Fraction(0), key=slope), len(kinks) - 1)
        (left, low), (right, high) = ((k, slope(k)) for k in kinks[i - 1 : i + 1])
        return right if low == high else left - low * (right - left) / (high - low)


def minimiser_of_squares(loss: LinearModelLoss, start: Vector) -> Vector | None:
    """Return the parameters with the least squares, where there are many those nearest to ``start``."""
    exact = ExactLoss(loss)
    H, unit = exact.hessian()
    found: Vector = [Fraction(0)] * len(start)
    for k, y in enumerate(exact.targets):
        column = nearest_solution(H, [2 * v / unit for v in exact.pull(y)], start[k :: loss.outputs])
        if column is None:
            return None
        found[k :: loss.outputs] = column
    return found


def minimiser_of_huber(loss: Huber, guess: Array, start: Vector) -> Vector | None:
    """Return an exact minimiser near a guess, if possible the one of its kind nearest to ``start``; None if not found.

    Where the guess of which residuals are small is right, linear equations give the minimiser. Else Newton's steps go
    there, each to where the slope along it is zero; where they have no solution, along what has no curvature.
    """
    exact, t = ExactLoss(loss), Fraction(loss.threshold)
    w = [Fraction(v) for v in guess.tolist()]
    residuals = exact.residuals(w)
    inside = np.array([float(abs(r) / t) <= 1 + DOUBTFUL for r in residuals])
    H, unit = exact.hessian(np.flatnonzero(inside))
    values = [y if i else (-t if r > 0 else t) for y, i, r in zip(exact.targets[0], inside, residuals, strict=True)]
    nearest = nearest_solution(H, [2 * v / unit for v in exact.pull(values)], start)
    if nearest is not None and not any(exact.huber_gradient(nearest, exact.residuals(nearest), t)):
        return nearest
    for _ in range(ROUNDS):
        residuals = exact.residuals(w)
        gradient = exact.huber_gradient(w, residuals, t)
        if not any(gradient):
            return w
        H, unit = exact.hessian(np.flatnonzero([abs(r) <= t for r in residuals]))
        zero = [Fraction(0)] * len(w)
        step = nearest_solution(H, [-g / unit for g in gradient], zero)
        if step is None:
            curved = nearest_solution(H, [sum(map(mul, row, gradient), Fraction(0)) for row in H], zero)
            step = [c - g for c, g in zip(curved or zero, gradient, strict=True)]
        length = exact.huber_length(w, step, t)
        w = [v + length * s for v, s in zip(w, step, strict=True)]
    return None


def nearest_solution(matrix: list[list[int]], right: Vector, start: Vector) -> Vector | None:
    """Return the solution of a symmetric system that is nearest to ``start``; None where there is none."""
    rest, below = over_one_denominator(
        [b - sum(map(mul, row, start), Fraction(0)) for row, b in zip(matrix, right, strict=True)]
    )
    found = solve(matrix, [[v] for v in rest])
    change = [v for (v,) in found] if found else _shortest(matrix, rest)
    return None if change is None else [v + c / below for v, c in zip(start, change, strict=True)]


def _shortest(matrix: list[list[int]], right: list[int]) -> Vector | None:
    """Return the shortest solution of a singular system, a combination of independent rows; None without one."""
    rows, change = independent_rows(matrix), [Fraction(0)] * len(matrix)
    while True:
        if rows:
            gram = [[sum(map(mul, matrix[i], matrix[j])) for j in rows] for i in rows]
            solved = solve(gram, [[right[i]] for i in rows])
            if solved is None:  # the row that was added depends on the others, and its number is another one
                return None
            change = [
                sum((matrix[i][j] * v for i, (v,) in zip(rows, solved, strict=True)), Fraction(0))
                for j in range(len(matrix))
            ]
        wrong = (i for i, row in enumerate(matrix) if sum(map(mul, row, change)) != right[i])
        failing = next(wrong, None)
        if failing is None:
            return change
        rows.append(failing)
