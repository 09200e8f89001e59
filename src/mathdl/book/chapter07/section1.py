"""Section 7.1: convex sets and their separation."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import exp, sqrt
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter07.pictures import chord, circle, fill, line, plane_of
from mathdl.book.finding import Finding, Findings, Table, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import INK, SOFT, legend

SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1)]
HEXAGON = [(2, 0), (1, 2), (-1, 2), (-2, 0), (-1, -2), (1, -2)]  # the affine image of a regular one
L_SHAPE = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
CROSS = [[-1, 0], [1, 0]], [[0, 0]]  # weakly separated by y = 0


def moved(x: Any) -> list[tuple[Any, Any]]:
    """Return the square [0, 1] x [0, 1], moved to the right."""
    return [(a + x, b) for a, b in SQUARE]


def halfway(a: Any, b: Any) -> tuple[Fraction, ...]:
    """Return the point half-way between two points."""
    return tuple(Fraction(x + y) / 2 for x, y in zip(a, b, strict=True))


def in_annulus(point: Any) -> bool:
    """Tell whether a point is in the ring between the circles of radius 1/2 and 1."""
    inner = mathdl.Ball([0, 0], Fraction(1, 4), open=True)
    return mathdl.Ball([0, 0], 1).contains(point) and not inner.contains(point)


def in_crescent(point: Any) -> bool:
    """Tell whether a point is in the disc of radius 1, without the disc of radius 3/4 around (1/2, 0)."""
    bite = mathdl.Ball([Fraction(1, 2), 0], Fraction(9, 16), open=True)
    return mathdl.Ball([0, 0], 1).contains(point) and not bite.contains(point)


def stays_inside(name: str, contains: Any, grid: Any) -> Finding:
    """Find that the points half-way between all points of a grid that are in a set are in it too."""
    members = [point for point in grid if contains(point)]
    inside = sum(contains(halfway(a, b)) for a in members for b in members)
    return equals(f"pairs of {len(members)} points of {name} whose midpoint is in it", inside, len(members) ** 2)


def leaves(name: str, contains: Any, a: Any, b: Any) -> Finding:
    """Find that a and b are in a set and the point half-way is not."""
    ends = ", ".join(f"({point[0]}, {point[1]})" for point in (a, b, halfway(a, b)))
    return equals(
        f"of {ends}: two points and the one half-way, which are in {name}",
        [contains(point) for point in (a, b, halfway(a, b))],
        (True, True, False),
    )


@item(
    "def-7.1.1",
    "Convex set",
    try_it="mathdl.Polygon([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]).witness",
)
def convex_set() -> Findings:
    """A set A of points is convex if, with any two points x and y, it holds every point (1 - t) x + t y of the segment.

    t runs from 0 to 1. One segment that leaves A shows that A is not convex. An interval, a square and a disc are
    convex; an L is not.
    """
    grid = [(Fraction(x, 4), Fraction(y, 4)) for x, y in product(range(-4, 5), repeat=2)]
    yield stays_inside("the disc x^2 + y^2 <= 1", mathdl.Ball([0, 0], 1).contains, grid)
    yield stays_inside("the square [0, 1] x [0, 1]", mathdl.Polygon(SQUARE).contains, grid)
    yield stays_inside("the interval [-1/2, 1/2]", lambda p: abs(p[0]) <= Fraction(1, 2), [p[:1] for p in grid[::9]])
    yield equals("whether the square is convex", mathdl.Polygon(SQUARE).convex, True)
    bent: Any = mathdl.Polygon(L_SHAPE).witness
    start, end, middle = bent
    yield equals("a segment that leaves the L", (start, end), ((2, 1), (1, 2)))
    yield equals("its midpoint", middle, (Fraction(3, 2), Fraction(3, 2)))
    yield leaves("the L", mathdl.Polygon(L_SHAPE).contains, start, end)
    yield erratum(
        "Before the definition: a set is convex if it holds the segment between two points of it.",
        "It must hold the segments between all pairs of its points, as the definition says.",
        refutes(
            "The L holds the segment between two of its points, (0, 0) and (1, 1), and is not convex.",
            all(mathdl.Polygon(L_SHAPE).contains((Fraction(k, 8),) * 2) for k in range(9))
            and not mathdl.Polygon(L_SHAPE).convex,
        ),
        leaves("the L", mathdl.Polygon(L_SHAPE).contains, (2, 1), (1, 2)),
    )


@item("fig-7.1", "Convex and non-convex planar sets", try_it="mathdl.Polygon([(0, 0), (2, 0), (2, 1), (1, 1)]).convex")
def convex_or_not() -> Findings:
    """Square, hexagon and disc are convex; L, ring and crescent are not, and a segment shows it for each.

    The ring lies between circles of radius 1/2 and 1; the crescent is a disc without another disc.
    """
    for name, corners in (("square", SQUARE), ("hexagon", HEXAGON)):
        yield equals(f"whether the {name} is convex", mathdl.Polygon(corners).convex, True)
    grid = [(Fraction(x, 4), Fraction(y, 4)) for x, y in product(range(-4, 5), repeat=2)]
    yield stays_inside("the disc", mathdl.Ball([0, 0], 1).contains, grid)
    yield leaves("the L", mathdl.Polygon(L_SHAPE).contains, (2, 1), (1, 2))
    yield leaves("the ring", in_annulus, (-1, 0), (1, 0))
    above, below = ((Fraction(3, 5), sign * Fraction(4, 5)) for sign in (1, -1))
    yield leaves("the crescent", in_crescent, above, below)


@convex_or_not.figure("convex sets: a square, a hexagon and a disc", size=(3.7, 1.8))
def _draw_convex(ax: Any) -> None:
    fill(ax, SQUARE, 0)
    fill(ax, np.array(HEXAGON) * [0.4, 0.35] + [2.3, 0.5], 0)
    fill(ax, circle((4.1, 0.5), 0.6), 0)
    for x, name in ((0.5, "square"), (2.3, "hexagon"), (4.1, "disc")):
        ax.text(x, -0.45, name, ha="center", color=INK)
    ax.set_ylim(-0.7, 1.4)
    plane_of(ax)


@convex_or_not.figure("sets that are not convex: an L, a ring and a crescent, each with a segment that leaves it")
def _draw_not_convex(ax: Any) -> None:
    fill(ax, np.array(L_SHAPE) / 2, 1)
    chord(ax, (1, 0.5), (0.5, 1), (0.75, 0.75))
    fill(ax, np.vstack([circle((2.3, 0.5), 0.6), circle((2.3, 0.5), 0.3)[::-1]]), 1)
    chord(ax, (1.7, 0.5), (2.9, 0.5), (2.3, 0.5))
    tip = np.degrees(np.arccos(1 + 0.25 - 0.5625))  # where the circles meet, seen from the centre
    bite = np.degrees(np.arctan2(np.sin(np.radians(tip)), np.cos(np.radians(tip)) - 0.5))
    outer, inner = circle((0, 0), 1, tip, 360 - tip), circle((0.5, 0), 0.75, bite, 360 - bite)[::-1]
    fill(ax, np.vstack([outer, inner]) * 0.6 + [4.1, 0.5], 1)
    chord(ax, (4.1 + 0.36, 0.98), (4.1 + 0.36, 0.02), (4.46, 0.5))
    for x, name in ((0.5, "L"), (2.3, "ring"), (4.1, "crescent")):
        ax.text(x, -0.45, name, ha="center", color=INK)
    ax.set_ylim(-0.7, 1.4)
    plane_of(ax)


@item(
    "eq-7.3",
    "Separation and strict separation by a hyperplane",
    try_it="mathdl.Hyperplane([3, 4], 0).gap([[-3, 2]], [[1, -0.5]])",
)
def separation_by_a_hyperplane() -> Findings:
    """The hyperplane w.x = b separates A and B if w.x - b <= 0 on A and w.x - b >= 0 on B ((7.3), (7.4)).

    It does so strictly if, for some eps > 0, w.x - b <= -eps on A and w.x - b >= eps on B ((7.5), (7.6)). w is a
    vector, not zero, at right angles to the hyperplane, and b a number.
    """
    plane, A, B = mathdl.Hyperplane([3, 4], 0), [[-3, 2]], [[1, -0.5]]
    yield equals("3x + 4y at (-3, 2) of A and at (1, -1/2) of B", plane.value([*A, *B]), (-1, 1))
    yield equals("the best eps of 3x + 4y = 0 between A and B", plane.gap(A, B), 1)
    weak = mathdl.Hyperplane([0, 1], 0)
    yield equals("whether y = 0 separates {(-1, 0), (1, 0)} and {(0, 0)}", weak.separates(*CROSS), True)
    yield equals("whether it does so strictly", weak.strictly_separates(*CROSS), False)
    yield equals("whether any hyperplane separates these strictly", mathdl.separate(*CROSS).separable, False)
    yield erratum(
        "Strict separation leaves a strip of width 2 eps around the hyperplane, and eps is called the margin.",
        "The strip -eps <= w.x - b <= eps is 2 eps / |w| wide; 2 eps only where |w| = 1.",
        differs("width of the strip for w = (3, 4), b = 0 and eps = 1", plane.width(A, B), 2, within=1e-9),
        near("width of the strip", plane.width(A, B), 2 / 5, 1e-15),
        near("width for the unit vector w = (3/5, 4/5), where eps = 1/5", 2 * plane.gap(A, B) / 5, 2 / 5, 1e-15),
    )


@item(
    "fig-7.2",
    "Separation that is not strict, and one that is",
    try_it="mathdl.separate_sets([(0, 0), (1, 0), (1, 1), (0, 1)], [(2, 0), (3, 0), (3, 1), (2, 1)]).hyperplane.offset",
)
def two_squares() -> Findings:
    """Two squares that touch are separated by a line, but not strictly; two that are apart have a strip between them.

    The sets are [0, 1] x [0, 1], and the same square moved to the right by 1 and by 2.
    """
    touching, apart = mathdl.Hyperplane([1, 0], 1), mathdl.Hyperplane([1, 0], 1.5)
    yield equals(
        "whether x = 1 separates the square and the one moved by 1", touching.separates(SQUARE, moved(1)), True
    )
    yield equals("the best eps there", touching.gap(SQUARE, moved(1)), 0)
    yield equals("a point of both squares", mathdl.separate_sets(SQUARE, moved(1)).common_point[0], 1)
    yield equals("the best eps of x = 3/2 and the square moved by 2", apart.gap(SQUARE, moved(2)), Fraction(1, 2))
    found = mathdl.separate_sets(SQUARE, moved(2))
    yield equals("w and b that the library finds", (found.hyperplane.normal, found.hyperplane.offset), ((1, 0), 1.5))
    yield equals("width 2 eps / |w| of the strip", apart.width(SQUARE, moved(2)), 1)


def _squares(ax: Any, shift: float) -> None:
    fill(ax, SQUARE, 0, "A")
    fill(ax, moved(shift), 1, "B", "--")
    ax.set_xlim(-0.4, 1.4 + shift)
    ax.set_ylim(-0.4, 1.4)
    plane_of(ax)


@two_squares.figure("squares that touch along the line x = 1: not strict", size=(3.4, 2.0))
def _draw_touching(ax: Any) -> None:
    _squares(ax, 1)
    line(ax, mathdl.Hyperplane([1.0, 0.0], 1.0), "x = 1, eps = 0", color=INK)
    legend(ax)


@two_squares.figure("squares with the strip of eps = 1/2 around x = 3/2: strict", size=(3.4, 2.0))
def _draw_apart(ax: Any) -> None:
    _squares(ax, 2)
    plane = mathdl.Hyperplane([1.0, 0.0], 1.5)
    line(ax, plane, "x = 3/2, eps = 1/2", color=INK)
    for level in (-0.5, 0.5):
        line(ax, plane, level=level, color=SOFT, linestyle=":")
    legend(ax)


@item(
    "thm-7.1.1",
    "Hahn-Banach: separation when one convex set is open",
    try_it="mathdl.separate_sets(mathdl.Ball([1, 1], 0.5, open=True), mathdl.Ball([2, 0], 0.5, open=True))",
)
def separation_when_one_is_open() -> Findings:
    """Two convex sets that are not empty and have no point in common are separated by a hyperplane if one is open.

    Open means that the set holds a small ball around each of its points; so its boundary does not belong to it.
    """
    A, B = (mathdl.Ball(centre, Fraction(1, 2), open=True) for centre in ([1, 1], [2, 0]))
    found = mathdl.separate_sets(A, B)
    plane = found.hyperplane
    yield equals(
        "w and b between the open discs of exercise 7.1", (plane.normal, plane.offset), ((1, -1), 1), "They touch."
    )
    yield equals("whether a hyperplane separates them strictly", found.strict, False)
    closed = mathdl.separate_sets(*(mathdl.Ball(disc.centre, disc.squared_radius) for disc in (A, B)))
    yield equals("a point of both closed discs", closed.common_point, (Fraction(3, 2), Fraction(1, 2)))
    generator, answers = np.random.default_rng(711), []
    for _ in range(200):
        (x, y, s), corners = generator.integers(-4, 5, size=3), generator.integers(-4, 5, size=(3, 2)).tolist()
        disc = mathdl.Ball([x, y], Fraction(1 + int(abs(s)), 2), open=True)
        found = mathdl.separate_sets(disc, corners)
        if found.disjoint:
            w, b = found.hyperplane.normal, found.hyperplane.offset
            below = b - w @ np.array(disc.centre)  # at least |w| times the radius
            answers.append(below >= 0 and below**2 >= disc.squared_radius * (w @ w) and min(corners @ w) >= b)
        else:
            answers.append(disc.contains(found.common_point))
    yield equals(
        "of 200 open discs and triangles at random, those with a line between them or a common point that holds",
        sum(answers),
        200,
    )
    touching = mathdl.separate_sets(SQUARE, mathdl.HalfSpace([-1, 0], -1, open=True))
    yield equals("whether x > 1 and the closed unit square are separated", touching.disjoint, True)
    yield equals("whether strictly", touching.strict, False, "Openness alone gives no strip.")


@item(
    "thm-7.1.2",
    "Hahn-Banach: strict separation of a closed and a compact set",
    try_it="mathdl.separate_sets([(-1, 0), (0, 0), (-1, 1)], [(1, 0), (2, 0), (0.5, 1)]).hyperplane",
)
def strict_separation() -> Findings:
    """Two convex sets without a common point are separated strictly if one is closed and the other closed and bounded.

    With the nearest points p of A and q of B, w = q - p and b = w.(p + q) / 2 do it, with eps = |q - p|^2 / 2.
    """
    A, B = [[-1, 0], [0, 0], [-1, 1]], [[1, 0], [2, 0], [0.5, 1]]
    found = mathdl.separate_sets(A, B)
    p, q = np.array([0, 0]), np.array([Fraction(4, 5), Fraction(2, 5)])
    plane = found.hyperplane
    yield equals("w = q - p for the hulls of the classes of exercise 7.2c", plane.normal, q - p)
    yield equals("b = w.(p + q) / 2", plane.offset, (q - p) @ (p + q) / 2)
    yield equals("the best eps of w and b", plane.gap(A, B), (q - p) @ (q - p) / 2)
    yield near("width of the strip, the distance of the hulls", plane.width(A, B), 2 / sqrt(5), 1e-15)
    yield equals(
        "whether x >= 2 and the disc x^2 + y^2 <= 1 are separated strictly",
        mathdl.separate_sets(mathdl.Ball([0, 0], 1), mathdl.HalfSpace([-1, 0], -2)).strict,
        True,
    )
    # {y <= 0} and {y >= e^-x}: both closed, none bounded.
    widths = []
    for x in (0, 10, 20):
        above = [[float(t), exp(-t)] for t in range(x + 1)]
        widths.append(mathdl.separate([[-30.0, 0.0], [30.0, 0.0]], above).margin)
    yield Table({"x": [0, 10, 20], "width between y <= 0 and y >= e^-x up to x": widths})
    yield near(
        "width of the widest strip found between y <= 0 and y >= e^-x up to x = 20",
        widths[2],
        2.0612e-9,
        1e-12,
        "Of two closed sets without bounds the strip can vanish: e^-20 is 2.1e-9.",
    )


@item(
    "def-7.1.2",
    "Convex hull",
    try_it="mathdl.convex_hull([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5]]).vertices",
)
def hull_of_points() -> Findings:
    """The convex hull of a set C is the smallest convex set that holds C: what all convex sets around C have in common.

    A point of the hull of finitely many points is a mean of them with weights that are not negative and sum to 1.
    """
    points = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5]])
    hull = mathdl.convex_hull(points)
    yield equals("vertices among (0,0), (1,0), (0,1), (1,1), (1/2,1/2), from 0", sorted(hull.vertices), (0, 1, 2, 3))
    corners = points[hull.vertices]
    yield equals("vertices of the hull of the vertices", mathdl.convex_hull(corners).vertices, (0, 1, 2, 3))
    triangles = [mathdl.Polygon(t) for t in ([(-1, -1), (3, -1), (-1, 3)], [(0, 0), (2, 0), (0, 2)])]
    yield equals(
        "corners of the hull in two triangles that hold the points",
        [sum(triangle.contains(corner) for corner in corners) for triangle in triangles],
        (4, 4),
    )
    shown: Any = hull.membership((0.25, 0.5))
    weights = shown.weights[0]
    yield equals("sum of the weights that make (1/4, 1/2)", sum(weights), 1)
    yield equals("the mean of the vertices with these weights", weights @ np.array(corners, int), (0.25, 0.5))
    yield shows("None of the weights is negative.", min(weights) >= 0)


@hull_of_points.figure("the hull of five points: four vertices and one point inside")
def _draw_hull(ax: Any) -> None:
    fill(ax, SQUARE, 0, "hull")
    ax.plot([0, 1, 0, 1, 0.5], [0, 0, 1, 1, 0.5], "o", color=INK, label="points", linestyle="none")
    plane_of(ax)
    legend(ax)


@item(
    "claim-7.1-hulls",
    "Separable if and only if the hulls are disjoint",
    try_it="mathdl.separate([[0, 0], [2, 1]], [[1, 0], [1, 1]]).common_point",
)
def separable_or_hulls_meet() -> Findings:
    """A hyperplane separates two finite sets T1 and T2 strictly exactly when their convex hulls have no common point.

    The hulls are closed and bounded, so that theorem 7.1.2 gives the hyperplane; the other direction is elementary: a
    half-space that holds T1 holds its hull.
    """
    generator, separable, certified = np.random.default_rng(71), 0, 0
    for _ in range(300):
        n, m, p = generator.integers(1, 6, size=3)
        A, B = (generator.integers(-3, 4, size=(count, p)) / 2 for count in (n, m))
        found = mathdl.separate(A, B)
        separable += found.separable
        labels = ["A"] * n + ["B"] * m
        certified += bool(mathdl.verify(found.certificate, np.vstack([A, B]), labels))
    yield equals("of 300 pairs of sets, those with a checked hyperplane or a checked common point", certified, 300)
    yield equals("of these with a hyperplane", separable, 187)
    yield erratum(
        "A linear boundary separates T1 and T2 exactly when their convex hulls are disjoint.",
        "That is so for strict separation; weakly separated sets may have hulls that meet.",
        refutes(
            "y = 0 separates T1 = {(-1, 0), (1, 0)} and T2 = {(0, 0)}, whose hulls have a point in common.",
            mathdl.Hyperplane([0, 1], 0).separates(*CROSS) and not mathdl.separate(*CROSS).separable,
        ),
        equals("the common point of the hulls", mathdl.separate(*CROSS).common_point, (0, 0)),
        equals("the best eps of y = 0", mathdl.Hyperplane([0, 1], 0).gap(*CROSS), 0),
    )
