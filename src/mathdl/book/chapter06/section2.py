"""Section 6.2: linear regression in dimension 1."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from mathdl.book.chapter06.models import THREE, exact_line
from mathdl.book.finding import Findings, equals, erratum, refutes
from mathdl.book.item import item


def sums(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return numerator and denominator of the slope in (6.3), and the mean of y."""
    x, y, n = [Fraction(v) for v in x], [Fraction(v) for v in y], len(x)
    above = n * sum(a * b for a, b in zip(x, y, strict=True)) - sum(x) * sum(y)
    return above, n * sum(a * a for a in x) - sum(x) ** 2, sum(y) / n


def closed_form(x: Any, y: Any) -> tuple[Any, Any]:
    """Return slope and constant by (6.3)."""
    above, below, mean = sums(x, y)
    return above / below, mean - above / below * sum(Fraction(v) for v in x) / len(x)


@item(
    "eq-6.3",
    "The line of least squares in closed form",
    try_it="mathdl.LinearRegression(exact=True).fit([[-2.0], [0.0], [1.0]], [1.0, 2.0, -1.0]).exact_intercept_",
)
def line_in_closed_form() -> Findings:
    """The line y = a x + b with the least sum of squares (a x_i + b - y_i)^2 over the data (x_i, y_i), i = 1, ..., N.

    a = (N sum x_i y_i - sum x_i sum y_i) / (N sum x_i^2 - (sum x_i)^2) and b = (sum y_i - a sum x_i) / N.
    """
    X, y = THREE
    stated = Fraction(-1, 2), Fraction(1, 2)
    yield equals("(a, b) of the points (-2, 1), (0, 2), (1, -1)", closed_form([-2, 0, 1], y), stated)
    model = exact_line(X, y)
    yield equals("(a, b) that the library finds", (model.exact_coef_[0], model.exact_intercept_), stated)
    generator, same = np.random.default_rng(63), 0
    for n in range(2, 42):
        x, v = generator.permutation(np.arange(-50, 50))[:n] / 8, generator.integers(-64, 65, size=n) / 8
        model = exact_line(x[:, None], v)
        same += (model.exact_coef_[0], model.exact_intercept_) == closed_form(x.tolist(), v.tolist())
    yield equals("sets of 2 to 41 points, of 40, in which both agree as fractions", same, 40)
    alone = exact_line([[3.0], [3.0], [3.0]], [1.0, 2.0, 6.0])
    yield erratum(
        "The formulas give the best line of any data.",
        "Of data with at least two different x_i; else every line through (x_1, mean of y) is best.",
        refutes("For x = 3, 3, 3 and y = 1, 2, 6 the slope is 0/0.", sums([3, 3, 3], [1, 2, 6])[:2] == (0, 0)),
        equals("the flattest of the best lines there: a, b", (alone.exact_coef_[0], alone.exact_intercept_), (0, 3)),
    )
