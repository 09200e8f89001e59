"""The convex hull of a finite point set (definition 7.1.2): its vertices and who is inside, exactly."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.certificates import Certificate, Data, text_of, write
from mathdl.errors import InputError
from mathdl.exact.dyadic import balanced
from mathdl.exact.nearest_points import separating
from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.geometry.clipping import clipped
from mathdl.geometry.points import checked_points, fractions
from mathdl.geometry.separation import Separation, separate

Array = NDArray[Any]
Point = list[int]
Weights = dict[int, Fraction]


@dataclass(frozen=True, eq=False, repr=False)
class ConvexHull:
    """The convex hull of points.

    Attributes
    ----------
    points : ndarray of shape (N, p)
        The points, float64.
    vertices : ndarray of shape (k,), int
        Where the vertices are among the points: in two dimensions counterclockwise, from the vertex with the smallest
        first coordinate (and then the smallest second), else ascending. Of equal points the first one is meant.

    Examples
    --------
    >>> hull = convex_hull([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, 0.5]])
    >>> hull.vertices
    array([0, 1, 3, 2])
    >>> hull.contains([0.5, 0.25]), hull.contains([0.5, 1.25])
    (True, False)
    """

    points: Array
    vertices: Array

    def __repr__(self) -> str:
        return f"ConvexHull of {len(self.points)} points with {len(self.vertices)} vertices"

    def membership(self, point: Any) -> Separation:
        """Return what shows that a point is in the hull, or that it is not.

        Parameters
        ----------
        point : array-like of shape (p,)

        Returns
        -------
        Separation
            Of the vertices and the point: a hyperplane between them, or ``weights[0]``, with which the vertices make
            the point.

        Raises
        ------
        InputError
            If the point is not p finite numbers.
        """
        place = checked_points("point", [point])
        if place.shape[1] != self.points.shape[1]:
            raise InputError(
                f"point has dimension {place.shape[1]}, but the hull has dimension {self.points.shape[1]}; "
                "give as many numbers."
            )
        return separate(self.points[self.vertices], place)

    def contains(self, point: Any) -> bool:
        """Tell whether a point is in the hull; its boundary belongs to it. As for :meth:`membership`."""
        return not self.membership(point).separable

    def intersection(self, other: ConvexHull) -> Array:
        """Return the vertices of what two hulls in the plane, or on the line, have in common, exactly.

        Parameters
        ----------
        other : ConvexHull

        Returns
        -------
        ndarray of shape (k, p)
            Fractions, in the order of :attr:`vertices`; k is 0 where the hulls have no point in common.

        Raises
        ------
        InputError
            If ``other`` is no hull, or the hulls are not both in one or both in two dimensions.

        Examples
        --------
        >>> diagonals = convex_hull([[0, 0], [2, 1]]), convex_hull([[1, 0], [1, 1]])  # exercise 7.3
        >>> diagonals[0].intersection(diagonals[1])
        array([[Fraction(1, 1), Fraction(1, 2)]], dtype=object)
        """
        if not isinstance(other, ConvexHull):
            raise InputError(f"other is of the type {type(other).__name__}; give what convex_hull returns.")
        p = self.points.shape[1]
        if p > 2 or other.points.shape[1] != p:
            raise InputError(
                f"The hulls have dimensions {p} and {other.points.shape[1]}; give two of dimension 1, or two of 2."
            )
        here, there = self._corners(), other._corners()
        common: Array = np.array(clipped(here, there), dtype=object).reshape(-1, 2)[:, :p]
        if not len(common):
            return common
        whole, _ = over_one_denominator(common.ravel().tolist())
        rows = [whole[k : k + p] for k in range(0, len(whole), p)]
        return common[_polygon(rows) if p == 2 else _polytope(rows)]

    def _corners(self) -> list[list[Fraction]]:
        """Return the vertices as fractions, those of an interval as points of the plane."""
        return [[*corner, Fraction(0)][:2] for corner in fractions(self.points[self.vertices]).tolist()]

    @cached_property
    def certificate(self) -> Certificate:
        """The certificate: a direction for each vertex and convex weights for each other point."""
        rows, exponents = balanced(self.points)
        scales = [Fraction(2) ** -exponent for exponent in exponents]
        vertices = self.vertices.tolist()
        others = sorted(set(range(len(rows))) - set(vertices))
        with one_thread():
            directions, inside = _directions(rows, vertices), _inside(rows, vertices, others)
        numbers = {
            "vertices": vertices,
            "directions": [
                [text_of(value * scale) for value, scale in zip(direction, scales, strict=True)]
                for direction in directions
            ],
            "inside": [
                {"vertices": list(weights), "weights": [text_of(weight) for weight in weights.values()]}
                for weights in inside
            ],
        }
        return write("convex_hull", numbers, Data(self.points))


def convex_hull(points: Any) -> ConvexHull:
    """Find the vertices of the convex hull of points, exactly.

    Parameters
    ----------
    points : array-like of shape (N, p)
        Finite numbers that float64 holds exactly; points may be repeated, or lie in a plane of lower dimension.

    Returns
    -------
    ConvexHull

    Raises
    ------
    InputError
        If there is no point, or a number is not finite.
    """
    X = checked_points("points", points)
    rows, _ = balanced(X)
    with one_thread():
        found = _polygon(rows) if X.shape[1] == 2 else _polytope(rows)
    return ConvexHull(X, np.array(found, dtype=np.intp))


def _polygon(rows: list[Point]) -> list[int]:
    """Return the vertices of a polygon, counterclockwise (monotone chain)."""
    first = _first_of_equals(rows)
    order = sorted(first, key=lambda i: rows[i])
    if len(order) == 1:
        return order
    lower, upper = _chain(rows, order), _chain(rows, order[::-1])
    return lower[:-1] + upper[:-1]


def _chain(rows: list[Point], order: list[int]) -> list[int]:
    """Return the points of a sweep at which the boundary turns left."""
    chain: list[int] = []
    for i in order:
        while len(chain) > 1 and _area(rows[chain[-2]], rows[chain[-1]], rows[i]) <= 0:
            chain.pop()
        chain.append(i)
    return chain


def _area(a: Point, b: Point, c: Point) -> int:
    """Return twice the area of a triangle, positive where it is counterclockwise."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _polytope(rows: list[Point]) -> list[int]:
    """Return the vertices of a polytope: as long as a point lies outside the hull of those known, it shows another."""
    candidates = _first_of_equals(rows)
    known = [min(candidates, key=lambda i: rows[i])]
    for i in candidates:
        while i not in known:
            direction = separating([rows[i], *(rows[k] for k in known)], [1] + [-1] * len(known))[1]
            if not any(direction):
                break
            # What is furthest in that direction is a vertex; where several points are, the least of them is one.
            known.append(max(candidates, key=lambda k: (_dot(direction, rows[k]), [-value for value in rows[k]])))
    return sorted(known)


def _first_of_equals(rows: list[Point]) -> list[int]:
    """Return where each different point comes first."""
    return list({tuple(row): i for i, row in reversed(list(enumerate(rows)))}.values())[::-1]


def _dot(a: Point, b: Point) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _directions(rows: list[Point], vertices: list[int]) -> list[Point]:
    """Return for each vertex a direction in which it is further than every other vertex."""
    if len(vertices) == 1:
        return [[0] * len(rows[0])]
    found, corners = [], [rows[v] for v in vertices]
    for k, corner in enumerate(corners):
        if len(corner) == 2 and len(corners) > 2:  # square to the line through the neighbours
            before, after = corners[k - 1], corners[(k + 1) % len(corners)]
            found.append([after[1] - before[1], before[0] - after[0]])
        else:
            others = [*corners[:k], *corners[k + 1 :]]
            found.append(separating([corner, *others], [1] + [-1] * len(others))[1])
    return found


def _inside(rows: list[Point], vertices: list[int], others: list[int]) -> list[Weights]:
    """Return for each other point convex weights of vertices."""
    if len(rows[0]) == 2 and len(vertices) > 2:
        return [_in_polygon(rows, vertices, i) for i in others]
    corners, found = [rows[v] for v in vertices], []
    for i in others:
        weights = separating([rows[i], *corners], [1] + [-1] * len(corners))[0]
        found.append({vertices[k - 1]: weight for k, weight in weights.items() if k})
    return found


def _in_polygon(rows: list[Point], vertices: list[int], i: int) -> Weights:
    """Return the weights of the corners of a triangle of the fan from the first vertex that holds a point."""
    first, point = rows[vertices[0]], rows[i]
    k = bisect_left(range(2, len(vertices) - 1), True, key=lambda k: _area(first, rows[vertices[k]], point) <= 0) + 2
    corners = [vertices[0], vertices[k - 1], vertices[k]]
    a, b, c = (rows[v] for v in corners)
    parts = [_area(point, b, c), _area(a, point, c), _area(a, b, point)]
    return {v: Fraction(part, sum(parts)) for v, part in zip(corners, parts, strict=True) if part}
