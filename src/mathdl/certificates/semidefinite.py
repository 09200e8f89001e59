"""Whether a symmetric matrix of rationals has a negative eigenvalue."""

from __future__ import annotations

from fractions import Fraction

from mathdl.certificates.limits import afford
from mathdl.certificates.rationals import scaled

Matrix = list[list[Fraction]]


def shifted(matrix: Matrix, shift: Fraction, sign: int) -> Matrix:
    """Return shift I + sign times the matrix."""
    return [[shift * (i == j) + sign * value for j, value in enumerate(row)] for i, row in enumerate(matrix)]


def is_semidefinite(matrix: Matrix) -> bool:
    """Tell whether a symmetric matrix has no negative eigenvalue: eliminate, by diagonal pivots, without fractions."""
    n = len(matrix)
    flat, _ = scaled(value for row in matrix for value in row)
    # Minors of order k are k times as long as the entries, and products take time by nearly the square.
    bits = max(map(int.bit_length, flat), default=0)
    afford(n**3 // 3 * (1 + (n * bits // 2000) ** 2 // 2))
    rows, last = [flat[i * n : (i + 1) * n] for i in range(n)], 1
    while rows:
        k = next((k for k, row in enumerate(rows) if row[k]), None)
        if k is None:
            return not any(map(any, rows))
        top, head = rows.pop(k), 0
        head = top.pop(k)
        if head < 0:
            return False
        factors = [row.pop(k) for row in rows]
        rows = [
            [(head * v - f * t) // last for v, t in zip(row, top, strict=True)]
            for row, f in zip(rows, factors, strict=True)
        ]
        last = head
    return True
