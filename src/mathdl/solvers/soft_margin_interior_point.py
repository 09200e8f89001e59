"""An interior-point method for soft margins (Mehrotra's predictor and corrector).

- Problem: minimise lambda |w|^2 + sum of share max(0, 1 - y (w.x - b)) - pull.w + push b + loss. The last three terms
  are those of objects that are taken to stay within the margin: pull = sum of share y x, push = sum of share y, loss =
  sum of share.
- Given: objects, signs, shares, lambda, those terms, a first (w, b) and the width of the corner that it is right for.
- Result: w, b, multipliers a strictly between 0 and the shares, and the number of iterations.
- Stopping rule: the duality gap is at most ``tol`` times the objective, and push + sum y a is as small beside sum a; or
  the limit, or rounding that leaves no progress. The point with the smallest gap is returned.

The excess 1 - y (w.x - b) is ``short`` - ``spare``, both positive; a and ``rest`` = share - a are the multipliers. On
the central path a spare = rest short = mu share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from mathdl.solvers.weighted_scatter import weighted_scatter

Array = NDArray[Any]

BOUNDARY_FRACTION = 0.99  # of the step to the boundary
MIN_STEP = 1e-8  # step that still counts as progress
DAMPING = 1e-14  # of the matrix's diagonal, so that it stays regular where lambda is lost beside dependent features
MAX_STALE_ITERATIONS = 12  # iterations without a smaller gap


@dataclass(frozen=True)
class Within:
    """What objects that stay within the margin add to the objective."""

    pull: Array
    push: float
    loss: float


@dataclass
class _Point:
    """A point with all its slacks and multipliers positive."""

    w: Array
    b: float
    a: Array
    rest: Array
    spare: Array
    short: Array


def interior_point(
    X: Array,
    signs: Array,
    shares: Array,
    regularization: float,
    within: Within,
    start: tuple[Array, float, float],
    tol: float,
    max_iter: int,
) -> tuple[Array, float, Array, int]:
    """Return w, b, a and the number of iterations; ``start`` is w, b and the width of the corner."""
    centre = X.mean(axis=0)
    X, pull, push, loss = X - centre, within.pull - within.push * centre, within.push, within.loss
    w, b, width = start
    point = _central(w, b - w @ centre, signs * (X @ w - b + w @ centre) - 1, shares, width)
    best, least, stale, length, iteration = (point.w, point.b, point.a), np.inf, 0, 1.0, 0
    for iteration in range(max_iter + 1):
        signed = signs * point.a
        force, balance = pull + signed @ X, push + signed.sum()
        margin = signs * (X @ point.w - point.b) - 1
        linear = push * point.b - pull @ point.w + loss
        objective = regularization * (point.w @ point.w) + linear + shares @ np.maximum(-margin, 0)
        dual = loss + point.a.sum() - force @ force / (4 * regularization)
        gap = max(objective - dual, 0) + abs(balance)
        if not np.isfinite(gap):
            break
        best, least, stale = ((point.w, point.b, point.a), gap, 0) if gap < least else (best, least, stale + 1)
        if gap <= tol * abs(objective) or iteration == max_iter or length < MIN_STEP or stale == MAX_STALE_ITERATIONS:
            break
        residuals = (2 * regularization * point.w - force, balance, margin - point.spare + point.short)
        try:
            length = _step(X, signs, shares, regularization, point, residuals)
        except (LinAlgError, ValueError):  # rounding has made the matrix singular, or not finite
            break
    w, b, a = best
    return w, b + w @ centre, a, iteration


def _central(w: Array, b: float, margin: Array, shares: Array, width: float) -> _Point:
    """Return the point with a spare = rest short = width share; margin is y (w.x - b) - 1."""
    root = np.sqrt(margin * margin + 4 * width * width)
    # Each of the two forms of a quadratic's roots is free of cancellation on one side.
    spare = np.where(margin > 0, 2 * width + margin + root, 4 * width * width / (root - margin) + 2 * width) / 2
    short = np.where(margin < 0, 2 * width - margin + root, 4 * width * width / (root + margin) + 2 * width) / 2
    return _Point(w, b, shares * (width / spare), shares * (width / short), spare, short)


def _step(
    X: Array, signs: Array, shares: Array, regularization: float, at: _Point, residuals: tuple[Array, float, Array]
) -> float:
    """Move the point; return the length of the step."""
    along, balance, infeasible = residuals
    weights = 1 / (at.spare / at.a + at.short / at.rest)
    total = weights.sum()
    mean, matrix = weighted_scatter(X, weights, weights @ X / total)
    matrix[np.diag_indices_from(matrix)] = np.diagonal(matrix) * (1 + DAMPING) + 2 * regularization
    factor = cho_factor(matrix, overwrite_a=True)

    def direction(first: Array, second: Array) -> tuple[Array, float, Array, Array, Array]:
        """Solve the linearised conditions, where a spare and rest short are to change by ``first``, ``second``."""
        wanted = first / at.a - second / at.rest - infeasible
        signed = signs * weights * wanted
        turn = balance + signed.sum()
        dw = cho_solve(factor, signed @ X - along - turn * mean)
        db = float(mean @ dw - turn / total)
        da = weights * (wanted - signs * (X @ dw - db))
        return dw, db, da, (first - at.spare * da) / at.a, (second + at.short * da) / at.rest

    mu = (at.a @ at.spare + at.rest @ at.short) / (2 * shares.sum())
    _, _, da, dspare, dshort = direction(-at.a * at.spare, -at.rest * at.short)
    length = _longest(at, da, dspare, dshort)
    a, rest = at.a + length * da, at.rest - length * da
    reached = (a @ (at.spare + length * dspare) + rest @ (at.short + length * dshort)) / (2 * shares.sum())
    target = (reached / mu) ** 3 * mu * shares
    dw, db, da, dspare, dshort = direction(
        target - at.a * at.spare - da * dspare, target - at.rest * at.short + da * dshort
    )
    length = min(1.0, BOUNDARY_FRACTION * _longest(at, da, dspare, dshort))
    at.w, at.b = at.w + length * dw, at.b + length * db
    at.a, at.rest = at.a + length * da, at.rest - length * da
    at.spare, at.short = at.spare + length * dspare, at.short + length * dshort
    return length


def _longest(at: _Point, da: Array, dspare: Array, dshort: Array) -> float:
    """Return the longest step, up to a little over 1, that keeps everything positive."""
    ratios = (da / at.a, -da / at.rest, dspare / at.spare, dshort / at.short)
    return float(min(1 / BOUNDARY_FRACTION, -1 / min(-1e-300, *(ratio.min() for ratio in ratios))))
