"""Section 7.4: the soft margin."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter07.pictures import line
from mathdl.book.chapter07.points import FOUR, SIGNS, widest
from mathdl.book.chapter07.section2 import TWO_SIDES
from mathdl.book.data import applicants
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, SOFT, legend, log_axes

LAMBDA = 0.005


def hinge(values: Any, labels: Any) -> Any:
    """Return max(0, 1 - y v) for values v = w.x - b and labels y."""
    return np.maximum(1 - np.asarray(labels) * np.asarray(values), 0)


def standardised() -> tuple[Any, Any, Any]:
    """Return the scores of applicants as they are and standardised, and 1 for those accepted, -1 for the others."""
    raw, accepted = applicants()
    return raw, (raw - raw.mean(axis=0)) / raw.std(axis=0), 2 * accepted - 1


def degrees(v: Any, w: Any) -> float:
    """Return the angle between two vectors of the plane."""
    return float(np.degrees(abs(np.arctan2(v[0] * w[1] - v[1] * w[0], v @ w))))


@item("eq-7.11", "Hinge loss", try_it="mathdl.hinge_cells([[-1], [1], [0], [2]], [-1, 1, -1, 1])[0]")
def hinge_loss() -> Findings:
    """The hinge loss of an object x with the label y is ReLU(1 - y (w.x - b)), where ReLU(t) is t for t > 0, else 0.

    It is 0 just where the constraint y (w.x - b) >= 1 of the hard margin holds, and grows linearly beyond.
    """
    plane, points = mathdl.Hyperplane([2, 0], 1), [[Fraction(k, 8), 1] for k in range(-8, 17)]
    values = plane.value(points)
    losses = hinge(values, 1)
    yield equals("loss of (1/2, 1) with y = 1 for w = (2, 0) and b = 1", hinge(plane.value([[0.5, 1]]), 1)[0], 1)
    yield equals(
        "points x / 8 with y (w.x - b) >= 1, and with the loss 0", (sum(values >= 1), sum(losses == 0)), (9, 9)
    )
    right = (values > 0) & (values < 1)
    yield equals(
        "losses on the right side within the strip", losses[right], (Fraction(3, 4), Fraction(1, 2), Fraction(1, 4))
    )
    yield equals("least loss on the wrong side", min(losses[values < 0]), Fraction(5, 4))
    yield erratum(
        "The loss is 0 where the constraint holds, because ReLU(t) = 0 for t < 0.",
        "In the case of equality t = 0, so that ReLU(t) = 0 for t <= 0 is needed.",
        refutes(
            "At (1, 1) the constraint holds with 1 - y (w.x - b) = 0, which is not below 0.",
            1 - plane.value([[1, 1]])[0] == 0,
        ),
        equals("loss there", hinge(plane.value([[1, 1]]), 1)[0], 0),
    )
    yield erratum(
        "Objects with a loss from 0 to 1, 1 included, are still on the correct side of the boundary.",
        "The loss 1 is that of objects on the boundary; on the correct side it is less than 1.",
        refutes("(1/2, 1) has the loss 1 and lies on no side: w.x - b = 0.", plane.value([[0.5, 1]])[0] == 0),
        equals("largest loss of the points on the correct side", max(losses[values > 0]), Fraction(3, 4)),
    )


@hinge_loss.figure("the hinge loss as a function of y (w.x - b)", size=(4.0, 2.4))
def _draw_hinge(ax: Any) -> None:
    t = np.linspace(-2, 3, 101)
    ax.plot(t, hinge(t, 1), color=COLOURS[0], label="hinge loss")
    ax.plot(t, t < 0, "--", color=COLOURS[1], label="1 for an error")
    ax.set(xlabel="y (w.x - b)", ylabel="loss")
    legend(ax)


@item(
    "eq-7.12",
    "Regularised average hinge loss",
    try_it="mathdl.SoftMarginSVM().exact_path([[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1]).at(0.1)",
)
def average_hinge_loss() -> Findings:
    """The soft margin minimises L(w, b) = lambda |w|^2 + the mean of the hinge losses of N objects, with lambda > 0.

    Many programs minimise |w|^2 / 2 + C times the sum of the losses: the same for C = 1 / (2 lambda N).
    """
    from sklearn.svm import SVC

    model = mathdl.SoftMarginSVM(0.1, tol=1e-12).fit(FOUR, SIGNS)
    losses = hinge(model.decision_function(FOUR), SIGNS)
    yield near(
        "lambda |w|^2 + mean loss for exercise 7.4, lambda = 0.1",
        0.1 * model.coef_[0] @ model.coef_[0] + losses.mean(),
        11 / 32,
        1e-11,
    )
    exact = mathdl.SoftMarginSVM().exact_path(FOUR, SIGNS).at(Fraction(1, 10))
    yield equals("the minimum, exactly", exact.objective, Fraction(11, 32))
    yield equals("C for lambda = 0.005 and N = 600", 1 / (2 * Fraction(5, 1000) * 600), Fraction(1, 6))
    _, X, y = standardised()
    fitted, peer = mathdl.SoftMarginSVM(LAMBDA).fit(X, y), SVC(kernel="linear", C=1 / 6, tol=1e-10).fit(X, y)
    yield near(
        "w of the applicants, less that of scikit-learn's SVC with this C",
        fitted.coef_[0] - peer.coef_[0],
        (0, 0),
        1e-5,
    )
    path = mathdl.SoftMarginSVM().path(X, y, [0.001, 0.005, 0.05, 0.5, 5])
    widths = [each.margin_ for each in path]
    yield Table({"lambda": [each.regularization for each in path], "width 2 / |w|": widths})
    yield shows("The width of the strip grows with lambda.", (np.diff(widths) > 0).all())
    yield erratum(
        "Minimising (7.12) gives the classifier.",
        "w is unique, but b need not be.",
        refutes("With lambda = 0.1 in exercise 7.4, more than one b is best.", exact.offsets[0] < exact.offsets[1]),
        equals("the least and the largest best b", exact.offsets, (Fraction(1, 4), 1)),
        equals("w", exact.normal, (Fraction(5, 4), 0)),
    )
    scaled = mathdl.SoftMarginSVM().exact_path([[10 * x, z] for x, z in FOUR], SIGNS).at(Fraction(1, 10))
    yield erratum(
        "The minimiser of (7.12) belongs to the data, whatever their units.",
        "It depends on the scale of the features, as lambda |w|^2 does: with x in tenths, another line comes out.",
        differs("10 w1, the weight of the old x, if x is given in tenths", 10 * scaled.normal[0], exact.normal[0]),
        equals("10 w1: the strip of the hard margin", 10 * scaled.normal[0], 2),
    )


@item(
    "claim-7.4-lambda",
    "Small and large lambda; a hyperparameter",
    try_it="mathdl.SoftMarginSVM().exact_path([[0, 0], [1, 0], [0, 1], [3, 3], [4, 3], [3, 5]], [-1] * 3 + [1] * 3)",
)
def small_and_large_lambda() -> Findings:
    """A small lambda in (7.12) weighs the losses, a large one the width of the strip; lambda is chosen by trial.

    Such a value, which governs the learning and is not learned, is a hyperparameter. With a small lambda few objects
    are in the strip; with a large one the strip is wide, and many are.
    """
    X, y = TWO_SIDES
    path = mathdl.SoftMarginSVM().exact_path(X, y)
    yield equals("lambda up to which the soft margin is the hard one", path.breaks[0], Fraction(25, 48))
    yield equals("w there", path.pieces[0].normal, (widest(X, y).normal, (0, 0)))
    rows = []
    for value in (Fraction(1, 100), Fraction(1, 2), Fraction(1), Fraction(10), Fraction(100)):
        w, _, objective = path.at(value)
        square = sum(v * v for v in w)
        rows.append((value, square, objective - value * square))
    yield Table(
        {
            "lambda": [float(r[0]) for r in rows],
            "|w|^2": [float(r[1]) for r in rows],
            "mean loss": [float(r[2]) for r in rows],
        }
    )
    yield equals("w for lambda = 1", path.at(1).normal, (Fraction(1, 3),) * 2)
    yield equals("mean loss for lambda = 1/100, 1/2 and 1", [row[2] for row in rows[:3]], (0, 0, Fraction(1, 18)))
    yield equals(
        "mean loss for lambda = 10 and 100", [row[2] for row in rows[3:]], (Fraction(539, 720), Fraction(7019, 7200))
    )
    yield shows(
        "As lambda grows, |w| does not rise and the mean loss does not fall.",
        all(small[1] >= large[1] and small[2] <= large[2] for small, large in pairwise(rows)),
    )
    within = [
        float((abs(model.decision_function(X)) < 1 - 1e-6).mean())
        for model in mathdl.SoftMarginSVM().path(X, y, [0.01, 1, 100])
    ]
    yield equals("part of the objects within the strip for lambda = 0.01, 1 and 100", within, (0.0, 1 / 3, 1.0))
    yield equals("the lambda that cross-validation chooses for the applicants", _chosen(), 0.005)


def _chosen() -> float:
    """Return the lambda with the best mean accuracy on five held-out fifths of the first 450 applicants."""
    from sklearn.model_selection import GridSearchCV

    _, X, y = standardised()
    search = GridSearchCV(mathdl.SoftMarginSVM(tol=1e-6), {"regularization": [0.005, 0.5, 50.0]}, cv=5)
    return float(search.fit(X[:450], y[:450]).best_params_["regularization"])


@small_and_large_lambda.figure(
    "length of w and mean hinge loss by lambda, with the break points of the path", size=(4.2, 2.6)
)
def _draw_path(ax: Any) -> None:
    path = mathdl.SoftMarginSVM().exact_path(*TWO_SIDES)
    lambdas = np.geomspace(0.1, 30, 120)
    points = [path.at(float(value)) for value in lambdas]
    squares = np.array([float(sum(v * v for v in point.normal)) for point in points])
    ax.plot(lambdas, np.sqrt(squares), color=COLOURS[0], label="|w|")
    ax.plot(
        lambdas, [float(p.objective) for p in points] - lambdas * squares, "--", color=COLOURS[1], label="mean loss"
    )
    for value in path.breaks:
        ax.axvline(float(value), color=SOFT, linestyle=":", linewidth=0.8)
    ax.set(xlabel="lambda", ylabel="|w| and mean loss")
    log_axes(ax, x=True)
    legend(ax)


@item(
    "example-7.4.1",
    "Soft margin on applicants, lambda = 0.005",
    try_it="mathdl.SoftMarginSVM(0.005).fit(*mathdl.book.data.applicants())",
)
def soft_margin_of_applicants() -> Findings:
    """Who is accepted, by GPA and GRE, predicted by a soft margin with lambda = 0.005, beside logistic regression.

    The book prints no data: 600 applicants are drawn, and their scores standardised. Outside of the strip
    |w.x - b| < 1 the class is predicted; inside no prediction is made.
    """
    raw, X, y = standardised()
    model, logistic = mathdl.SoftMarginSVM(LAMBDA, tol=1e-12).fit(X, y), mathdl.LogisticRegression().fit(X, y)
    length, other = (float(np.linalg.norm(each.coef_)) for each in (model, logistic))
    angle = degrees(model.coef_[0], logistic.coef_[0])
    yield near("degrees between the lines of soft margin and logistic regression", angle, 0.1993, 1e-4)
    apart = abs(model.intercept_[0] / length - logistic.intercept_[0] / other)
    yield near("difference of their distances from the mean", apart, 0.00606, 2e-6)
    yield equals("applicants for whom both predict the same", (model.predict(X) == logistic.predict(X)).sum(), 598)
    sizes, sides = abs(model.decision_function(X)), np.sign(model.decision_function(X))
    outside, inside = sizes > 1 + 1e-6, sizes < 1 - 1e-6
    yield equals(
        "applicants outside of the strip, on its edges and inside",
        [outside.sum(), 600 - outside.sum() - inside.sum(), inside.sum()],
        (336, 6, 258),
        "The six on the edges count as one or the other by rounding alone.",
    )
    yield equals("of those outside, rightly classified", (sides[outside] == y[outside]).sum(), 312, "93 per cent.")
    yield equals("of those inside, accepted", (y[inside] == 1).sum(), 130, "Half: the classes overlap there.")
    yield near("width of the strip", model.margin_, 1.468, 5e-4)
    yield near("the minimum of (7.12)", model.objective_, 0.4654, 5e-5)
    turned = mathdl.SoftMarginSVM(LAMBDA, tol=1e-11).fit(raw, y).coef_[0] * raw.std(axis=0)
    yield erratum(
        "In units that are not told, the boundary for lambda = 0.005 is very similar to that of logistic regression.",
        "It is with standardised scores; in raw GPA and GRE |w|^2 penalises that of GPA most, and the line turns.",
        differs("degrees by which it turns in raw units", degrees(model.coef_[0], turned), 0.2, within=1),
        near("the same angle", degrees(model.coef_[0], turned), 9.734, 1e-3),
        near("degrees from logistic regression in standard units", angle, 0.1993, 1e-4),
    )


@item(
    "fig-7.7",
    "Applicants, boundary and strip of the soft margin",
    try_it="mathdl.SoftMarginSVM(0.005).fit([[0.0], [1.0]], [-1, 1]).margin_",
)
def applicants_and_strip() -> Findings:
    """The applicants with the soft margin's boundary w.x = b and, dashed, the lines w.x = b - 1 and w.x = b + 1.

    Between the dashed lines no class is predicted.
    """
    _, X, y = standardised()
    model = mathdl.SoftMarginSVM(LAMBDA, tol=1e-12).fit(X, y)
    plane, w = model.decision_boundary_, model.coef_[0]
    edges = np.array([(plane.offset + level) * w / (w @ w) for level in (-1, 1)])
    yield near("w.x - b on the dashed lines", plane.value(edges), (-1, 1), 1e-12)
    yield near(
        "their distance from the boundary, over half the width of the strip",
        2 * plane.distance(edges) / model.margin_,
        (-1, 1),
        1e-12,
    )
    yield near("2 / |w|, the width", 2 / np.linalg.norm(w), model.margin_, 1e-12)
    within = abs(model.decision_function(X)) < 1
    yield equals(
        "whether just those within have no prediction", np.array_equal(model.predict_three_way(X) == 0, within), True
    )
    on_edges = abs(abs(model.decision_function(X)) - 1) < 1e-6
    yield equals(
        "applicants between the dashed lines, and on them", [(within & ~on_edges).sum(), on_edges.sum()], (258, 6)
    )


@applicants_and_strip.figure("applicants, the boundary and the dashed edges of the strip", size=(4.4, 3.2))
def _draw_applicants(ax: Any) -> None:
    raw, X, y = standardised()
    model = mathdl.SoftMarginSVM(LAMBDA).fit(X, y)
    normal = model.coef_[0] / raw.std(axis=0)  # in the units of the scores
    plane = mathdl.Hyperplane(normal, model.decision_boundary_.offset + normal @ raw.mean(axis=0))
    for label, shape, colour, name in ((1, "o", COLOURS[0], "accepted"), (-1, "x", COLOURS[1], "rejected")):
        ax.plot(*raw[y == label].T, shape, color=colour, markersize=3, label=name)
    ax.set(xlabel="GPA", ylabel="GRE", xlim=(2, 4.05), ylim=(285, 342))
    line(ax, plane, "boundary", color=INK)
    for level in (-1.0, 1.0):
        line(ax, plane, "edges of the strip" if level > 0 else "", level=level, color=INK, linestyle="--")
    legend(ax)
