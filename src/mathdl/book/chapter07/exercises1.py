"""Exercises 1 to 3 of chapter 7: separation, and the hard margin of few points."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, differs, equals, erratum, refutes, shows
from mathdl.book.item import item

FOUR = [[-1, 0], [1, 0], [0, 0], [2, 0]]
SIGNS = [-1, 1, -1, 1]
FIVE, SIGNS_5 = [*FOUR, [-1, 1]], [*SIGNS, -1]
SIX, SIGNS_6 = [*FIVE, [0.5, 1]], [*SIGNS_5, 1]


def widest(X: Any, y: Any) -> Any:
    """Return the hard margin's w, b and multipliers as fractions."""
    return mathdl.HardMarginSVM().fit(X, y).exact_solution_


def plane(solution: Any) -> Any:
    """Return w and b of a hard margin as one pair."""
    return solution.normal, solution.offset


def values(solution: Any, X: Any) -> Any:
    """Return w.x - b for each point, exactly."""
    return mathdl.Hyperplane(np.array(solution.normal), solution.offset).value(X)


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
