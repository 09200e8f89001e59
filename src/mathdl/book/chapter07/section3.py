"""Section 7.3: the hard margin."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter07.points import (
    BLUE,
    FOUR,
    PARALLELOGRAM,
    RED,
    SIGNS,
    SIGNS_6,
    SIX,
    plane,
    repeated,
    values,
    widest,
)
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.errors import NotSeparableError

DATA: dict[str, tuple[Any, Any]] = {
    "exercise 7.2a": (FOUR, SIGNS),
    "exercise 7.2c": (SIX, SIGNS_6),
    "exercise 7.3b": (PARALLELOGRAM, [1, 1, -1, -1]),
    "exercise 7.5a": repeated(4),
    "exercise 7.5c": ([*repeated(4)[0], [0.5, 0]], [*repeated(4)[1], -1]),
}


def random_data(seed: int) -> tuple[Any, Any]:
    """Draw points of the plane, or of space, that a hyperplane separates."""
    points = np.random.default_rng(seed).integers(-9, 10, size=(14, 2 + seed % 2)) / 4
    return points, np.where(points[:, 0] + 0.03 * points.sum(axis=1) > 0.26, 1, -1)


def data_sets() -> dict[str, tuple[Any, Any]]:
    """Return the data of the exercises, and some at random."""
    return DATA | {f"random {seed}": random_data(seed) for seed in range(6)}


@item(
    "fig-7.5",
    "Many lines separate the same classes",
    try_it="mathdl.Hyperplane([1, 0.25], 1).strictly_separates([[0, 0], [0, 1]], [[2, 0], [2, 1]])",
)
def many_lines() -> Findings:
    """Red (0, 0), (0, 1) and blue (2, 0), (2, 1) are separated by every line x = c with 0 < c < 2, and by others.

    Only one of them has the largest distance from both classes.
    """
    upright = [mathdl.Hyperplane([1, 0], Fraction(k, 32)).strictly_separates(RED, BLUE) for k in range(65)]
    yield equals("how many of the lines x = k / 32, k = 0, ..., 64, separate strictly", sum(upright), 63)
    slanted = [mathdl.Hyperplane([1, Fraction(1, 4)], Fraction(k, 32)).strictly_separates(RED, BLUE) for k in range(65)]
    yield equals("how many of the lines x + y / 4 = k / 32 do", sum(slanted), 55, "Those with 1/4 < k / 32 < 2.")
    yield equals("w and b of the hard margin", plane(widest(RED + BLUE, [-1, -1, 1, 1])), ((1, 0), 1))
    widths = [mathdl.Hyperplane([1, 0], Fraction(k, 32)).width(RED, BLUE) for k in range(1, 64)]
    yield equals("number of lines x = k / 32 with the width 2 of its strip", widths.count(2.0), 1, "x = 1 alone.")


@many_lines.figure("five lines that separate two classes, the best with its strip", size=(4.4, 2.8))
def _draw_many_lines(ax: Any) -> None:
    from mathdl.plots import plot_separation

    own = {"x = 1/2": ([1, 0], 0.5), "x = 8/5": ([1, 0], 1.6), "x + y/4 = 1": ([4, 1], 4), "x - y = 1/2": ([2, -2], 1)}
    lines = {name: mathdl.Hyperplane(normal, offset) for name, (normal, offset) in own.items()}
    best = mathdl.HardMarginSVM().fit(RED + BLUE, [-1, -1, 1, 1]).decision_boundary_
    plot_separation(RED, BLUE, lines | {"best": best}, ax=ax)


@item(
    "eq-7.9",
    "The hard margin",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [0, 1], [2, 0]], [-1, -1, 1]).certify().statement",
)
def hard_margin() -> Findings:
    """Minimise |w| over w and b with y_i (w.x_i - b) >= 1 for every point x_i, whose label y_i is 1 or -1 (7.9).

    The margin is the strip -1 < w.x - b < 1 (7.8), which is 2 / |w| wide and holds no point. Multipliers a_i >= 0 with
    w = sum a_i y_i x_i and sum a_i y_i = 0 prove a minimum: sum a_i - |w|^2 / 2 is a lower bound of |w|^2 / 2, and
    equal to it.
    """
    names: list[str] = []
    multipliers: list[Any] = []
    proven = []
    for name, (X, y) in data_sets().items():
        found = widest(X, y)
        a, signs, rows = found.multipliers, np.array(y), [[Fraction(v) for v in row] for row in np.array(X).tolist()]
        combined = [sum(a[i] * int(signs[i]) * rows[i][j] for i in a) for j in range(len(rows[0]))]
        square = sum(value * value for value in found.normal)
        conditions = (
            min(signs * values(found, X)) == 1,
            min(a.values()) >= 0 == sum(a[i] * int(signs[i]) for i in a),
            tuple(combined) == found.normal,
            sum(a.values()) - square / 2 == square / 2,
        )
        names, multipliers = [*names, name], [*multipliers, tuple(a[i] for i in sorted(a))]
        proven.append(all(conditions))
    yield Table({"data": names, "positive multipliers": [", ".join(map(str, each)) for each in multipliers]})
    yield equals("of 11 data sets, those where all conditions of a minimum hold exactly", sum(proven), 11)
    yield equals("multipliers of exercise 7.2a", multipliers[0], (2, 2))
    yield equals("of 7.2c", multipliers[1], (Fraction(3, 2), Fraction(5, 2), 1))
    yield equals("of 7.5c", multipliers[4], (8, 8))
    yield near("width 2 / |w| in exercise 7.2c", mathdl.HardMarginSVM().fit(SIX, SIGNS_6).margin_, 2 / sqrt(5), 1e-15)
    try:
        mathdl.HardMarginSVM().fit(PARALLELOGRAM, [1, -1, -1, 1])
    except NotSeparableError as error:
        common = error.separation.common_point
        yield equals("common point of the hulls where there is no hard margin", common, (1, Fraction(1, 2)))
    yield erratum(
        "The problem (7.9) always gives a boundary.",
        "Both classes must be there: with one, w = 0 and b = -y satisfy all constraints with the least |w|.",
        refutes(
            "With y = 1 for all four points of exercise 7.2, w = 0 and b = -1 give y (w.x - b) = 1, and no line.",
            all(np.dot([0, 0], x) - (-1) >= 1 for x in FOUR),
        ),
        shows("With both classes w is not zero.", any(widest(FOUR, SIGNS).normal)),
    )
    foot, normal = np.array([Fraction(2, 5), Fraction(1, 5)]), np.array([2, 1])  # b w / |w|^2, and w
    line = mathdl.Hyperplane(normal, 1)
    yield erratum(
        "The distance from the boundary to the margin is 1 / |w|, and the margin is the strip (7.8).",
        "The boundary is the middle of the strip, at the distance 0; 1 / |w| is its distance from the strip's edges.",
        refutes(
            "(2/5, 1/5) is on the boundary of exercise 7.2c: w.x - b = 0 there, between -1 and 1.",
            -1 < line.value([foot])[0] == 0 < 1,
        ),
        equals("w.x - b at (2/5, 1/5) + w / |w|^2, which is 1 / |w| away", line.value([foot + foot])[0], 1),
    )


@item(
    "fig-7.6",
    "A hard margin with its support vectors",
    try_it="mathdl.HardMarginSVM().fit([[1, 0], [0, 0], [0.5, 1]], [1, -1, 1]).support_",
)
def support_vectors_marked() -> Findings:
    """The hard margin of the six points of exercise 7.2c: the boundary, and the strip around it.

    The points on the edges, where y (w.x - b) = 1, are the support vectors.
    """
    model, found = mathdl.HardMarginSVM().fit(SIX, SIGNS_6), widest(SIX, SIGNS_6)
    yield equals("w and b", plane(found), ((2, 1), 1))
    yield near("width of the strip", model.margin_, 2 / sqrt(5), 1e-15)
    yield equals("support vectors, by number", [i + 1 for i in found.support], (2, 3, 6))
    yield equals("the least |w.x - b| of the six points", min(abs(values(found, SIX))), 1, "None is in the open strip.")


@support_vectors_marked.figure("six points, the boundary, the dashed edges of the strip, support vectors ringed")
def _draw_support_vectors(ax: Any) -> None:
    from mathdl.plots import plot_decision_boundary

    plot_decision_boundary(mathdl.HardMarginSVM().fit(SIX, SIGNS_6), np.array(SIX), np.array(SIGNS_6), ax=ax)


@item(
    "eq-7.10",
    "Support vectors alone determine the classifier",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [2, 2], [3, 2]], [-1, 1, 1]).support_",
)
def support_vectors_alone() -> Findings:
    """Minimising |w| with y (w.z - b) = 1 at the support vectors z alone gives the same w and b as (7.9).

    So a point that is no support vector can be left out without a change.
    """
    kept, alone, shortest = 0, 0, 0
    for X, y in data_sets().values():
        X, y, found = np.array(X), np.array(y), widest(X, y)
        others = sorted(set(range(len(X))) - set(found.support))
        kept += all(plane(widest(np.delete(X, i, 0), np.delete(y, i))) == plane(found) for i in others)
        alone += plane(widest(X[found.support], y[found.support])) == plane(found)
        # The shortest solution of the equations, by the pseudo-inverse of the matrix of differences.
        Z, labels = X[found.support].astype(float), y[found.support]
        w = np.linalg.pinv(Z[1:] - Z[0]) @ (labels[1:] - labels[0])
        shortest += np.allclose(w, np.array(found.normal, float), atol=1e-9)
    yield equals("of 11 data sets, those where leaving out any other point changes nothing", kept, 11)
    yield equals("those where the support vectors alone give the same w and b", alone, 11)
    yield equals("those where the shortest w with equality at the support vectors is the same", shortest, 11)
    found, y = widest(SIX, SIGNS_6), np.array(SIGNS_6)
    at_support = values(found, SIX)[found.support]
    yield erratum(
        "In (7.10) y_i stands beside z_i: the i-th label for the i-th support vector.",
        "It must be the label of the object that z_i is.",
        differs("y_i (w.z_i - b) with the first three labels of exercise 7.2c", y[:3] * at_support, (1, 1, 1)),
        equals("y (w.z_i - b) with the labels of the support vectors", y[found.support] * at_support, (1, 1, 1)),
    )
