"""Section 6.1: what regression is."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter06.models import THREE, exact_line, residuals, sum_of_squares
from mathdl.book.data import noisy_line
from mathdl.book.finding import Findings, differs, equals, erratum, near, refutes
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, SOFT, legend

SAMPLES = np.linspace(-2, 2, 15)


@item(
    "fig-6.1",
    "Data points and a regression curve",
    try_it="mathdl.LinearRegression().fit(*mathdl.book.data.noisy_line()).coef_",
)
def regression_curve() -> Findings:
    """A regression curve fits data well as a whole and need not pass through any point: here a line by least squares.

    The data are nine measurements y_i of the line 1 + x/2 with noise; r_i = y_i - (a x_i + b) are the residuals.
    """
    X, y = noisy_line()
    model = exact_line(X, y)
    rest = residuals(model.exact_coef_, model.exact_intercept_, X.tolist(), y.tolist())
    yield equals("sum of the residuals r_i, in fractions", sum(rest), 0)
    yield equals("sum of x_i r_i", sum(r * Fraction(x) for r, x in zip(rest, X[:, 0].tolist(), strict=True)), 0)
    yield near("distance |r_i| of the nearest data point from the line", float(min(map(abs, rest))), 0.02034, 5e-5)


@regression_curve.figure("nine measurements and the line that fits them best")
def _draw_line(ax: Any) -> None:
    X, y = noisy_line()
    mathdl.plots.plot_curve(mathdl.LinearRegression().fit(X, y), X, y, ax=ax)


@item(
    "fig-6.2",
    "A sampled curve and the curve that is fitted",
    try_it="mathdl.PolynomialRegression(degree=3).fit([[-1.0], [0.0], [1.0], [2.0]], [-1.0, 0.0, 1.0, 0.5]).coef_",
)
def sampled_curve() -> Findings:
    """A curve f is known at sample points only, and a curve of a simpler kind is fitted to these.

    Here f(x) = sin(1.5 x) is sampled at 15 equally spaced points of [-2, 2], and a cubic is fitted by least squares.
    """
    y = np.sin(1.5 * SAMPLES)
    rest = y - mathdl.PolynomialRegression(degree=3).fit(SAMPLES[:, None], y).predict(SAMPLES[:, None])
    yield near("root mean square of the residuals", np.sqrt((rest**2).mean()), 0.0659, 5e-5)
    yield near("sums of r, x r, x^2 r and x^3 r of the residuals r", rest @ SAMPLES[:, None] ** np.arange(4), 0, 1e-12)
    yield near("largest distance of a sample from the cubic", np.abs(rest).max(), 0.0836, 5e-5)


@sampled_curve.figure("f(x) = sin(1.5 x), its samples, and the cubic that fits them best")
def _draw_cubic(ax: Any) -> None:
    model = mathdl.PolynomialRegression(degree=3).fit(SAMPLES[:, None], np.sin(1.5 * SAMPLES))
    x = np.linspace(-2.3, 2.3, 200)
    ax.plot(x, np.sin(1.5 * x), color=SOFT, label="f(x)")
    ax.plot(SAMPLES, np.sin(1.5 * SAMPLES), "o", color=COLOURS[1], markersize=4, label="samples")
    ax.plot(x, model.predict(x[:, None]), "--", color=COLOURS[0], label="cubic")
    ax.set(xlabel="x", ylabel="y")
    legend(ax)


@item("fig-6.3", "Linear regression against interpolation")
def regression_or_interpolation() -> Findings:
    """An interpolating curve passes through all data points and follows their noise; a fitted line keeps the trend.

    The nine points of figure 6.1 are noisy measurements of the line 1 + x/2; the polynomial of degree 8 through them
    and the line that fits them best are compared with it on [0, 4].
    """
    X, y = noisy_line()
    line = mathdl.LinearRegression().fit(X, y)
    interpolant = mathdl.PolynomialRegression(degree=8).fit(X, y)
    x = np.linspace(0, 4, 4001)[:, None]
    off = [np.abs(model.predict(x) - (1 + x[:, 0] / 2)).max() for model in (line, interpolant)]
    yield near("largest residual of the polynomial of degree 8", np.abs(interpolant.predict(X) - y).max(), 0, 1e-9)
    yield near("smallest residual of the line, in absolute value", np.abs(line.predict(X) - y).min(), 0.02034, 5e-5)
    yield near("largest distance of the line from the true line on [0, 4]", off[0], 0.150, 5e-4)
    yield near("largest distance of the polynomial from the true line on [0, 4]", off[1], 0.7355, 5e-4)


@regression_or_interpolation.figure("noisy data of a line: the fitted line and the polynomial through all of them")
def _draw_interpolation(ax: Any) -> None:
    X, y = noisy_line()
    x = np.linspace(0, 4, 300)[:, None]
    ax.plot(x[:, 0], 1 + x[:, 0] / 2, ":", color=SOFT, label="true line")
    for degree, dashes, name in ((1, "-", "regression"), (8, "--", "interpolation")):
        model = mathdl.PolynomialRegression(degree=degree).fit(X, y)
        ax.plot(x[:, 0], model.predict(x), dashes, color=COLOURS[degree > 1], label=name)
    ax.plot(X[:, 0], y, "o", color=INK, markersize=4, label="data")
    ax.set(xlabel="x", ylabel="y")
    legend(ax)


@item(
    "eq-6.2",
    "Training as a least-squares problem",
    try_it="mathdl.LinearRegression(exact=True).fit([[-2.0], [0.0], [1.0]], [1.0, 2.0, -1.0]).exact_coef_",
)
def least_squares() -> Findings:
    """Choose the parameters g of a family of functions f(x, g) so that the sum of |f(x_i, g) - y_i|^2 is least.

    (x_i, y_i), i = 1, ..., N, are the data. Here f(x, g) = a x + b, g = (a, b), with the data of exercise 6.1a.
    """
    X, y = THREE
    model = exact_line(X, y)
    a, b = model.exact_coef_, model.exact_intercept_
    rest = residuals(a, b, X, y)
    least = sum_of_squares(a, b, X, y)
    yield equals("parameters (a, b) of the least sum", (a[0], b), (Fraction(-1, 2), Fraction(1, 2)))
    yield equals("least sum of squares", least, Fraction(7, 2))
    slopes = -2 * sum(r * Fraction(x[0]) for r, x in zip(rest, X, strict=True)), -2 * sum(rest)
    yield equals("its derivatives by a and b there", slopes, (0, 0))
    steps = [Fraction(k, 4) for k in range(-8, 9)]
    yield equals("its least value on a grid of steps 1/4 around 0", min(
        sum_of_squares([s], t, X, y) for s in steps for t in steps
    ), Fraction(7, 2))  # fmt: skip
    through_zero = min(sum_of_squares([Fraction(k, 5)], 0, X, y) for k in range(-10, 11))
    yield erratum(
        "The parameters are a vector of R^n, where n is the number of variables x.",
        "Their number is the model's own: a line in one variable has two, (a, b).",
        differs("least sum with one parameter, f = a x, since n = 1 (at a = -3/5)", through_zero, Fraction(7, 2)),
        equals("the same sum", through_zero, Fraction(21, 5)),
        equals("least sum with two parameters", least, Fraction(7, 2)),
    )


def absolute_value(output: str) -> Any:
    """Make the network x -> -(ReLU(x) + ReLU(-x)) with an activation of the output."""
    layers = [mathdl.Dense(2, activation="relu"), mathdl.Dense(1, activation=output)]
    net = mathdl.Network(layers, input_shape=(1,), dtype="float64")
    net.parameters[:] = [1, -1, 0, 0, -1, -1, 0]
    return net


@item(
    "fig-6.4",
    "A regression network with one hidden layer",
    try_it="mathdl.Network([mathdl.Dense(2, activation='relu'), mathdl.Dense(1)], input_shape=(1,)).formula()",
)
def regression_network() -> Findings:
    """A network for regression: an input, one hidden layer of neurons, and one output, the number to predict.

    Here two hidden neurons with ReLU(t) = max(t, 0) give -|x| = -(ReLU(x) + ReLU(-x)) at every x.
    """
    x = np.array([[-2.0], [-0.5], [0.0], [1.0], [3.0]])
    net, with_relu = absolute_value("identity"), absolute_value("relu")
    yield equals("values at -2, -1/2, 0, 1, 3", net(x)[:, 0] + 0.0, (-2, -0.5, 0, -1, -3))
    yield equals("number of parameters: 2 + 2 of the hidden layer, 2 + 1 of the output", net.size, 7)
    yield erratum(
        "All neurons of a network have an activation (definition 4.1.3), the output of a regression network too.",
        "Its output neuron is affine: with ReLU there are no negative values.",
        refutes("With ReLU at the output all of these values are 0, none of them negative.", not with_relu(x).any()),
        equals("largest error of the affine output", np.abs(net(x)[:, 0] + np.abs(x[:, 0])).max(), 0),
    )


@regression_network.figure("an input, two hidden neurons, and an output, with the weights of -|x|", size=(3.9, 2.3))
def _draw_network(ax: Any) -> None:
    mathdl.plots.plot_network_diagram(absolute_value("identity"), ax=ax)
