"""Section 7.2: what a support vector machine is, and why."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter07.points import BLUE, RED, plane
from mathdl.book.data import two_clouds
from mathdl.book.finding import Findings, Table, at_least, equals, near, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, SOFT, legend, log_axes

PANELS = {4.0: "separable", 1.6: "nearly separable", 0.0: "one on top of the other"}
TWO_SIDES = [[0, 0], [1, 0], [0, 1], [3, 3], [4, 3], [3, 5]], [-1, -1, -1, 1, 1, 1]
LAMBDAS = (1.0, 1e-2, 1e-4, 1e-6, 1e-8)


@item(
    "fig-7.3",
    "Separable, nearly separable and overlapping data",
    try_it="mathdl.SoftMarginSVM(0.005).fit(*mathdl.book.data.two_clouds(1.6)).score(*mathdl.book.data.two_clouds(1.6))",
)
def three_data_sets() -> Findings:
    """Two classes of 40 points each, around centres that are 4, 1.6 and 0 apart, and the soft margin's boundary.

    The book prints no points: these are drawn, with standard deviation 0.5. Accuracy is the part of the points on the
    side of their class.
    """
    scores, separable = [], []
    for distance in PANELS:
        X, y = two_clouds(distance)
        scores.append(float(mathdl.SoftMarginSVM(0.005).fit(X, y).score(X, y)))
        separable.append(mathdl.separate(X[y < 0], X[y > 0]).separable)
    yield Table({"distance of the centres": list(PANELS), "accuracy": scores, "separable": separable})
    yield equals("accuracy by distance of the centres 4, 1.6 and 0", scores, (1.0, 0.95, 0.575))
    yield equals("whether a line separates the classes", separable, (True, False, False))


def _clouds(ax: Any, distance: float) -> None:
    from mathdl.plots import plot_decision_boundary

    X, y = two_clouds(distance)
    plot_decision_boundary(mathdl.SoftMarginSVM(0.005).fit(X, y), X, y, ax=ax)


@three_data_sets.figure("separable classes with the soft margin, support vectors ringed", size=(2.6, 2.4))
def _draw_separable(ax: Any) -> None:
    _clouds(ax, 4.0)


@three_data_sets.figure("nearly separable classes")
def _draw_nearly(ax: Any) -> None:
    _clouds(ax, 1.6)


@three_data_sets.figure("classes that overlap")
def _draw_overlapping(ax: Any) -> None:
    _clouds(ax, 0.0)


@item(
    "fig-7.4",
    "A perfect boundary in a bad place",
    try_it="mathdl.Hyperplane([10, 0], 19).distance([[0, 0], [0, 1], [2, 0], [2, 1]])",
)
def badly_placed() -> Findings:
    """A line can separate two classes without an error and yet pass so near to one that it fails for new points.

    Red are (0, 0) and (0, 1), blue (2, 0) and (2, 1). The line x = 19/10 is compared with the hard margin's x = 1.
    """
    near_blue = mathdl.Hyperplane([10, 0], 19)
    model = mathdl.HardMarginSVM().fit(RED + BLUE, [-1, -1, 1, 1])
    best = model.decision_boundary_
    yield equals("whether x = 19/10 separates the classes", near_blue.strictly_separates(RED, BLUE), True)
    yield near("its distance from blue", near_blue.distance(BLUE).min(), 0.1, 1e-15)
    yield equals("w and b of the hard margin", plane(model.exact_solution_), ((1, 0), 1))
    yield equals(
        "distance of its line from either class", (best.distance(BLUE).min(), -best.distance(RED).max()), (1, 1)
    )
    yield equals("side of the new blue point (17/10, 1/2) of x = 19/10", np.sign(near_blue.value([[1.7, 0.5]]))[0], -1)
    yield equals("class that the hard margin predicts there", model.predict([[1.7, 0.5]])[0], 1)


@badly_placed.figure("a line near to one class beside the best line with its strip", size=(4.2, 2.6))
def _draw_badly_placed(ax: Any) -> None:
    from mathdl.plots import plot_separation

    best = mathdl.HardMarginSVM().fit(RED + BLUE, [-1, -1, 1, 1]).decision_boundary_
    plot_separation(RED, BLUE, {"x = 19/10": mathdl.Hyperplane([1.0, 0.0], 1.9), "hard margin": best}, ax=ax)
    ax.plot([1.7], [0.5], "D", color=COLOURS[1], markerfacecolor="none", label="new point of B")
    legend(ax)


@item(
    "claim-7.2-steepness",
    "Logistic regression cares for steepness, the SVM for the margin",
    try_it="mathdl.LogisticRegression(1e-6).fit([[0], [3]], [-1, 1]).decision_boundary_.width([[0]], [[3]])",
)
def steepness_or_margin() -> Findings:
    """On classes that a line separates, cross-entropy falls as the probability jumps more steeply, whatever the line.

    So logistic regression has no reason to look for a wide strip, as a support vector machine does. With a penalty
    lambda |w|^2 there is a minimum; lambda going to 0 brings the line slowly to that of the widest strip.
    """
    X, y = TWO_SIDES
    A, B = X[:3], X[3:]
    hard: Any = mathdl.HardMarginSVM().fit(X, y)
    yield equals("w of the hard margin", hard.exact_solution_.normal, (Fraction(2, 5),) * 2)
    yield near("width 2 / |w| of its strip", hard.margin_, 3.5355339, 5e-8)
    w, b = hard.coef_[0], -hard.intercept_[0]
    losses = [float(np.mean(np.logaddexp(0, -np.array(y) * c * (np.array(X) @ w - b)))) for c in (1, 2, 4, 8, 16)]
    yield Table({"c": [1, 2, 4, 8, 16], "cross-entropy at (c w, c b)": losses})
    yield shows("The cross-entropy at (c w, c b) falls as c grows.", (np.diff(losses) < 0).all())
    yield near(
        "its value for c = 16", losses[-1], 5.633e-8, 1e-11, "The infimum 0 is not attained: there is no minimum."
    )
    models = [mathdl.LogisticRegression(value, tol=1e-13).fit(X, y) for value in LAMBDAS]
    widths = [model.decision_boundary_.width(A, B) for model in models]
    angles = [_degrees(model.coef_[0], w) for model in models]
    yield Table({"lambda": LAMBDAS, "width of the logistic strip": widths, "degrees from the SVM's w": angles})
    printed = (3.0697, 3.2477, 3.3686, 3.4262, 3.4560)
    yield near("width of the strip around the logistic line, by lambda", widths, printed, 5e-5)
    yield near("degrees between its normal and the SVM's", angles, (1.9777, 0.7648, 0.3573, 0.0684, 0.0108), 1e-4)
    yield shows("The widths rise as lambda falls.", widths == sorted(widths))
    yield at_least("width of the SVM's strip", hard.margin_, max(widths))
    tilted = mathdl.Hyperplane([1.0, 0.5], 2.5)
    steep = float(np.mean(np.logaddexp(0, -np.array(y) * 50 * tilted.value(X))))
    yield near("width of the strip of x + y / 2 = 5/2", tilted.width(A, B), 6 / sqrt(5), 1e-14)
    yield shows(
        "Made 50 times steeper, this worse line has a smaller cross-entropy than all above.", steep < losses[-1]
    )


def _degrees(v: Any, w: Any) -> float:
    """Return the angle between two vectors of the plane."""
    return float(np.degrees(abs(np.arctan2(v[0] * w[1] - v[1] * w[0], v @ w))))


@steepness_or_margin.figure("the width of the logistic strip by lambda, below that of the SVM", size=(4.0, 2.4))
def _draw_widths(ax: Any) -> None:
    X, y = TWO_SIDES
    lambdas = np.geomspace(1e-8, 10, 19)
    models = [mathdl.LogisticRegression(value).fit(X, y) for value in lambdas]
    widths = [model.decision_boundary_.width(X[:3], X[3:]) for model in models]
    ax.axhline(mathdl.HardMarginSVM().fit(X, y).margin_, color=INK, linestyle="--", label="hard margin SVM")
    ax.plot(lambdas, widths, "-o", color=COLOURS[0], markersize=3, label="logistic regression")
    ax.set(xlabel="lambda", ylabel="width of the strip")
    ax.tick_params(colors=SOFT)
    log_axes(ax, x=True)
    legend(ax)
