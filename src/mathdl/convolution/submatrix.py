"""The parts of a matrix that a kernel meets (Definition 10.1.5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.checks import require_at_least, require_unmasked
from mathdl.convolution.arrays import Array
from mathdl.errors import InputError


def submatrix(A: Any, i: int, j: int, size: int) -> Array:
    """Return A[i, j; D], the D x D part of a matrix whose top left entry is a_ij, counted from 1 as in the book.

    Parameters
    ----------
    A : array-like of shape (N, M)
        The matrix.
    i, j : int
        Row and column of the top left entry, from 1 to N - D + 1 and from 1 to M - D + 1.
    size : int
        D, at least 1 and at most N and M.

    Returns
    -------
    ndarray of shape (D, D)
        A view of the matrix where it is an array.

    Raises
    ------
    InputError
        If A is no matrix, or has no such part.

    Examples
    --------
    >>> from mathdl import submatrix
    >>> submatrix([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 2, 1, 2)
    array([[4, 5],
           [7, 8]])
    """
    require_unmasked("A", A)
    try:
        matrix = np.asarray(A)
    except ValueError:
        raise InputError("A has rows of different lengths; give a matrix.") from None
    if matrix.ndim != 2 or not matrix.size:
        raise InputError(f"A has shape {matrix.shape}; give a matrix with some entries.")
    require_at_least("size", size, 1, min(matrix.shape))
    for name, place, length in zip("ij", (i, j), matrix.shape, strict=True):
        require_at_least(name, place, 1, length - size + 1)
    return matrix[i - 1 : i - 1 + size, j - 1 : j - 1 + size]
