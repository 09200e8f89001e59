"""Section 6.4: exercises 1 to 5, on linear regression and logistic functions."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter06.models import (
    FOUR,
    THREE,
    exact_line,
    farthest,
    fitted,
    logistic,
    probability,
    residuals,
    sum_of_squares,
    with_probabilities,
)
from mathdl.book.data import plant_survival
from mathdl.book.finding import Findings, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, legend

X64, Y64 = [[0.0], [1.0], [2.0], [4.0]], [[1.0, 0.0], [0.0, 2.0], [3.0, 1.0], [2.0, 5.0]]
NEARLY_LINE = [0.0, 1.0, 1.125, 2.0], [0.0, 1.0, 1.25, 2.0]  # three points of y = t, and one near the middle one


def at(polynomial: Any, t: Any) -> Any:
    """Return the value of an exact polynomial in one variable."""
    coefficients = [polynomial.exact_intercept_, *polynomial.exact_coef_]
    return sum(c * Fraction(t) ** k for k, c in enumerate(coefficients))


@item(
    "exercise-6.1a",
    "A line through three points by least squares",
    try_it="mathdl.LinearRegression(exact=True).fit([[-2.0], [0.0], [1.0]], [1.0, 2.0, -1.0]).exact_coef_",
)
def line_of_three_points() -> Findings:
    """Find a and b for which the sum of (a x_i + b - y_i)^2 over (-2, 1), (0, 2), (1, -1) is least."""
    X, y = THREE
    x = [row[0] for row in X]
    products = sum(s * t for s, t in zip(x, y, strict=True))
    yield equals(
        "sums of x, y, x y and x^2", (sum(x), sum(y), products, sum(s * s for s in x)), (-1, 2, -3, 5), "N = 3."
    )
    model = exact_line(X, y)
    a, b = model.exact_coef_[0], model.exact_intercept_
    yield equals("a", a, Fraction(-1, 2), "(N sum xy - sum x sum y)/(N sum x^2 - (sum x)^2) = (-9 + 2)/(15 - 1).")
    yield equals("b", b, Fraction(1, 2), "(sum y - a sum x)/N = (2 - 1/2)/3.")
    rest = residuals([a], b, X, y)
    yield equals(
        "residuals y_i - (a x_i + b)",
        rest,
        (Fraction(-1, 2), Fraction(3, 2), -1),
        "They add up to 0, and so do they times x_i: both derivatives of the sum of squares are 0, so it is least.",
    )
    yield equals("least sum of squares", sum_of_squares([a], b, X, y), Fraction(7, 2), "1/4 + 9/4 + 1.")


@line_of_three_points.figure("the three points and the line y = -x/2 + 1/2")
def _draw_three(ax: Any) -> None:
    mathdl.plots.plot_curve(mathdl.LinearRegression().fit(*THREE), *THREE, ax=ax)


@item(
    "exercise-6.1b",
    "A plane through four points by least squares",
    try_it="mathdl.LinearRegression(exact=True).fit([[-2, 1], [0, -1], [1, 2], [3, 0]], [1, 2, -1, 0]).exact_coef_",
)
def plane_of_four_points() -> Findings:
    """Find a in R^2 and b for which the sum of (a.x_i + b - y_i)^2 is least.

    The points x_i are (-2, 1), (0, -1), (1, 2), (3, 0), and y_i = 1, 2, -1, 0.
    """
    X, y = FOUR
    design = np.column_stack([np.array(X), np.ones(4)])
    yield equals(
        "matrix of the normal equations, for (a1, a2, b)",
        design.T @ design,
        ((14, 0, 2), (0, 6, 2), (2, 2, 4)),
        "The derivatives by a1, a2 and b are 0: sums of products of the columns x1, x2 and 1.",
    )
    yield equals("their right-hand side", design.T @ np.array(y), (-3, -3, 2), "Sums of the products with y.")
    model = exact_line(X, y)
    a, b = model.exact_coef_, model.exact_intercept_
    yield equals(
        "a and b",
        (*a, b),
        (Fraction(-3, 8), Fraction(-7, 8), Fraction(9, 8)),
        "14 a1 + 2 b = -3 and 6 a2 + 2 b = -3 give a1, a2 by b; 2 a1 + 2 a2 + 4 b = 2 then gives b.",
    )
    yield equals(
        "least sum of squares", sum_of_squares(a, b, X, y), 0, "The four points (x_i, y_i) of R^3 lie in one plane."
    )


@item(
    "exercise-6.2a",
    "A logistic function of three variables",
    try_it="mathdl.Network([mathdl.Dense(1, 'sigmoid')], input_shape=(3,)).formula()",
)
def logistic_of_three() -> Findings:
    """Write a logistic function p(x, a, b) with x and a in R^3 and b in R."""
    yield equals(
        "p(x, a, b) = 1/(1 + exp(-(a1 x1 + a2 x2 + a3 x3 + b))) at x = (2, 1, 4), a = (1, -2, 1/2), b = -2",
        probability(logistic(1, -2, 0.5, -2), [2, 1, 4])[0],
        0.5,
        "a x + b becomes a.x + b, here 2 - 2 + 2 - 2 = 0, and the sigmoid of 0 is 1/2.",
    )
    x = np.random.default_rng(0).normal(size=(100, 3))
    p = probability(logistic(1, -2, 0.5, -2), x)
    yield near(
        "largest distance from the values of this formula, at 100 points",
        farthest(p, 1 / (1 + np.exp(-(x[:, 0] - 2 * x[:, 1] + x[:, 2] / 2 - 2)))),
        0,
        1e-15,
        "One neuron with the sigmoid as its activation, with three inputs.",
    )
    yield shows("All of them are between 0 and 1.", p.min() > 0 and p.max() < 1, "So they are probabilities.")


@item("exercise-6.2b", "A logistic function of n variables")
def logistic_of_n() -> Findings:
    """Write a logistic function p(x, a, b) with x and a in R^n and b in R."""
    generator = np.random.default_rng(0)
    gaps, mirrored = [], []
    for n in range(1, 9):
        a, b, x = generator.normal(size=n), generator.normal(), generator.normal(size=(40, n))
        p = probability(logistic(*a, b), x)
        gaps.append(np.abs(p - 1 / (1 + np.exp(-(x @ a + b)))).max())
        mirrored.append(np.abs(probability(logistic(*-a, -b), x) + p - 1).max())
    yield near(
        "largest distance of a neuron's values from p = 1/(1 + exp(-(a.x + b))), n from 1 to 8",
        max(gaps),
        0,
        1e-15,
        "a.x is the inner product a1 x1 + ... + an xn: the formula is that of part a for any n.",
    )
    yield near(
        "largest |p(x, -a, -b) - (1 - p(x, a, b))|",
        max(mirrored),
        0,
        1e-15,
        "sigma(-t) = 1 - sigma(t): with the signs of a and b changed it is the probability of the other outcome.",
    )


@item("exercise-6.3", "Why logistic regression fails where p is not monotone")
def not_monotone() -> Findings:
    """Explain why logistic regression does not work well where the probability p(x) is not monotone."""
    x = np.linspace(-5, 5, 1001)
    signs = {float(np.sign(np.diff(probability(logistic(a, 0.5), x))).mean()) for a in (-2.0, -0.5, 0.5, 2.0)}
    yield equals(
        "directions of logistic curves with a = -2, -1/2, 1/2, 2 over [-5, 5]: 1 rises, -1 falls",
        signs,
        {-1.0, 1.0},
        "The sigmoid rises, so sigma(a x + b) rises for a > 0 and falls for a < 0: it crosses 1/2 once at most.",
    )
    yield equals(
        "points where the survival of plants, of figure 6.11, crosses 1/2",
        len(mathdl.half_crossings(plant_survival, 0, 10)),
        2,
        "Every monotone curve is on the wrong side of 1/2 on one of the three intervals.",
    )
    light = np.arange(11.0)
    model, mean = fitted(*with_probabilities(light, plant_survival(light))), plant_survival(light).mean()
    yield near(
        "a of the best fit to it at 0, 1, ..., 10",
        model.coef_[0, 0],
        0,
        1e-12,
        "p and the points are symmetric about 5, so the mirror image of the best curve is as good. The loss is "
        "strictly convex and has one minimiser, which is its own mirror image: it is constant.",
    )
    yield near("b of the best fit", model.intercept_[0], -0.663218876, 5e-10, "The constant is the mean of p.")
    yield near("logit of the mean of p", math.log(mean / (1 - mean)), -0.663218876, 5e-10, "And b is its logit.")
    found = len(mathdl.half_crossings(model, 0, 10))
    yield equals("points where the fit crosses 1/2", found, 0, "It predicts death at any light.")


@item(
    "exercise-6.4a",
    "The linear equations of matrix regression",
    try_it="mathdl.LinearRegression(exact=True).fit([[0], [1], [2], [4]], [[1, 0], [0, 2], [3, 1], [2, 5]]).coef_",
)
def normal_equations() -> Findings:
    """Find the linear equations for a matrix A and a vector b for which the sum of |y_i - A x_i - b|^2 is least.

    x_i in R^n and y_i in R^m, i = 1, ..., N, are the data; here n = 1, m = 2, N = 4.
    """
    model = exact_line(X64, Y64)
    A, b = model.exact_coef_, model.exact_intercept_
    yield equals("A, a column here", A[:, 0], (Fraction(2, 5), Fraction(8, 7)), "Each row of A is a fit of its own.")
    yield equals("b", b, (Fraction(4, 5), 0), "So is each entry of b.")
    x, Y = [Fraction(row[0]) for row in X64], [[Fraction(v) for v in row] for row in Y64]
    yield equals(
        "A sum x_i x_i^T + b sum x_i^T",
        [A[k, 0] * sum(v * v for v in x) + b[k] * sum(x) for k in (0, 1)],
        [sum(v * row[k] for v, row in zip(x, Y, strict=True)) for k in (0, 1)],
        "The derivative by A is 0: -2 sum (y_i - A x_i - b) x_i^T = 0, so this is sum y_i x_i^T.",
    )
    yield equals(
        "A sum x_i + N b",
        [A[k, 0] * sum(x) + 4 * b[k] for k in (0, 1)],
        [sum(row[k] for row in Y) for k in (0, 1)],
        "The derivative by b is 0: -2 sum (y_i - A x_i - b) = 0, so this is sum y_i.",
    )
    printed = exact_line(X64[:2], Y64[:2])
    sums = [
        sum(sum_of_squares(fit.exact_coef_[k], fit.exact_intercept_[k], X64, np.array(Y64)[:, k]) for k in (0, 1))
        for fit in (printed, model)
    ]
    yield erratum(
        "The sum of squares runs over i = 1, ..., m.",
        "It runs over all N data; m is the number of targets.",
        differs("A of the first m data only, m being 2", printed.exact_coef_[:, 0], (Fraction(2, 5), Fraction(8, 7))),
        equals("the same A", printed.exact_coef_[:, 0], (-1, 2)),
        shows("Over all four data its sum of squares is larger than that of the right A and b.", sums[0] > sums[1]),
    )


def through_zero(X: Any, y: Any) -> Any:
    """Fit in rational numbers with b = 0: through the data and through 0 at x = 0."""
    X = np.array(X, dtype=float)
    return exact_line(np.vstack([X, np.zeros(X.shape[1])]), [*y, 0.0])


@item(
    "exercise-6.4b",
    "An exact fit where there are as many variables as data",
    try_it="mathdl.LinearRegression(exact=True).fit([[1, 0, 1], [0, 1, 1], [0, 0, 0]], [2, -1, 0]).exact_coef_",
)
def exact_fit() -> Findings:
    """For n >= N and linearly independent x_1, ..., x_N in R^n show that some a, b have y_i = a.x_i + b for all i."""
    X, y = [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], [2.0, -1.0]
    gram = np.array(X) @ np.array(X).T
    yield equals(
        "matrix G of the inner products x_i.x_j of (1, 0, 1) and (0, 1, 1)",
        gram,
        ((2, 1), (1, 2)),
        "Take b = 0 and a = c_1 x_1 + ... + c_N x_N. Then a.x_i = y_i for all i are the equations G c = y.",
    )
    yield equals(
        "determinant of G",
        int(gram[0, 0] * gram[1, 1] - gram[0, 1] * gram[1, 0]),
        3,
        "If G c = 0, then |c_1 x_1 + ... + c_N x_N|^2 = c.Gc = 0 and by independence c = 0: G has an inverse.",
    )
    a = [Fraction(5, 3), Fraction(-4, 3), Fraction(1, 3)]
    model = through_zero(X, y)
    yield equals("a for the values 2 and -1", model.exact_coef_, a, "c = (5/3, -4/3), and a = c_1 x_1 + c_2 x_2.")
    yield equals("b", model.exact_intercept_, 0, "As chosen.")
    generator, exact = np.random.default_rng(64), []
    for N in (1, 2, 3, 4, 5):
        points = np.tril(generator.integers(-9, 10, size=(N, 6)), -1) + 3 * np.eye(N, 6)  # independent: a triangle
        values = generator.integers(-9, 10, size=N)
        found = through_zero(points, values)
        exact.append(sum_of_squares(found.exact_coef_, found.exact_intercept_, points.tolist(), values.tolist()))
    yield equals("sums of squares of 1 to 5 independent points of R^6", exact, [0] * 5, "The solution exists always.")
    more = exact_line([[1.0, 1.0], [2.0, 5.0], [4.0, 2.0]], [3.0, -2.0, 7.0])
    left = sum_of_squares(
        more.exact_coef_, more.exact_intercept_, [[1.0, 1.0], [2.0, 5.0], [4.0, 2.0]], [3.0, -2.0, 7.0]
    )
    yield equals(
        "sum of squares of three points of the plane that are on no line, where n < N",
        left,
        0,
        "Since b is free, independence of the differences x_i - x_1 is enough, and n >= N - 1.",
    )


@item(
    "exercise-6.4c",
    "How an exact fit depends on one measurement",
    try_it="mathdl.sensitivity([[1.0, 0.0], [1.0, 1 / 1024]], exact=True).coef",
)
def sensitive_fit() -> Findings:
    """Decide whether a fit through all data, for n >= N, changes little where one measurement y_1 changes by little.

    Here x_1 = (1, 0) and x_2 = (1, 1/1024), and of all exact fits the one with the shortest a is taken.
    """
    X, eps = [[1.0, 0.0], [1.0, 1 / 1024]], Fraction(1, 64)
    before, after = exact_line(X, [1.0, 1.0]), exact_line(X, [1 + 1 / 64, 1.0])
    moved = after.exact_coef_ - before.exact_coef_
    found = mathdl.sensitivity(X, exact=True)
    yield equals(
        "change of a where y_1 changes from 1 to 1 + 1/64",
        moved,
        (0, -16),
        "Between x_1 and x_2, 1/1024 apart, the fit has to fall by 1/64: its slope is -16.",
    )
    yield equals("change of b", after.exact_intercept_ - before.exact_intercept_, eps, "At x_1 it rises by 1/64.")
    yield equals(
        "change of a for each unit of y_1",
        found.coef[0],
        (0, -1024),
        "The fit is linear in y: the change is y_1's times the fit to 1 at x_1 and 0 at x_2.",
    )
    yield equals("leverages of both", found.leverages, (1, 1), "An exact fit follows each measurement entirely.")
    far = mathdl.sensitivity([[1.0, 0.0], [1.0, 1.0]], exact=True)
    yield equals(
        "change of a for each unit of y_1, x_2 at (1, 1)",
        far.coef[0],
        (0, -1),
        "The nearer the points, the larger the change.",
    )
    yield equals(
        "change of |a| as a multiple of the error of y_1",
        abs(moved[1] / eps),
        1024,
        "So the fits need not be close: nearness of x_1 and x_2 makes the factor as large as one likes.",
    )
    line = [exact_line([[0.0], [1.0]], [0.0, value]).exact_coef_[0] for value in (0.0, 1 / 64)]
    two = [exact_line(points, [0.0, 0.0]) for points in (X, [[2.0, 0.0], [0.0, 2.0]])]
    yield erratum(
        "The fits before and after are straight lines, determined by the point (x_1, y_1).",
        "They are hyperplanes of R^n, and not unique for n >= N: a rule such as the shortest a must choose in both.",
        refutes(
            "a = (0, 1), b = 0 and a = (0, 0), b = 0 both pass through (1, 0) with y = 0, with |a - a'| = 1.",
            np.dot([0, 1], X[0]) == np.dot([0, 0], X[0]) == 0,
        ),
        equals(
            "shortest a for y = (0, 0), at two sets of points", [each.exact_coef_ for each in two], ((0, 0), (0, 0))
        ),
        equals("change of the slope of a line through two points, 1 apart", line[1] - line[0], Fraction(1, 64)),
    )


@sensitive_fit.figure("lines through measurements at x and x + d: an error of 0.1 in the first tilts them by 0.1/d")
def _draw_tilt(ax: Any) -> None:
    x = np.linspace(0, 4, 2)
    for d, dashes, colour in ((3.0, "-", COLOURS[0]), (1.0, "--", COLOURS[1]), (0.25, ":", COLOURS[3])):
        ax.plot(x, 1.1 - 0.1 * x / d, dashes, color=colour, label=f"d = {d:g}")
    ax.plot(x, [1, 1], color=INK, linewidth=1, label="no error")
    ax.set(xlabel="x (first measurement at 0)", ylabel="y")
    legend(ax)


@item(
    "exercise-6.5a",
    "A parabola through three points",
    try_it="mathdl.PolynomialRegression(2, exact=True).fit([[-1.0], [0.0], [1.0]], [4.0, 2.0, -8.0]).exact_coef_",
)
def parabola() -> Findings:
    """Find a, b and c for which y = a x^2 + b x + c passes through (-1, 4), (0, 2) and (1, -8)."""
    model = mathdl.PolynomialRegression(degree=2, exact=True).fit([[-1.0], [0.0], [1.0]], [4.0, 2.0, -8.0])
    b, a = model.exact_coef_
    yield equals("c", model.exact_intercept_, 2, "The value at 0.")
    yield equals("a", a, -4, "The values at -1 and 1 add up to 2a + 2c = -4.")
    yield equals("b", b, -6, "Their difference is 2b = -12.")
    yield equals("values at -1, 0, 1", [at(model, t) for t in (-1, 0, 1)], (4, 2, -8), "All three points are met.")
    line = mathdl.PolynomialRegression(degree=2, exact=True).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    yield erratum(
        "Through n points with different x_i there is a polynomial of degree n - 1.",
        "Of degree at most n - 1.",
        refutes("The polynomial through (0, 0), (1, 1), (2, 2) has no term in x^2.", line.exact_coef_[1] == 0),
        equals("its coefficients of x and x^2", line.exact_coef_, (1, 0)),
    )


@item(
    "exercise-6.5b",
    "Overfitting: a cubic against a line",
    try_it="mathdl.PolynomialRegression(3).fit([[0.0], [1.0], [1.125], [2.0]], [0.0, 1.0, 1.25, 2.0]).predict([[4.0]])",
)
def overfitting() -> Findings:
    """Decide whether a polynomial of degree n - 1 through n data fits new data well.

    Three points of the line y = t, at t = 0, 1, 2, and one near the middle one, (9/8, 5/4), are fitted by a cubic and
    by a line.
    """
    t, y = NEARLY_LINE
    X = np.array(t)[:, None]
    cubic, line = mathdl.PolynomialRegression(3, exact=True).fit(X, y), exact_line(X, y)
    yield equals(
        "cubic less the line y = t, at -1, 3 and 4",
        [at(cubic, s) - s for s in (-1, 3, 4)],
        (Fraction(128, 21), Fraction(-128, 21), Fraction(-512, 21)),
        "It is t + c t (t - 1)(t - 2), which meets the three points; 1/8 at 9/8 needs c = -64/63.",
    )
    yield equals(
        "its sum of squares on the data",
        least_cubic(t),
        0,
        "It passes through all four points, as three coefficients and a constant can.",
    )
    yield equals(
        "largest distance of the line from y = t on [-1, 4]",
        max(abs(at(line, s) - s) for s in (-1, 4)),
        Fraction(5, 103),
        "Least squares spreads the deviation 1/8 over four points.",
    )
    yield equals(
        "whether the cubic is 100 times as far from y = t at 3 as the line",
        abs(at(cubic, 3) - 3) > 100 * abs(at(line, 3) - 3),
        True,
        "So no: a new measurement near the trend is far from the cubic, which has fitted the deviation of one point.",
    )
    yield erratum(
        "Three data points on a line and one near the middle one.",
        "One near the middle one with another t: else no polynomial passes through all four.",
        refutes(
            "The best cubic for t = 0, 1, 1, 2 and y = 0, 1, 5/4, 2 does not pass through all points.",
            least_cubic([0.0, 1.0, 1.0, 2.0]) > 0,
        ),
        equals("its sum of squares", least_cubic([0.0, 1.0, 1.0, 2.0]), Fraction(1, 32)),
        equals("that with t = 9/8 for the third", least_cubic(t), 0),
    )


def least_cubic(t: list[float]) -> Any:
    """Return the least sum of squares of a cubic at these t."""
    y = NEARLY_LINE[1]
    cubic = mathdl.PolynomialRegression(3, exact=True).fit(np.array(t)[:, None], y)
    return sum((at(cubic, s) - Fraction(v)) ** 2 for s, v in zip(t, y, strict=True))


@overfitting.figure("four points nearly on a line: the cubic through them and the best line", size=(3.9, 2.6))
def _draw_cubic(ax: Any) -> None:
    t, y = NEARLY_LINE
    s = np.linspace(-1, 3, 200)[:, None]
    for degree, dashes, name in ((1, "-", "line"), (3, "--", "cubic")):
        model = mathdl.PolynomialRegression(degree).fit(np.array(t)[:, None], y)
        ax.plot(s[:, 0], model.predict(s), dashes, color=COLOURS[degree > 1], label=name)
    ax.plot(t, y, "o", color=INK, markersize=4, label="data")
    ax.set(xlabel="t", ylabel="y")
    legend(ax)
