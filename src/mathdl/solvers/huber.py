"""Huber's regression without a bias: in floating point, and exactly.

- Problem: minimise sum_i s_i h(x_i . w - y_i) + lambda |w|^2 with h(r) = r^2 for |r| <= t, 2 t |r| - t^2 beyond.
- Givens: objects, targets, shares, lambda and t; where to start. The exact solver takes a guess, too.
- Result: a minimiser; where squares alone leave many open, the one nearest to the start.
- Stopping rule: the gradient is zero, or rounding.

The function is quadratic between kinks, so that a step goes to where the slope along it is zero, however far away.
"""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.linear_model import ExactLinearModel
from mathdl.exact.nearest_solution import Vector, nearest_solution
from mathdl.exact.whole_numbers import over_one_denominator

Array = NDArray[Any]

MAX_STEPS = 200  # in floating point; from a good guess a handful is enough
MAX_EXACT_STEPS = 100
GRADIENT_ROUNDING = 1e-13  # a gradient, relative to the sizes that it is a sum of, that is rounding
MAX_RELATIVE_GRADIENT = 1e-7  # the same, up to which the point is called a minimiser
RIDGE = 1e-12  # added to the Hessian, whose diagonal is at most about 2, so that there is a step where it is singular
THRESHOLD_ROUNDING = 1e-9  # relative distance of a residual from the threshold that may be rounding


class HuberProblem:
    """The problem in floating point, its columns brought to one length."""

    def __init__(self, X: Array, y: Array, shares: Array, regularization: float, threshold: float) -> None:
        X, self._y = X.astype(np.float64), y.astype(np.float64)
        lengths = np.sqrt(shares @ X**2 + regularization)
        self._scale = np.where(lengths > 0, lengths, 1.0)
        self._X, self._ridge = X / self._scale, regularization / self._scale**2
        self._shares, self._threshold = shares, threshold

    def minimiser(self, start: Array) -> Array | None:
        """Return a minimiser; None where rounding leaves none."""
        X, shares, ridge = self._X, self._shares, self._ridge
        w, best = np.asarray(start, np.float64) * self._scale, np.inf
        nearest: Array = w
        for _ in range(MAX_STEPS):
            z = X @ w
            first, second = self._slopes(z), 2.0 * (np.abs(z - self._y) <= self._threshold)
            gradient = (shares * first) @ X + 2 * ridge * w
            sizes = (shares * (np.abs(first) + second * (np.abs(X) @ np.abs(w)))) @ np.abs(X) + 2 * ridge * np.abs(w)
            relative = float(np.abs(gradient).max() / (sizes.max() or 1.0))
            if relative < best:
                nearest, best = w, relative
            if relative <= GRADIENT_ROUNDING:
                break
            hessian = (X * (shares * second)[:, None]).T @ X + np.diag(2 * ridge)
            step = np.linalg.solve(hessian + RIDGE * np.eye(len(w)), -gradient)
            w = w + self._length(w, step) * step
        return nearest / self._scale if best <= MAX_RELATIVE_GRADIENT else None

    def _slopes(self, z: Array) -> Array:
        """Return h' at outputs."""
        slopes: Array = 2 * np.clip(z - self._y, -self._threshold, self._threshold)
        return slopes

    def _length(self, w: Array, step: Array) -> float:
        """Return where the slope along a step is zero, by halving; 1 where it is still falling there but hardly."""
        z, change = self._X @ w, self._X @ step

        def slope(t: float) -> float:
            return float(
                (self._shares * self._slopes(z + t * change)) @ change + 2 * (self._ridge * (w + t * step)) @ step
            )

        if abs(slope(1.0)) <= 0.5 * abs(slope(0.0)):
            return 1.0
        low, high = 0.0, 1.0
        while slope(high) < 0 and high < 2.0**60:
            low, high = high, 2 * high
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) < 0 else (low, middle)
        return high


class ExactHuberProblem:
    """The problem in rational numbers."""

    def __init__(self, model: ExactLinearModel, threshold: float) -> None:
        self._model, self._threshold = model, Fraction(threshold)

    def value(self, w: Vector) -> Fraction:
        """Return the loss at w."""
        residuals = self._model.residuals(w)
        losses = [n * (2 * r - n) for n, r in zip(self._clipped(residuals), residuals, strict=True)]
        wholes, denominator = over_one_denominator(losses)
        mean = Fraction(sum(map(mul, self._model.shares.tolist(), wholes)), denominator * self._model.total)
        return mean + self._model.regularization * sum(v * v for v in w)

    def minimiser(self, guess: Array, start: Array) -> Vector | None:
        """Return a minimiser near a guess, if possible the one of its kind nearest to ``start``; None if none is found.

        Where the guess of which residuals are small is right, linear equations give the minimiser. Else Newton's steps
        go there; where they have no solution, along what has no curvature.
        """
        model, t = self._model, self._threshold
        w = [Fraction(v) for v in guess.tolist()]
        residuals = model.residuals(w)
        inside = np.array([float(abs(r) / t) <= 1 + THRESHOLD_ROUNDING for r in residuals])
        H, unit = model.hessian(np.flatnonzero(inside))
        values = [y if i else (-t if r > 0 else t) for y, i, r in zip(model.targets[0], inside, residuals, strict=True)]
        nearest = nearest_solution(H, [2 * v / unit for v in model.pull(values)], [Fraction(v) for v in start.tolist()])
        if nearest is not None and not any(self._gradient(nearest, model.residuals(nearest))):
            return nearest
        for _ in range(MAX_EXACT_STEPS):
            residuals = model.residuals(w)
            gradient = self._gradient(w, residuals)
            if not any(gradient):
                return w
            step = self._step(gradient, residuals)
            length = self._length(w, step)
            w = [v + length * s for v, s in zip(w, step, strict=True)]
        return None

    def _clipped(self, residuals: Vector) -> Vector:
        return [max(-self._threshold, min(r, self._threshold)) for r in residuals]

    def _gradient(self, w: Vector, residuals: Vector) -> Vector:
        pull = self._model.pull(self._clipped(residuals))
        return [2 * (v + self._model.regularization * c) for v, c in zip(pull, w, strict=True)]

    def _step(self, gradient: Vector, residuals: Vector) -> Vector:
        """Return Newton's step, or one against the part of the gradient along which there is no curvature."""
        H, unit = self._model.hessian(np.flatnonzero([abs(r) <= self._threshold for r in residuals]))
        zero = [Fraction(0)] * len(gradient)
        step = nearest_solution(H, [-g / unit for g in gradient], zero)
        if step is not None:
            return step
        curved = nearest_solution(H, [sum(map(mul, row, gradient), Fraction(0)) for row in H], zero)
        return [c - g for c, g in zip(curved or zero, gradient, strict=True)]

    def _length(self, w: Vector, step: Vector) -> Fraction:
        """Return how far the loss falls along a step: its slope there goes from kink to kink."""
        residuals = self._model.residuals(w)
        moved = self._model.residuals([a + b for a, b in zip(w, step, strict=True)])
        changes = [v - r for v, r in zip(moved, residuals, strict=True)]

        def slope(length: Fraction) -> Fraction:
            there = [r + length * c for r, c in zip(residuals, changes, strict=True)]
            at = [a + length * b for a, b in zip(w, step, strict=True)]
            return sum(map(mul, self._gradient(at, there), step), Fraction(0))

        t = self._threshold
        kinks = sorted({(s * t - r) / c for r, c in zip(residuals, changes, strict=True) if c for s in (-1, 1)})
        kinks = [Fraction(0), *(k for k in kinks if k > 0)]
        kinks.append(kinks[-1] + 1)  # beyond the last one the slope is linear for ever
        i = min(bisect_left(kinks, Fraction(0), key=slope), len(kinks) - 1)
        (left, low), (right, high) = ((k, slope(k)) for k in kinks[i - 1 : i + 1])
        return right if low == high else left - low * (right - left) / (high - low)
