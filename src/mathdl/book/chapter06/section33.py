"""Section 6.3, its last two parts: logistic regression as a network, and networks with more layers."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter06.models import farthest, fitted, logistic, probability, with_probabilities
from mathdl.book.data import almost_monotone, applicants, curved_classes, plant_survival, students
from mathdl.book.finding import Findings, at_least, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend

HALF = 2 * math.sqrt(math.log(2))  # how far from 5 the survival of plants is 1/2
LIGHT = np.arange(11.0)
SPIKE = Fraction(1, 20), Fraction(19, 20), Fraction(1, 20)


def layers(*weights: float, output: str = "sigmoid") -> Any:
    """Make a network of two ReLU neurons and one output in one variable."""
    hidden = mathdl.Dense(2, activation="relu")
    net = mathdl.Network([hidden, mathdl.Dense(1, activation=output)], input_shape=(1,), dtype="float64")
    net.parameters[:] = weights
    return net


def slope(activation: str, x: float) -> float:
    """Return the derivative of an activation at x, by backpropagation through one neuron."""
    neuron = mathdl.Network([mathdl.Dense(1, activation=activation, bias=False)], input_shape=(1,), dtype="float64")
    neuron.parameters[:] = [x]  # its output is f(x) at the input 1; the loss is (f(x) + 1)^2
    shown = neuron.backpropagate(np.array([1.0]), np.array([-1.0]), "mean_square")
    return float(shown.parameter_gradients[0][0] / (2 * (neuron(np.array([[1.0]]))[0, 0] + 1)))


@item(
    "fig-6.9",
    "Logistic regression as networks of one neuron",
    try_it="mathdl.Network([mathdl.Dense(1, 'sigmoid')], input_shape=(2,)).formula()",
)
def one_neuron() -> Findings:
    """The logistic models of the students, sigma(a x + b), and of the applicants, sigma(a.(x, y) + b), as networks.

    Both are one neuron whose activation is the sigmoid: one layer function with m = 1 neuron.
    """
    for (X, r), name in ((students(), "students"), (applicants(), "applicants")):
        model = fitted(X, r)
        net = logistic(*model.coef_[0], model.intercept_[0])
        yield equals(f"parameters of the {name}' network", net.size, X.shape[1] + 1)
        gap = farthest(probability(net, X), model.predict_proba(X)[:, 1])
        yield near("largest distance of its probabilities from those of logistic regression", gap, 0, 1e-12)
    yield equals("sigma(1*2 - 2*1 + 0.5*4 - 2)", probability(logistic(1, -2, 0.5, -2), [2, 1, 4])[0], 0.5)


@one_neuron.figure("one variable: hours of study", size=(3.2, 1.9))
def _draw_student_neuron(ax: Any) -> None:
    mathdl.plots.plot_network_diagram(logistic(2.15, -6.48), ax=ax)


@one_neuron.figure("two variables: the two scores, in standard units", size=(3.2, 1.9))
def _draw_applicant_neuron(ax: Any) -> None:
    mathdl.plots.plot_network_diagram(logistic(1.68, 0.99, -0.44), ax=ax)


@item("claim-6.3.3", "The sigmoid's gradient vanishes, that of ReLU does not")
def vanishing_gradient() -> Findings:
    """The derivative of the sigmoid is small for large inputs, so that gradients through it make small steps.

    ReLU(t) = max(t, 0) has the derivative 1 for every t > 0. The derivatives are computed by backpropagation.
    """
    yield equals("sigma'(0)", slope("sigmoid", 0.0), 0.25)
    yield near("sigma'(5)", slope("sigmoid", 5.0), 0.00664806, 5e-9)
    yield near("sigma'(10), times 10^5", slope("sigmoid", 10.0) * 1e5, 4.53958, 5e-6)
    yield equals("ReLU'(5) and ReLU'(10)", (slope("relu", 5.0), slope("relu", 10.0)), (1, 1))
    through = math.prod(slope("sigmoid", x) for x in np.random.default_rng(0).normal(size=10))
    yield near("factor of a gradient through ten sigmoids, times 4^10", through * 4**10, 0.26524, 5e-6)
    yield erratum(
        "Gradients of ReLU do not vanish as those of the sigmoid do.",
        "For large positive inputs only: for negative ones ReLU' is 0, and the sigmoid's is not.",
        differs("ReLU'(-10), which would be 1", slope("relu", -10.0), 1),
        equals("ReLU'(-10)", slope("relu", -10.0), 0),
        near("sigma'(-10), times 10^5", slope("sigmoid", -10.0) * 1e5, 4.53958, 5e-6),
    )


@vanishing_gradient.figure("derivatives of the sigmoid and of ReLU")
def _draw_slopes(ax: Any) -> None:
    t = np.linspace(-10, 10, 401)
    values = probability(logistic(1.0, 0.0), t)
    ax.plot(t, values * (1 - values), color=COLOURS[0], label="sigma'(t)")
    ax.plot(t, t > 0, "--", color=COLOURS[1], label="ReLU'(t)")
    ax.set(xlabel="t", ylabel="derivative")
    legend(ax)


@item(
    "fig-6.10",
    "An almost monotone probability",
    try_it="mathdl.half_crossings(mathdl.book.data.almost_monotone, 0, 6)",
)
def almost_one_crossing() -> Findings:
    """p(x) is not monotone, but p(x) > p(y) wherever x - y is large enough; a logistic curve still fits it well.

    Here p(x) = sigma(2u - 1.2 sin 6u) with u = x - 3. It is 1/2 at three points that lie close together.
    """
    x = np.linspace(0, 6, 601)
    p = almost_monotone(x)
    model = fitted(*with_probabilities(x, p))
    yield equals("steps of 0.01, of 600, in which p falls", (np.diff(p) < 0).sum(), 228)
    crossings = mathdl.half_crossings(almost_monotone, 0, 6)
    yield near("points where p is 1/2", crossings, (2.598560, 3, 3.401440), 1e-6)
    far = [(s, t) for s in p[::5] for t in p[::5]]
    apart = [(s, t) for s in x[::5] for t in x[::5]]
    wrong = sum(not a > b for (a, b), (s, t) in zip(far, apart, strict=True) if s - t > 1.2)
    yield equals("pairs of points with x - y > 1.2 for which p(x) > p(y) fails", wrong, 0)
    yield near("a of the logistic curve that fits p best on [0, 6]", model.coef_[0, 0], 1.803, 5e-4)
    yield near("point where that curve is 1/2", mathdl.half_crossings(model, 0, 6), [3], 1e-9)
    outside = (x < 2.5) | (x > 3.5)
    other = model.predict(x[outside, None]) != (p[outside] > 0.5)
    yield equals("points outside of [2.5, 3.5] where both decide differently", other.sum(), 0)


@almost_one_crossing.figure("p(x), and the logistic curve that fits it best; marks are at p = 1/2", size=(3.9, 2.4))
def _draw_almost_monotone(ax: Any) -> None:
    x = np.linspace(0, 6, 601)
    curves = {"p(x)": almost_monotone, "logistic": fitted(*with_probabilities(x, almost_monotone(x)))}
    mathdl.plots.plot_probability_curves(curves, 0, 6, ax=ax)


@item(
    "fig-6.11",
    "The survival of plants has two half-crossings",
    try_it="mathdl.half_crossings(mathdl.book.data.plant_survival, 0, 10)",
)
def survival() -> Findings:
    """The probability that a plant survives a week rises with the light x, then falls; no logistic curve does that.

    Here p(x) = 0.05 + 0.9 exp(-((x - 5)/2)^2). Two hidden neurons are enough: sigma(c - |x - 5|), where c is
    2 sqrt(log 2) and |t| = ReLU(t) + ReLU(-t).
    """
    model = fitted(*with_probabilities(LIGHT, plant_survival(LIGHT)))
    net = layers(1, -1, -5, 5, -1, -1, HALF)
    stated = (3.334891, 6.665109)
    yield near("points where p = 1/2: 5 - 2 sqrt(log 2) and 5 + 2 sqrt(log 2)", (5 - HALF, 5 + HALF), stated, 5e-7)
    yield near("the same by bisection", mathdl.half_crossings(plant_survival, 0, 10), stated, 5e-7)
    yield near("a of the logistic curve that fits p best at 0, 1, ..., 10", model.coef_[0, 0], 0, 1e-12)
    yield near("its b", model.intercept_[0], -0.663219, 5e-7)
    yield near("its value everywhere, the mean of p", model.predict_proba([[0.0], [5.0]])[:, 1], 0.340017, 5e-7)
    yield equals("its points of 1/2", len(mathdl.half_crossings(model, 0, 10)), 0)
    yield near("those of the network", mathdl.half_crossings(lambda x: probability(net, x), 0, 10), stated, 5e-7)


@survival.figure(
    "survival by light, the logistic curve that fits it best, and a network with one hidden layer", (3.9, 2.4)
)
def _draw_survival(ax: Any) -> None:
    net = layers(1, -1, -5, 5, -1, -1, HALF)
    curves = {
        "survival": plant_survival,
        "logistic": fitted(*with_probabilities(LIGHT, plant_survival(LIGHT))),
        "network": lambda x: probability(net, x),
    }
    mathdl.plots.plot_probability_curves(curves, 0, 10, feature="light", ax=ax)


@item("claim-6.3.4", "One neuron against two layers")
def one_neuron_or_two_layers() -> Findings:
    """A monotone curve cannot be near a probability that rises and falls; a network with two layers can.

    Values 0.05, 0.95, 0.05 are asked for at x = 1, 2, 3, and the largest error is looked at.
    """
    steps = [Fraction(k, 20) for k in range(21)]
    ordered = [(s, t, u) for s in steps for t in steps for u in steps if s <= t <= u or s >= t >= u]
    least = min(max(abs(g - p) for g, p in zip(values, SPIKE, strict=True)) for values in ordered)
    yield equals("least largest error of monotone values on a grid of 1/20", least, Fraction(9, 20))
    x, targets = np.array([1.0, 2.0, 3.0]), np.array([0.05, 0.95, 0.05])
    errors = [
        np.abs(probability(logistic(a, b), x) - targets).max()
        for a in np.linspace(-5, 5, 21)
        for b in np.linspace(-10, 10, 21)
    ]
    yield at_least("least largest error of 441 logistic curves, plus rounding", min(errors) + 1e-12, 0.45)
    net = layers(1, -1, -2, 2, -0.9, -0.9, 0.95, output="relu")
    yield near("values at 1, 2, 3 of the network 0.95 - 0.9 |x - 2| of ReLU", net(x[:, None])[:, 0], targets, 1e-15)
    wide = net(np.array([[-100.0], [100.0]]))[:, 0]
    square = np.abs(net(np.array([[10.0], [100.0], [1000.0]]))[:, 0] - [100, 10000, 1000000])
    yield erratum(
        "Networks with two layers of ReLU approximate any continuous function.",
        "On bounded intervals, and values that are not negative if the output is ReLU too; probabilities are not.",
        refutes(
            "This one is affine beyond 3, as all are far out: its error for x^2 grows without bound.",
            square[0] < square[1] < square[2],
        ),
        refutes("No output of ReLU is near -1.", net(x[:, None]).min() + 1 >= 1),
        equals("values of this network at -100 and 100, as those of probabilities not negative", wide, (0, 0)),
    )


@item(
    "fig-6.12",
    "A curve separates what no line does",
    try_it="mathdl.LogisticRegression().fit(*mathdl.book.data.curved_classes()).score(*mathdl.book.data.curved_classes())",
)
def curved_boundary() -> Findings:
    """Two classes lie on the two sides of a curve, here the parabola x2 = x1^2 - 1; no line has them on its two sides.

    A network learns such a boundary, and the function x2 - x1^2 of the variables makes the classes separable.
    """
    X, y = curved_classes()
    found = mathdl.separate(X[y == 0], X[y == 1])
    yield equals("points, and those above the curve", (len(X), y.sum()), (106, 48))
    yield equals("whether a line separates them, decided exactly", found.separable, False)
    labels = np.array(["A"] * (y == 0).sum() + ["B"] * (y == 1).sum())
    verdict = mathdl.verify(found.certificate, np.vstack([X[y == 0], X[y == 1]]), labels)
    yield shows("The exact checker accepts a common point of both convex hulls as the proof.", bool(verdict))
    yield near("share on their side of the line of logistic regression", fitted(X, y).score(X, y), 0.830, 5e-4)
    bent = (X[:, 1] - X[:, 0] ** 2)[:, None]
    yield equals(
        "whether a threshold for x2 - x1^2 separates them", mathdl.separate(bent[y == 0], bent[y == 1]).separable, True
    )
    yield at_least("share that a network with 16 hidden neurons decides rightly", trained().score(X, y), 0.98)


@cache
def trained() -> Any:
    """Train a small network on the two classes."""
    X, y = curved_classes()
    rule = mathdl.Adam(0.02)
    return mathdl.NetworkClassifier((16,), activation="tanh", rule=rule, batch_size=106, epochs=400, random_state=0,
                                    threads=1).fit(X, y)  # fmt: skip


@curved_boundary.figure(
    "the best line of logistic regression: points of both classes are on the wrong side", (3.2, 3.0)
)
def _draw_line(ax: Any) -> None:
    X, y = curved_classes()
    mathdl.plots.plot_decision_boundary(fitted(X, y), X, y, ax=ax)


@curved_boundary.figure("the decision boundary of a network with one hidden layer of 16 neurons", (3.2, 3.0))
def _draw_network(ax: Any) -> None:
    mathdl.plots.plot_decision_boundary(trained(), *curved_classes(), ax=ax)
