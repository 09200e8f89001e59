"""Minimisers in floating point, good to rounding: Newton's method on Huber's and the logistic loss of a linear model.

- Problem: minimise sum_i s_i phi(x_i . w, y_i) + lambda |w|^2 for a convex phi.
- Givens: objects, phi' and phi''; where to start.
- Result: the minimiser; where lambda is 0 and there are many, the one nearest to the start, up to what Huber's flat
  parts leave open.
- Stopping rule: no step falls any more, or the gradient is rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.solvers.logistic_objective import LogisticObjective
from mathdl.solvers.separating_direction import find_direction

if TYPE_CHECKING:
    from mathdl.objectives.huber import Huber
    from mathdl.objectives.linear_model_loss import LinearModelLoss
    from mathdl.objectives.logistic_loss import LogisticLoss

Array = NDArray[Any]
Slopes = Callable[[Array], tuple[Array, Array]]

STEPS = 200
SMALL = 1e-13  # a gradient, relative to the sizes that it is a sum of
ACCEPTED = 1e-7  # the same, up to which the point is called a minimiser
NEAR = 1e-9  # outputs of the minimiser nearest to the start and of another that differ by so much are the same
RIDGE = 1e-12  # added to the Hessian, whose diagonal is at most about 2, so that there is a step where it is singular


def huber_minimiser(loss: Huber, start: Array) -> Array | None:
    """Return a minimiser of Huber's loss; None where rounding leaves none."""
    y, t = loss.y[:, 0].astype(np.float64), loss.threshold

    def slopes(z: Array) -> tuple[Array, Array]:
        r = z - y
        return 2 * np.clip(r, -t, t), 2.0 * (np.abs(r) <= t)

    return _newton(loss, slopes, start)


def logistic_minimiser(loss: LogisticLoss, start: Array) -> Array | None:
    """Return the minimiser of the logistic loss; None where classes are separated, or rounding leaves none."""
    if not loss.regularization and separates_weakly(loss):
        return None
    y = loss.y[:, 0].astype(np.float64)

    def slopes(z: Array) -> tuple[Array, Array]:
        e = np.exp(-np.abs(z))
        wrong = np.where(y * z > 0, e, 1.0) / (1 + e)
        return -y * wrong, e / (1 + e) ** 2

    found = _newton(loss, slopes, np.zeros(len(start)))
    if found is None or loss.regularization:
        return found
    X = loss.X.astype(np.float64)[loss.shares > 0]
    nearest: Array = start + np.linalg.lstsq(X, X @ (found - start), rcond=None)[0]
    off = np.abs(X @ (nearest - found)).max()
    return nearest if off <= NEAR * (1 + np.abs(X @ found).max()) else found  # any minimiser will do


def separates_weakly(loss: LogisticLoss) -> bool:
    """Tell whether exact arithmetic confirms a direction in which no object's loss rises and one falls.

    With every object -x of the other class beside x, a hyperplane may as well go through 0.
    """
    used = loss.shares > 0
    X, codes = loss.X.astype(np.float64)[used], (loss.y[used, 0] > 0).astype(np.int64)
    both, twice = np.concatenate([X, -X]), np.concatenate([codes, 1 - codes])
    shares = np.tile(loss.shares[used] / 2, 2)
    return find_direction(both, LogisticObjective(both, twice, shares, 1, 0.0)) is not None


def _newton(loss: LinearModelLoss, slopes: Slopes, start: Array) -> Array | None:
    """Take Newton's steps, each to where the slope along it is zero; columns are brought to one length."""
    X, shares = loss.X.astype(np.float64), loss.shares
    lengths = np.sqrt(shares @ X**2 + loss.regularization)
    X, ridge = X / np.where(lengths > 0, lengths, 1.0), loss.regularization / np.where(lengths > 0, lengths, 1.0) ** 2
    w, best = np.asarray(start, np.float64) * np.where(lengths > 0, lengths, 1.0), np.inf
    found: Array = w
    for _ in range(STEPS):
        first, second = slopes(X @ w)
        gradient = (shares * first) @ X + 2 * ridge * w
        sizes = (shares * (np.abs(first) + second * (np.abs(X) @ np.abs(w)))) @ np.abs(X) + 2 * ridge * np.abs(w)
        relative = float(np.abs(gradient).max() / (sizes.max() or 1.0))
        if relative < best:
            found, best = w, relative
        if relative <= SMALL:
            break
        hessian = (X * (shares * second)[:, None]).T @ X + np.diag(2 * ridge)
        step = np.linalg.solve(hessian + RIDGE * np.eye(len(w)), -gradient)
        w = w + _length(X, shares, slopes, ridge, w, step) * step
    return found / np.where(lengths > 0, lengths, 1.0) if best <= ACCEPTED else None


def _length(X: Array, shares: Array, slopes: Slopes, ridge: Array, w: Array, step: Array) -> float:
    """Return where the slope along a step is zero, by halving; 1 where it is still falling there but hardly."""
    z, change = X @ w, X @ step

    def slope(t: float) -> float:
        return float((shares * slopes(z + t * change)[0]) @ change + 2 * (ridge * (w + t * step)) @ step)

    start = abs(slope(0.0))
    if abs(slope(1.0)) <= 0.5 * start:
        return 1.0
    low, high = 0.0, 1.0
    while slope(high) < 0 and high < 2.0**60:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return high
