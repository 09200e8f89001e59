"""Logistic regression: the minimum of lambda |w|^2 + mean cross-entropy (equation (6.7)), or why there is none.

- Problem: minimise over weights and bias; for more than two classes one row of weights a class.
- Given: objects, their classes, their shares in the mean, lambda.
- Result: weights and bias, the value there, and how it ended.
- Stopping rule: half the squared Newton decrement is at most ``tol`` times the value, and the last step has changed all
  differences of logits by less than 1/2. That they settle says that there is a minimum: with lambda = 0, where classes
  can be separated, weakly at least, every Newton step changes one by more than 1. A separation is believed once it has
  been checked exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.solvers.logistic_objective import LogisticObjective, LogisticPoint
from mathdl.solvers.newton import newton
from mathdl.solvers.separating_direction import Direction, find_direction, margins_of, strict_direction

Array = NDArray[Any]

CONVERGED, NO_MINIMISER, LIMIT_REACHED = "converged", "no minimiser", "limit reached"
SAMPLE_STRIDE = 8  # at least: every so many objects one is in the sample that gives the start
MAX_SAMPLE_NUMBERS = 2**23  # of the sample's objects; chosen: 64 MB
MIN_SAMPLE_PER_PARAMETER = 50  # objects of the sample for each parameter
MAX_SAMPLE_STEPS = 10
SAMPLE_GAP = 0.01  # relative: what the sample says is no better
SETTLED_CHANGE = 0.5
RENEWAL_GAP = 1e-5  # relative gap from which on steps of Newton's are needed to see whether logits settle


@dataclass(frozen=True)
class LogisticSolution:
    """What was found.

    ``coef`` has shape (rows, p), ``bias`` (rows,), with one row for two classes. ``gap`` estimates what ``value``
    exceeds the minimum by. Where there is no minimiser, ``direction`` shows it, exactly.
    """

    coef: Array
    bias: Array
    value: float
    gap: float
    iterations: int
    outcome: str
    direction: Direction | None = None


def solve_logistic(
    X: Array, codes: Array, shares: Array, classes: int, regularization: float, tol: float, max_iter: int
) -> LogisticSolution:
    """Minimise; every class from 0 to below ``classes`` occurs, and the shares are positive and sum to 1."""
    with one_thread():
        rows = 1 if classes == 2 else classes
        start = _start(X, codes, shares, rows, regularization)
        objective = LogisticObjective(X, codes, shares, rows, regularization, start)
        return _solve(objective, X, regularization, tol, max_iter)


def _start(X: Array, codes: Array, shares: Array, rows: int, regularization: float) -> tuple[Array, Array] | None:
    """Return about the best weights and bias for a sample, where that is large enough to say much about the rest."""
    sample = slice(None, None, max(SAMPLE_STRIDE, -(-X.size // MAX_SAMPLE_NUMBERS)))
    X, codes, shares = X[sample], codes[sample], shares[sample]
    if len(X) < MIN_SAMPLE_PER_PARAMETER * rows * (X.shape[1] + 1) or len(np.unique(codes)) < max(rows, 2):
        return None
    objective = LogisticObjective(X, codes, shares / shares.sum(), rows, regularization)
    for point, decrement in _limited(objective, MAX_SAMPLE_STEPS):
        if point.margin > 0:
            return None
        if decrement <= SAMPLE_GAP * point.value:
            return objective.weights(point.x)
    return None


def _solve(
    objective: LogisticObjective, X: Array, regularization: float, tol: float, max_iter: int
) -> LogisticSolution:
    """Take Newton's steps until one of the ends is reached."""
    outcome, searched, direction, steps = LIMIT_REACHED, regularization > 0, None, _limited(objective, max_iter)
    for iterations, (point, decrement) in enumerate(steps):
        small = iterations > 0 and decrement <= 2 * tol * point.value
        if small and point.change < SETTLED_CHANGE:
            outcome = CONVERGED
            break
        if regularization == 0 and point.margin > 0:
            direction = strict_direction(X, objective.codes, *objective.weights(point.x))
        elif small and not searched:
            direction, searched = find_direction(X, objective), True
        if direction is not None:
            break
    if outcome == LIMIT_REACHED and direction is None and not searched and iterations < max_iter:  # no descent is left
        direction = find_direction(X, objective)
    coef, bias = objective.weights(point.x)
    if direction is not None:
        coef, bias = _along(X, objective.codes, coef, bias, direction)
        point = objective.evaluate(objective.coordinates(coef, bias), None, False)
        return LogisticSolution(coef, bias, point.value, point.value, iterations, NO_MINIMISER, direction)
    return LogisticSolution(coef, bias, point.value, decrement / 2, iterations, outcome)


def _limited(objective: LogisticObjective, max_iter: int) -> Iterator[tuple[LogisticPoint, float]]:
    """Yield the start and so many points after it."""
    steps = newton(objective, objective.first, objective.costly, RENEWAL_GAP if objective.regularization == 0 else 0.0)
    yield next(steps)
    yield from (step for _, step in zip(range(max_iter), steps, strict=False))


def _along(X: Array, codes: Array, coef: Array, bias: Array, direction: Direction) -> tuple[Array, Array]:
    """Return weights whose margins are at least 1 wherever the direction's are positive.

    Where all are, these are the direction's, the smallest being 1. Otherwise they are the last step's, moved along the
    direction as far as that takes. What rounding makes of margins that are positive by less than that is left alone.
    """
    slope, shift = direction.floats()
    rising = margins_of(X, codes, slope, shift)
    ahead = direction.rises & (rising > 0)
    if not ahead.any():
        return coef, bias
    if direction.strict:
        return slope / rising[ahead].min(), shift / rising[ahead].min()
    length = max(0.0, np.max((1.0 - margins_of(X, codes, coef, bias)[ahead]) / rising[ahead]))
    return coef + length * slope, bias + length * shift
