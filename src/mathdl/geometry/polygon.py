"""Polygons in the plane, convex or not (definition 7.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

from mathdl.errors import InputError
from mathdl.geometry.convex_sets import point_of
from mathdl.geometry.points import Vector, exact_point


class Chord(NamedTuple):
    """Two points of a set, and a point half-way between them that is not in it: the set is not convex.

    Attributes
    ----------
    start, end : tuple of two Fraction
        The two points.
    middle : tuple of two Fraction
        The point half-way.
    """

    start: Vector
    end: Vector
    middle: Vector


@dataclass(frozen=True)
class Polygon:
    """A polygon with its boundary.

    Parameters
    ----------
    corners : array-like of shape (k, 2)
        At least three, in the order of the boundary, in either sense: integers, fractions or floats, which are taken
        as the exact binary numbers that they are. Sides may not meet but at the corners between them.

    Raises
    ------
    InputError
        If there are fewer than three corners, one has not two finite numbers, or sides cross or touch each other.

    Examples
    --------
    >>> Polygon([(0, 0), (1, 0), (1, 1), (0, 1)]).convex
    True
    >>> bent = Polygon([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)])
    >>> bent.convex, [str(value) for value in bent.witness.middle], bent.contains(bent.witness.middle)
    (False, ['3/2', '3/2'], False)
    """

    corners: Any

    def __post_init__(self) -> None:
        try:
            given = list(self.corners)
        except TypeError:
            raise InputError("Polygon: corners is no list of points; give at least three points.") from None
        corners = tuple(exact_point("Polygon: a corner", corner) for corner in given)
        if len(corners) < 3 or any(len(corner) != 2 for corner in corners):
            raise InputError(f"Polygon: {len(corners)} corners were given; give at least three, each of two numbers.")
        sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
        for (i, side), (j, other) in combinations(enumerate(sides), 2):
            near = j == i + 1 or (i == 0 and j == len(sides) - 1)
            if _overlap(side, other) if near else _meet(side, other):
                raise InputError(
                    f"Polygon: sides {i + 1} and {j + 1} meet where they should not; give the corners in the order of "
                    "the boundary."
                )
        object.__setattr__(self, "corners", corners)

    @property
    def convex(self) -> bool:
        """Whether the polygon is convex."""
        return self.witness is None

    @cached_property
    def witness(self) -> Chord | None:
        """Two points of the polygon and the point half-way, which is outside; None where the polygon is convex."""
        corners, turn = self.corners, 1 if self._area() > 0 else -1
        for k, corner in enumerate(corners):
            start, end = corners[k - 1], corners[(k + 1) % len(corners)]
            if turn * area(start, corner, end) < 0:
                # At a corner that bends inwards, all points near enough that are between its sides are outside.
                while self.contains(halfway(start, end)):
                    start, end = halfway(start, corner), halfway(corner, end)
                return Chord(start, end, halfway(start, end))
        return None

    def contains(self, point: Any) -> bool:
        """Tell whether a point is in the polygon or on its boundary.

        Parameters
        ----------
        point : array-like of shape (2,)

        Returns
        -------
        bool
        """
        x, y = place = point_of(2, point)
        inside = False
        for a, b in zip(self.corners, self.corners[1:] + self.corners[:1], strict=True):
            if _between(a, b, place):
                return True
            # A ray to the right crosses the boundary an odd number of times.
            if (a[1] > y) != (b[1] > y) and x < a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]):
                inside = not inside
        return inside

    def _area(self) -> Fraction:
        """Return twice the area, positive where the corners go counterclockwise."""
        first = self.corners[0]
        return sum((area(first, a, b) for a, b in zip(self.corners, self.corners[1:], strict=False)), Fraction(0))


def area(a: Vector, b: Vector, c: Vector) -> Fraction:
    """Return twice the area of a triangle, positive where it is counterclockwise."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def halfway(a: Vector, b: Vector) -> Vector:
    """Return the point half-way between two."""
    return tuple((x + y) / 2 for x, y in zip(a, b, strict=True))


def _between(a: Vector, b: Vector, point: Vector) -> bool:
    """Tell whether a point is on the segment from a to b."""
    return area(a, b, point) == 0 and all(
        min(x, y) <= value <= max(x, y) for x, y, value in zip(a, b, point, strict=True)
    )


def _meet(side: tuple[Vector, Vector], other: tuple[Vector, Vector]) -> bool:
    """Tell whether two segments have a point in common."""
    (a, b), (c, d) = side, other
    if any((_between(a, b, c), _between(a, b, d), _between(c, d, a), _between(c, d, b))):
        return True
    return area(a, b, c) * area(a, b, d) < 0 and area(c, d, a) * area(c, d, b) < 0


def _overlap(side: tuple[Vector, Vector], other: tuple[Vector, Vector]) -> bool:
    """Tell whether two segments with an end in common have more in common."""
    (a, b), (c, d) = side, other
    if a == b or c == d:
        return True
    start, corner, end = (a, b, d) if b == c else (b, a, c)
    return _between(start, corner, end) or _between(corner, end, start)
