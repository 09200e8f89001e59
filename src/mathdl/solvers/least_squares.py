"""Linear least squares in floating point.

Problem: minimise the weighted sum of |y_i - B^T x_i - c|^2 over all matrices B and vectors c (equation (6.2) for an
affine model). Where many B do, the shortest is taken for each column of y.
Given: the matrix X of the x_i, the matrix Y of the y_i, and weights of the objects.
Result: B, c and the rank of the centred columns of X.
Stopping: nothing iterates. Columns are centred and scaled by powers of two, so that no square overflows; a QR
decomposition of all columns at once leaves a small triangle, and a second one, with pivoting, decides its rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

from mathdl.blas import one_thread

Array = NDArray[Any]

MIN_RECIPROCAL_CONDITION = 1e-10  # of normal equations, down to which a step leaves a millionth of the error
REFINEMENT_STEPS = 2  # of refinement
BLOCK_OBJECTS = 2048  # objects decomposed at a time
MAX_TRIANGLE_NUMBERS = 2**20  # of the triangles of blocks, before they are made one; chosen: 8 MB
DEPENDENCE_TOLERANCE = 64 * np.finfo(np.float64).eps  # of a column's length: what is left of it that counts as rounding


@dataclass(frozen=True)
class Solution:
    """A minimiser, of shapes (p, m) and (m,); with a rank below p there are many. Infinite where beyond float64."""

    coef: Array
    intercept: Array
    rank: int


def least_squares(X: Array, Y: Array, weights: Array | None = None) -> Solution:
    """Fit affine functions to finite float64 numbers; the weights are positive."""
    p = X.shape[1]
    with one_thread():
        triangle, centre, exponents = _triangle(X, Y, weights)
        coef, rank = _solve(triangle[1:, 1 : p + 1], triangle[1:, p + 1 :], exponents[:p])
        intercept = centre[p:] - centre[:p] @ coef
        # So far in units of 2^exponent, for each column of X and Y.
        with np.errstate(over="ignore"):
            coef = np.ldexp(coef, exponents[p:] - exponents[:p, None])
            return Solution(coef, np.ldexp(intercept, exponents[p:]), rank)


def refine(X: Array, Y: Array, weights: Array | None, coef: Array, intercept: Array) -> tuple[Array, Array]:
    """Refine a unique minimiser by Newton steps whose residuals are computed with the digits of numpy.longdouble.

    The numbers of X have sizes around 1: no scaling takes place. Where the normal equations are too ill-conditioned for
    steps to converge, the minimiser is returned as given.
    """
    X = np.hstack([np.ones((len(X), 1)), X])
    weighted = X if weights is None else X * (weights / weights.max())[:, None]
    solution = np.vstack([intercept, coef]).astype(np.longdouble)
    with one_thread():
        normal = X.astype(np.float64).T @ weighted.astype(np.float64)
        sizes = np.linalg.eigvalsh(normal)
        if sizes[0] > MIN_RECIPROCAL_CONDITION * sizes[-1]:
            for _ in range(REFINEMENT_STEPS):
                gradient = (weighted.T @ (Y - X @ solution)).astype(np.float64)
                solution = solution + np.linalg.solve(normal, gradient)
    return solution[1:], solution[0]


def _triangle(X: Array, Y: Array, weights: Array | None) -> tuple[Array, Array, Array]:
    """Return the triangle of a QR decomposition of a column of ones and the columns of X and Y, as they were scaled.

    Its first row holds sums of the columns, so all other rows are about centred ones. With it come the columns' means
    and exponents: a unit is 2^exponent.
    """
    weights = np.ones(len(X)) if weights is None else weights / weights.max()
    low, high = np.hstack([X.min(axis=0), Y.min(axis=0)]), np.hstack([X.max(axis=0), Y.max(axis=0)])
    first = _exponents(np.maximum(high, -low))
    scale = np.ldexp(1.0, -first)
    blocks = [slice(start, start + BLOCK_OBJECTS) for start in range(0, len(X), BLOCK_OBJECTS)]
    total = np.sum([weights[rows] @ (np.hstack([X[rows], Y[rows]]) * scale) for rows in blocks], axis=0)
    # Within the column's range, so that a constant column becomes zero.
    centre = np.clip(total / weights.sum(), low * scale, high * scale)
    second = _exponents(np.maximum(high * scale - centre, centre - low * scale))
    triangles: list[Array] = []
    for rows in blocks:
        shifted = np.hstack([X[rows], Y[rows]]) * scale - centre
        block = np.hstack([np.ones((len(shifted), 1)), np.ldexp(shifted, -second)]) * np.sqrt(weights[rows, None])
        triangles.append(np.asarray(np.linalg.qr(block, mode="r")))
        if len(triangles) > 1 and len(triangles) * triangles[0].size > MAX_TRIANGLE_NUMBERS:
            triangles = [np.asarray(np.linalg.qr(np.vstack(triangles), mode="r"))]
    triangle: Array = np.asarray(np.linalg.qr(np.vstack(triangles), mode="r"))
    return triangle, np.ldexp(centre, -second) + triangle[0, 1:] / triangle[0, 0], first + second


def _exponents(sizes: Array) -> Array:
    """Return exponents of two around the sizes, none so far from 0 that the power would leave float64."""
    return np.frexp(sizes)[1].clip(-1000, 1000)


def _solve(triangle: Array, right: Array, exponents: Array) -> tuple[Array, int]:
    """Return x that minimises |triangle @ x - right|, with the shortest 2^-exponents x, and the rank."""
    lengths = np.linalg.norm(triangle, axis=0)
    lengths[lengths == 0] = 1.0
    q, r, order = qr(triangle / lengths, mode="economic", pivoting=True)
    rank = int(np.count_nonzero(np.abs(np.diag(r)) > DEPENDENCE_TOLERANCE))
    solution = np.zeros((len(lengths), right.shape[1]))
    if rank:
        independent, dependent = order[:rank], order[rank:]
        inverse = solve_triangular(r[:rank, :rank], np.eye(rank))
        basic = solve_triangular(r[:rank, :rank], (q.T @ right)[:rank])
        # Dependent columns as combinations of the others, without what may be rounding, which a column much larger
        # than another would blow up. It counts again where the others make up for what dependent columns take.
        shares = inverse @ r[:rank, rank:]
        clean = np.where(np.abs(shares) > DEPENDENCE_TOLERANCE * np.linalg.norm(inverse), shares, 0.0)
        # Units around 1, and no further apart than quotients of float64 can be.
        middle = (exponents.max() + exponents.min()) // 2
        sizes = np.ldexp(lengths, (exponents - middle).clip(-500, 500))[order, None]
        clean = clean * sizes[rank:, 0] / sizes[:rank]
        solution[dependent] = sizes[rank:] * _shortest_regularised(clean, basic / sizes[:rank])
        solution[independent] = basic - shares @ solution[dependent]
    return solution / lengths[:, None], rank


def _shortest_regularised(shares: Array, basic: Array) -> Array:
    """Minimise |basic - shares @ x|^2 + |x|^2.

    Rows may differ in size by any factor: sorted by size, with pivoting, each is met with its own precision.
    """
    matrix = np.vstack([shares, np.eye(shares.shape[1])])
    order = np.argsort(-np.abs(matrix).max(axis=1, initial=0.0), kind="stable")
    q, r, pivots = qr(matrix[order], mode="economic", pivoting=True)
    solution = np.empty((shares.shape[1], basic.shape[1]))
    solution[pivots] = solve_triangular(r, q.T @ np.vstack([basic, np.zeros_like(solution)])[order])
    return solution
