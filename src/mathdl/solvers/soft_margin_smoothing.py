"""A first guess for the soft margin: Newton's method on hinge losses whose corner is rounded.

- Problem: the one of ``soft_margin.py``, with max(0, u) made quadratic over an interval, which gets shorter.
- Given: objects, signs, shares, lambda.
- Result: (w, b) near the minimiser, and how many steps that took.
- Stopping rule: one value of the width after the other, each until what the gradient says about the gap is less than
  what the rounded corners cost; the multipliers found for one width shift the corners of the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from mathdl.solvers.weighted_scatter import weighted_scatter

Array = NDArray[Any]

WIDTHS = (4.0, 1.0, 0.25)  # with the first one and w = 0 every object is in the quadratic part
STEPS_PER_WIDTH = 6  # for one width
MAX_HESSIAN_OBJECTS = 5000  # objects that the Hessian is made of, at most
GRADIENT_PART_OF_GAP = 0.3  # of the gap: the part that the gradient may have
DAMPING = 1e-9
LINE_SEARCH_TOLERANCE = 0.1  # of the slope at the start of a line search: slope at which it ends
MAX_LINE_SEARCH_TRIALS = 30


def smoothed_guess(X: Array, signs: Array, shares: Array, regularization: float) -> tuple[Array, float, int]:
    """Return w, b near the minimiser, and the number of Newton steps."""
    w, b, excess = np.zeros(X.shape[1]), 0.0, np.ones(len(X))  # excess: 1 - y (w.x - b)
    start, steps = np.full(len(X), 0.5), 0
    centre = X[:: max(1, len(X) // 1000)].mean(axis=0)
    for width in WIDTHS:
        for step in range(STEPS_PER_WIDTH):
            active = start + excess / width
            part = np.clip(active, 0, 1)
            signed = signs * shares * part
            pull, push = signed @ X, signed.sum()
            gradient = 2 * regularization * w - pull
            infeasible = gradient @ gradient / (4 * regularization) + abs(push)
            dual = shares @ part - abs(push) - pull @ pull / (4 * regularization)
            gap = regularization * (w @ w) + shares @ np.maximum(excess, 0) - dual
            rows = np.flatnonzero((active > 0) & (active < 1))
            if (step and infeasible < GRADIENT_PART_OF_GAP * gap) or not len(rows):
                break
            found = _direction(X, shares / width, rows, centre, gradient, push, regularization)
            if found is None:
                return w, b, steps
            change, shift = found
            fall = signs * (X @ change - shift)
            ahead = 2 * regularization * np.array([w @ change, change @ change])
            length = _line_search(ahead, start, excess, fall, shares, width)
            w, b, excess, steps = w + length * change, b + length * shift, excess - length * fall, steps + 1
        start = part
    return w, b, steps


def _direction(
    X: Array, curvatures: Array, rows: Array, centre: Array, gradient: Array, push: float, regularization: float
) -> tuple[Array, float] | None:
    """Return Newton's step in w and b, with the Hessian of evenly spaced objects; None where it is singular."""
    every = -(-len(rows) // MAX_HESSIAN_OBJECTS)
    rows = rows[::every]
    weights = curvatures[rows] * every
    mean, hessian = weighted_scatter(X, weights, centre, rows)
    diagonal = np.diagonal(hessian)
    hessian[np.diag_indices_from(hessian)] = diagonal * (1 + DAMPING) + 2 * regularization
    try:
        change = cho_solve(cho_factor(hessian, overwrite_a=True), -gradient - push * mean)
    except (LinAlgError, ValueError):
        return None
    return change, float(mean @ change - push / weights.sum())


def _line_search(ahead: Array, start: Array, excess: Array, fall: Array, shares: Array, width: float) -> float:
    """Return a length of step at which the slope along it is nearly zero."""
    weighted = shares * fall

    def slope(length: float) -> float:
        return float(ahead[0] + length * ahead[1] - np.clip(start + (excess - length * fall) / width, 0, 1) @ weighted)

    return _zero(slope)


def _zero(slope: Callable[[float], float]) -> float:
    """Return about where an increasing function is zero, by regula falsi kept off the ends; at most so many trials."""
    low, below = 0.0, slope(0.0)
    if below >= 0:
        return 0.0
    enough, length, high, above = LINE_SEARCH_TOLERANCE * abs(below), 1.0, np.inf, np.inf
    for _ in range(MAX_LINE_SEARCH_TRIALS):
        value = slope(length)
        if abs(value) <= enough:
            break
        if value < 0:
            low, below = length, value
        else:
            high, above = length, value
        if high == np.inf:
            length *= 2
        else:
            share = min(max(-below / (above - below), 0.1), 0.9)
            length = low + share * (high - low)
    return length
