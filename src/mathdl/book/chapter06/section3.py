"""Section 6.3, its first two parts: logistic regression with one variable and with two."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter06.models import cross_entropy, farthest, fitted, logistic, probability, sigma
from mathdl.book.data import applicants, students
from mathdl.book.finding import Findings, Table, at_least, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, SOFT, legend

GROUPS = np.arange(9.0)[:, None], np.array([0, 0, 1, 0, 1, 2, 1, 2, 2])  # three outcomes that overlap
SEPARATED = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1])
SIDES = {0: ("s", "rejected"), 1: ("o", "accepted")}


@item("claim-6.3-classes", "More than two outcomes, and what cross-entropy maximises")
def more_than_two_outcomes() -> Findings:
    """Logistic regression extends to several outcomes, and makes the probability of the observed data largest.

    For outcomes k = 0, ..., K - 1 the probabilities p_k(x) are the softmax of affine functions a_k.x + b_k. The
    likelihood is the product of the p_k(x_i) of what happened, and the cross-entropy minus its logarithm.
    """
    X, y = GROUPS
    model = fitted(X, y)
    p = model.predict_proba(X)
    loss = 9 * model.objective_
    likelihood = math.prod(p[np.arange(9), y].tolist())
    yield Table({"x": X[:, 0], "outcome": y} | {f"p_{k}": p[:, k].round(3) for k in range(3)})
    yield near("sums of the three probabilities, for each of nine objects", p.sum(axis=1), 1, 1e-12)
    yield near(
        "likelihood * exp(cross-entropy), for nine objects with three outcomes", likelihood * math.exp(loss), 1, 1e-9
    )
    yield near("expected number of each outcome; each happened three times", p.sum(axis=0), 3, 1e-9)
    generator = np.random.default_rng(0)
    others = [
        mathdl.cross_entropy(np.eye(3)[y], softmax(X @ a[:1] + a[1])).loss
        for a in np.vstack([model.coef_.T, model.intercept_])[None] + 0.3 * generator.normal(size=(200, 2, 3))
    ]
    yield at_least("least cross-entropy of 200 other parameters, less that of the fit", min(others) - loss, 0)


def softmax(scores: Any) -> Any:
    """Return exp(t_k) divided by their sum, for each row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@more_than_two_outcomes.figure("probabilities of three outcomes that were fitted to nine objects")
def _draw_outcomes(ax: Any) -> None:
    X, y = GROUPS
    x, model = np.linspace(-0.5, 8.5, 200), fitted(X, y)
    for k, (dashes, mark) in enumerate((("-", "o"), ("--", "s"), (":", "^"))):
        ax.plot(x, model.predict_proba(x[:, None])[:, k], dashes, color=COLOURS[k], label=f"outcome {k}")
        ax.plot(X[y == k, 0], np.ones(3), mark, color=COLOURS[k], markersize=4)
    ax.set(xlabel="x (marks: what happened)", ylabel="probability")
    legend(ax)


@item(
    "eq-6.5",
    "The sigmoid and the logistic curve",
    try_it="mathdl.Network([mathdl.Dense(1, 'sigmoid')], input_shape=(1,)).formula()",
)
def sigmoid() -> Findings:
    """The sigmoid sigma(t) = 1/(1 + exp(-t)) turns numbers into probabilities.

    p(x) = sigma(a x + b) is a logistic curve: a sets its slope, and -b/a is where it crosses 1/2.
    """
    t = np.linspace(-20, 20, 401)
    yield equals("sigma(0)", sigma(0.0)[0], 0.5)
    yield near("sigma(2)", sigma(2.0)[0], 0.880797077977882, 1e-15)
    yield near("largest |sigma(t) + sigma(-t) - 1| for t from -20 to 20", farthest(sigma(t) + sigma(-t), 1), 0, 3e-16)
    slopes = (sigma(t + 1e-5) - sigma(t - 1e-5)) / 2e-5
    gap = farthest(slopes, sigma(t) * (1 - sigma(t)))
    yield near("largest distance of sigma' (by differences) from sigma (1 - sigma)", gap, 0, 1e-9)
    yield near("largest sigma(t) (1 - sigma(t)), at 0", (sigma(t) * (1 - sigma(t))).max(), 0.25, 1e-15)
    curve = logistic(3.0, -1.5)
    yield equals("sigma(3 x - 3/2) at -b/a, which is 1/2", probability(curve, 0.5)[0], 0.5)
    ends = probability(curve, [0.5 - 1e-5, 0.5 + 1e-5])
    yield near("its slope there, a/4 = 3/4, by differences", (ends[1] - ends[0]) / 2e-5, 0.75, 1e-9)


@sigmoid.figure("logistic curves sigma(a x + b): a sets the slope, b the place", size=(3.9, 2.3))
def _draw_logistic(ax: Any) -> None:
    curves = {
        f"a = {a:g}, b = {b:g}": lambda x, a=a, b=b: probability(logistic(a, b), x)
        for a, b in ((1, 0), (3, -1.5), (-1, 2))
    }
    mathdl.plots.plot_probability_curves(curves, -6, 6, ax=ax)


@item("fig-6.5", "The sigmoid and its asymptotes", try_it="mathdl.plots.plot_activation('sigmoid')")
def sigmoid_curve() -> Findings:
    """The sigmoid sigma(t) = 1/(1 + exp(-t)) rises from the asymptote 0 to the asymptote 1 and reaches neither."""
    values = sigma(np.linspace(-6, 6, 1001))
    yield shows("sigma rises strictly over 1001 points of [-6, 6].", (np.diff(values) > 0).all())
    yield near("sigma(6)", values[-1], 0.997527376843365, 1e-15)
    yield near("sigma(-6)", values[0], 1 - 0.997527376843365, 1e-15)
    yield equals("sigma(0)", values[500], 0.5)
    yield shows("All values lie strictly between 0 and 1.", values.min() > 0 and values.max() < 1)


@sigmoid_curve.figure("the sigmoid, with its asymptotes 0 and 1 dotted")
def _draw_sigmoid(ax: Any) -> None:
    t = np.linspace(-6, 6, 300)
    for height in (0, 1):
        ax.axhline(height, linestyle=":", color=SOFT)
    ax.plot(t, sigma(t), color=COLOURS[0], label="sigma(t)")
    ax.plot(0, 0.5, "o", color=INK, markersize=4, label="sigma(0) = 1/2")
    ax.set(xlabel="t", ylabel="sigma(t)")
    legend(ax)


@item(
    "eq-6.7",
    "The cross-entropy loss of logistic regression",
    try_it="mathdl.LogisticRegression().fit(*mathdl.book.data.students()).objective_",
)
def cross_entropy_loss() -> Findings:
    """L(a, b) is the sum over all students of -log of the probability that sigma(a x + b) gives to what happened.

    (x_i, r_i): hours of study, and r_i = 1 for those who passed, of whom there are k among N, 0 for the others.
    L = sum log(1 + exp(-(2 r_i - 1)(a x_i + b))); it is convex, and has one minimiser unless the data are separated.
    """
    X, r = students()
    x, model = X[:, 0], fitted(X, r)
    a, b = model.coef_[0, 0], model.intercept_[0]
    value, slopes = cross_entropy(a, b, x, r)
    own = -sum(math.log(p) for p in np.where(r == 1, probability(logistic(a, b), x), probability(logistic(-a, -b), x)))
    yield near("L at the minimiser, as (6.7) has it, less the library's", own - value, 0, 1e-11)
    yield near("its derivatives by a and b there", slopes, 0, 1e-9)
    points = [(float(s), float(t)) for s, t in np.random.default_rng(0).normal(size=(20, 2))]
    steps = [
        cross_entropy(s + e, t + f, x, r)[0] - cross_entropy(s - e, t - f, x, r)[0]
        for s, t in points
        for e, f in ((1e-5, 0), (0, 1e-5))
    ]
    exact = np.ravel([cross_entropy(s, t, x, r)[1] for s, t in points])
    gap = farthest(exact, np.array(steps) / 2e-5)
    yield near("largest distance of the gradient from differences of L, at 20 other points", gap, 0, 1e-5)
    yield at_least(
        "least eigenvalue of the matrix of second derivatives there", min(_curvature(s, t, x) for s, t in points), 0
    )
    losses = [cross_entropy(a, -2.5 * a, *SEPARATED)[0] for a in (1, 10, 100)]
    yield near("L for x = 1, 2, 3, 4, r = 0, 0, 1, 1, b = -2.5 a, where a is 1", losses[0], 1.35098, 5e-6)
    yield near("the same where a is 10", losses[1], 0.0134313, 5e-8)
    yield near("the same where a is 100, times 10^22", losses[2] * 1e22, 3.857, 5e-4)
    loss = mathdl.LogisticLoss(np.column_stack([SEPARATED[0], np.ones(4)]), [-1, -1, 1, 1])
    overlapping = mathdl.LogisticLoss(np.column_stack([SEPARATED[0], np.ones(4)]), [-1, 1, -1, 1])
    yield erratum(
        "The parameters (a, b) are found by minimising L over R^2.",
        "A minimiser exists if and only if both outcomes occur and no threshold separates them, not even weakly.",
        refutes(
            "For r = 0, 0, 1, 1 L falls for ever towards 0 as a grows, above 0.", losses[0] > losses[1] > losses[2] > 0
        ),
        refutes("The library finds no minimiser there.", loss.find_minimiser(np.zeros(2)) is None),
        shows("It finds one for r = 0, 1, 0, 1.", overlapping.find_minimiser(np.zeros(2)) is not None),
    )


def _curvature(a: Any, b: Any, x: Any) -> float:
    """Return the least eigenvalue of the matrix of second derivatives of L."""
    q, rows = probability(logistic(a, b), x), np.stack([x, np.ones(len(x))])
    return float(np.linalg.eigvalsh((rows * q * (1 - q)) @ rows.T).min())


@cross_entropy_loss.figure("L(a, b) for the students, with its minimum", size=(3.6, 2.8))
def _draw_loss(ax: Any) -> None:
    X, r = students()
    model = fitted(X, r)
    a, b = np.linspace(0.2, 4, 60), np.linspace(-12, 0, 60)
    margins = (2 * r - 1) * (a[None, :, None] * X[:, 0] + b[:, None, None])
    values = np.logaddexp(0, -margins).sum(axis=2)
    best = [[model.coef_[0, 0], model.intercept_[0]]]
    mathdl.plots.plot_level_sets(values, a, b, levels=[25, 30, 40, 60, 100, 200], path=best, path_name="minimum",
                                 names=("a", "b"), ax=ax)  # fmt: skip
    ax.set_aspect("auto")


@item(
    "fig-6.6",
    "Hours of study and the fitted probability to pass",
    try_it="mathdl.half_crossings(mathdl.LogisticRegression().fit(*mathdl.book.data.students()), 0, 6)",
)
def exam() -> Findings:
    """100 students study x hours, 0 <= x <= 6, and pass or fail; sigma(a x + b) with the least cross-entropy is drawn.

    The students are drawn with the probability sigma(1.6 x - 4.8) to pass.
    """
    X, r = students()
    model = fitted(X, r)
    a, b = model.coef_[0, 0], model.intercept_[0]
    yield equals("students who passed", r.sum(), 56)
    yield near("a", a, 2.1547, 5e-5)
    yield near("b", b, -6.4811, 5e-5)
    yield near(
        "hours at which passing and failing are equally likely", mathdl.half_crossings(model, 0, 6), [3.008], 5e-4
    )
    yield near("-b/a less that point", -b / a - mathdl.half_crossings(model, 0, 6)[0], 0, 1e-12)
    yield near("probability to pass without study", probability(logistic(a, b), 0.0)[0], 0.00153, 5e-6)
    yield near("probability to pass after six hours", probability(logistic(a, b), 6.0)[0], 0.9984, 5e-5)
    yield equals(
        "what the exact checker says of the fit", (model.certify().kind, model.status_), ("logistic", "certified")
    )


@exam.figure("students who passed (1) and failed (0), and the probability to pass", size=(4.2, 2.5))
def _draw_exam(ax: Any) -> None:
    X, r = students()
    names = np.array(["failed", "passed"])[r]
    mathdl.plots.plot_curve(fitted(X, names), X, names, feature="hours of study", ax=ax)
    ax.axhline(0.5, linestyle=":", color=SOFT)


@item("fig-6.7", "Applicants by two scores")
def applicants_drawn() -> Findings:
    """600 applicants to a graduate school by two scores, GPA and GRE, with those who were accepted.

    No line separates the two classes: the convex hulls of both have a point in common.
    """
    X, accepted = applicants()
    found = mathdl.separate(X[accepted == 0], X[accepted == 1])
    yield equals("applicants and scores", X.shape, (600, 2))
    yield equals("applicants who were accepted", accepted.sum(), 264)
    yield equals("different pairs of scores", len(np.unique(X, axis=0)), 544)
    yield at_least("least GPA", X[:, 0].min(), 2)
    yield equals("largest GRE", X[:, 1].max(), 340)
    yield equals("whether a line separates the classes, decided exactly", found.separable, False)
    assert found.weights is not None
    assert found.common_point is not None
    common = [sum(w * x for w, x in zip(found.weights[k], _column(X[accepted == k], j), strict=True))
              for k in (0, 1) for j in (0, 1)]  # fmt: skip
    yield equals("a point of both hulls, of either class's applicants", common[:2], common[2:])


def _column(X: Any, j: int) -> list[Any]:
    """Return a column as fractions."""
    from fractions import Fraction

    return [Fraction(value) for value in X[:, j].tolist()]


@applicants_drawn.figure("applicants by GPA and GRE score", size=(3.9, 2.9))
def _draw_applicants(ax: Any) -> None:
    X, accepted = applicants()
    for k, (mark, name) in SIDES.items():
        mine = X[accepted == k]
        ax.plot(mine[:, 0], mine[:, 1], mark, color=COLOURS[1 - k], markersize=3, alpha=0.7, label=name)
    ax.set(xlabel="GPA", ylabel="GRE score")
    legend(ax)


@item("eq-6.8", "The logistic model with two variables and its decision boundary")
def two_variables() -> Findings:
    """p(x) = sigma(a.x + b) with x and a in R^2; the line a.x + b = 0, where p = 1/2, is the decision boundary.

    Multiplying a and b by t > 0 keeps the line and both sides, and changes how steep p is across it.
    """
    X = np.random.default_rng(0).normal(size=(200, 2))
    p, values = probability(logistic(1.5, -2.0, 0.25), X), X @ [1.5, -2.0] + 0.25
    yield equals("points of 200 where p - 1/2 and a.x + b differ in sign", ((p > 0.5) != (values > 0)).sum(), 0)
    for t, decided in ((0.5, 0), (4.0, 200)):
        other = probability(logistic(1.5 * t, -2.0 * t, 0.25 * t), X)
        yield equals(
            f"points of 200 that change the side with ({t:g} a, {t:g} b)", ((other > 0.5) != (p > 0.5)).sum(), 0
        )
        steeper = (np.abs(other - 0.5) > np.abs(p - 0.5)).sum()
        yield equals(f"points of 200 whose probability ({t:g} a, {t:g} b) makes more decided", steeper, decided)
    swapped, none = probability(logistic(-1.5, 2.0, -0.25), X), probability(logistic(0.0, 0.0, 0.0), X)
    yield erratum(
        "Parameters t a and t b give the same decision boundary for any real t.",
        "For t other than 0, and t < 0 swaps the sides; a itself must not be 0.",
        refutes("With t = 0, p = 1/2 everywhere: there is no boundary.", (none == 0.5).all()),
        differs("points of 200 that keep their side with (-a, -b)", ((swapped > 0.5) == (p > 0.5)).sum(), 200),
        near("largest distance of p with t = -1 from 1 - p", farthest(swapped, 1 - p), 0, 1e-15),
    )


@two_variables.figure("the surface p = sigma(a.x + b) by its level lines; p = 1/2 is the decision boundary", (3.3, 2.8))
def _draw_levels(ax: Any) -> None:
    x = np.linspace(-3, 3, 60)
    grid = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    values = probability(logistic(1.5, -2.0, 0.25), grid).reshape(60, 60)
    mathdl.plots.plot_level_sets(values, x, x, levels=[0.1, 0.3, 0.5, 0.7, 0.9], names=("x1", "x2"), ax=ax)
    ax.plot(x, (1.5 * x + 0.25) / 2, "--", color=INK, label="p = 1/2")
    ax.set(ylim=(-3, 3))
    legend(ax)


@item(
    "fig-6.8",
    "The decision boundary of the applicants",
    try_it="mathdl.LogisticRegression().fit(*mathdl.book.data.applicants()).decision_boundary_",
)
def decision_boundary() -> Findings:
    """The line a.x + b = 0 of the logistic model with the least cross-entropy separates most of the applicants.

    The scores are standardised (mean 0, standard deviation 1) for the numbers a and b here; the line is the same.
    """
    X, accepted = applicants()
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    model = fitted(Z, accepted)
    yield near("a, in standard units", model.coef_[0], (1.680, 0.992), 5e-4)
    yield near("b, in standard units", model.intercept_[0], -0.442, 5e-4)
    rest = model.predict_proba(Z)[:, 1] - accepted
    yield near("derivatives of the cross-entropy there", np.column_stack([Z, np.ones(600)]).T @ rest, 0, 1e-8)
    yield near("share of applicants on their side of the line", model.score(Z, accepted), 0.813, 5e-4)
    first, line = np.linspace(-2, 2, 50), model.decision_boundary_
    second = (line.offset - line.normal[0] * first) / line.normal[1]
    on_line = model.predict_proba(np.column_stack([first, second]))[:, 1]
    yield near("largest |p - 1/2| at 50 points of the line", farthest(on_line, 0.5), 0, 1e-12)
    yield equals(
        "applicants whom the fit to the raw scores decides otherwise",
        (fitted(X, accepted).predict(X) != model.predict(Z)).sum(),
        0,
    )
    share = fitted(X, accepted).score(*applicants(seed=601))
    yield near("the same share of 600 others, drawn alike, to whom nothing was fitted", share, 0.795, 5e-4)


@decision_boundary.figure("applicants and the line at which acceptance is as likely as rejection", size=(3.9, 2.9))
def _draw_boundary(ax: Any) -> None:
    X, accepted = applicants()
    names = np.array(["rejected", "accepted"])[accepted]
    mathdl.plots.plot_decision_boundary(fitted(X, names), X, names, features=("GPA", "GRE score"), ax=ax)
