"""Which polygons of a tiling have a part of an edge in common, exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from mathdl.piecewise.splitting import Line, meeting

Point = tuple[Fraction, Fraction]


class SharedEdge(NamedTuple):
    """Two polygons, by their numbers, and the ends of what they share."""

    first: int
    second: int
    start: Point
    end: Point


class Side(NamedTuple):
    """Where an edge begins and ends on its line, whose edge it is, and its ends."""

    low: Fraction
    high: Fraction
    number: int
    first: Point
    last: Point


def shared_edges(polygons: Sequence[Sequence[Line]]) -> list[SharedEdge]:
    """Return what every two polygons share that is longer than a point; corners go round counter-clockwise."""
    lines: dict[Line, tuple[list[Side], list[Side]]] = defaultdict(lambda: ([], []))
    for number, polygon in enumerate(polygons):
        for k, end in enumerate(polygon):
            start = polygon[k - 1]
            line = meeting(start, end)
            ends = [point(start), point(end)]
            along = [s if line[1] else t for s, t in ends]
            way = int(along[0] > along[1])
            (low, first), (high, last) = sorted(zip(along, ends, strict=True))
            lines[max(line, (-line[0], -line[1], -line[2]))][way].append(Side(low, high, number, first, last))
    found = []
    for left, right in lines.values():
        left.sort()
        right.sort()
        i = j = 0
        while i < len(left) and j < len(right):
            one, other = left[i], right[j]
            begin = max(one, other, key=lambda side: side.low)
            until = min(one, other, key=lambda side: side.high)
            if begin.low < until.high:
                pair = min(one.number, other.number), max(one.number, other.number)
                found.append(SharedEdge(*pair, begin.first, until.last))
            i, j = (i + 1, j) if one.high <= other.high else (i, j + 1)
    return sorted(found)


def point(corner: Line) -> Point:
    """Return a corner as fractions."""
    x, y, w = corner
    return Fraction(x, w), Fraction(y, w)
