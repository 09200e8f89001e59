"""Exercises 4 and 5 of chapter 7: the soft margin as a function of lambda."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter07.points import FOUR, SIGNS, plane, repeated, widest
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, SOFT, legend, log_axes

PLANES = [(-1, -1), (-1, 1), (0, -1), (-2, 1)]  # p and q of 1 + p w1 + q b, for x1, ..., x4
NAMES = ("1 - w1 - b", "1 - w1 + b", "1 - b", "1 - 2 w1 + b")


def mean_loss(w1: Any, b: Any) -> Any:
    """Return the average hinge loss of exercise 7.4, as written out."""
    return Fraction(sum(max(0, 1 + p * w1 + q * b) for p, q in PLANES)) / 4


def relu(t: Any) -> Any:
    """Return the larger of t and 0."""
    return max(t, 0)


def losses(w: Any, b: Any) -> Any:
    """Return the hinge losses of the four points, from the definition."""
    values: Any = mathdl.Hyperplane(w, b).value(FOUR)
    return np.maximum(1 - np.array(SIGNS) * values, 0)


def with_one_more(n: int) -> tuple[Any, Any, Any]:
    """Return (0, 0), (1, 0) and the extra point (1/2, 0) of exercise 7.5, their labels, and how often each occurs."""
    return [[0, 0], [1, 0], [0.5, 0]], [-1, 1, -1], [n, n, 1]


@item(
    "exercise-7.4a",
    "Write the average hinge loss",
    try_it="mathdl.SoftMarginSVM(0.1).fit([[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1]).objective_",
)
def average_written_out() -> Findings:
    """Write the mean hinge loss of x1 = (-1, 0), x3 = (0, 0) with y = -1, x2 = (1, 0), x4 = (2, 0) with y = 1, and L.

    L(w, b) is lambda |w|^2 plus the mean hinge loss.
    """
    points: list[Any] = [(2, 0, 1), (0, 1, 0), (Fraction(1, 2), -3, Fraction(7, 4)), (-2, 5, -1)]
    for (p, q), name, i in zip(PLANES, NAMES, range(4), strict=True):
        yield equals(
            f"loss of x{i + 1} at four points (w1, w2, b)",
            [losses((w1, w2), b)[i] for w1, w2, b in points],
            [max(Fraction(0), Fraction(1 + p * w1 + q * b)) for w1, w2, b in points],
            f"1 - y (w.x - b) is {name}, as the second coordinate is 0.",
        )
    yield equals(
        "(ReLU(1 - w1 - b) + ReLU(1 - w1 + b) + ReLU(1 - b) + ReLU(1 - 2 w1 + b)) / 4 at these points",
        [mean_loss(w1, b) for w1, _, b in points],
        [sum(losses((w1, w2), b)) / 4 for w1, w2, b in points],
        "The mean of the four; L adds lambda (w1^2 + w2^2), and w2 enters there alone.",
    )
    yield equals(
        "the mean at w = (2, 0), b = 1", mean_loss(2, 1), 0, "The hard margin of exercise 7.2a breaks no constraint."
    )
    yield erratum(
        "The label of x2 is printed as y1 = 1, after y1 = -1 for x1.",
        "It is y2 = 1.",
        refutes(
            "With the label -1 for x2 = (1, 0), the loss of x2 at w = (2, 0), b = 1 would be 2.",
            max(0, 1 + (2 * 1 - 1)) == 2,
        ),
        equals("loss of x2 with y2 = 1 there", losses((2, 0), 1)[1], 0),
    )


@item("exercise-7.4b", "Derivative of ReLU", try_it="[cell.gradient[-1] for cell in mathdl.hinge_cells([[0]], [1])]")
def derivative_of_relu() -> Findings:
    """Find the derivative of ReLU(t) = max(0, t) outside of 0."""
    t, h = [Fraction(-3), Fraction(-1, 2), Fraction(1, 2), Fraction(3)], Fraction(1, 4)
    yield equals(
        "(ReLU(t + 1/4) - ReLU(t - 1/4)) / (1/2) at t = -3, -1/2, 1/2, 3",
        [(relu(x + h) - relu(x - h)) / (2 * h) for x in t],
        (0, 0, 1, 1),
        "For t < 0 ReLU is the constant 0 near t, and for t > 0 it is t: the derivative is 0, and 1.",
    )
    cells = {1 + cell.offset > 0: cell.gradient[-1] for cell in mathdl.hinge_cells([[0]], [1])}
    yield equals(
        "derivatives of ReLU(1 + b) by b where 1 + b is negative, and where it is positive",
        (cells[False], cells[True]),
        (0, 1),
        "This is the hinge loss of the object x = 0 with y = 1, whose parameter b has two cells.",
    )
    yield equals("(ReLU(1/4) - ReLU(0)) / (1/4)", (relu(h) - 0) / h, 1, "The slope to the right of 0,")
    yield equals("(ReLU(0) - ReLU(-1/4)) / (1/4)", (0 - relu(-h)) / h, 0, "and to the left: none at 0 itself.")


@item(
    "exercise-7.4c",
    "Subdomains on which the loss is smooth",
    try_it="len(mathdl.hinge_cells([[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1]))",
)
def smooth_subdomains() -> Findings:
    """Find where L is smooth: w2 is free, so that it is a question about the plane of (w1, b)."""
    yield equals(
        "determinants of pairs of the lines 1 + p w1 + q b = 0, none of them 0",
        [p * s - q * r for (p, q), (r, s) in combinations(PLANES, 2)],
        (-2, 1, -3, 1, 1, -2),
        "L is smooth off four lines: 1 - w1 - b = 0, 1 - w1 + b = 0, b = 1 and 1 - 2 w1 + b = 0. No two are parallel.",
    )
    crossings = [_crossing(one, other) for one, other in combinations(PLANES, 2)]
    yield equals(
        "number of different points where two lines cross", len(set(crossings)), 6, "No three meet in one point."
    )
    cells = mathdl.hinge_cells(FOUR, SIGNS)
    yield equals(
        "number of open cells",
        len(cells),
        1 + 4 + 6,
        "Each line adds one cell, and each crossing one more: 1 + 4 + 6 of 16 choices of signs. A cell times the line "
        "of w2 is a subdomain.",
    )
    positive = [" ".join(f"x{i + 1}" for i in cell.active) or "none" for cell in cells]
    yield Table(
        {
            "points with a loss": positive,
            "w1 inside": [str(c.normal[0]) for c in cells],
            "b inside": [str(c.offset) for c in cells],
        }
    )
    yield equals(
        "points with a loss, in every cell",
        sorted(cell.active for cell in cells),
        ((), (0, 1, 2), (0, 1, 2, 3), (0, 1, 3), (0, 2), (0, 2, 3), (1,), (1, 2), (1, 2, 3), (1, 3), (2,)),
        "The subdomains are named by the points that have a positive loss in them, counted from 0 here.",
    )


def _crossing(one: tuple[int, int], other: tuple[int, int]) -> tuple[Fraction, Fraction]:
    """Return where 1 + p w1 + q b = 0 and 1 + r w1 + s b = 0."""
    (p, q), (r, s) = one, other
    return Fraction(q - s, p * s - q * r), Fraction(r - p, p * s - q * r)


@smooth_subdomains.figure("four lines that divide the plane of (w1, b) into eleven cells", size=(4.0, 3.2))
def _draw_cells(ax: Any) -> None:
    w1 = np.array([-3.0, 5.0])
    for (p, q), name, shape, colour in zip(PLANES, NAMES, ("-", "--", "-.", ":"), COLOURS, strict=False):
        ax.plot(w1, -(1 + p * w1) / q, shape, color=colour, label=f"{name} = 0")
    ax.plot([2], [1], "o", color=INK, linestyle="none", label="hard margin")
    ax.set(xlabel="w1", ylabel="b", xlim=(-2, 4), ylim=(-4.5, 4.5))
    legend(ax)


@item(
    "exercise-7.4d",
    "The gradient on each subdomain",
    try_it="[cell.gradient for cell in mathdl.hinge_cells([[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1])]",
)
def gradient_by_cell() -> Findings:
    """Find the gradient of L where the points of a set A, and no others, have a positive loss.

    It is (2 lambda w1 - sum over A of y_i x_i1 / 4, 2 lambda w2, sum over A of y_i / 4), where x_i1 is the first
    coordinate of x_i.
    """
    lam, w2, h = Fraction(1, 5), Fraction(2, 3), Fraction(1, 10**6)

    def value(w1: Any, w2: Any, b: Any) -> Any:
        return lam * (w1 * w1 + w2 * w2) + mean_loss(w1, b)

    gradients, agree = {}, 0
    for cell in mathdl.hinge_cells(FOUR, SIGNS):
        (w1, _), b = cell.normal, cell.offset
        gradients[cell.active] = (cell.gradient[0], cell.gradient[2])
        computed = (
            (value(w1 + h, w2, b) - value(w1 - h, w2, b)) / (2 * h),
            (value(w1, w2 + h, b) - value(w1, w2 - h, b)) / (2 * h),
            (value(w1, w2, b + h) - value(w1, w2, b - h)) / (2 * h),
        )
        inside = [(FOUR[i][0], SIGNS[i]) for i in cell.active]
        by_hand = (
            2 * lam * w1 - Fraction(sum(y * x for x, y in inside), 4),
            2 * lam * w2,
            Fraction(sum(y for _, y in inside), 4),
        )
        agree += computed == by_hand == (2 * lam * w1 + cell.gradient[0], 2 * lam * w2, cell.gradient[2])
    yield equals(
        "of 11 cells, those where central differences of L are exactly these derivatives, for lambda = 1/5",
        agree,
        11,
        "The derivative of ReLU is 1 for the points of A and 0 for the others; 1 - y (w.x - b) has the derivatives "
        "-y x_1 and y. Within a cell L is quadratic, so that central differences are exact.",
    )
    names = [" ".join(f"x{i + 1}" for i in active) or "none" for active in gradients]
    yield Table(
        {
            "A": names,
            "dL/dw1 - 2 lambda w1": [str(g[0]) for g in gradients.values()],
            "dL/db": [str(g[1]) for g in gradients.values()],
        }
    )
    yield equals(
        "dL/dw1 - 2 lambda w1 and dL/db where all have a loss",
        gradients[0, 1, 2, 3],
        (-1, 0),
        "Large lambda ends here.",
    )
    yield equals("the same where x2 and x3 have one", gradients[1, 2], (Fraction(-1, 4), 0))
    yield equals("the same where none has", gradients[()], (0, 0))


@item(
    "exercise-7.4e",
    "The minimum as a function of lambda",
    try_it="mathdl.SoftMarginSVM().exact_path([[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1]).pieces",
)
def minimum_by_lambda() -> Findings:
    """Find the minimum of L for every lambda > 0."""
    path = mathdl.SoftMarginSVM().exact_path(FOUR, SIGNS)
    pieces = [(piece.normal[0][0], piece.normal[1][0], *piece.objective) for piece in path.pieces]
    yield equals(
        "w2 on all pieces",
        [part[1] for piece in path.pieces for part in piece.normal],
        (0,) * 8,
        "2 lambda w2 = 0 demands it.",
    )
    yield equals(
        "lambdas between which w1 is u + v / lambda and L is c0 + c1 lambda + c2 / lambda",
        path.breaks,
        (Fraction(1, 16), Fraction(3, 16), Fraction(3, 4)),
        "In a cell the minimum is where the gradient is 0; else it is on lines between cells.",
    )
    reasons = (
        "No loss: the hard margin w1 = 2, b = 1, on the crossing of b = 1 and 1 - w1 + b = 0; L = 4 lambda.",
        "x2 and x3 have a loss: 2 lambda w1 = 1/4, so w1 = 1 / (8 lambda) and L = 1/2 - 1 / (64 lambda).",
        "On the crossing of 1 - w1 - b = 0 and 1 - 2 w1 + b = 0: w1 = 2/3, b = 1/3 and L = 1/3 + 4 lambda / 9.",
        "All have a loss: 2 lambda w1 = 1, so w1 = 1 / (2 lambda) and L = 1 - 1 / (4 lambda).",
    )
    F = Fraction
    stated = (
        (2, 0, 0, 4, 0),
        (0, F(1, 8), F(1, 2), 0, F(-1, 64)),
        (F(2, 3), 0, F(1, 3), F(4, 9), 0),
        (0, F(1, 2), 1, 0, F(-1, 4)),
    )
    for piece, numbers, expected, why in zip(path.pieces, pieces, stated, reasons, strict=True):
        end = "on" if piece.high is None else f"to {piece.high}"
        yield equals(f"u, v, c0, c1, c2 for lambda from {piece.low} {end}", numbers, expected, why)
    lambdas = (F(1, 20), F(1, 12), F(1, 8), F(3, 20), F(1, 2), F(1), F(50))
    yield equals(
        "the least and the largest best b for lambda = 1/20, 1/12, 1/8, 3/20, 1/2, 1 and 50",
        [path.at(value).offsets for value in lambdas],
        ((1, 1), (F(1, 2), 1), (0, 1), (F(1, 6), F(2, 3)), (F(1, 3), F(1, 3)), (0, F(1, 2)), (F(-49, 50), F(99, 100))),
        "On the second piece b is in [w1 - 1, 1] for w1 >= 1, and in [1 - w1, 2 w1 - 1] below; on the last one in "
        "[2 w1 - 1, 1 - w1]; else there is one b.",
    )
    models = [mathdl.SoftMarginSVM(float(value), tol=1e-12).fit(FOUR, SIGNS) for value in lambdas]
    exact = [float(path.at(value).objective) for value in lambdas]
    yield near(
        "minima that Newton's method finds, less the exact ones",
        [m.objective_ for m in models] - np.array(exact),
        0,
        1e-10,
    )
    yield erratum(
        "L has one minimum, to be identified.",
        "For 1/16 < lambda < 3/16 and lambda > 3/4 a whole interval of b is best; b = w1 / 2 is always one of them.",
        refutes(
            "For lambda = 1/8 all b from 0 to 1 are best.", path.at(F(1, 8)).offsets[0] < path.at(F(1, 8)).offsets[1]
        ),
        equals(
            "L at w1 = 1, b = 0, 1/2 and 1 for lambda = 1/8",
            [F(1, 8) + mean_loss(1, b) for b in (0, F(1, 2), 1)],
            (F(3, 8),) * 3,
        ),
        shows(
            "b = w1 / 2 is best for all seven lambdas.",
            all(low <= w[0] / 2 <= high for w, (low, high), _ in map(path.at, lambdas)),
        ),
    )


@minimum_by_lambda.figure("w1 and the interval of best b by lambda, with the break points", size=(4.4, 2.8))
def _draw_minimum(ax: Any) -> None:
    path = mathdl.SoftMarginSVM().exact_path(FOUR, SIGNS)
    lambdas = np.geomspace(0.02, 3, 160)
    points = [path.at(float(value)) for value in lambdas]
    low, high = (np.array([float(point.offsets[k]) for point in points]) for k in (0, 1))
    ax.fill_between(lambdas, low, high, color=COLOURS[1], alpha=0.25, label="best b")
    ax.plot(lambdas, low, "--", color=COLOURS[1], linewidth=0.9)
    ax.plot(lambdas, high, "--", color=COLOURS[1], linewidth=0.9)
    ax.plot(lambdas, [float(point.normal[0]) for point in points], color=COLOURS[0], label="w1")
    for value in path.breaks:
        ax.axvline(float(value), color=SOFT, linestyle=":", linewidth=0.8)
    ax.set(xlabel="lambda", ylabel="w1 and b")
    log_axes(ax, x=True)
    legend(ax)


@item(
    "exercise-7.5a",
    "Hard margin of two points, repeated",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [0, 0], [1, 0], [1, 0]], [-1, -1, 1, 1]).exact_solution_",
)
def hard_margin_of_two() -> Findings:
    """Find the hard margin of n objects at (0, 0) with the label -1 and n at (1, 0) with the label 1."""
    for n in (1, 5, 50):
        found = widest(*repeated(n))
        yield equals(
            f"w and b for n = {n}",
            plane(found),
            ((2, 0), 1),
            "-b <= -1 and w1 - b >= 1 give w1 >= 1 + b >= 2: the least is w = (2, 0) with b = 1, whatever n is.",
        )
        yield equals(f"number of support vectors for n = {n}", len(found.support), 2 * n, "All are on the edges.")
    yield equals("width 2 / |w|", mathdl.HardMarginSVM().fit(*repeated(5)).margin_, 1)


@item(
    "exercise-7.5b",
    "Soft margin of two points, repeated",
    try_it="mathdl.SoftMarginSVM().exact_path([[0, 0], [1, 0]], [-1, 1], [50, 50]).pieces",
)
def soft_margin_of_two() -> Findings:
    """Find the soft margin of n objects at (0, 0) with the label -1 and n at (1, 0) with the label 1."""
    path = mathdl.SoftMarginSVM().exact_path([[0, 0], [1, 0]], [-1, 1], [50, 50])
    yield equals(
        "w on the two pieces of lambda, as u and v of u + v / lambda",
        [piece.normal for piece in path.pieces],
        (((2, 0), (0, 0)), ((0, 0), (Fraction(1, 4), 0))),
        "L is lambda |w|^2 + ReLU(1 - b) / 2 + ReLU(1 - w1 + b) / 2. With both losses positive 2 lambda w1 = 1/2, so "
        "that w1 = 1 / (4 lambda), as long as this is less than 2; else the losses are 0 and w1 = 2.",
    )
    yield equals("lambda where they meet", path.breaks, (Fraction(1, 8),), "1 / (4 lambda) = 2.")
    yield equals(
        "c0, c1, c2 of the minimum c0 + c1 lambda + c2 / lambda",
        [piece.objective for piece in path.pieces],
        ((0, 4, 0), (1, 0, Fraction(-1, 16))),
        "4 lambda, then 1 - 1 / (16 lambda).",
    )
    once, often = (mathdl.SoftMarginSVM().exact_path(*repeated(n)) for n in (1, 4))
    yield equals("whether n = 1, 4 and 50 have the same pieces", once.pieces == often.pieces == path.pieces, True)
    yield equals(
        "w1, and the least and the largest best b, for lambda = 1/10, 1/4 and 1",
        [(path.at(value).normal[0], *path.at(value).offsets) for value in (Fraction(1, 10), Fraction(1, 4), 1)],
        ((2, 1, 1), (1, 0, 1), (Fraction(1, 4), Fraction(-3, 4), 1)),
        "b is 1 up to lambda = 1/8, and then anything from w1 - 1 to 1.",
    )
    yield erratum(
        "There is one soft margin classifier.",
        "For lambda > 1/8 all b from w1 - 1 to 1 are best.",
        refutes(
            "For lambda = 1/4 the best b are many.",
            path.at(Fraction(1, 4)).offsets[0] < path.at(Fraction(1, 4)).offsets[1],
        ),
        equals("the least and the largest best b for lambda = 1/4", path.at(Fraction(1, 4)).offsets, (0, 1)),
    )


@item(
    "exercise-7.5c",
    "Hard margin after one extra point",
    try_it="mathdl.HardMarginSVM().fit([[0, 0], [1, 0], [0.5, 0]], [-1, 1, -1]).exact_solution_",
)
def hard_margin_with_one_more() -> Findings:
    """Add (1/2, 0) with the label -1 to the 2n objects, and find the new hard margin."""
    for n in (1, 50):
        X, y = repeated(n)
        found = widest([*X, [0.5, 0.0]], [*y, -1])
        yield equals(
            f"w and b for n = {n}",
            plane(found),
            ((4, 0), 3),
            "w1 / 2 - b <= -1 and w1 - b >= 1 give w1 / 2 >= 2: w1 = 4, and b = 3. The boundary moves from 1/2 to 3/4.",
        )
        yield equals(
            f"positive multipliers for n = {n}", sorted(found.multipliers.values()), (8, 8), "8 (1 - 1/2) = 4 = w1."
        )
    yield equals(
        "width 2 / |w|",
        mathdl.HardMarginSVM().fit([[0, 0], [1, 0], [0.5, 0]], [-1, 1, -1]).margin_,
        0.5,
        "Half of it is gone.",
    )


@item(
    "exercise-7.5d",
    "Soft margin after one extra point",
    try_it="mathdl.SoftMarginSVM().exact_path([[0, 0], [1, 0], [0.5, 0]], [-1, 1, -1], [50, 50, 1]).pieces",
)
def soft_margin_with_one_more() -> Findings:
    """Show that for large n the soft margin hardly changes when (1/2, 0) with the label -1 is added."""
    for n in (2, 50, 500):
        N = 2 * n + 1
        path = mathdl.SoftMarginSVM().exact_path(*with_one_more(n))
        yield equals(
            f"lambdas between which w = (2, 0), for n = {n}",
            (path.pieces[2].low, path.pieces[2].high, path.pieces[2].normal[0][0]),
            (Fraction(1, 8 * N), Fraction(2 * n - 1, 8 * N), 2),
            "1 / (8 (2n + 1)) and (2n - 1) / (8 (2n + 1)): they tend to 0 and 1/8, as in part b. The extra loss, 1 / N "
            "of the mean, is too little to pay for a larger w.",
        )
        yield equals(
            f"w1 = u + v / lambda beyond, for n = {n}: u and v",
            (path.pieces[3].normal[0][0], path.pieces[3].normal[1][0]),
            (0, Fraction(2 * n - 1, 4 * N)),
            "All have a loss: 2 lambda w1 = (n - 1/2) / N, which tends to the 1/2 of part b.",
        )
    points = [
        mathdl.SoftMarginSVM().exact_path(*with_one_more(n)).at(Fraction(value))
        for n, value in ((50, "1/20"), (50, "1/5"), (500, "1/5"))
    ]
    yield equals(
        "w1 for n = 50 with lambda = 1/20 and 1/5, and n = 500 with 1/5",
        [point.normal[0] for point in points],
        (2, Fraction(495, 404), Fraction(4995, 4004)),
        "1.22525 and 1.24750 instead of 1.25 in part b.",
    )
    yield equals("least and largest best b there", [point.offsets for point in points], ((1, 1),) * 3)
    half = mathdl.SoftMarginSVM().exact_path(*with_one_more(50)).at(Fraction(1, 2))
    model = mathdl.SoftMarginSVM(0.5, tol=1e-12).fit(*with_one_more(50))
    before = mathdl.SoftMarginSVM(0.5, tol=1e-12).fit(*repeated(50))
    yield erratum(
        "For large n the new classifier stays close to that of part b, for any lambda.",
        "It does for lambda < 1/8. Beyond, b of part b is not unique, and the extra point selects the end b = 1.",
        differs(
            "where the boundary meets the axis, b / w1, for n = 50 and lambda = 1/2",
            half.offsets[0] / half.normal[0],
            Fraction(1, 2),
        ),
        equals(
            "the same",
            half.offsets[0] / half.normal[0],
            Fraction(202, 99),
            "All n objects at (1, 0) are on the wrong side.",
        ),
        equals("class predicted at (1, 0)", model.predict([[1, 0]])[0], -1),
        near("b / w1 of the symmetric choice in part b", -before.intercept_[0] / before.coef_[0, 0], 0.5, 1e-9),
        near("largest best b of part b, which the new one is", -before.intercept_interval_[0], 1, 1e-9),
    )


@soft_margin_with_one_more.figure(
    "w1 by lambda with the extra point, for n = 2 and 50, and without it", size=(4.2, 2.6)
)
def _draw_one_more(ax: Any) -> None:
    lambdas = np.geomspace(0.0005, 2, 200)
    paths = {
        "without": mathdl.SoftMarginSVM().exact_path([[0, 0], [1, 0]], [-1, 1]),
        "n = 50": mathdl.SoftMarginSVM().exact_path(*with_one_more(50)),
        "n = 2": mathdl.SoftMarginSVM().exact_path(*with_one_more(2)),
    }
    for (name, path), shape, colour in zip(paths.items(), ("-", "--", ":"), COLOURS, strict=False):
        ax.plot(lambdas, [float(path.at(float(value)).normal[0]) for value in lambdas], shape, color=colour, label=name)
    ax.set(xlabel="lambda", ylabel="w1")
    log_axes(ax, x=True)
    legend(ax)
