"""The book's statements about convex sets and their separation (section 7.1), each test named after its item.

Where the book as printed is wrong, the corrected statement is tested.
"""

from __future__ import annotations

from fractions import Fraction
from math import exp, sqrt
from typing import Any

import numpy as np
import pytest

from geometry.naive_hulls import in_hull
from mathdl import Hyperplane, convex_hull, separate, verify
from mathdl.geometry.points import fractions

L_SHAPE = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1)]


def line(normal: Any, offset: Any) -> Hyperplane:
    return Hyperplane(fractions(normal), Fraction(offset))


def in_l_shape(point: Any) -> bool:
    x, y = point
    return (0 <= x <= 2 and 0 <= y <= 1) or (0 <= x <= 1 and 0 <= y <= 2)


def in_disc(point: Any) -> bool:
    return bool(point[0] ** 2 + point[1] ** 2 <= 1)


def in_annulus(point: Any) -> bool:
    return bool(4 * (point[0] ** 2 + point[1] ** 2) >= 1 and in_disc(point))


def in_crescent(point: Any) -> bool:
    return in_disc(point) and (2 * point[0] - 1) ** 2 + 4 * point[1] ** 2 >= 4 * Fraction(9, 16)


def middle(a: Any, b: Any) -> tuple[Fraction, ...]:
    return tuple(Fraction(x + y) / 2 for x, y in zip(a, b, strict=True))


def test_def_7_1_1() -> None:
    generator = np.random.default_rng(711)
    for hull, inside in [(convex_hull(SQUARE), None), (convex_hull([[0], [3]]), None), (None, in_disc)]:
        contains = inside or hull.contains
        drawn = generator.integers(-32, 97, size=(200, hull.points.shape[1] if hull else 2)) / 32
        members = [point.tolist() for point in drawn if contains(point)][:20]
        assert len(members) > 8
        assert all(contains(middle(a, b)) for a in members for b in members[:5])
    assert middle((2, 1), (1, 2)) == (Fraction(3, 2), Fraction(3, 2))
    assert in_l_shape((2, 1))
    assert in_l_shape((1, 2))
    assert not in_l_shape((1.5, 1.5))
    assert convex_hull(L_SHAPE).contains((1.5, 1.5))


def test_fig_7_1() -> None:
    hexagon = [(2, 0), (1, 2), (-1, 2), (-2, 0), (-1, -2), (1, -2)]  # the affine image of a regular one
    for polygon in (SQUARE, hexagon):
        assert sorted(convex_hull(polygon).vertices) == list(range(len(polygon)))
    assert len(convex_hull(L_SHAPE).vertices) == 5  # a polygon with a corner inside its hull is not convex
    witnesses = [
        (in_l_shape, (2, 1), (1, 2)),
        (in_annulus, (-1, 0), (1, 0)),
        (in_crescent, (Fraction(3, 5), Fraction(4, 5)), (Fraction(3, 5), Fraction(-4, 5))),
    ]
    for contains, a, b in witnesses:
        assert contains(a)
        assert contains(b)
        assert not contains(middle(a, b))


def test_eq_7_3() -> None:
    plane = line((3, 4), 0)
    below, above = [[-0.2, -0.1], [-5.0, 3.0]], [[1.0, -0.5], [3.0, -2.0]]
    assert plane.gap([[-3.0, 2.0]], above) == 1  # eps = 1: the strip -1 <= 3x + 4y <= 1
    assert plane.width([[-3.0, 2.0]], above) == pytest.approx(2 / 5)  # 2 eps / |w|, not 2 eps as printed
    assert plane.separates(below, above)
    T1, T2 = [[-1, 0], [1, 0]], [[0, 0]]
    assert line((0, 1), 0).separates(T1, T2)
    assert not line((0, 1), 0).strictly_separates(T1, T2)
    assert not separate(T1, T2).separable


def test_fig_7_2() -> None:
    touching, apart = [(x + 1, y) for x, y in SQUARE], [(x + 2, y) for x, y in SQUARE]
    assert line((1, 0), 1).separates(SQUARE, touching)
    assert line((1, 0), 1).gap(SQUARE, touching) == 0
    assert not separate(SQUARE, touching).separable
    assert line((1, 0), Fraction(3, 2)).gap(SQUARE, apart) == Fraction(1, 2)
    found = separate(SQUARE, apart)
    assert (found.hyperplane.normal.tolist(), found.hyperplane.offset, found.gap) == ([1, 0], 1.5, 0.5)


def test_thm_7_1_1() -> None:
    # Open triangles: an edge of the hull of all differences either separates them, or they share an inner point.
    generator, seen = np.random.default_rng(7), set()
    while len(seen) < 2 or generator.random() > 0.01:
        A, B = generator.integers(-4, 5, size=(2, 3, 2))
        if len(convex_hull(A).vertices) < 3 or len(convex_hull(B).vertices) < 3:
            continue
        differences = (B[None] - A[:, None]).reshape(-1, 2)
        corners = differences[convex_hull(differences).vertices]
        edges = [(p, q) for p, q in zip(corners, np.roll(corners, -1, axis=0), strict=True)]
        normals = [(p[1] - q[1], q[0] - p[0]) for p, q in edges]
        planes = [line(n, min(n @ b for b in B)) for n in map(np.array, normals)]
        weak = [plane for plane in planes if plane.separates(A, B)]
        inner = [T + (np.array([2, 1, 1]) @ T / 4 - T) / 2**20 for T in (A, B)]
        shared = separate(*inner)  # the triangles drawn in a little
        assert bool(weak) == shared.separable
        seen.add(bool(weak))
    assert seen == {True, False}


def test_thm_7_1_2() -> None:
    # The disjoint polytopes of exercise 7.2c; w = q - p, b = w.(p + q) / 2, eps = |q - p|^2 / 2.
    A, B = [[-1, 0], [0, 0], [-1, 1]], [[1, 0], [2, 0], [0.5, 1]]
    p, q = np.array([0, 0]), fractions([4, 2]) / 5
    assert in_hull(5 * q, 5 * np.array(B))
    w = q - p
    plane = Hyperplane(w, w @ (p + q) / 2)
    assert plane.gap(A, B) == w @ w / 2
    assert plane.width(A, B) == pytest.approx(2 / sqrt(5))
    # Compactness is needed: {y <= 0} and {y >= e^-x} come as near as one likes.
    margins = []
    for x in (0, 10, 20):
        found = separate([[-30.0, 0.0], [30.0, 0.0]], [[float(t), exp(-t)] for t in range(x + 1)])
        assert found.separable
        margins.append(found.margin)
    assert margins[0] > margins[1] > margins[2] > 0
    assert margins[2] < 2.1e-9


def test_def_7_1_2() -> None:
    points = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5]])
    hull = convex_hull(points)
    assert sorted(hull.vertices) == [0, 1, 2, 3]
    corners = points[hull.vertices]
    assert convex_hull(corners).vertices.tolist() == [0, 1, 2, 3]  # idempotent, and counterclockwise already
    larger = convex_hull([[-1, -1], [3, -1], [-1, 3]])
    assert all(larger.contains(point) for point in corners)
    weights = hull.membership((0.25, 0.5)).weights[0]
    assert min(weights) >= 0
    assert sum(weights) == 1
    assert (weights @ fractions(corners)).tolist() == [0.25, 0.5]
    assert verify(hull.certificate, points)


def test_claim_7_1_hulls() -> None:
    generator, answers = np.random.default_rng(71), []
    for _ in range(500):
        n, m, p = generator.integers(1, 6, size=3)
        A, B = (generator.integers(-3, 4, size=(count, p)) / 2 for count in (n, m))
        found = separate(A, B)
        assert found.separable == (found.hyperplane is not None) == (found.common_point is None)
        assert verify(found.certificate, np.vstack([A, B]), ["A"] * n + ["B"] * m)
        answers.append(found.separable)
    assert 100 < sum(answers) < 400
    # As printed, without "strictly", it is wrong: these are separated by y = 0, and their hulls meet.
    T1, T2 = [[-1, 0], [1, 0]], [[0, 0]]
    assert line((0, 1), 0).separates(T1, T2)
    assert separate(T1, T2).common_point.tolist() == [0, 0]


def test_exercise_7_1a() -> None:
    assert line((1, -1), 1).value([[1, 0], [0, -1], [3, 2]]).tolist() == [0, 0, 0]


def test_exercise_7_1b() -> None:
    plane, centres = line((1, -1), 1), [[1, 1], [2, 0]]
    assert plane.value(centres).tolist() == [-1, 1]
    assert plane.distance(centres) == pytest.approx([-sqrt(1 / 2), sqrt(1 / 2)])  # the radii: the open discs touch it
    touching = Fraction(3, 2), Fraction(1, 2)
    assert plane.value([touching]) == 0
    assert [sum((x - c) ** 2 for x, c in zip(touching, centre, strict=True)) for centre in centres] == [0.5, 0.5]
    # Points of the open discs near the touching point leave no strip.
    for k in range(1, 40, 6):
        inside = [[[1.5 - 2.0**-k, 0.5 + 2.0**-k]], [[1.5 + 2.0**-k, 0.5 - 2.0**-k]]]
        assert plane.gap(*inside) == Fraction(2, 2**k)


def test_fig_6_12() -> None:
    X = np.random.default_rng(612).uniform(-2, 2, size=(120, 2))
    bend = X[:, 1] - X[:, 0] ** 2 + 1
    X, bend = X[np.abs(bend) > 0.25], bend[np.abs(bend) > 0.25]
    assert (len(X), (bend > 0).sum()) == (106, 48)
    crossed = separate(X[bend < 0], X[bend > 0])
    assert not crossed.separable
    assert crossed.common_point is not None
    assert verify(crossed.certificate, np.vstack([X[bend < 0], X[bend > 0]]), ["A"] * 58 + ["B"] * 48)
    feature = (X[:, 1] - X[:, 0] ** 2)[:, None]
    assert separate(feature[bend < 0], feature[bend > 0]).separable
    assert separate(np.c_[X, feature][bend < 0], np.c_[X, feature][bend > 0]).separable
