"""Convex sets and what separates them: every answer is checked by its own definition, exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from geometry.naive_hulls import exact, in_hull, inner, square_distance
from mathdl import Ball, HalfSpace, Hyperplane, Polygon, convex_hull, separate, separate_sets
from mathdl.errors import InputError

whole = st.integers(-4, 4)
points = st.tuples(whole, whole)
squares = st.integers(1, 40).map(lambda k: Fraction(k, 4))
balls = st.builds(Ball, points, squares, st.booleans())
half_spaces = st.builds(HalfSpace, points.filter(any), whole, st.booleans())
hulls = st.lists(points, min_size=1, max_size=4)
sets = st.one_of(balls, half_spaces, hulls)


def belongs(point: Any, one: Any) -> bool:
    """Whether a point is in a set; hulls by the oracle."""
    return in_hull(point, exact(one)) if isinstance(one, list) else one.contains(point)


def below(plane: Hyperplane, one: Any, sign: int, strict: bool) -> bool:
    """Whether sign (w.x - b) <= 0 on all of a set, with a distance if ``strict``, from the definition of each set."""
    w, b = [sign * value for value in plane.normal], sign * plane.offset
    if isinstance(one, list):
        most = max(inner(w, corner) for corner in exact(one)) - b
        return most < 0 if strict else most <= 0
    if isinstance(one, Ball):
        value = inner(w, one.centre) - b  # the most is value + |w| r
        size = one.squared_radius * inner(w, w)
        return value < 0 and (value**2 > size if strict else value**2 >= size)
    ratio = w[0] / one.normal[0] if one.normal[0] else w[1] / one.normal[1]
    parallel = ratio > 0 and all(x == ratio * y for x, y in zip(w, one.normal, strict=True))
    return parallel and (ratio * one.offset < b if strict else ratio * one.offset <= b)


@seed(71)
@settings(max_examples=300, deadline=None)
@given(sets, sets)
def test_an_answer_shows_itself(A: Any, B: Any) -> None:
    found = separate_sets(A, B)
    assert (found.hyperplane is None) == (found.common_point is not None) == (not found.disjoint)
    if found.common_point is not None:
        assert belongs(found.common_point, A)
        assert belongs(found.common_point, B)
    else:
        assert below(found.hyperplane, A, 1, found.strict)
        assert below(found.hyperplane, B, -1, found.strict)
        # Sets that touch the hyperplane from both sides are disjoint only because one of them is open.
        assert found.strict or any(getattr(one, "open", False) for one in (A, B))


@seed(72)
@settings(max_examples=40, deadline=None)
@given(hulls, hulls)
def test_hulls_as_of_their_points(A: Any, B: Any) -> None:
    assert separate_sets(A, B).strict == separate_sets(convex_hull(A), B).strict == separate(A, B).separable
    found = separate_sets(A, B)
    if found.strict:  # w joins the nearest points
        w = found.hyperplane.normal
        assert w @ w == square_distance(A, B)


@seed(73)
@settings(max_examples=40, deadline=None)
@given(hulls, hulls)
def test_intersection_of_hulls(A: Any, B: Any) -> None:
    common = convex_hull(A).intersection(convex_hull(B)).tolist()
    assert bool(common) == (not separate(A, B).separable)
    assert all(in_hull(point, exact(A)) and in_hull(point, exact(B)) for point in common)
    grid = [[Fraction(x, 2), Fraction(y, 2)] for x in range(-8, 9, 8) for y in range(-7, 9, 5)]
    for point in grid:
        both = in_hull(point, exact(A)) and in_hull(point, exact(B))
        assert both == (bool(common) and in_hull(point, common))


def test_intersection_on_the_line() -> None:
    assert convex_hull([[0], [3]]).intersection(convex_hull([[1], [7]])).tolist() == [[1], [3]]
    assert convex_hull([[0], [3]]).intersection(convex_hull([[4]])).shape == (0, 1)
    with pytest.raises(InputError, match="dimensions 3 and 3"):
        convex_hull([[0, 0, 0]]).intersection(convex_hull([[0, 0, 0]]))
    with pytest.raises(InputError, match="of the type list"):
        convex_hull([[0, 0]]).intersection([[0, 0]])  # type: ignore[arg-type]


def test_balls_in_space() -> None:
    A, B = Ball([0, 0, 0], 1), Ball([3, 4, 0], 16)
    found = separate_sets(A, B)  # they touch
    assert not found.disjoint
    assert found.common_point == (Fraction(3, 5), Fraction(4, 5), 0)
    assert separate_sets(A, Ball([3, 4, 0], Fraction(159, 10))).strict
    assert separate_sets(A, HalfSpace([0, 0, -1], -2)).strict
    assert A.dimension == HalfSpace([0, 0, -1], -2).dimension == 3


L_SHAPE = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]


def test_a_polygon_that_is_not_convex_is_named() -> None:
    message = r"A is a polygon that is not convex, as the segment from \(2 and 1\) to \(1 and 2\) leaves it"
    with pytest.raises(InputError, match=message):
        separate_sets(Polygon(L_SHAPE), Ball([5, 5], 1))
    assert separate_sets(L_SHAPE, Ball([5, 5], 1)).strict


@seed(74)
@settings(max_examples=100, deadline=None)
@given(st.lists(points, min_size=3, max_size=6, unique=True))
def test_polygons(corners: Any) -> None:
    try:
        polygon = Polygon(corners)
    except InputError:
        return
    # Convex is what every corner is a vertex of, or lies on a side of.
    hull = convex_hull(corners)
    on_sides = all(
        any(square_distance([corner], [corners[i], corners[j]]) == 0 for i, j in _sides(hull)) for corner in corners
    )
    assert polygon.convex == on_sides
    if polygon.witness is not None:
        start, end, middle = polygon.witness
        assert polygon.contains(start)
        assert polygon.contains(end)
        assert not polygon.contains(middle)
        assert [2 * m for m in middle] == [a + b for a, b in zip(start, end, strict=True)]
    else:
        for point in [(x / 2, y / 2) for x in range(-9, 10, 2) for y in range(-9, 10, 2)]:
            assert polygon.contains(point) == hull.contains(point)


def _sides(hull: Any) -> Any:
    return zip(hull.vertices, np.roll(hull.vertices, -1), strict=True)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Polygon([(0, 0), (1, 0)]), "2 corners were given"),
        (lambda: Polygon([(0, 0, 0)] * 3), "each of two numbers"),
        (lambda: Polygon(5), "no list of points"),
        (lambda: Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "sides 1 and 3 meet"),
        (lambda: Polygon([(0, 0), (1, 0), (2, 0), (1, 0), (1, 1)]), "meet where they should not"),
        (lambda: Ball([0, 0], 0), "squared_radius is 0; give a positive number"),
        (lambda: Ball([0, np.nan], 1), "give a list of finite numbers"),
        (lambda: Ball([0, 0], "1"), "give a finite number"),
        (lambda: Ball([0, 0], 1, open=1), "give True or False"),
        (lambda: HalfSpace([0, 0], 1), "normal is zero"),
        (lambda: HalfSpace([0, 1j], 1), "give a list of finite numbers"),
        (lambda: HalfSpace([0, 1], 1).contains([1]), "point has 1 numbers, but the set has dimension 2"),
        (lambda: separate_sets(Ball([0], 1), Ball([0, 0], 1)), "A has dimension 1 and B dimension 2"),
        (lambda: separate_sets(Ball([0], 1), "x"), "B is no table of numbers"),
    ],
)
def test_bad_input(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
