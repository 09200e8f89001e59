"""Logistic regression without a bias: a hyperplane through 0.

- Problem: minimise sum_i s_i log(1 + exp(-y_i x_i . w)) + lambda |w|^2.
- Givens: objects, classes -1 and 1, shares, lambda; where to start.
- Result: the minimiser; where lambda is 0 and there are many, the one nearest to the start, up to rounding.
- Stopping rule: the Newton decrement falls no further.

With every object -x of the other class beside x the best bias is 0, so that this is logistic regression on twice as
many objects.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.solvers.logistic_objective import LogisticObjective
from mathdl.solvers.newton import newton
from mathdl.solvers.separating_direction import find_direction

Array = NDArray[Any]

MAX_STEPS = 200
MAX_RELATIVE_DECREMENT = 1e-14  # squared, relative to the value: up to it the point is called a minimiser
SAME_OUTPUTS = 1e-9  # relative difference of outputs of two minimisers that is rounding


def minimiser_without_bias(X: Array, y: Array, shares: Array, regularization: float, start: Array) -> Array | None:
    """Return the minimiser; None where classes are separated, weakly at least, or rounding leaves none."""
    used = shares > 0
    X, codes, halves = X.astype(np.float64)[used], (y[used] > 0).astype(np.int64), np.tile(shares[used] / 2, 2)
    both = np.concatenate([X, -X])
    with one_thread():
        objective = LogisticObjective(both, np.concatenate([codes, 1 - codes]), halves, 1, regularization)
        if not regularization and find_direction(both, objective) is not None:
            return None
        w = _minimiser(objective)
    if w is None or regularization:
        return w
    nearest: Array = start + np.linalg.lstsq(X, X @ (w - start), rcond=None)[0]
    off = np.abs(X @ (nearest - w)).max()
    return nearest if off <= SAME_OUTPUTS * (1 + np.abs(X @ w).max()) else w  # any minimiser will do


def _minimiser(objective: LogisticObjective) -> Array | None:
    """Take Newton's steps until rounding is all that is left."""
    best, least = objective.first, np.inf
    for point, decrement in islice(newton(objective, objective.first), MAX_STEPS):
        converged = least <= MAX_RELATIVE_DECREMENT * best.value
        if decrement < least:
            best, least = point, decrement
        elif converged:
            break
    return objective.weights(best.x)[0][0] if least <= MAX_RELATIVE_DECREMENT * best.value else None
