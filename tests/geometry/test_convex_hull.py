from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.spatial import ConvexHull as Qhull

from geometry.naive_hulls import exact, in_hull, inner, vertices
from geometry.random_points import two_sets
from mathdl import convex_hull, verify
from mathdl.errors import InputError


def small_set(seed: int) -> np.ndarray:
    return np.vstack(two_sets(seed, 3))


@pytest.mark.parametrize("seed", range(40))
def test_the_vertices_are_the_points_outside_the_hull_of_the_others(seed: int) -> None:
    X = small_set(seed)
    hull = convex_hull(X)
    points = [tuple(point) for point in exact(X)]
    assert {points[v] for v in hull.vertices} == vertices(X)
    assert len(hull.vertices) == len(vertices(X))
    assert all(points.index(points[v]) == v for v in hull.vertices)


@pytest.mark.parametrize("seed", range(60))
def test_random_hulls_on_all_scales_are_certified(seed: int) -> None:
    X = np.vstack(two_sets(seed))
    assert verify(convex_hull(X).certificate, X)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("p", [2, 3, 4])
def test_the_vertices_are_those_of_qhull(seed: int, p: int) -> None:
    X = np.random.default_rng(seed).normal(size=(30 * p, p))
    found, peer = convex_hull(X).vertices, Qhull(X).vertices
    assert sorted(found) == sorted(peer)
    if p == 2:
        start = list(peer).index(found[0])
        assert found.tolist() == [*peer[start:], *peer[:start]]


def test_a_polygon_goes_counterclockwise_from_the_leftmost_lowest_vertex() -> None:
    X = [[2, 1], [0, 2], [2, 0], [0, 0], [1, 0], [2, 1], [0, 1]]
    assert convex_hull(X).vertices.tolist() == [3, 2, 0, 1]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([[3.0]], [0]),
        ([[3.0], [1.0], [2.0], [1.0]], [0, 1]),
        ([[1.0, 1.0], [1.0, 1.0]], [0]),
        ([[0.0, 0.0], [2.0, 2.0], [1.0, 1.0]], [0, 1]),
        ([[0.0, 0.0, 1.0], [2.0, 2.0, 1.0], [1.0, 1.0, 1.0]], [0, 1]),
        ([[0, 0, 0], [4, 0, 0], [0, 4, 0], [0, 0, 4], [1, 1, 1], [2, 2, 0]], [0, 1, 2, 3]),
    ],
)
def test_hulls_of_lower_dimension(points: Any, expected: list[int]) -> None:
    hull = convex_hull(points)
    assert hull.vertices.tolist() == expected
    assert verify(hull.certificate, hull.points)


def test_points_on_faces_are_no_vertices() -> None:
    grid = np.array(list(product((1, 0, 2), repeat=3)), dtype=float)
    hull = convex_hull(grid)
    assert sorted(grid[hull.vertices].tolist()) == sorted(map(list, product((0, 2), repeat=3)))
    assert verify(hull.certificate, grid)


def test_membership_comes_with_weights_or_a_hyperplane() -> None:
    X = np.random.default_rng(0).integers(-3, 4, size=(6, 2)).astype(float)
    hull = convex_hull(X)
    corners = hull.points[hull.vertices]
    for point in np.random.default_rng(1).integers(-3, 4, size=(30, 2)).astype(float):
        shown = hull.membership(point)
        assert hull.contains(point) == in_hull(point, X) == (not shown.separable)
        assert verify(shown.certificate, np.vstack([corners, [point]]), ["A"] * len(corners) + ["B"])
        if not shown.separable:
            assert [inner(shown.weights[0], column) for column in zip(*exact(corners), strict=True)] == point.tolist()


def test_many_points_on_a_circle() -> None:
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    X = np.vstack([np.c_[np.cos(angles), np.sin(angles)], np.random.default_rng(0).normal(size=(300, 2)) / 5])
    hull = convex_hull(X)
    assert set(hull.vertices) == set(range(200))
    assert verify(hull.certificate, X)


def test_bad_points_are_refused() -> None:
    with pytest.raises(InputError, match="points has shape"):
        convex_hull([])
    with pytest.raises(InputError, match="point has dimension 3, but the hull has dimension 2"):
        convex_hull([[0.0, 0.0]]).membership([0.0, 0.0, 0.0])
    with pytest.raises(InputError, match="point holds"):
        convex_hull([[0.0, 0.0]]).contains([0.0, np.nan])
