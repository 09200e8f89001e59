"""Coordinates in which floating point sees all directions of points: an exact change of coordinates.

Whether two hulls meet does not depend on the coordinates. Where columns nearly depend on one another, as powers of one
feature do, each is replaced by what the others leave of it (Gram and Schmidt, with coefficients rounded to binary
fractions, so that it is exact and can be undone), and scaled by a power of two. Columns of which floating point sees
too little are left to a next pass.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from mathdl.exact.whole_numbers import relative

MAX_PASSES = 8  # chosen: one more makes visible what the last one left
COEFFICIENT_BITS = 45  # after the point: coefficients of about 1 are exact as float64
VISIBLE_PART = 1e-8  # of the largest column: what is left of one, of which floating point knows half of the digits


def conditioned(rows: list[list[int]]) -> tuple[list[list[int]], NDArray[Any]]:
    """Return points in other coordinates, and the invertible matrix T of integers with new = old T."""
    points = np.array(rows, dtype=object)
    total = np.array([[int(i == j) for j in range(points.shape[1])] for i in range(points.shape[1])], dtype=object)
    for _ in range(MAX_PASSES):
        matrix, rank = _orthogonalising(relative(points.tolist()))
        moved = points @ matrix
        spreads = [max(value.bit_length() for value in column) for column in (moved - moved[0]).T]
        factors = np.array([1 << max(spreads) - spread if spread else 1 for spread in spreads], dtype=object)
        points, total = moved * factors, (total @ matrix) * factors
        if rank >= min(len(rows) - 1, sum(map(bool, spreads))):
            break
    return points.tolist(), total


def _orthogonalising(X: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Return an invertible matrix of integers that makes columns nearly orthogonal, and how many were visible."""
    p = X.shape[1]
    triangle, order = qr(X, mode="r", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    rank = int((sizes > VISIBLE_PART * sizes[0]).sum())
    coefficients = np.eye(p)
    coefficients[:rank, :rank] = np.linalg.solve(triangle[:rank, :rank], np.diag(np.diag(triangle)[:rank]))
    coefficients[:rank, rank:] = -np.linalg.solve(triangle[:rank, :rank], triangle[:rank, rank:])
    whole = np.rint(np.ldexp(np.triu(coefficients), COEFFICIENT_BITS)).tolist()
    matrix = np.empty((p, p), dtype=object)
    matrix[np.ix_(order, order)] = [[int(value) for value in row] for row in whole]
    return matrix, rank
