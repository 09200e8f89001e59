"""Slow and obvious exact answers about hulls of few points; nothing here comes from the package."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

Vector = list[Fraction]


def exact(points: Any) -> list[Vector]:
    """The same points in fractions."""
    return [[Fraction(value) for value in (point.tolist() if hasattr(point, "tolist") else point)] for point in points]


def number(text: str) -> Fraction:
    """The number that a certificate writes as a whole number, a fraction or a hexadecimal float."""
    if "p" in text:
        return Fraction(float.fromhex(text))
    above, _, below = text.partition("/")
    return Fraction(int(above, 0), int(below or "1", 0))


def inner(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def solve(matrix: list[Vector], right: Vector) -> Vector | None:
    """Gauss and Jordan in fractions; None where the matrix is singular."""
    rows = [[*map(Fraction, row), Fraction(value)] for row, value in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(len(rows)):
            if i != k:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def square_distance(A: Any, B: Any) -> Fraction:
    """The square of the distance of two hulls: the least one over all pairs of simplices of their points."""
    A, B = exact(A), exact(B)
    p, best = len(A[0]), None
    for count in range(2, p + 3):
        for first in range(1, count):
            for some in combinations(A, first):
                for others in combinations(B, count - first):
                    found = _between(some, others)
                    if found is not None and (best is None or found < best):
                        best = found
    assert best is not None
    return best


def _between(some: Sequence[Vector], others: Sequence[Vector]) -> Fraction | None:
    """The square of the distance of two affine hulls where it is taken with positive weights."""
    points = [*some, *([-x for x in point] for point in others)]
    signs = [(1, 0)] * len(some) + [(0, 1)] * len(others)
    matrix = [
        [*(inner(a, b) for b in points), Fraction(own[0]), Fraction(own[1])]
        for a, own in zip(points, signs, strict=True)
    ]
    matrix += [[*(Fraction(own[k]) for own in signs), Fraction(0), Fraction(0)] for k in (0, 1)]
    found = solve(matrix, [Fraction(0)] * len(points) + [Fraction(1), Fraction(1)])
    if found is None or min(found[:-2]) < 0:
        return None
    vector = [inner(found[:-2], column) for column in zip(*points, strict=True)]
    return inner(vector, vector)


def in_hull(point: Any, points: Any) -> bool:
    """Whether a point is in the hull of others."""
    return square_distance([point], points) == 0


def vertices(points: Any) -> set[tuple[Fraction, ...]]:
    """The points that are not in the hull of the others, equal points taken as one."""
    different = {tuple(point) for point in exact(points)}
    return {v for v in different if different == {v} or not in_hull(v, [u for u in different if u != v])}
