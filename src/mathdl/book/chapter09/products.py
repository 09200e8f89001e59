"""Products of vectors and matrices, written out so that their operations can be counted."""

from __future__ import annotations

from typing import Any

import numpy as np


def dot(a: Any, b: Any) -> Any:
    """Return the scalar product: n products and n - 1 sums."""
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total


def product(a: Any, b: Any) -> Any:
    """Return the matrix product by (9.13): a scalar product for each entry."""
    return np.array([[dot(row, column) for column in np.transpose(b)] for row in a], dtype=object)


def strassen(a: Any, b: Any) -> Any:
    """Return the product of n x n matrices for n = 2^k by Strassen's seven products of half the size."""
    n = len(a)
    if n == 1:
        return a * b
    (p, q), (r, s) = quarters(a)
    (t, u), (v, w) = quarters(b)
    m1, m2 = strassen(p + s, t + w), strassen(r + s, t)
    m3, m4 = strassen(p, u - w), strassen(s, v - t)
    m5, m6, m7 = strassen(p + q, w), strassen(r - p, t + u), strassen(q - s, v + w)
    return np.block([[m1 + m4 - m5 + m7, m3 + m5], [m2 + m4, m1 - m2 + m3 + m6]])


def quarters(a: Any) -> Any:
    """Return the four blocks of a matrix of even size."""
    half = len(a) // 2
    return (a[:half, :half], a[:half, half:]), (a[half:, :half], a[half:, half:])


def sparse_product(rows: list[dict[int, Any]], u: Any) -> list[Any]:
    """Return M u for a matrix whose rows hold their non-zero entries by column."""
    result = []
    for row in rows:
        terms = [entry * u[column] for column, entry in row.items()]
        result.append(sum(terms[1:], terms[0]) if terms else 0)
    return result
