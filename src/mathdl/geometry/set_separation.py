"""Separation of two convex sets, which may be open (theorems 7.1.1 and 7.1.2), exactly.

A ball is a point, and a polygon or a hull the corners, of which it is made; a half-space is itself. Let p and q be
nearest points of these cores, and R and S the squared radii of balls, 0 for other sets. Where the sets are apart, the
points x with (q - p).x = (q - p).p + (|q - p|^2 + R - S) / 2 are a hyperplane between them: of two balls it is the
plane from which tangents to both are equally long. No square root is needed for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mathdl.blas import one_thread
from mathdl.errors import InputError
from mathdl.exact.linear_algebra import solve
from mathdl.exact.nearest_points import nearest_points
from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.geometry.convex_hull import ConvexHull, convex_hull
from mathdl.geometry.convex_sets import Ball, HalfSpace
from mathdl.geometry.hyperplane import Hyperplane
from mathdl.geometry.points import Vector, checked_points, dot, fractions
from mathdl.geometry.polygon import Polygon

Corners = list[Vector]


@dataclass(frozen=True, eq=False)
class SetSeparation:
    """A hyperplane between two convex sets, or a point of both.

    Attributes
    ----------
    disjoint : bool
        Whether the sets have no point in common.
    strict : bool
        Whether a hyperplane separates them strictly ((7.5) and (7.6)): whether they are some distance apart.
    hyperplane : Hyperplane or None
        w and b, as fractions, with w.x <= b on A and w.x >= b on B, and strictly so where ``strict`` is True.
    common_point : tuple of Fraction or None
        A point of both sets; either it or the hyperplane is None.
    """

    disjoint: bool
    strict: bool
    hyperplane: Any = None
    common_point: Any = None


def separate_sets(A: Any, B: Any) -> SetSeparation:
    """Find a hyperplane between two convex sets, or a point of both, exactly.

    Sets that are closed, or open, or one of them: where they have no point in common a hyperplane separates them
    (theorem 7.1.1), and where one is closed and the other one closed and bounded, strictly (theorem 7.1.2).

    Parameters
    ----------
    A, B : HalfSpace, Ball, Polygon, ConvexHull or array-like of shape (n, p)
        Two sets of one dimension. A polygon has to be convex. Points mean their convex hull.

    Returns
    -------
    SetSeparation

    Raises
    ------
    InputError
        If something is no such set, a polygon is not convex, or the dimensions differ.

    Examples
    --------
    >>> from fractions import Fraction
    >>> A, B = (Ball(centre, Fraction(1, 2), open=True) for centre in ([1, 1], [2, 0]))  # exercise 7.1
    >>> found = separate_sets(A, B)
    >>> found.disjoint, found.strict, found.hyperplane.normal.tolist(), found.hyperplane.offset
    (True, False, [Fraction(1, 1), Fraction(-1, 1)], Fraction(1, 1))
    >>> closed = separate_sets(*(Ball(disc.centre, disc.squared_radius) for disc in (A, B)))
    >>> closed.disjoint, [str(value) for value in closed.common_point]
    (False, ['3/2', '1/2'])
    """
    first, second = _convex_set("A", A), _convex_set("B", B)
    if _dimension(first) != _dimension(second):
        raise InputError(
            f"A has dimension {_dimension(first)} and B dimension {_dimension(second)}; give both the same dimension."
        )
    p, q, normal = _nearest(first, second)
    R, S = _squared_radius(first), _squared_radius(second)
    gap = tuple(y - x for x, y in zip(p, q, strict=True))
    square = dot(gap, gap)
    # |q - p| > sqrt(R) + sqrt(S) is |q - p|^2 - R - S > 2 sqrt(R S).
    rest = square - R - S
    apart = rest if R * S == 0 or rest < 0 else rest**2 - 4 * R * S
    normal = gap if any(gap) else normal
    if normal is not None and (apart > 0 or (apart == 0 and (_open(first) or _open(second)))):
        plane = Hyperplane(fractions(normal), dot(normal, p) + (square + R - S) / 2)
        return SetSeparation(True, apart > 0, plane)
    return SetSeparation(False, False, common_point=_common_point(first, second, p, q))


def _convex_set(name: str, given: Any) -> HalfSpace | Ball | Corners:
    """Return a set as it is, or the corners of which it is the hull."""
    if isinstance(given, HalfSpace | Ball):
        return given
    if isinstance(given, Polygon):
        if given.witness is not None:
            start, end, middle = (" and ".join(map(str, point)) for point in given.witness)
            raise InputError(
                f"{name} is a polygon that is not convex, as the segment from ({start}) to ({end}) leaves it at "
                f"({middle}); give its corners for its convex hull."
            )
        return list(given.corners)
    hull = given if isinstance(given, ConvexHull) else convex_hull(checked_points(name, given))
    return [tuple(corner) for corner in fractions(hull.points[hull.vertices]).tolist()]


def _dimension(given: HalfSpace | Ball | Corners) -> int:
    return len(given[0]) if isinstance(given, list) else given.dimension


def _squared_radius(given: HalfSpace | Ball | Corners) -> Fraction:
    return given.squared_radius if isinstance(given, Ball) else Fraction(0)


def _open(given: HalfSpace | Ball | Corners) -> bool:
    return not isinstance(given, list) and given.open


def _nearest(A: HalfSpace | Ball | Corners, B: HalfSpace | Ball | Corners) -> tuple[Vector, Vector, Vector | None]:
    """Return nearest points of the cores of A and B, and w with w.x <= w.p on A's and >= on B's, where there is one.

    Where the gap between the points is not zero, it is such a w.
    """
    if isinstance(A, HalfSpace):
        if isinstance(B, HalfSpace):
            return _between_half_spaces(A, B)
        return _from_half_space(A, _corners(B))
    if isinstance(B, HalfSpace):
        q, p, normal = _from_half_space(B, _corners(A))
        return p, q, None if normal is None else tuple(-value for value in normal)
    return (*_between_hulls(_corners(A), _corners(B)), None)


def _corners(given: Ball | Corners) -> Corners:
    return [given.centre] if isinstance(given, Ball) else given


def _from_half_space(half: HalfSpace, corners: Corners) -> tuple[Vector, Vector, Vector | None]:
    """Return a point of the half-space, its nearest corner, and w unless that corner is inside."""
    w = half.normal
    corner = min(corners, key=lambda corner: dot(w, corner))
    beyond = dot(w, corner) - half.offset
    if beyond < 0:
        return corner, corner, None
    foot = tuple(x - beyond * value / dot(w, w) for x, value in zip(corner, w, strict=True))
    return foot, corner, w


def _between_half_spaces(A: HalfSpace, B: HalfSpace) -> tuple[Vector, Vector, Vector | None]:
    """Return a point of either closed half-space: the same one, inside both, unless they have parallel boundaries."""
    v, w = A.normal, B.normal
    square = dot(v, v)
    ratio = dot(v, w) / square
    if any(y != ratio * x for x, y in zip(v, w, strict=True)):
        gram, _ = over_one_denominator([square, dot(v, w), dot(v, w), dot(w, w)])
        solved = solve([gram[:2], gram[2:]], [[-1], [-1]])
        assert solved is not None  # the normals are independent
        inwards = [solved[0][0] * x + solved[1][0] * y for x, y in zip(v, w, strict=True)]
        depth = (1 + max(-A.offset, -B.offset, Fraction(0))) / -dot(v, inwards)
        point = tuple(depth * value for value in inwards)
        return point, point, None
    if ratio > 0:  # one lies within the other
        level = min(A.offset, B.offset / ratio) - 1
        point = tuple(level * value / square for value in v)
        return point, point, None
    below, above = A.offset, B.offset / ratio  # v.x of points of A is at most the one, of B at least the other
    if below > above:
        point = tuple((below + above) / 2 * value / square for value in v)
        return point, point, None
    return tuple(below * value / square for value in v), tuple(above * value / square for value in v), v


def _between_hulls(A: Corners, B: Corners) -> tuple[Vector, Vector]:
    """Return the nearest points of two hulls."""
    p = len(A[0])
    whole, _ = over_one_denominator([value for corner in (*A, *B) for value in corner])
    rows = [whole[k : k + p] for k in range(0, len(whole), p)]
    with one_thread():
        weights = nearest_points(rows, [1] * len(A) + [-1] * len(B), None).weights
    zero = (Fraction(0),) * p
    ends = [zero, zero]
    for i, weight in weights.items():
        corner = (*A, *B)[i]
        ends[i >= len(A)] = tuple(x + weight * y for x, y in zip(ends[i >= len(A)], corner, strict=True))
    return ends[0], ends[1]


def _common_point(A: HalfSpace | Ball | Corners, B: HalfSpace | Ball | Corners, p: Vector, q: Vector) -> Vector:
    """Return a point of two sets that meet, from nearest points of their cores."""
    if isinstance(A, Ball) and isinstance(B, Ball):
        gap = [y - x for x, y in zip(p, q, strict=True)]
        square, more = dot(gap, gap), A.squared_radius - B.squared_radius
        if abs(more) >= square:  # one centre is in both balls, and the plane of equal tangents is not between them
            return q if more > 0 else p
        return tuple(x + (square + more) / (2 * square) * y for x, y in zip(p, gap, strict=True))
    if not isinstance(A, Ball):
        A, B, p, q = B, A, q, p
    if not isinstance(A, Ball) or not isinstance(B, HalfSpace):
        return q
    point, step = q, Fraction(1)
    while not (A.contains(point) and B.contains(point)):  # from the boundary of an open half-space into it
        point, step = tuple(x - step * value for x, value in zip(q, B.normal, strict=True)), step / 2
    return point
