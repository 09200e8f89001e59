"""Exercises 1 to 3 of chapter 7: separation, and the hard margin of few points."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import sqrt
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter07.pictures import circle, fill, line, plane_of
from mathdl.book.chapter07.points import FIVE, FOUR, PARALLELOGRAM, SIGNS, SIGNS_5, SIGNS_6, SIX, plane, values, widest
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.errors import NotSeparableError
from mathdl.plots.style import COLOURS, INK, legend


@item(
    "exercise-7.1a", "Draw the line x - y = 1", try_it="mathdl.Hyperplane([1, -1], 1).value([[1, 0], [0, -1], [3, 2]])"
)
def line_to_draw() -> Findings:
    """Draw the line w.x - b = 0 with w = (1, -1) and b = 1."""
    found = mathdl.Hyperplane([1, -1], 1)
    yield equals(
        "w.x - b at (1, 0) and (0, -1)",
        found.value([[1, 0], [0, -1]]),
        (0, 0),
        "y = 0 gives x = 1, and x = 0 gives y = -1: where the line meets the axes.",
    )
    yield equals("slope (0 - (-1)) / (1 - 0)", Fraction(0 - -1, 1 - 0), 1, "The line is y = x - 1.")
    yield equals("w.x - b at (3, 2), the last point drawn", found.value([[3, 2]])[0], 0)
    yield equals("w.(1, 1)", np.dot(found.normal, [1, 1]), 0, "w is at right angles to the line's direction (1, 1).")
    yield equals("w.x - b at (2, 0)", found.value([[2, 0]])[0], 1, "w points to the side where w.x - b > 0.")


@line_to_draw.figure("the line x - y = 1 with its intercepts and its normal", size=(3.0, 2.6))
def _draw_line(ax: Any) -> None:
    ax.plot([-1, 3], [-2, 2], color=COLOURS[0], label="x - y = 1")
    ax.plot([1, 0], [0, -1], "o", color=INK, linestyle="none", label="intercepts")
    ax.annotate("", (2.5, -0.5), (1.5, 0.5), arrowprops={"arrowstyle": "->", "color": INK})
    ax.text(2.6, -0.7, "w", color=INK)
    plane_of(ax)
    legend(ax)


@item(
    "exercise-7.1b",
    "The line between two discs that touch it",
    try_it="mathdl.separate_sets(mathdl.Ball([1, 1], 0.5, open=True), mathdl.Ball([2, 0], 0.5, open=True))",
)
def line_between_discs() -> Findings:
    """Decide whether the line x - y = 1 separates the open discs A around (1, 1) and B around (2, 0).

    The square of the radius of either disc is 1/2.
    """
    found = mathdl.Hyperplane([1, -1], 1)
    yield equals(
        "w.x - b at the centres (1, 1) and (2, 0)",
        found.value([[1, 1], [2, 0]]),
        (-1, 1),
        "The centres are on different sides.",
    )
    yield near(
        "signed distances of the centres from the line",
        found.distance([[1, 1], [2, 0]]),
        (-sqrt(1 / 2), sqrt(1 / 2)),
        1e-15,
        "They are (w.x - b) / |w| with |w| = sqrt(2): the radius of either disc. So the line is a tangent of both.",
    )
    discs = [mathdl.Ball(centre, Fraction(1, 2), open=True) for centre in ([1, 1], [2, 0])]
    separated = mathdl.separate_sets(*discs)
    yield equals(
        "w and b that the library finds between the open discs",
        (separated.hyperplane.normal, separated.hyperplane.offset),
        ((1, -1), 1),
        "An open disc does not reach its tangent: w.x - b < 0 on A and > 0 on B. The line separates them.",
    )
    touching = (Fraction(3, 2), Fraction(1, 2))
    yield equals("w.x - b at (3/2, 1/2)", found.value([touching])[0], 0, "It is half-way between the centres.")
    gaps = []
    for k in (2, 12, 32):
        step = Fraction(1, 2**k)
        inside = [touching[0] - step, touching[1] + step], [touching[0] + step, touching[1] - step]
        gaps.append(found.gap(inside[:1], inside[1:]) if all(map(_in_disc, discs, inside)) else None)
    yield equals(
        "best eps for points of the discs 2^-k from (3/2, 1/2) in x and y, k = 2, 12 and 32",
        gaps,
        (Fraction(1, 2), Fraction(1, 2**11), Fraction(1, 2**31)),
        "Points of both discs come as near to the line as one likes, so that no eps > 0 is left.",
    )
    yield equals(
        "whether any line separates them strictly", separated.strict, False, "The answer: yes, but not strictly."
    )
    closed = mathdl.separate_sets(*(mathdl.Ball(disc.centre, disc.squared_radius) for disc in discs))
    yield equals("a point of both closed discs", closed.common_point, touching, "Closed discs would meet there.")


def _in_disc(disc: Any, point: Any) -> bool:
    return bool(disc.contains(point))


@line_between_discs.figure("two open discs and the line that both touch", size=(3.0, 2.6))
def _draw_discs(ax: Any) -> None:
    for k, (centre, name) in enumerate((((1, 1), "A"), ((2, 0), "B"))):
        fill(ax, circle(centre, sqrt(1 / 2)), k, name, ("--", ":")[k])
    line(ax, mathdl.Hyperplane([1.0, -1.0], 1.0), "x - y = 1", color=INK)
    plane_of(ax)
    legend(ax)


@item(
    "exercise-7.2a",
    "Hard margin, four points of a line",
    try_it="mathdl.HardMarginSVM().fit([[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1]).exact_solution_",
)
def four_points() -> Findings:
    """Find the hard margin of x1 = (-1, 0) and x3 = (0, 0) with y = -1 and x2 = (1, 0) and x4 = (2, 0) with y = 1.

    Wanted are w and b with the least |w| for which y_i (w.x_i - b) >= 1 for every point, and the support vectors: the
    points where equality holds.
    """
    found = widest(FOUR, SIGNS)
    yield equals(
        "w and b",
        plane(found),
        ((2, 0), 1),
        "x2 and x3 demand w1 - b >= 1 and b >= 1, so w1 >= 2, and |w| >= 2. With w = (2, 0) only b = 1 is left.",
    )
    yield equals("w.x - b at x1, ..., x4", values(found, FOUR), (-3, 1, -1, 3), "All four constraints hold.")
    model = mathdl.HardMarginSVM().fit(FOUR, SIGNS)
    yield equals("width 2 / |w| of the strip", model.margin_, 1, "It reaches from x = 0 to x = 1.")
    yield equals(
        "multipliers of x2 and x3",
        tuple(found.multipliers[i] for i in (1, 2)),
        (2, 2),
        "2 x2 - 2 x3 = (2, 0) = w and 2 - 2 = 0: w is a combination of support vectors, which proves the minimum.",
    )
    yield equals("support vectors, by number", [i + 1 for i in found.support], (2, 3), "Equality holds there alone.")
    yield erratum(
        "One support vector is asked for.",
        "There are two, x2 and x3, one on each edge of the strip.",
        differs("number of support vectors", len(found.support), 1),
        equals("labels of the support vectors", [SIGNS[i] for i in found.support], (1, -1)),
    )
    yield erratum(
        "The label of x2 is printed as y1 = 1, after y1 = -1.",
        "It is y2 = 1: a label that is both 1 and -1 leaves no w.",
        refutes(
            "If x1 = (-1, 0) had both labels, w.x1 - b would be at least 1 and at most -1: no hyperplane separates.",
            not mathdl.separate([[-1, 0], [0, 0]], [[-1, 0], [2, 0]]).separable,
        ),
        shows("With y2 = 1 a hyperplane separates the classes.", mathdl.separate(FOUR[::2], FOUR[1::2]).separable),
    )


@item(
    "exercise-7.2b",
    "A fifth point that changes nothing",
    try_it="mathdl.HardMarginSVM().fit([[-1, 0], [1, 0], [0, 0], [2, 0], [-1, 1]], [-1, 1, -1, 1, -1]).support_",
)
def fifth_point() -> Findings:
    """Add x5 = (-1, 1) with y = -1 to the four points of part a, and explain why the classifier stays the same."""
    before, after = widest(FOUR, SIGNS), widest(FIVE, SIGNS_5)
    yield equals(
        "w.x5 - b for the w and b of part a",
        values(before, FIVE)[4],
        -3,
        "-3 <= -1: the old w and b satisfy the new constraint, and a constraint more cannot make the minimum smaller.",
    )
    yield equals("w and b with the fifth point", plane(after), plane(before), "So the old minimum is the new one.")
    yield equals(
        "support vectors, by number",
        [i + 1 for i in after.support],
        (2, 3),
        "x5 is beyond the edge of its class, where it could be moved freely.",
    )


@item(
    "exercise-7.2c",
    "A sixth point that changes the strip",
    try_it="mathdl.HardMarginSVM().fit([[1, 0], [0, 0], [0.5, 1]], [1, -1, 1]).coef_",
)
def sixth_point() -> Findings:
    """Add x6 = (1/2, 1) with y = 1 to the five points of part b, and find the new hard margin."""
    before, after = widest(FIVE, SIGNS_5), widest(SIX, SIGNS_6)
    yield equals(
        "w.x6 - b for the w and b of part b",
        values(before, SIX)[5],
        0,
        "0 < 1: the old boundary runs through x6, so that the old w and b break its constraint.",
    )
    yield equals(
        "w and b",
        plane(after),
        ((2, 1), 1),
        "x2, x3 and x6 on the edges: w1 - b = 1, -b = -1 and w1 / 2 + w2 - b = 1 give b = 1, w1 = 2 and w2 = 1.",
    )
    yield equals("w.x - b at x1, ..., x6", values(after, SIX), (-3, 1, -1, 3, -2, 1), "All constraints hold.")
    yield equals(
        "multipliers of x2, x3 and x6",
        tuple(after.multipliers[i] for i in (1, 2, 5)),
        (Fraction(3, 2), Fraction(5, 2), 1),
        "3/2 x2 - 5/2 x3 + x6 = (2, 1) = w and 3/2 - 5/2 + 1 = 0, none negative: this proves the minimum.",
    )
    yield equals("4 / |w|^2, the square of the width of the strip", 2 / after.half_square, Fraction(4, 5))
    yield equals(
        "support vectors, by number",
        [i + 1 for i in after.support],
        (2, 3, 6),
        "The strip has turned until x6 is on its edge, and is 2 / sqrt(5) wide instead of 1.",
    )
    yield erratum(
        "The sixth point is called x5 again, with y5 = 1.",
        "It is x6 with y6 = 1, and x5 = (-1, 1) keeps its label -1.",
        refutes(
            "With y5 = 1 for x5 = (-1, 1) as well, w and b are others.",
            plane(widest(SIX, [*SIGNS, 1, 1])) != plane(after),
        ),
        equals("w and b of the six points with y5 = -1 and y6 = 1", plane(after), ((2, 1), 1)),
    )


@item(
    "exercise-7.3a.1",
    "Labels of a parallelogram without a hard margin",
    try_it="mathdl.separate([[1, 0], [1, 1]], [[0, 0], [2, 1]])",
)
def crossed_labels() -> Findings:
    """Show that there is no hard margin if x1 = (0, 0), x4 = (2, 1) have y = 1 and x2 = (1, 0), x3 = (1, 1) y = -1."""
    x1, x2, x3, x4 = map(np.array, PARALLELOGRAM)
    yield equals("x1 + x4 and x2 + x3", (x1 + x4, x2 + x3), ((2, 1), (2, 1)), "The diagonals have one midpoint.")
    multipliers, labels = np.array([1, 1, 1, 1]), np.array([1, -1, -1, 1])
    left = (
        sum(m * y * x for m, y, x in zip(multipliers, labels, (x1, x2, x3, x4), strict=True)),
        -sum(multipliers * labels),
    )
    yield equals(
        "factors of w and of b in the sum of all four y_i (w.x_i - b)",
        left,
        ((0, 0), 0),
        "w.(x1 + x4) - 2b - w.(x2 + x3) + 2b = 0 for every w and b.",
    )
    yield equals(
        "what the four constraints y_i (w.x_i - b) >= 1 add up to, at least",
        int(sum(multipliers)),
        4,
        "0 >= 4 is false, so that no w and b satisfy all four.",
    )
    found = mathdl.separate(PARALLELOGRAM[1:3], [PARALLELOGRAM[0], PARALLELOGRAM[3]])
    yield equals(
        "weights of a common point of the hulls",
        found.weights,
        ((Fraction(1, 2),) * 2, (Fraction(1, 2),) * 2),
        "The same proof as a certificate: halves of the same sum.",
    )
    yield equals("whether a hyperplane separates the classes", found.separable, False, "There is no hard margin.")


@item(
    "exercise-7.3a.2",
    "The hulls of these classes and their intersection",
    try_it="mathdl.convex_hull([[0, 0], [2, 1]]).intersection(mathdl.convex_hull([[1, 0], [1, 1]]))",
)
def crossed_hulls() -> Findings:
    """Find the hulls of {(0, 0), (2, 1)} and of {(1, 0), (1, 1)}, and what they have in common."""
    first, second = mathdl.convex_hull([[0, 0], [2, 1]]), mathdl.convex_hull([[1, 0], [1, 1]])
    yield equals(
        "number of vertices of each hull",
        (len(first.vertices), len(second.vertices)),
        (2, 2),
        "The hull of two points is the segment between them: the points (2t, t), and the points (1, s).",
    )
    yield equals(
        "vertices of the intersection",
        first.intersection(second),
        ((1, Fraction(1, 2)),),
        "2t = 1 and s = t give t = s = 1/2: the hulls have exactly the point (1, 1/2) in common.",
    )


@crossed_hulls.figure("the two segments and the point in which they cross", size=(3.0, 2.2))
def _draw_crossed(ax: Any) -> None:
    for ends, shape, k in (([(0, 0), (2, 1)], "-o", 0), ([(1, 0), (1, 1)], "--s", 1)):
        ax.plot(*np.array(ends).T, shape, color=COLOURS[k], label=f"hull of the class {1 - 2 * k}")
    ax.plot([1], [0.5], "x", color=INK, markersize=9, markeredgewidth=2, linestyle="none", label="common point")
    plane_of(ax)
    legend(ax)


@item(
    "exercise-7.3b.1",
    "Labels of a parallelogram with a hard margin",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [1, 0], [1, 1], [2, 1]], [1, 1, -1, -1]).exact_solution_",
)
def parallel_labels() -> Findings:
    """Show that there is a hard margin if x1 = (0, 0), x2 = (1, 0) have the label 1 and x3 = (1, 1), x4 = (2, 1) -1."""
    y = [1, 1, -1, -1]
    found = widest(PARALLELOGRAM, y)
    yield equals(
        "w.x - b for w = (0, -2) and b = -1",
        mathdl.Hyperplane([0, -2], -1).value(PARALLELOGRAM),
        (1, 1, -1, -1),
        "The line y = 1/2 leaves the classes on different sides, and these w and b satisfy all constraints.",
    )
    yield equals(
        "w and b of the hard margin",
        plane(found),
        ((0, -2), -1),
        "x2 and x3 demand w.x2 - w.x3 >= 2, so -w2 >= 2 and |w| >= 2: no shorter w is possible.",
    )
    yield equals("width 2 / |w|", mathdl.HardMarginSVM().fit(PARALLELOGRAM, y).margin_, 1)
    yield equals("support vectors, by number", [i + 1 for i in found.support], (1, 2, 3, 4), "All are on the edges.")


@item(
    "exercise-7.3b.2",
    "The hulls of these classes",
    try_it="mathdl.convex_hull([[0, 0], [1, 0]]).intersection(mathdl.convex_hull([[1, 1], [2, 1]]))",
)
def parallel_hulls() -> Findings:
    """Find the hulls of {(0, 0), (1, 0)} and of {(1, 1), (2, 1)}, and what they have in common."""
    below, above = mathdl.convex_hull(PARALLELOGRAM[:2]), mathdl.convex_hull(PARALLELOGRAM[2:])
    yield equals(
        "second coordinates of the vertices",
        (below.points[:, 1], above.points[:, 1]),
        ((0, 0), (1, 1)),
        "The hulls are the segments from (0, 0) to (1, 0) and from (1, 1) to (2, 1), on parallel lines.",
    )
    yield equals("number of vertices of the intersection", len(below.intersection(above)), 0, "It is empty.")
    separated = mathdl.separate_sets(below, above)
    w = separated.hyperplane.normal
    yield equals("distance of the hulls squared", w @ w, 1, "(1, 0) and (1, 1) are nearest: the strip's width.")


@item(
    "exercise-7.3c",
    "All sixteen labellings of four points",
    try_it="mathdl.separate([[0, 0], [1, 0], [2, 1]], [[1, 1]]).separable",
)
def all_labellings() -> Findings:
    """Say for which labels of (0, 0), (1, 0), (1, 1), (2, 1) there is a hard margin, and for which the hulls meet."""
    squares: dict[tuple[int, ...], Any] = {}
    meet = []
    for labels in product((1, -1), repeat=4):
        classes = [[x for x, label in zip(PARALLELOGRAM, labels, strict=True) if label == sign] for sign in (1, -1)]
        if not all(classes):
            continue
        try:
            squares[labels] = 2 * widest(PARALLELOGRAM, labels).half_square
        except NotSeparableError:
            squares[labels] = None
        meet.append(not mathdl.separate(*classes).separable)
    texts = [" ".join(f"{label:+d}" for label in labels) for labels in squares]
    yield Table(
        {"labels": texts, "|w|^2": [None if s is None else int(s) for s in squares.values()], "hulls meet": meet}
    )
    without = [labels for labels, square in squares.items() if square is None]
    yield equals(
        "labels of both classes without a hard margin",
        without,
        ((1, -1, -1, 1), (-1, 1, 1, -1)),
        "Only the two that give the ends of each diagonal one label, as in part a.",
    )
    yield equals(
        "|w|^2 where the first label is 1, in the order of the table",
        [squares[labels] for labels in squares if labels[0] == 1],
        (4, 20, 4, 20, 8, None, 4),
        "Changing all signs changes the sign of w and b only, so that seven of fourteen suffice.",
    )
    yield equals(
        "whether the hulls meet, in the order of the table",
        meet,
        [square is None for square in squares.values()],
        "They meet exactly where there is no hard margin, as the theorem of Hahn and Banach says.",
    )
    yield equals("number of labellings with a hard margin, of 14 with both classes", 14 - len(without), 12)
    yield equals(
        "support vectors for the labels 1, -1, 1, -1",
        [i + 1 for i in widest(PARALLELOGRAM, (1, -1, 1, -1)).support],
        (1, 2, 3, 4),
    )
    yield erratum(
        "A hard margin exists or not for each choice of labels.",
        "With four equal labels the constraints hold for w = 0: there is neither a contradiction nor a boundary.",
        refutes(
            "With labels 1 alone, w = 0 and b = -1 give y (w.x - b) = 1 at all four points, without a line.",
            all(np.dot([0, 0], x) - (-1) >= 1 for x in PARALLELOGRAM),
        ),
        equals("number of labellings with one class", 16 - len(squares), 2),
    )
