"""Columns of exact numbers, each as whole numbers times a unit: targets, and Chebyshev polynomials of features."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb, gcd
from operator import mul

from mathdl.certificates.data import Data
from mathdl.certificates.limits import afford, afford_bits
from mathdl.certificates.rationals import Refused, dot, scaled

Columns = list[tuple[list[int], Fraction]]


def targets(data: Data) -> Columns:
    """Return the columns of y, which has one number for each object or several."""
    rows = [label if isinstance(label, list) else [label] for label in data.labels or [[]]]
    if not all(len(row) == len(rows[0]) > 0 and not any(isinstance(v, str) for v in row) for row in rows):
        raise Refused("the targets are not numbers, as many for each object")
    columns = [scaled(column) for column in zip(*rows, strict=True)]
    return [(values, Fraction(1, below)) for values, below in columns]


def products(data: Data, centres: Sequence[Fraction], scales: Sequence[Fraction], degree: int) -> Columns:
    """Return T_a(u_1) T_b(u_2)..., 1 <= a + b + ... <= degree, in graded order, with u = (x - centre) / scale."""
    if min(scales) <= 0:
        raise Refused("a scale is not positive")
    rows, below = data.integers
    chains, found = [], []
    for column, centre, scale in zip(zip(*rows, strict=True), centres, scales, strict=True):
        (shift, size), common = scaled([centre, scale])
        above, q = [value * common - shift * below for value in column], size * below
        divisor = gcd(q, *above)
        u, q = [value // divisor for value in above], q // divisor
        bits = max(q, *map(abs, u)).bit_length()
        afford_bits(degree * bits * data.count * comb(data.features + degree, degree))
        chain = [[1] * data.count, u]
        for _ in range(degree - 1):  # q^k T_k(u / q) are whole numbers
            chain.append([2 * v * a - q * q * b for v, a, b in zip(u, chain[-1], chain[-2], strict=True)])
        chains.append((chain, q))
    for total in range(1, degree + 1):
        for term in combinations_with_replacement(range(data.features), total):
            values, unit = [1] * data.count, Fraction(1)
            for j in set(term):
                (chain, q), power = chains[j], term.count(j)
                values, unit = list(map(mul, values, chain[power])), unit / q**power
            divisor = gcd(*values) or 1
            found.append(([value // divisor for value in values], unit * divisor))
    return found


def covariances(columns: Columns, data: Data) -> tuple[list[int], list[list[int]]]:
    """Return weighted sums, and covariances times the total weight squared, in units of the columns."""
    afford((data.count // 10 + 1) * len(columns) ** 2)
    shares, total = data.shares
    weighted = [list(map(mul, shares, values)) for values, _ in columns]
    sums, found = [sum(values) for values in weighted], [[0] * len(columns) for _ in columns]
    for i, values in enumerate(weighted):
        for j in range(i + 1):
            found[i][j] = found[j][i] = total * dot(values, columns[j][0]) - sums[i] * sums[j]
    return sums, found
