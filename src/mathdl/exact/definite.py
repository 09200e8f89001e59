"""Definiteness of symmetric matrices of whole numbers, and their largest eigenvalue from above."""

from __future__ import annotations

from fractions import Fraction
from math import frexp, inf, ldexp, nextafter

import numpy as np

from mathdl.exact.whole_numbers import nearest_float

Integers = list[list[int]]

NICE_BITS = 40  # bits of a guess that may be an exact eigenvalue
MAX_NICE_GUESS = 2.0**1000  # up to which a guess is rounded to them


def is_semidefinite(matrix: Integers) -> bool:
    """Tell whether a symmetric matrix has no negative eigenvalue."""
    work, last = np.array(matrix, dtype=object), 1
    while len(work):
        diagonal = work.diagonal()
        if (diagonal < 0).any():
            return False
        k = int(np.argmax(diagonal != 0))
        if not diagonal[k]:
            return not work.any()
        rest = np.delete(np.arange(len(work)), k)
        # Without fractions (Bareiss): what is left is a multiple, by a positive number, of the Schur complement.
        column = work[rest, k]
        work, last = (work[k, k] * work[np.ix_(rest, rest)] - np.outer(column, column)) // last, work[k, k]
    return True


def eigenvalue_bound(matrix: Integers, unit: Fraction, *, absolute: bool = False) -> float:
    """Return at least the largest eigenvalue of ``matrix`` times ``unit``, and hardly more; infinity beyond float64.

    It is at least 0, and the eigenvalue itself where that is a float of at most 40 bits. With ``absolute`` it bounds
    the size of negative eigenvalues, too.
    """
    bits = max(value.bit_length() for row in matrix for value in row)
    values = np.linalg.eigvalsh((np.array(matrix, dtype=object) / (1 << bits)).astype(np.float64))
    relative = max(float(values[-1]), -float(values[0]) if absolute else 0.0, 0.0)
    guess, more = nearest_float(Fraction(relative) * unit * (1 << bits)), 0.0
    mantissa, power = frexp(guess)
    nice = ldexp(round(ldexp(mantissa, NICE_BITS)), power - NICE_BITS) if 0 < guess < MAX_NICE_GUESS else guess
    candidate = min(nice, guess)
    while candidate < inf and not _bounds(Fraction(candidate) / unit, matrix, absolute):
        larger = max(guess * (1 + more), nextafter(candidate, inf))
        if candidate < nice < larger:
            candidate = nice
        else:
            candidate, more = larger, max(4 * more, 2.0**-52)
    return candidate


def _bounds(d: Fraction, matrix: Integers, absolute: bool) -> bool:
    """Tell whether no eigenvalue is above d, nor, if asked, below -d."""
    shift, below, count = d.numerator, d.denominator, range(len(matrix))
    return all(
        is_semidefinite([[shift * (i == j) - sign * below * matrix[i][j] for j in count] for i in count])
        for sign in ((1, -1) if absolute else (1,))
    )
