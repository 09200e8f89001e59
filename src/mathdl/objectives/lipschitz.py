"""Lipschitz constants of gradients: bounds from above that hold in spite of rounding.

The Hessian of a linear model's loss is at most curvature times G + 2 lambda I, with G the sum of the objects' shares of
x x^T. Where whole numbers are cheap this matrix is exact, and so is the proof that d is no smaller than its largest
eigenvalue. Elsewhere the errors of a sum and of Cholesky's factorisation are bounded.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf, nextafter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.definite import eigenvalue_bound, is_semidefinite
from mathdl.exact.dyadic import aligned, integers
from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.objectives.exact_loss import ExactLoss

if TYPE_CHECKING:
    from mathdl.objectives.linear_model_loss import LinearModelLoss

Array = NDArray[Any]

CHEAP = 10**6  # products of whole numbers
NARROW = 32  # parameters
TIED = 64  # objects nearly as long as the longest, up to which their lengths are compared exactly
EPSILON = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)


def lipschitz_of_loss(loss: LinearModelLoss) -> float | None:
    """Return d for a linear model's loss; None where no float is large enough."""
    N, p = loss.X.shape
    if loss.is_small:
        return _finite(eigenvalue_bound(*ExactLoss(loss).hessian(curvature=loss.curvature)))
    X = loss.X.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        weighted = X * loss.shares[:, None]
        G = weighted.T @ X
        # A sum of N products, each rounded a few times, is off by at most this part of the sum of their sizes.
        rounding = 2 * (N + 8) * EPSILON * float(np.trace(G)) + N * p * TINY
        if not np.isfinite(G).all():
            return None
        d = loss.curvature * (_eigenvalue_from_above((G + G.T) / 2) + rounding) + 2 * loss.regularization
    return _finite(d * (1 + 8 * EPSILON))


def lipschitz_of_objects(loss: LinearModelLoss) -> float | None:
    """Return the largest Lipschitz constant of the gradient of one object's loss; None where it is no float."""
    N, p = loss.X.shape
    weights = np.ones(N) if loss.sample_weight is None else loss.sample_weight
    X = loss.X.astype(np.float64)
    with np.errstate(over="ignore"):
        squares = weights * np.einsum("ij,ij->i", X, X)
    allowed = 2 * (p + 8) * EPSILON
    longest = squares.max()
    near = np.flatnonzero(squares >= longest * (1 - allowed) - TINY * p)
    if longest < np.inf and len(near) > TIED:
        scale = float(np.mean(weights)) * (1 - 2 * (N + 8) * EPSILON)
        d = loss.curvature * (longest * (1 + allowed) + p * TINY) / scale + 2 * loss.regularization
        return _finite(float(d) * (1 + 8 * EPSILON))
    most = max(Fraction(float(weights[i])) * sum(Fraction(v) ** 2 for v in X[i].tolist()) for i in near)
    shares, below = over_one_denominator(weights.tolist())
    mean = Fraction(sum(shares), below * N)
    return _finite(rounded_up(Fraction(loss.curvature) * most / mean + 2 * Fraction(loss.regularization)))


def lipschitz_of_matrix(Q: Array) -> float | None:
    """Return the largest size of an eigenvalue of a symmetric matrix, or hardly more; None where it is no float."""
    if len(Q) <= NARROW:
        rows, exponent = aligned(*integers(Q))
        return _finite(eigenvalue_bound(rows, Fraction(2) ** exponent, absolute=True))
    return _finite(max(_eigenvalue_from_above(Q), _eigenvalue_from_above(-Q)))


def is_convex(Q: Array) -> bool:
    """Tell whether a symmetric matrix is known to have no negative eigenvalue.

    Of one that is too large for exact arithmetic and has an eigenvalue near 0 it is not known.
    """
    if (Q.diagonal() < 0).any():
        return False
    if len(Q) <= 2 * NARROW:
        return is_semidefinite(aligned(*integers(Q))[0])
    shift = len(Q) * _cholesky_error(Q)
    return _factors(Q - shift * np.eye(len(Q)))


def rounded_up(number: Fraction) -> float:
    """Return the least float that is not below a number."""
    try:
        nearest = float(number)
    except OverflowError:
        return inf
    return nearest if Fraction(nearest) >= number else nextafter(nearest, inf)


def _eigenvalue_from_above(matrix: Array) -> float:
    """Return at least the largest eigenvalue: above it, by the error allowed for, Cholesky's factorisation succeeds."""
    guess = max(float(np.linalg.eigvalsh(matrix)[-1]), 0.0)
    error = _cholesky_error(matrix) + len(matrix) * EPSILON * guess
    more = error
    while np.isfinite(guess + more) and not _factors((guess + more) * np.eye(len(matrix)) - matrix):
        more *= 2
    return guess + more + 2 * len(matrix) * error


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


def _finite(number: float) -> float | None:
    """Return a number, or None where it is infinite."""
    return number if number < inf else None
