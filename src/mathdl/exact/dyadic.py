"""Binary floating-point numbers as what they are: whole numbers times powers of two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def integers(X: NDArray[np.float64]) -> tuple[list[list[int]], list[int]]:
    """Return whole numbers m and one exponent e a column with X[i, j] = m[i][j] 2^e[j]."""
    mantissas, exponents = np.frexp(X)
    wholes = np.ldexp(mantissas, 53).astype(np.int64)
    # Without the zeros at its end, the number is odd.
    ends = np.where(wholes == 0, 0, np.log2((wholes & -wholes).astype(np.float64) + (wholes == 0)))
    exponents = exponents.astype(np.int64) - 53 + ends.astype(np.int64)
    wholes >>= ends.astype(np.int64)
    least = np.where(wholes == 0, np.iinfo(np.int64).max, exponents).min(axis=0, initial=np.iinfo(np.int64).max)
    least = np.where((wholes != 0).any(axis=0), least, 0)
    shifts = np.where(wholes == 0, 0, exponents - least)
    rows: list[list[int]] = (wholes.astype(object) << shifts.astype(object)).tolist()
    return rows, least.tolist()


def aligned(rows: list[list[int]], exponents: list[int]) -> tuple[list[list[int]], int]:
    """Return the same numbers as whole numbers times one power of two, and its exponent."""
    least = min(exponents)
    shifts = [exponent - least for exponent in exponents]
    return [[value << shift for value, shift in zip(row, shifts, strict=True)] for row in rows], least


def balanced(X: NDArray[np.float64]) -> tuple[list[list[int]], list[int]]:
    """Return whole numbers m and exponents e with X[i, j] = m[i][j] 2^e[j] and columns that spread equally far.

    The largest distances from the first row have as many bits in every column that is not constant.
    """
    rows, exponents = integers(X)
    first = rows[0]
    spreads = [
        max((value - start).bit_length() for value in column)
        for start, column in zip(first, zip(*rows, strict=True), strict=True)
    ]
    shifts = [max(spreads) - spread if spread else 0 for spread in spreads]
    shifted = [[value << shift for value, shift in zip(row, shifts, strict=True)] for row in rows]
    return shifted, [exponent - shift for exponent, shift in zip(exponents, shifts, strict=True)]
