"""The soft margin in fractions: both values, and the minimum of small problems by trying every partition."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

Rational = Fraction | int | float


def value_at(X: Any, y: Any, shares: Any, regularization: Rational, w: Any, b: Rational) -> Fraction:
    """Equation (7.12) in fractions."""
    w, b = [Fraction(v) for v in w], Fraction(b)
    total = Fraction(regularization) * sum(v * v for v in w)
    for x, sign, share in zip(X, y, shares, strict=True):
        margin = sign * (sum(v * Fraction(f) for v, f in zip(w, x, strict=True)) - b)
        total += Fraction(share) * max(Fraction(0), 1 - margin)
    return total


def dual_at(X: Any, y: Any, regularization: Rational, a: Any) -> Fraction:
    """The dual objective in fractions."""
    a = [Fraction(v) for v in a]
    pull = [sum(v * int(s) * Fraction(x[j]) for v, s, x in zip(a, y, X, strict=True)) for j in range(len(X[0]))]
    return sum(a) - sum(v * v for v in pull) / (4 * Fraction(regularization))


def solved(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """Gauss's elimination; None where the matrix is singular."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [v / rows[k][k] for v in rows[k]]
        for i in range(len(rows)):
            if i != k:
                rows[i] = [v - rows[i][k] * u for v, u in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def exact_minimum(X: Any, y: Any, shares: Any, regularization: Rational) -> Fraction:
    """The least value over all candidates: each object is outside, on the edge, or inside with its whole share."""
    X, lam = [[Fraction(v) for v in x] for x in X], Fraction(regularization)
    y, shares = [int(s) for s in y], [Fraction(s) for s in shares]
    p, best = len(X[0]), None
    for places in product((0, 1, 2), repeat=len(X)):
        edge = [i for i, place in enumerate(places) if place == 1]
        pull = [sum(shares[i] * y[i] * X[i][j] for i, k in enumerate(places) if k == 2) for j in range(p)]
        push = sum(shares[i] * y[i] for i, k in enumerate(places) if k == 2)
        inner = [[sum(u * v for u, v in zip(X[i], X[k], strict=True)) * y[k] / (2 * lam) for k in edge] for i in edge]
        matrix = [[*row, Fraction(-1)] for row in inner] + [[Fraction(y[k]) for k in edge] + [Fraction(0)]]
        right = [y[i] - sum(u * v for u, v in zip(pull, X[i], strict=True)) / (2 * lam) for i in edge] + [
            Fraction(-push)
        ]
        found = solved(matrix, right) if edge else [Fraction(0)]
        if found is None:
            continue
        w = [
            (pull[j] + sum(a * y[i] * X[i][j] for a, i in zip(found, edge, strict=False))) / (2 * lam) for j in range(p)
        ]
        corners = [sum(u * v for u, v in zip(w, x, strict=True)) - s for x, s in zip(X, y, strict=True)]
        for b in [found[-1]] if edge else corners:
            value = value_at(X, y, shares, lam, w, b)
            best = value if best is None else min(best, value)
    assert best is not None
    return best
