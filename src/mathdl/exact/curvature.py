"""Bounds on eigenvalues that hold in spite of rounding: how curved a function is, and whether it is convex.

The Hessian of a linear model's loss is at most curvature times G + 2 lambda I, with G the sum of the objects' shares of
x x^T. Where whole numbers are cheap ``definite.py`` bounds its eigenvalues. Here the errors of a sum and of Cholesky's
factorisation are bounded.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf, nextafter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.whole_numbers import nearest_float, over_one_denominator

Array = NDArray[Any]

MAX_EXACT_LENGTHS = 64  # objects nearly as long as the longest, up to which lengths are compared exactly (chosen)
EPSILON = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)


def mean_curvature(X: Array, shares: Array, curvature: float, regularization: float) -> float:
    """Return at least the largest eigenvalue of curvature G + 2 lambda I; infinity where no float is large enough."""
    N, p = X.shape
    X = X.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        G = (X * shares[:, None]).T @ X
        # A sum of N products, each rounded a few times, is off by at most this part of the sum of their sizes.
        rounding = 2 * (N + 8) * EPSILON * float(np.trace(G)) + N * p * TINY
        if not np.isfinite(G).all():
            return inf
        d = curvature * (eigenvalue_from_above((G + G.T) / 2) + rounding) + 2 * regularization
    return float(d) * (1 + 8 * EPSILON)


def largest_curvature(X: Array, weights: Array, curvature: float, regularization: float) -> float:
    """Return at least the largest curvature w |x|^2 / mean(w) + 2 lambda of an object; infinity beyond floats."""
    N, p = X.shape
    X = X.astype(np.float64)
    with np.errstate(over="ignore"):
        squares = weights * np.einsum("ij,ij->i", X, X)
    allowed = 2 * (p + 8) * EPSILON
    longest = squares.max()
    candidates = np.flatnonzero(squares >= longest * (1 - allowed) - TINY * p)
    if longest < np.inf and len(candidates) > MAX_EXACT_LENGTHS:
        scale = float(np.mean(weights)) * (1 - 2 * (N + 8) * EPSILON)
        d = curvature * (longest * (1 + allowed) + p * TINY) / scale + 2 * regularization
        return float(d) * (1 + 8 * EPSILON)
    most = max(Fraction(float(weights[i])) * sum(Fraction(v) ** 2 for v in X[i].tolist()) for i in candidates)
    shares, denominator = over_one_denominator(weights.tolist())
    mean = Fraction(sum(shares), denominator * N)
    return rounded_up(Fraction(curvature) * most / mean + 2 * Fraction(regularization))


def is_surely_semidefinite(Q: Array) -> bool:
    """Tell whether a symmetric matrix is shown to have no negative eigenvalue; near 0 that is not known."""
    shift = len(Q) * _cholesky_error(Q)
    return _factors(Q - shift * np.eye(len(Q)))


def eigenvalue_from_above(matrix: Array) -> float:
    """Return at least the largest eigenvalue: above it, by the error allowed for, Cholesky's factorisation succeeds."""
    guess = max(float(np.linalg.eigvalsh(matrix)[-1]), 0.0)
    error = _cholesky_error(matrix) + len(matrix) * EPSILON * guess
    more = error
    while np.isfinite(guess + more) and not _factors((guess + more) * np.eye(len(matrix)) - matrix):
        more *= 2
    return guess + more + 2 * len(matrix) * error


def rounded_up(number: Fraction) -> float:
    """Return the least float that is not below a number."""
    nearest = nearest_float(number)
    return nearest if nearest == inf or Fraction(nearest) >= number else nextafter(nearest, inf)


def _cholesky_error(matrix: Array) -> float:
    """Return by how much a matrix that can be factorised may be indefinite, per number on its diagonal."""
    return 2 * (len(matrix) + 4) * EPSILON * float(np.abs(matrix).max()) + len(matrix) * TINY


def _factors(matrix: Array) -> bool:
    """Tell whether Cholesky's factorisation runs to its end in floating point."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True
