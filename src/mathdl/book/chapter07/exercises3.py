"""Exercise 6 of chapter 7: how many support vectors there are, and what they determine."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter07.points import BLUE, FOUR, PARALLELOGRAM, RED, SIGNS, SIGNS_6, SIX, plane, widest
from mathdl.book.finding import Findings, Table, differs, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.errors import NotSeparableError
from mathdl.plots.style import COLOURS, INK, legend

HALF = Fraction(1, 2)
TWO_CORNERS = [[0, 0], [-1, 0], [0, -1], [2, 2], [3, 2], [2, 3]], [-1, -1, -1, 1, 1, 1]


def whole(points: Any) -> Any:
    """Return points with whole numbers as Python's, so that fractions of them are exact."""
    return np.array(points, dtype=object)


def shortest(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Return w0 = 2 (x2 - x1) / |x2 - x1|^2 and b0 = w0.(x1 + x2) / 2."""
    x1, x2 = whole(x1), whole(x2)
    w = (x2 - x1) * Fraction(2, int((x2 - x1) @ (x2 - x1)))
    return tuple(w), w @ (x1 + x2) / 2


def family(s: Any) -> tuple[Any, Any]:
    """Return the member w = (1/2 + s, 1/2 - s), b = 1 of the family of (0, 0) and (2, 2)."""
    return (HALF + s, HALF - s), 1


@item(
    "exercise-7.6a.1",
    "Two support vectors of one class fix the direction",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [0, 1], [2, 0]], [-1, -1, 1]).exact_solution_.normal",
)
def direction_of_w() -> Findings:
    """Support vectors x1 and x2 have the label -1, x3 the label 1: show that x1 and x2 determine w / |w|."""
    found = [widest([(0, 0), (0, 1), x3], [-1, -1, 1]) for x3 in ((2, 0), (-2, 0), (2, HALF))]
    yield equals(
        "w.(x2 - x1) for x1 = (0, 0), x2 = (0, 1) and x3 = (2, 0), (-2, 0), (2, 1/2)",
        [np.dot(each.normal, [0, 1]) for each in found],
        (0, 0, 0),
        "w.x1 - b = -1 and w.x2 - b = -1; the difference is w.(x2 - x1) = 0. In the plane only two unit vectors are at "
        "right angles to x2 - x1, one the negative of the other.",
    )
    yield equals(
        "w and b for these x3",
        [plane(each) for each in found],
        (((1, 0), 1), ((-1, 0), 1), ((1, 0), 1)),
        "The side of x3 decides which of the two it is: w.(x3 - x1) = 2 is positive.",
    )
    yield erratum(
        "x1 and x2 alone determine w / |w|.",
        "They do up to the sign, which x3 fixes; and they must be different points.",
        differs("w for x3 = (-2, 0), beside that for (2, 0)", found[1].normal, found[0].normal),
        equals("their sum", np.add(found[0].normal, found[1].normal), (0, 0)),
        equals(
            "w for x1 = x2 = (0, 0), x3 = (2, 2)", widest([(0, 0), (0, 0), (2, 2)], [-1, -1, 1]).normal, (HALF, HALF)
        ),
    )


@item(
    "exercise-7.6a.2",
    "Three support vectors fix w and b",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [1, 2], [3, 0]], [-1, -1, 1]).exact_solution_",
)
def three_determine() -> Findings:
    """Show that w and b are determined by x1, x2 with the label -1 and x3 with the label 1, all support vectors.

    Three linear equations say so: w.x1 - b = -1, w.x2 - b = -1 and w.x3 - b = 1.
    """
    generator, agree, regular, collinear = np.random.default_rng(76), 0, 0, 0
    for _ in range(60):
        x1, x2, x3 = generator.integers(-2, 3, size=(3, 2)).tolist()
        area = (x2[0] - x1[0]) * (x3[1] - x1[1]) - (x2[1] - x1[1]) * (x3[0] - x1[0])
        if area == 0:
            collinear += 1
            continue
        # w = t n with n at right angles to x2 - x1, so that t n.(x3 - x1) = 2.
        n = whole([x1[1] - x2[1], x2[0] - x1[0]])
        w = n * Fraction(2, area)
        b = w @ whole(x1) + 1
        equations = mathdl.Hyperplane(w, b).value([x1, x2, x3])
        regular += equations.tolist() == [-1, -1, 1]
        hard = widest([x1, x2, x3], [-1, -1, 1])
        agree += len(hard.support) < 3 or plane(hard) == (tuple(w), b)
    yield equals(
        "of 60 random triples, those on one line",
        collinear,
        13,
        "The determinant of the equations is the area of the parallelogram that x1, x2, x3 span; it is not 0 here: x3 "
        "is on another line at right angles to w than x1 and x2.",
    )
    yield equals(
        "of the others, those solved by w = t n, b = w.x1 + 1, with n at right angles to x2 - x1, t = 2 / n.(x3 - x1)",
        regular,
        60 - collinear,
        "By part a.1 w = t n; the third equation less the first is t n.(x3 - x1) = 2, and b follows.",
    )
    yield equals("of these, those where a hard margin with three support vectors is that one", agree, 60 - collinear)
    yield erratum(
        "Three support vectors determine w and b.",
        "They do if x1 and x2 are different points.",
        refutes(
            "For x1 = x2 = (0, 0) and x3 = (2, 2), w = (1, 0), b = 1 and w = (0, 1), b = 1 both solve the equations.",
            all(
                mathdl.Hyperplane(w, 1).value([[0, 0], [0, 0], [2, 2]]).tolist() == [-1, -1, 1]
                for w in ([1, 0], [0, 1])
            ),
        ),
        equals(
            "w.x - b for x1 = (0, 0), x2 = (0, 1), x3 = (2, 2), w = (1, 0), b = 1",
            mathdl.Hyperplane([1, 0], 1).value([[0, 0], [0, 1], [2, 2]]),
            (-1, -1, 1),
        ),
        shows(
            "With w = (0, 1) instead the second equation fails.", mathdl.Hyperplane([0, 1], 1).value([[0, 1]])[0] != -1
        ),
    )


@item(
    "exercise-7.6b.1",
    "Infinitely many w and b for two points",
    try_it="mathdl.Hyperplane([7.5, -6.5], 1).value([[0, 0], [2, 2]])",
)
def infinite_family() -> Findings:
    """Show that the set S of (w, b) with w.x1 - b = -1 and w.x2 - b = 1 is infinite."""
    numbers = [Fraction(-7), Fraction(0), Fraction(1, 3), Fraction(10**9)]
    yield equals(
        "w.x - b at x1 = (0, 0) and x2 = (2, 2) for w = (1/2 + s, 1/2 - s), b = 1 and s = -7, 0, 1/3, 10^9",
        [mathdl.Hyperplane(np.array(w), b).value([[0, 0], [2, 2]]) for w, b in map(family, numbers)],
        ((-1, 1),) * 4,
        "The difference of the equations is w.(x2 - x1) = 2. To one solution all multiples of a vector at right angles "
        "to x2 - x1 can be added, here s (1, -1): S is a line in the space of (w, b), one for every number s.",
    )
    generator, solved = np.random.default_rng(61), 0
    for _ in range(50):
        x1, d = generator.integers(-5, 6, size=2), generator.integers(1, 6, size=2)
        w0, _ = shortest(x1, x1 + d)
        w = whole(w0) + Fraction(int(generator.integers(-9, 10)), 7) * whole([-d[1], d[0]])
        b = w @ whole(x1.tolist()) + 1
        solved += mathdl.Hyperplane(w, b).value([x1, x1 + d]).tolist() == [-1, 1]
    yield equals(
        "of 50 random pairs, those where w0 + s d', b = w.x1 + 1 with d' at right angles solves both", solved, 50
    )


@item(
    "exercise-7.6b.2",
    "The shortest w is parallel to the line between the points",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [2, 2]], [-1, 1]).exact_solution_",
)
def shortest_member() -> Findings:
    """Explain that of all (w, b) in S the shortest w is parallel to the line that joins x1 and x2."""
    yield equals(
        "w0 = 2 (x2 - x1) / |x2 - x1|^2 and b0 for (0, 0) and (2, 2)", shortest([0, 0], [2, 2]), ((HALF, HALF), 1)
    )
    squares = [sum(v * v for v in family(s)[0]) for s in (Fraction(-3), Fraction(0), Fraction(1, 7))]
    yield equals(
        "|w|^2 of the members s = -3, 0 and 1/7",
        squares,
        [HALF + 2 * s * s for s in (-3, 0, Fraction(1, 7))],
        "w = w0 + s d' with d' at right angles to w0, so |w|^2 = |w0|^2 + s^2 |d'|^2 (Pythagoras): least for s = 0.",
    )
    agree, pairs = 0, 0
    for seed in range(30):
        x1, x2 = np.random.default_rng(seed).integers(-5, 6, size=(2, 2)).tolist()
        if x1 != x2:
            pairs, agree = pairs + 1, agree + (plane(widest([x1, x2], [-1, 1])) == shortest(x1, x2))
    yield equals(
        "of 30 random pairs of different points, those where the hard margin is w0, b0",
        (pairs, agree),
        (29, 29),
        "w.(x2 - x1) = 2 and |w| |x2 - x1| >= 2 (Cauchy and Schwarz), with equality for parallel vectors alone.",
    )


@item(
    "exercise-7.6b.3",
    "Infinitely many of them still separate the classes",
    try_it="mathdl.Hyperplane([0.75, 0.25], 1).value([[0, 0], [-1, 0], [0, -1], [2, 2], [3, 2], [2, 3]])",
)
def small_family() -> Findings:
    """Show that infinitely many members of S separate the classes with x1 and x2 as their only support vectors.

    The example: (0, 0), (-1, 0), (0, -1) have the label -1 and (2, 2), (3, 2), (2, 3) the label 1; x1 = (0, 0) and
    x2 = (2, 2).
    """
    X, y = TWO_CORNERS
    numbers = [Fraction(k, 4) for k in (-3, -2, -1, 0, 1, 2, 3)]
    margins = [np.array(y) * mathdl.Hyperplane(np.array(family(s)[0]), 1).value(X) for s in numbers]
    yield Table({"s": [str(s) for s in numbers], "least y (w.x - b)": [str(min(each)) for each in margins]})
    yield equals(
        "least y (w.x - b) for s = -3/4, -1/2, -1/4, 0, 1/4, 1/2, 3/4",
        [min(each) for each in margins],
        (Fraction(3, 4), 1, 1, 1, 1, 1, Fraction(3, 4)),
        "The four other points demand |s| <= 1/2: (-1, 0), for example, 1 + (1/2 + s) >= 1.",
    )
    yield equals(
        "points with y (w.x - b) = 1 for s = -1/4, 0 and 1/4, by number",
        [[i + 1 for i, value in enumerate(margins[k]) if value == 1] for k in (2, 3, 4)],
        ((1, 4),) * 3,
        "For |s| < 1/2 the other constraints hold with room to spare: as they do in general for all s near 0, since "
        "y (w.x - b) is continuous in s and finitely many points have more than 1 at s = 0.",
    )
    tiny = Fraction(1, 2**40)
    yield equals(
        "least y (w.x - b) for s = 1/2 + 2^-40",
        min(np.array(y) * mathdl.Hyperplane(np.array(family(HALF + tiny)[0]), 1).value(X)),
        1 - tiny,
        "So S' is the part of S with |s| <= 1/2.",
    )


@small_family.figure("the boundaries of the family for s = -1/2, 0 and 1/2, through one point", size=(3.2, 2.8))
def _draw_family(ax: Any) -> None:
    X, y = (np.array(each) for each in TWO_CORNERS)
    for label, shape, colour in ((-1, "o", COLOURS[0]), (1, "s", COLOURS[1])):
        ax.plot(*X[y == label].T, shape, color=colour, label=f"y = {label}")
    for s, shape in ((-0.5, ":"), (0.0, "-"), (0.5, "--")):
        along = np.array([-(0.5 - s), 0.5 + s])
        ends = np.array([[1, 1] - 2 * along, [1, 1] + 2 * along])
        ax.plot(*ends.T, shape, color=INK, label=f"s = {s:g}")
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xlabel="x", ylabel="y")
    legend(ax)


@item(
    "exercise-7.6b.4",
    "Only one of them is shortest",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [-1, 0], [2, 2], [3, 2]], [-1, -1, 1, 1]).exact_solution_.normal",
)
def one_is_shortest() -> Findings:
    """Explain why only one member of S' has the least |w|, and why it is the hard margin."""
    found = widest(*TWO_CORNERS)
    numbers = [Fraction(k, 8) for k in range(-4, 5)]
    squares = [sum(v * v for v in family(s)[0]) for s in numbers]
    yield equals(
        "|w|^2 for s = -1/2, -3/8, ..., 1/2",
        squares,
        [HALF + 2 * s * s for s in numbers],
        "1/2 + 2 s^2 is strictly convex in s: it has one least value, at s = 0.",
    )
    yield equals(
        "w and b of the hard margin",
        plane(found),
        (family(0)[0], 1),
        "The hard margin has the support vectors x1 and x2, so that it is in S and, as it separates, in S'. All of S' "
        "satisfy the constraints (7.9), so that none is shorter than the hard margin: it is the shortest.",
    )
    yield equals("|w|^2 / 2 of the hard margin", found.half_square, Fraction(1, 4), "That of s = 0.")
    some = [s for s in numbers if s >= Fraction(1, 4)]
    least = min(some, key=lambda s: sum(v * v for v in family(s)[0]))
    yield erratum(
        "The shortest member of any infinite part S' of S that separates the classes is the hard margin.",
        "S' must hold the hard margin, as the part of all members that separate does.",
        differs("w of the shortest member of the part with 1/4 <= s <= 1/2", family(least)[0], found.normal),
        equals("w of the shortest of all that separate", family(min(numbers, key=abs))[0], found.normal),
    )


@item(
    "exercise-7.6b.5",
    "With two support vectors alone, w is w0",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [-3, 1], [2, 4], [5, 5]], [-1, -1, 1, 1]).exact_solution_",
)
def closed_form() -> Findings:
    """Show that the hard margin's w is w0 = 2 (x2 - x1) / |x2 - x1|^2 if x1 and x2 are the only support vectors."""
    seen, agree = 0, 0
    for seed in range(60):
        generator = np.random.default_rng(seed)
        X = np.vstack([generator.integers(-9, 0, size=(4, 2)), generator.integers(1, 10, size=(4, 2))])
        found = widest(X, [-1] * 4 + [1] * 4)
        if len(found.support) == 2:
            x1, x2 = X[found.support].tolist()
            seen, agree = seen + 1, agree + (plane(found) == shortest(x1, x2))
    yield equals("of 60 random data sets, those with two support vectors", seen, 38)
    yield equals(
        "of these, those where w is w0 and b is w0.(x1 + x2) / 2",
        agree,
        seen,
        "If w were another member of S, w + t (w0 - w) would be in S and, for small t > 0, still satisfy the other "
        "constraints, which hold with room to spare. It would be shorter, as |w0| < |w|: a contradiction.",
    )
    other = family(Fraction(1, 4))[0]
    moved = [tuple(w + Fraction(k, 4) * (w0 - w) for w, w0 in zip(other, (HALF, HALF), strict=True)) for k in range(5)]
    yield equals(
        "|w|^2 on the way from s = 1/4 to w0, in the example of part b.3",
        [sum(v * v for v in w) for w in moved],
        [HALF + 2 * (Fraction(4 - k, 16)) ** 2 for k in range(5)],
        "It falls from the first step on.",
    )


@item(
    "exercise-7.6c",
    "Never one support vector; an example with four",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [0, 1], [2, 0], [2, 1]], [-1, -1, 1, 1]).support_",
)
def number_of_support_vectors() -> Findings:
    """Explain why there cannot be one support vector only, and give an example with four."""
    data: dict[str, tuple[Any, Any]] = {
        "7.2a": (FOUR, SIGNS),
        "7.2c": (SIX, SIGNS_6),
        "7.3b": (PARALLELOGRAM, [1, 1, -1, -1]),
        "7.6b": TWO_CORNERS,
    }
    for seed in range(30):
        points = np.random.default_rng(seed).integers(-9, 10, size=(12, 2)) / 4
        data[f"random {seed}"] = (points, np.where(points[:, 0] + 0.03 * points.sum(axis=1) > 0.26, 1, -1))
    both, separable = 0, 0
    for X, y in data.values():
        try:
            found = widest(X, y)
        except NotSeparableError:
            continue
        separable += 1
        both += {int(np.asarray(y)[i]) for i in found.support} == {-1, 1}
    yield equals(
        "of 34 hard margins, those with support vectors of both classes",
        (separable, both),
        (34, 34),
        "Were there none of the class 1, then w.x - b >= 1 + r on it with some r > 0. With b' = b + r / 2 both classes "
        "have y (w.x - b') >= 1 + r / 2, and w / (1 + r / 2), which is shorter, would do: a contradiction.",
    )
    loose = np.array([-1, 1]) * mathdl.Hyperplane(whole([3, 0]), 1).value([[0, 0], [1, 0]])
    yield equals(
        "the same for w = (3, 0) and b = 1", loose, (1, 2), "One support vector: there is room r = 1 for (1, 0)."
    )
    better = np.array([-1, 1]) * mathdl.Hyperplane([2, 0], 1).value([[0, 0], [1, 0]])
    yield equals("the same for w / (1 + r / 2) = (2, 0), (b + r / 2) / (1 + r / 2) = 1", better, (1, 1), "A shorter w.")
    found = widest(RED + BLUE, [-1, -1, 1, 1])
    yield equals("w and b for (0, 0), (0, 1) against (2, 0), (2, 1)", plane(found), ((1, 0), 1))
    yield equals(
        "support vectors there, by number", [i + 1 for i in found.support], (1, 2, 3, 4), "An example with four."
    )
    yield erratum(
        "There cannot be only one support vector.",
        "There can if one class has no objects: both have to be there.",
        refutes(
            "With (0, 0) alone and the label -1, w = 0 and b = 1 satisfy its constraint with equality: one of them.",
            -1 * (np.dot([0, 0], [0, 0]) - 1) == 1,
        ),
        equals(
            "support vectors of (0, 0) with -1 and (1, 0) with 1",
            [i + 1 for i in widest([[0, 0], [1, 0]], [-1, 1]).support],
            (1, 2),
        ),
    )
