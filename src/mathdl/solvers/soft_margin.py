"""The soft margin: the minimum of lambda |w|^2 + mean of max(0, 1 - y (w.x - b)) (equation (7.12)).

- Problem: minimise over w and b; b is not regularised. The dual problem: maximise sum a - |sum y a x|^2 / (4 lambda)
  over multipliers with 0 <= a <= share and sum y a = 0.
- Given: objects, their signs y, their shares in the mean, lambda > 0.
- Result: w, the whole interval of best b for it, multipliers that are feasible up to rounding, both values.
- Stopping rule: the difference of both values is at most ``tol`` times the objective.

Of many objects, most lie far from the margin, and their multipliers are 0 or their share. A first guess of (w, b) says
which; an interior-point method finds the others' multipliers, and the gap over all objects says whether the guess was
right. If not, more objects take part, and in the end all of them. Where there are fewer objects than features, w is a
combination of objects, and a rotation leaves as many features as objects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.solvers.exact_soft_margin import exact_soft_margin
from mathdl.solvers.soft_margin_bounds import feasible_multipliers, minimum_below, objective_above
from mathdl.solvers.soft_margin_interior_point import Within, interior_point
from mathdl.solvers.soft_margin_smoothing import smoothed_guess

Array = NDArray[Any]

MIN_WORKING_SET = 500  # objects that all take part
WORKING_SET_DIVISOR = 16  # one of so many objects takes part at first
MIN_PER_PARAMETER = 4  # and at least so many for each parameter
WORKING_SET_GROWTH = 4  # factor by which more of them do
CORNER_WIDTH = 0.3  # width of the corner for a guess, over the largest |1 - y (w.x - b)| of those that take part
MIN_CORNER_WIDTH = 1e-3  # least width
MAX_MARGIN_ROUNDING = 1e-6  # how far below 1 the least margin may be for w to be made longer
LEVEL_SLOPE = 1e-12  # slope that counts as none, over the smaller class's share


@dataclass(frozen=True)
class SoftMarginSolution:
    """What was found; b is best anywhere in the interval, and ``b`` is its middle."""

    w: Array
    b: float
    interval: tuple[float, float]
    multipliers: Array
    objective: float
    dual_objective: float
    iterations: int
    converged: bool

    @property
    def gap(self) -> float:
        """By how much the objective may exceed the minimum, over the objective."""
        return (self.objective - self.dual_objective) / self.objective


def solve_soft_margin(
    X: Array,
    signs: Array,
    shares: Array,
    regularization: float,
    tol: float,
    max_iter: int,
    guess: tuple[Array, float] | None = None,
) -> SoftMarginSolution:
    """Minimise; signs are 1.0 and -1.0, shares are positive and sum to 1, ``guess`` is w and b of a similar problem."""
    with one_thread():
        if len(X) > X.shape[1]:
            w, a, steps = _minimise(X, signs, shares, regularization, tol, max_iter, guess)
        else:
            basis, triangle = np.linalg.qr((X - X.mean(axis=0)).T)
            rotated = np.ascontiguousarray(triangle.T)
            w, a, steps = _minimise(rotated, signs, shares, regularization, tol, max_iter, None)
            w = basis @ w
        solution = _finished(X, signs, shares, regularization, tol, w, a, steps)
        if not solution.converged and steps < max_iter:  # rounding has ended the search
            exact = exact_soft_margin(X, signs, shares, regularization, solution.multipliers)
            if exact is not None:
                solution = _finished(X, signs, shares, regularization, tol, *exact, steps)
            solution = _bounded(solution, X, signs, shares, regularization, tol)
        return solution


def _minimise(
    X: Array,
    signs: Array,
    shares: Array,
    regularization: float,
    tol: float,
    max_iter: int,
    guess: tuple[Array, float] | None,
) -> tuple[Array, Array, int]:
    """Return w, multipliers and the number of steps."""
    (count, features), steps = X.shape, 0
    taking = max(MIN_WORKING_SET, count // WORKING_SET_DIVISOR, MIN_PER_PARAMETER * (features + 1))
    if 2 * taking >= count:
        nothing = Within(np.zeros(features), 0.0, 0.0)
        start = (np.zeros(features), 0.0, 1.0)
        w, _, a, steps = interior_point(X, signs, shares, regularization, nothing, start, tol / 2, max_iter)
        return w, a, steps
    if guess is None:
        w, b, steps = smoothed_guess(X, signs, shares, regularization)
    else:
        w, b = guess
    while True:
        excess = 1 - signs * (X @ w - b)
        chosen, within = _working_set(excess, signs, shares, min(taking, count))
        signed = np.where(within, signs * shares, 0.0)
        fixed = Within(signed @ X, float(signed.sum()), float(shares[within].sum()))
        width = max(MIN_CORNER_WIDTH, CORNER_WIDTH * float(np.abs(excess[chosen]).max()))
        part = (X[chosen], signs[chosen], shares[chosen])
        start = (w, b, width)
        w, b, multipliers, more = interior_point(*part, regularization, fixed, start, tol / 2, max(1, max_iter - steps))
        a = np.where(within, shares, 0.0)
        a[chosen], steps = multipliers, steps + more
        objective, dual = _values(X, signs, shares, regularization, w, b, _balanced(signs, a))
        if objective - dual <= tol * objective or len(chosen) == count or steps >= max_iter:
            return w, a, steps
        taking = len(chosen) * WORKING_SET_GROWTH


def _working_set(excess: Array, signs: Array, shares: Array, taking: int) -> tuple[Array, Array]:
    """Return the objects that take part, nearest to the margin, and which of the others are taken to be within it.

    Those that take part must be able to balance the others' multipliers.
    """
    while taking < len(excess):
        chosen = np.sort(np.argpartition(np.abs(excess), taking - 1)[:taking])
        within = excess > 0
        within[chosen] = False
        push = float((signs * shares)[within].sum())
        if abs(push) < 0.99 * shares[chosen][signs[chosen] * push <= 0].sum():
            return chosen, within
        taking = min(len(excess), taking * WORKING_SET_GROWTH)
    return np.arange(len(excess)), np.zeros(len(excess), bool)


def _finished(
    X: Array, signs: Array, shares: Array, regularization: float, tol: float, w: Array, a: Array, steps: int
) -> SoftMarginSolution:
    """Take the best b for w, make the multipliers feasible, and compare both values."""
    values = X @ w
    low, high = level_interval(values, signs, shares)
    factor = _lengthening(X, signs, shares, regularization, w, (low + high) / 2, values)
    w, low, high = w * factor, low * factor, high * factor
    b, a = (low + high) / 2, _balanced(signs, a)
    objective, dual = _values(X, signs, shares, regularization, w, b, a)
    return SoftMarginSolution(w, b, (low, high), a, objective, dual, steps, objective - dual <= tol * objective)


def _bounded(
    solution: SoftMarginSolution, X: Array, signs: Array, shares: Array, regularization: float, tol: float
) -> SoftMarginSolution:
    """Put bounds that hold in spite of rounding in the place of both values."""
    multipliers = feasible_multipliers(solution.multipliers, signs, shares)
    objective = objective_above(X, signs, shares, regularization, solution.w, solution.b)
    dual = minimum_below(X, signs, shares, regularization, multipliers)
    return replace(
        solution,
        multipliers=multipliers,
        objective=objective,
        dual_objective=dual,
        converged=objective - dual <= tol * objective,
    )


def _lengthening(
    X: Array, signs: Array, shares: Array, regularization: float, w: Array, b: float, values: Array
) -> float:
    """Return a factor of w and b, 1 unless all margins are 1 or more but for rounding.

    Hinge losses of 1e-16 may then be large beside lambda |w|^2, and w a little longer costs less.
    """
    least = float((signs * (values - b)).min())
    if least <= 1 - MAX_MARGIN_ROUNDING:
        return 1.0
    off = float((np.abs(X) @ np.abs(w)).max() + abs(b) + 1) * (len(w) + 16) * 2.0**-53
    factor = max(1.0, (1 + off) / max(least - off, 0.5))
    known = objective_above(X, signs, shares, regularization, w, b)
    return factor if objective_above(X, signs, shares, regularization, w * factor, b * factor) < known else 1.0


def _balanced(signs: Array, a: Array) -> Array:
    """Make the multipliers of both classes sum to the same, by making those of one class smaller."""
    above, below = float(a[signs > 0].sum()), float(a[signs < 0].sum())
    least = min(above, below)
    return a * np.where(signs > 0, least / above, least / below) if least > 0 else np.zeros_like(a)


def _values(
    X: Array, signs: Array, shares: Array, regularization: float, w: Array, b: float, a: Array
) -> tuple[float, float]:
    """Return the objective at (w, b) and the dual objective at feasible multipliers."""
    objective = regularization * float(w @ w) + float(shares @ np.maximum(1 - signs * (X @ w - b), 0))
    pull = (signs * a) @ X
    return objective, float(a.sum()) - float(pull @ pull) / (4 * regularization)


def level_interval(values: Array, signs: Array, shares: Array) -> tuple[float, float]:
    """Return where the mean of max(0, 1 - y (value - b)), as a function of b, is least: from where to where."""
    if shares[signs > 0].sum() < shares[signs < 0].sum():  # sums up to the smaller class's share lose less to rounding
        low, high = level_interval(-values, -signs, shares)
        return -high, -low
    corners = values - signs
    order = np.argsort(corners, kind="stable")
    falling = float(shares[signs < 0].sum())
    slopes = np.cumsum(shares[order]) - falling  # to the right of each corner; each one adds its share
    low, high = np.searchsorted(slopes, (-LEVEL_SLOPE * falling, LEVEL_SLOPE * falling))
    return float(corners[order[low]]), float(corners[order[high]])
