"""The fewest segments of a continuous, piecewise affine function between two curves, and points that need as many.

Lines are points (slope, height) of a plane, in which each bound is a half-plane, so that the lines between the curves
on an interval are a convex polygon. It is cut until it is empty: as far as that one segment reaches (Suri's greedy
rule for paths with the fewest links; Imai and Iri for functions).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MOVES = 8  # chosen: three points are best after two or three
Reals = NDArray[np.float64]
Lines = list[tuple[float, float]]


class Polyline(NamedTuple):
    """A continuous, piecewise affine function of one variable: its knots, the ends among them, and its slopes."""

    knots: Reals
    slopes: Reals
    start: float

    def shifted_neurons(self) -> list[tuple[float, float]]:
        """Return t and c of the sum of c ReLU(x - t), which from the first knot on is the function less its start."""
        jumps = np.diff(self.slopes, prepend=0.0).tolist()
        return [(t, c) for t, c in zip(self.knots.tolist(), jumps, strict=False) if c]


def fewest_segments(x: Reals, low: Reals, high: Reals) -> Polyline:
    """Return a function of as few segments as there are with low <= function <= high at the points x, in order."""
    points, bounds = x.tolist(), [low.tolist(), high.tolist()]
    lines: list[tuple[float, float, float]] = []  # each as origin, slope, height
    floor_from = ceiling_from = 0
    while True:
        origin = points[max(floor_from, ceiling_from)]  # where both bounds count
        polygon, end = _reach(points, bounds, (floor_from, ceiling_from), origin)
        if end == len(points):
            middle = np.mean(polygon, axis=0)
            lines.append((origin, float(middle[0]), float(middle[1])))
            return _joined(points, lines)
        ahead = points[end] - origin
        lowest = min(polygon, key=lambda line: line[0] * ahead + line[1])
        highest = max(polygon, key=lambda line: line[0] * ahead + line[1])
        over, under = lowest[0] * ahead + lowest[1] - bounds[1][end], bounds[0][end] - highest[0] * ahead - highest[1]
        above = over > under
        slope, height = lowest if above else highest
        lines.append((origin, slope, height))
        # The line leaves at one side; it last touched the other one where that is nearest. From there on the next line
        # may cross it, and up to the crossing it keeps within the side at which this one leaves by itself.
        first = floor_from if above else ceiling_from
        gaps = slope * (x[first:end] - origin) + height
        gaps = gaps - low[first:end] if above else high[first:end] - gaps
        touched = first + len(gaps) - 1 - int(np.argmin(gaps[::-1]))
        floor_from, ceiling_from = (touched, end - 1) if above else (end - 1, touched)


def missed_triples(x: Reals, y: Reals, error: float) -> list[tuple[int, int, int]]:
    """Return triples of places, each from where the one before ends, on which no line is as near to y as the error."""
    points, found, first = x.tolist(), list[tuple[int, int, int]](), 0
    bounds = [(y - error).tolist(), (y + error).tolist()]
    while first < len(points) - 1:
        _, end = _reach(points, bounds, (first, first), points[first])
        triple = None
        while triple is None:
            if end >= len(points):
                return found
            triple = _triple(x[first : end + 1], y[first : end + 1], error)
            end += 1
        found.append((first + triple[0], first + triple[1], end - 1))
        first = end - 1
    return found


def _triple(x: Reals, y: Reals, error: float) -> tuple[int, int] | None:
    """Return the places of two points between which and the last one a line is far enough off, or None.

    Either is moved to where it is best for the other, in turn.
    """
    left, rise = x[-1] - x[:-1], y[-1] - y[:-1]
    for sign in (1.0, -1.0):
        p, q = 0, 0
        for _ in range(MOVES):
            q = p + int(np.argmax(sign * (rise[p] / left[p] * left[p:] - rise[p:])))
            if q == p:
                break
            p = int(np.argmax(sign * (rise[:q] / left[:q] * left[q] - rise[q])))
        if q > p and abs(rise[p] / left[p] * left[q] - rise[q]) > 2 * error * (1 + 1e-12):
            return p, q
    return None


def _reach(points: list[float], bounds: list[list[float]], starts: tuple[int, int], origin: float) -> tuple[Any, int]:
    """Return the lines that keep between the bounds as far as there are any, and the first place where there are none.

    The lower bound counts from the first of the starts on, the upper one from the second.
    """
    low, high = bounds
    first, last = min(starts), max(starts)
    scale = max(high) - min(low)
    steepest = scale / min(b - a for a, b in zip(points[first:-1], points[first + 1 :], strict=True))
    sides = low[last] - scale, high[last] + scale
    polygon: Lines = [(s * steepest, sides[h]) for s, h in ((-1, 0), (1, 0), (1, 1), (-1, 1))]
    for place in range(first, len(points)):
        ahead, cut = points[place] - origin, polygon
        if place >= starts[0]:
            cut = _cut(cut, -ahead, -1.0, -low[place])
        if place >= starts[1] and cut:
            cut = _cut(cut, ahead, 1.0, high[place])
        if not cut:
            if place > last:
                return polygon, place
            raise ArithmeticError("the bounds are nearer to one another than rounding")
        polygon = cut
    return polygon, len(points)


def _cut(polygon: Lines, a: float, b: float, limit: float) -> Lines:
    """Return the part of a convex polygon where a x + b y <= limit: what is kept of its corners is one run of them."""
    heights = [a * x + b * y - limit for x, y in polygon]
    if max(heights) <= 0:
        return polygon
    if min(heights) > 0:
        return []
    first = heights.index(min(heights))
    turned, heights = polygon[first:] + polygon[:first], heights[first:] + heights[:first]
    out = [height > 0 for height in heights]
    after, before = out.index(True), len(out) - 1 - out[::-1].index(True)
    pairs = [(after, after - 1), (before, (before + 1) % len(out))]
    ends = [_between(turned[k], turned[j], heights[k], heights[j]) for k, j in pairs]
    return [*turned[:after], *ends, *turned[before + 1 :]]


def _between(p: tuple[float, float], q: tuple[float, float], f: float, g: float) -> tuple[float, float]:
    """Return where an affine function is 0 that is f > 0 at p and g <= 0 at q."""
    part = f / (f - g)
    return p[0] + part * (q[0] - p[0]), p[1] + part * (q[1] - p[1])


def _joined(points: list[float], lines: list[tuple[float, float, float]]) -> Polyline:
    """Return the function whose segments lie on lines that cross one after another."""
    knots = [points[0]]
    for (p, s, h), (q, t, g) in pairwise(lines):
        knots.append(p + (g - h + t * (p - q)) / (s - t))
    origin, slope, height = lines[0]
    slopes = [line[1] for line in lines]
    return Polyline(np.array([*knots, points[-1]]), np.array(slopes), height + slope * (points[0] - origin))
