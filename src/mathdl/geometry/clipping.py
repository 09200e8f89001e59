"""Clipping a convex polygon by another one, exactly (Sutherland and Hodgman)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul

Point = list[Fraction]
Side = tuple[Point, Fraction]  # w and b of w.x <= b


def clipped(polygon: Sequence[Point], other: Sequence[Point]) -> list[Point]:
    """Return points whose hull is what two hulls have in common; both are given by vertices, counterclockwise."""
    found = list(polygon)
    for normal, offset in _sides(other):
        heights = [sum(map(mul, normal, point)) - offset for point in found]
        kept: list[Point] = []
        for k, (point, height) in enumerate(zip(found, heights, strict=True)):
            before, former = found[k - 1], heights[k - 1]
            if former * height < 0:
                part = former / (former - height)
                kept.append([x + part * (y - x) for x, y in zip(before, point, strict=True)])
            if height <= 0:
                kept.append(point)
        found = kept
    return found


def _sides(corners: Sequence[Point]) -> list[Side]:
    """Return half-planes whose intersection is the hull of corners; of one point or a segment, too."""
    if len(corners) == 1:
        (x, y), one, zero = corners[0], Fraction(1), Fraction(0)
        return [([one, zero], x), ([-one, zero], -x), ([zero, one], y), ([zero, -one], -y)]
    found = []
    for k, end in enumerate(corners):  # of a segment, there and back
        start = corners[k - 1]
        along = [end[0] - start[0], end[1] - start[1]]
        outwards = [along[1], -along[0]]
        found.append((outwards, sum(map(mul, outwards, start), Fraction(0))))
        if len(corners) == 2:
            found.append((along, sum(map(mul, along, end), Fraction(0))))
    return found
