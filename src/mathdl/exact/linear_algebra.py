"""Exact linear algebra over the rationals, for matrices of whole numbers.

Small systems are eliminated without fractions (Bareiss). Larger ones are solved modulo a prime p and lifted to powers
of p (Dixon): with C = A^-1 mod p and r = b, every step finds the next digit x = C r mod p and goes on with
(r - A x) / p. The rational solution is read off the digits and returned only once A x = b holds exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import count
from math import isqrt
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = Sequence[Sequence[int]]
Array = NDArray[Any]

MAX_ELIMINATED_UNKNOWNS = 16  # unknowns up to which elimination without fractions is faster
FIRST_DIGITS = 16
DENOMINATOR_SLACK_BITS = 8  # bits by which a denominator has to stay below its bound


def solve(matrix: Integers, right: Integers) -> list[list[Fraction]] | None:
    """Solve A X = B for a square matrix of whole numbers and any number of columns B; None where A is singular."""
    n = len(matrix)
    if n <= MAX_ELIMINATED_UNKNOWNS:
        return _eliminate(matrix, right)
    bits = _bits(n)
    digits = _digits(matrix, bits, _length(matrix, bits))
    for p in _primes(bits):
        rows, columns, inverse = _reduce(_residues(digits, bits, p), p)
        if len(rows) == n:
            return _lift(matrix, right, digits, inverse, p)
        if _depends(matrix, rows, columns):
            return None
    raise AssertionError("there is no end of primes")


def independent_rows(matrix: Integers) -> list[int]:
    """Return the rows that do not depend on those before them.

    The choice is made modulo a prime: rows that are returned are independent for certain; one that is left out depends
    on them unless the prime is unlucky.
    """
    p = next(_primes(_bits(1)))
    residues = np.array([[value % p for value in row] for row in matrix], dtype=np.int64)
    return _reduce(residues.T, p)[1]


def _eliminate(matrix: Integers, right: Integers) -> list[list[Fraction]] | None:
    """Solve by elimination in whole numbers: every division is exact (Bareiss)."""
    rows = [[*left, *more] for left, more in zip(matrix, right, strict=True)]
    n, last = len(rows), 1
    for k in range(n):
        pivot = next((i for i in range(k, n) if rows[i][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        top, head = rows[k], rows[k][k]
        for i, row in enumerate(rows):
            if i != k:
                factor = row[k]
                # Columns before k are zero off the diagonal and are not looked at again.
                rows[i] = row[: k + 1] + [
                    (head * a - factor * b) // last for a, b in zip(row[k + 1 :], top[k + 1 :], strict=True)
                ]
        last = head
    return [[Fraction(value, last) for value in row[n:]] for row in rows]


def _lift(matrix: Integers, right: Integers, digits: Array, inverse: Array, p: int) -> list[list[Fraction]]:
    """Solve by lifting the solution modulo p; ``digits`` are those of the matrix in base 2^bits."""
    n, bits = len(matrix), _bits(len(matrix))
    rest = _digits(right, bits, max(_length(right, bits), len(digits) + 1) + 1)
    planes, inverse = digits.reshape(-1, n).astype(np.float64), inverse.astype(np.float64)
    inverse_of_p, wanted = pow(p, -1, 1 << bits), FIRST_DIGITS
    found: list[Array] = []
    while True:
        while len(found) < wanted:
            x = (inverse @ _residues(rest, bits, p).astype(np.float64)).astype(np.int64) % p
            found.append(x)
            product = (planes @ x.astype(np.float64)).astype(np.int64)
            rest[: len(digits)] -= product.reshape(len(digits), n, -1)
            _divide(rest, p, inverse_of_p, bits)
        solution = _rationals(found, p)
        if solution is not None and _solves(matrix, right, *solution):
            above, below = solution
            return [[Fraction(value, d) for value, d in zip(row, below, strict=True)] for row in above]
        wanted += wanted // 2


def _bits(n: int) -> int:
    """Return how many bits two numbers may have so that n of their products add up exactly in float64."""
    return (52 - n.bit_length()) // 2


def _primes(bits: int) -> Iterator[int]:
    """Yield primes below 2^bits, the largest first."""
    for p in count((1 << bits) - 1, -2):
        if all(p % q for q in range(3, isqrt(p) + 1, 2)):
            yield p


def _length(matrix: Integers, bits: int) -> int:
    """Return how many digits in base 2^bits hold every number and its sign."""
    return max((value.bit_length() for row in matrix for value in row), default=0) // bits + 1


def _digits(matrix: Integers, bits: int, size: int) -> Array:
    """Return the digits from low to high; all but the highest are from 0 to below the base."""
    values = np.array(matrix, dtype=object).reshape(len(matrix), -1)
    parts = [(values >> k * bits) & ((1 << bits) - 1) for k in range(size - 1)]
    return np.array([*parts, values >> (size - 1) * bits], dtype=object).astype(np.int64)


def _residues(digits: Array, bits: int, p: int) -> Array:
    """Return the numbers that have these digits, modulo p."""
    found, power = np.zeros(digits.shape[1:], dtype=np.int64), 1
    for digit in digits:
        found += digit % p * power % p
        power = (power << bits) % p
    return found % p


def _divide(digits: Array, p: int, inverse_of_p: int, bits: int) -> None:
    """Divide the numbers that have these digits by p, which divides them, in place."""
    mask, carry = (1 << bits) - 1, 0
    for digit in digits:
        value = digit + carry
        digit[...] = ((value & mask) * inverse_of_p) & mask
        carry = (value - digit * p) >> bits
    digits[-1] += carry // p << bits  # what is carried out of the top is 0, or -p where the quotient is negative


def _reduce(residues: Array, p: int) -> tuple[list[int], list[int], Array]:
    """Bring a matrix modulo p to reduced echelon form; return the pivots' rows and columns, and what did it.

    A column has a pivot where it does not depend on those before it. The last result is the inverse of an invertible
    matrix.
    """
    n, width = residues.shape
    work = np.hstack([residues, np.eye(n, dtype=np.int64)])
    order = list(range(n))
    columns: list[int] = []
    for j in range(width):
        k = len(columns)
        below = np.flatnonzero(work[k:, j])
        if len(below) == 0:
            continue
        i = k + int(below[0])
        work[[k, i]] = work[[i, k]]
        order[k], order[i] = order[i], order[k]
        work[k] = work[k] * pow(int(work[k, j]), -1, p) % p
        factors = work[:, j].copy()
        factors[k] = 0
        used = np.flatnonzero(factors)
        work[used, j:] = (work[used, j:] - factors[used, None] * work[k, j:]) % p
        columns.append(j)
    return order[: len(columns)], columns, work[:, width:]


def _depends(matrix: Integers, rows: list[int], columns: list[int]) -> bool:
    """Tell whether the first other column is a combination of ``columns``, so that the matrix is singular."""
    other = next(j for j in range(len(matrix)) if j not in set(columns))
    found = solve([[matrix[i][j] for j in columns] for i in rows], [[matrix[i][other]] for i in rows])
    if found is None:
        return False
    weights = [weight for (weight,) in found]
    return all(sum(map(mul, weights, (row[j] for j in columns))) == row[other] for row in matrix)


def _rationals(found: list[Array], p: int) -> tuple[list[list[int]], list[int]] | None:
    """Return numerators and one denominator a column that agree with digits in base p; None if more are needed."""
    digits, modulus, columns, denominators = np.array(found), p ** len(found), [], []
    bound = isqrt(modulus >> 1)
    for j in range(digits.shape[2]):
        # One value first: where its denominator is as large as it may be, there is nothing to be read off yet.
        probe = _denominator(_joined(digits[:, :1, j], p)[0], modulus, bound)
        if probe > bound >> DENOMINATOR_SLACK_BITS:
            return None
        below, parts = probe, []
        for value in _joined(digits[:, :, j], p):
            above = _around_zero(value * below % modulus, modulus)
            if abs(above) > bound:
                below *= (more := _denominator(above % modulus, modulus, bound))
                above = _around_zero(above * more % modulus, modulus)
            parts.append((above, below))
        if below > bound:
            return None
        columns.append([above * (below // part) for above, part in parts])
        denominators.append(below)
    return [list(row) for row in zip(*columns, strict=True)], denominators


def _joined(digits: Array, p: int) -> list[int]:
    """Return the numbers whose digits in base p, from low to high, are the columns."""
    values, power = digits.astype(object), p
    while len(values) > 1:
        if len(values) % 2:
            values = np.concatenate([values, 0 * values[:1]])
        values, power = values[::2] + values[1::2] * power, power * power
    return list(values[0])


def _around_zero(value: int, modulus: int) -> int:
    """Return a residue as the number nearest to zero."""
    return value - modulus if value > modulus >> 1 else value


def _denominator(value: int, modulus: int, bound: int) -> int:
    """Return the least d > 0 for which d times the value is at most the bound, modulo the modulus and up to sign."""
    a, b, s, t = modulus, value, 0, 1
    while b > bound:
        q = a // b
        a, b, s, t = b, a - q * b, t, s - q * t
    return abs(t)


def _solves(matrix: Integers, right: Integers, above: list[list[int]], below: list[int]) -> bool:
    """Tell whether A x = B holds for the solution above / below."""
    columns = list(zip(*above, strict=True))
    return all(
        all(sum(map(mul, row, x)) == value * d for x, value, d in zip(columns, values, below, strict=True))
        for row, values in zip(matrix, right, strict=True)
    )
