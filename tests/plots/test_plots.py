"""The pictures show the numbers: read off matplotlib's objects."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import AxLine

from mathdl import (
    SGD,
    HardMarginSVM,
    Hyperplane,
    KMeans,
    LinearRegression,
    LogisticRegression,
    NetworkClassifier,
    approximate,
    cluster_counts,
    gradient_descent,
    plots,
    variables,
)
from mathdl.errors import InputError
from mathdl.objectives.quadratic import Quadratic
from mathdl.training.history import History
from mathdl.training.learning_rate_search import LearningRateSearch, Trial

NAN, INF = float("nan"), float("inf")
MODEL = SimpleNamespace(predict=lambda X: X[:, 0], classes_=None)
X2 = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 30.0], [1.0, 30.0]])


@pytest.fixture
def ax() -> Axes:
    return Figure(dpi=72).add_subplot()


def points(line: Any) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def legend(ax: Axes) -> list[str]:
    shown = ax.get_legend()
    return [] if shown is None else [text.get_text() for text in shown.get_texts()]


def test_a_new_figure_is_made_for_a_notebook_to_show() -> None:
    from matplotlib import pyplot

    pyplot.switch_backend("Agg")
    before = len(pyplot.get_fignums())
    ax = plots.plot_history(History(loss=[1.0, 0.5]))
    assert len(pyplot.get_fignums()) == before + 1
    pyplot.close(ax.figure)


def test_records_draw_themselves(ax: Axes) -> None:
    assert History(loss=[1.0, 0.5]).plot(ax=ax) is ax
    assert points(ax.lines[0]) == [(1.0, 1.0), (2.0, 0.5)]
    descent = gradient_descent(Quadratic([[2.0]]), [1.0], SGD(0.25), steps=3, tolerance=0.0)
    other = Figure().add_subplot()
    assert descent.plot(ax=other) is other
    assert points(other.lines[0]) == [(0.0, 1.0), (1.0, 0.25), (2.0, 0.0625), (3.0, 0.015625)]
    assert other.get_yscale() == "log"


# History


def test_history_leaves_out_what_is_not_finite(ax: Axes) -> None:
    plots.plot_history({"loss": [2.0, None, NAN, 1.0], "validation_loss": [1.5, INF, 1.2, 1.1]}, ax=ax)
    assert points(ax.lines[0]) == [(1.0, 2.0), (4.0, 1.0)]
    assert points(ax.lines[1]) == [(1.0, 1.5), (3.0, 1.2), (4.0, 1.1)]
    assert legend(ax) == ["training", "validation"]
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    assert (ax.get_yscale(), ax.get_ylim()[0]) == ("linear", 0.0)


def test_a_loss_that_falls_far_has_a_logarithmic_axis(ax: Axes) -> None:
    plots.plot_history({"loss": [2.0, 0.09]}, ax=ax)
    assert ax.get_yscale() == "log"
    ax.figure.canvas.draw()
    assert {"0.1", "1"} <= {tick.get_text() for tick in ax.get_yticklabels()}


def test_accuracy_is_drawn_in_percent_up_to_100(ax: Axes) -> None:
    plots.plot_history({"validation_accuracy": [0.5, 0.75]}, "accuracy", ax=ax)
    assert points(ax.lines[0]) == [(1.0, 50.0), (2.0, 75.0)]
    assert 100 < ax.get_ylim()[1] < 103


def test_an_accuracy_that_is_100_percent_throughout_does_not_seem_to_be_passed(ax: Axes) -> None:
    plots.plot_history({"validation_accuracy": [1.0, 1.0]}, "accuracy", ax=ax)
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    assert max(tick for tick in ax.get_yticks() if low <= tick <= high) == 100


# Layers


def watch(layers: int, values: list[Any], dead: dict[str, list[Any]] | None = None) -> Any:
    record = {f"{k} Dense": [None if v is None else v / k for v in values] for k in range(1, layers + 1)}
    return SimpleNamespace(
        epochs=list(range(len(values))), gradient_rms=record, update_ratio=record, dead_share=dead or {}
    )


def test_layers_show_their_numbers_and_say_which_are_0(ax: Axes) -> None:
    seen = watch(2, [1.0, 0.0, 0.01], {"2 Dense": [0.0, 0.25, NAN]})
    seen.gradient_rms["2 Dense"] = [0.0, 0.0, 0.0]
    plots.plot_layers(seen, ax=ax)
    assert points(ax.lines[0]) == [(0.0, 1.0), (2.0, 0.01)]
    assert [text.get_text() for text in ax.texts] == ["0 throughout: layer 2"]
    other = Figure().add_subplot()
    plots.plot_layers(seen, "dead_share", ax=other)
    assert points(other.lines[0]) == [(0.0, 0.0), (1.0, 25.0)]
    assert legend(other) == ["2 Dense"]


@pytest.mark.parametrize("count", [1, 2, 6, 8, 9, 20, 32])
def test_no_two_layers_look_the_same(ax: Axes, count: int) -> None:
    plots.plot_layers(watch(count, [1.0, 0.5]), ax=ax)
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == count


# The search for a learning rate

TRIALS = (
    Trial(0.01, 32, 0.9), Trial(0.1, 32, 0.6), Trial(1.0, 32, 0.8), Trial(10.0, 32, None),
    Trial(0.1, 200, 0.3), Trial(1.0, 200, 50.0),
)  # fmt: skip


def test_every_trial_has_its_mark(ax: Axes) -> None:
    plots.plot_learning_rate_search(LearningRateSearch(0.1, "", "", 1.0, TRIALS), ax=ax)
    lines = {line.get_label(): points(line) for line in ax.lines if not line.get_label().startswith("_")}
    assert lines["after 32 steps"] == [(0.01, 0.9), (0.1, 0.6), (1.0, 0.8)]
    assert lines["after 200 steps"] == lines["taken: 0.1"] == [(0.1, 0.3)]
    assert set(legend(ax)) == {"after 32 steps", "after 200 steps", "failed", "taken: 0.1", "before the first step"}
    crosses = [x for line in ax.lines if line.get_marker() == "x" for x, _ in points(line)]
    assert sorted(crosses) == [1.0, 10.0]  # one more than doubled the loss, one diverged
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")


@pytest.mark.parametrize("start", [None, 0.0, 1e299, 1e-300])
@pytest.mark.parametrize("loss", [None, NAN, INF, 1e301, 0.0, 1e-300, 0.5, 1e299])
def test_any_search_can_be_drawn(ax: Axes, start: float | None, loss: float | None) -> None:
    trials = (Trial(1e-9, 1, loss), Trial(1e-9, 2, loss), Trial(1e9, 1, None))
    plots.plot_learning_rate_search(LearningRateSearch(1e-9, "", "", start, trials), ax=ax)
    ax.figure.canvas.draw()


# Confusion matrices


def test_counts_stand_in_their_cells(ax: Axes) -> None:
    plots.plot_confusion_matrix([[120, 3], [0, 99]], ["stays", "leaves"], target="customer", ax=ax)
    counts = {text.get_position(): text.get_text() for text in ax.texts}
    assert counts == {(0, 0): "120", (1, 0): "3", (1, 1): "99"}
    (right, wrong, _) = ax.collections[0].get_facecolors().tolist()
    assert right[2] > right[0]  # blue
    assert wrong[0] > wrong[2]  # orange
    assert wrong[3] < right[3]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["stays", "leaves"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row is on top
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted customer", "true customer")


@pytest.mark.parametrize("count", [1, 45, 1000])
def test_classes_are_told_apart_by_their_labels(ax: Axes, count: int) -> None:
    names = [f"a class with a very long name {k} of the same long ending" for k in range(count)]
    plots.plot_confusion_matrix(np.eye(count, dtype=int), names, ax=ax)
    shown = [tick.get_text() for tick in ax.get_yticklabels()]
    assert len(set(shown)) == len(shown) == min(count, 50 if count > 45 else count)
    assert len(ax.texts) == (1 if count == 1 else 0)


# Regressions


@pytest.mark.parametrize(("plot", "y"), [(plots.plot_predictions, [0.5, 2.25]), (plots.plot_residuals, [0.5, -0.25])])
def test_true_and_predicted_values(ax: Axes, plot: Callable[..., Axes], y: list[float]) -> None:
    plot([1.0, 2.0, NAN, 3.0], [0.5, 2.25, 1.0, INF], target="price", ax=ax)
    x = [1.0, 2.0] if plot is plots.plot_predictions else [0.5, 2.25]
    assert points(ax.lines[-1]) == list(zip(x, y, strict=True))
    assert "predicted price" in (ax.get_xlabel(), ax.get_ylabel())


def test_of_many_points_some_are_drawn(ax: Axes) -> None:
    values = np.arange(50_000.0)
    plots.plot_residuals(values, values, ax=ax)
    assert len(ax.lines[-1].get_xdata()) == 2000


def test_a_line_goes_through_its_data(ax: Axes) -> None:
    X, y = [[3.0], [5.0], [NAN]], [6.0, 10.0, 1.0]
    plots.plot_curve(LinearRegression().fit(X[:2], y[:2]), X, y, feature="hours", target="points", ax=ax)
    data, curve = ax.lines
    assert points(data) == [(3.0, 6.0), (5.0, 10.0)]
    np.testing.assert_allclose(curve.get_ydata(), 2 * curve.get_xdata(), atol=1e-12)
    assert (curve.get_xdata()[0], curve.get_xdata()[-1]) == (3.0, 5.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("hours", "points")


def test_the_curve_of_two_classes_is_the_probability_of_the_second(ax: Axes) -> None:
    X, y = [[0.0], [1.0], [2.0], [3.0]], ["no", "yes", "no", "yes"]
    model = LogisticRegression(0.1).fit(X, y)
    plots.plot_curve(model, X, y, ax=ax)
    data, curve = ax.lines
    assert points(data) == [(0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (3.0, 1.0)]
    np.testing.assert_allclose(curve.get_ydata(), model.predict_proba(curve.get_xdata()[:, None])[:, 1])
    assert ax.get_ylabel() == "probability of yes"


def test_without_probabilities_the_curve_is_the_decision_function(ax: Axes) -> None:
    X, y = [[0.0], [2.0]], ["a", "b"]
    plots.plot_curve(HardMarginSVM().fit(X, y), X, y, ax=ax)
    data, curve = ax.lines
    assert points(data) == [(0.0, -1.0), (2.0, 1.0)]
    np.testing.assert_allclose(curve.get_ydata(), curve.get_xdata() - 1, atol=1e-6)


# Decision boundaries


def test_the_regions_are_those_of_the_model(ax: Axes) -> None:
    random = np.random.default_rng(0)
    X = np.vstack([centre + random.normal(size=(30, 2)) for centre in ([0, 0], [4, 1], [1, 5])]) * [1.0, 100.0]
    y = np.repeat(["a", "b", "c"], 30)
    model = LogisticRegression(0.01).fit(X, y)
    plots.plot_decision_boundary(model, X, y, features=("width", "height"), ax=ax)
    fills = [each for each in ax.collections if getattr(each, "filled", False)]
    inside = np.column_stack(
        [[any(path.contains_point(p) for path in fill.get_paths()) for p in X.tolist()] for fill in fills]
    )
    np.testing.assert_array_equal(np.array(["a", "b", "c"])[inside.argmax(axis=1)], model.predict(X))
    assert (inside.sum(axis=1) == 1).all()
    assert legend(ax) == ["a", "b", "c"]


def test_the_boundary_the_margin_and_the_support_vectors_of_a_machine(ax: Axes) -> None:
    y = ["low", "low", "high", "high"]
    model = HardMarginSVM().fit(X2, y)
    plots.plot_decision_boundary(model, X2, y, ax=ax)
    heights = [
        {round(float(h), 3) for path in lines.get_paths() for h in path.vertices[:, 1]}
        for lines in ax.collections
        if not lines.filled
    ]
    assert heights == [{15.0}, {0.0, 30.0}]
    (ring,) = [line for line in ax.lines if line.get_markerfacecolor() == "none"]
    np.testing.assert_array_equal(np.sort(ring.get_ydata()), np.sort(X2[model.support_, 1]))


def test_clusters_have_regions_and_centres(ax: Axes) -> None:
    model = KMeans(2, random_state=0).fit(X2)
    plots.plot_decision_boundary(model, X2, ax=ax)
    assert legend(ax) == ["cluster 0", "cluster 1"]
    crosses = [sorted(points(line)) for line in ax.lines if line.get_marker() == "x"]
    assert crosses[0] == crosses[1] == sorted(map(tuple, model.cluster_centers_.tolist()))
    (border,) = [each for each in ax.collections if not each.filled]
    np.testing.assert_allclose([h for path in border.get_paths() for h in path.vertices[:, 1]], 15.0)


def test_a_network_has_a_boundary(ax: Axes) -> None:
    X = np.repeat(X2, 5, axis=0) / [1.0, 30.0]
    y = np.repeat([0, 1, 1, 0], 5)
    model = NetworkClassifier(epochs=2, random_state=0).fit(X, y)
    plots.plot_decision_boundary(model, X, y, ax=ax)
    assert legend(ax) == ["0", "1"]


def test_of_many_objects_some_are_drawn_and_the_support_vectors(ax: Axes) -> None:
    X = np.random.default_rng(0).normal(size=(30_000, 2))
    model = SimpleNamespace(
        classes_=np.array(["u", "v"]),
        predict=None,
        decision_function=lambda Z: Z[:, 0],
        margin_=1.0,
        support_=[7, 11, 29_999],
    )
    plots.plot_decision_boundary(model, X, np.repeat(["u"], 30_000), ax=ax)
    drawn = {point for line in ax.lines if line.get_label() == "u" for point in points(line)}
    assert 2000 <= len(drawn) <= 2003
    assert {tuple(X[k]) for k in model.support_} <= drawn


@pytest.mark.parametrize("bad", [NAN, INF, 1e305])
def test_what_cannot_be_drawn_is_left_out(ax: Axes, bad: float) -> None:
    X = np.array([[bad, 0.0], [1.0, 2.0]])
    model = SimpleNamespace(classes_=np.array([0, 1]), predict=None, decision_function=lambda Z: bad * Z[:, 0])
    plots.plot_decision_boundary(model, X, [0, 0], ax=ax)
    assert [point for line in ax.lines for point in points(line)] == [(1.0, 2.0)]
    ax.figure.canvas.draw()
    with pytest.raises(InputError, match="No object has two finite features"):
        plots.plot_decision_boundary(model, X[:1], [0], ax=ax)


def test_colours_and_shapes_tell_classes_apart(ax: Axes) -> None:
    model = SimpleNamespace(classes_=np.arange(30), predict=lambda Z: np.zeros(len(Z), int))
    plots.plot_decision_boundary(model, np.zeros((30, 2)), np.arange(30), ax=ax)
    assert len({(line.get_color(), line.get_marker()) for line in ax.lines[:30]}) > 20
    assert legend(ax)[-1] == "and 10 more"


# Level sets and pictures


def test_level_lines_lie_on_the_level_and_the_path_on_its_points(ax: Axes) -> None:
    grid = np.linspace(-2, 2, 161)
    path = [(1.0, 0.5), (0.5, 0.25)]
    plots.plot_level_sets(grid**2 + 2 * grid[:, None] ** 2, grid, grid, [0.3123, 1.0], path=path, ax=ax)
    for level, line in zip([0.3123, 1.0], ax.collections[0].get_paths(), strict=True):
        np.testing.assert_allclose(line.vertices[:, 0] ** 2 + 2 * line.vertices[:, 1] ** 2, level, atol=2e-3)
    assert points(ax.lines[0]) == path
    assert ax.get_aspect() == 1.0


def test_pictures_stand_in_rows_above_their_captions(ax: Axes) -> None:
    images = np.random.default_rng(0).integers(0, 256, (10, 3, 5, 7), dtype=np.uint8)
    plots.plot_pictures(images, [f"no. {k}" for k in range(10)], ax=ax)
    np.testing.assert_array_equal(ax.images[9].get_array(), images[9].transpose(1, 2, 0))
    assert ax.images[1].get_extent()[0] > ax.images[0].get_extent()[1]
    assert ax.images[8].get_extent()[3] < ax.images[0].get_extent()[2]
    assert [text.get_text() for text in ax.texts][:2] == ["no. 0", "no. 1"]
    grey = np.stack([np.full((2, 2), 10, np.uint8), np.full((2, 2), 20, np.uint8)])
    other = Figure().add_subplot()
    plots.plot_pictures([grey], ax=other)
    assert (other.images[0].get_array() == 15).all()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.plot_history({}, "speed"), "measure is 'speed'; give 'loss', 'accuracy' or 'r2'"),
        (lambda: plots.plot_history({"loss": [NAN]}), "holds no loss that can be drawn"),
        (lambda: plots.plot_layers(watch(1, [1.0]), "speed"), "measure is 'speed'"),
        (lambda: plots.plot_confusion_matrix(np.ones((2, 3), int), "ab"), r"shape \(2, 3\) does not go with 2"),
        (lambda: plots.plot_confusion_matrix(np.ones((0, 0), int), ""), r"shape \(0, 0\) does not go with 0"),
        (lambda: plots.plot_predictions([1.0], [1.0, 2.0]), "give two vectors of one length"),
        (lambda: plots.plot_residuals([[1.0]], [[1.0]]), "give two vectors of one length"),
        (lambda: plots.plot_curve(None, X2, [0] * 4), "model is None; give a fitted estimator"),
        (lambda: plots.plot_curve(MODEL, X2, [0] * 4), "give one feature"),
        (lambda: plots.plot_curve(MODEL, [NAN], [0]), "give one feature"),
        (lambda: plots.plot_curve(MODEL, ["a"], [0]), "X holds something that is no real number"),
        (lambda: plots.plot_curve(MODEL, [1.0], 7), "y has shape"),
        (lambda: plots.plot_curve(MODEL, [1.0], ["a"]), "y holds something that is no real number"),
        (lambda: plots.plot_decision_boundary([], X2), "model is .*give a fitted classifier"),
        (lambda: plots.plot_decision_boundary(MODEL, np.zeros((2, 3))), "give two features"),
        (lambda: plots.plot_decision_boundary(MODEL, X2, [0]), "give two features"),
        (lambda: plots.plot_decision_boundary(MODEL, X2, features=["a"]), "features holds 1 names; give 2"),
        (lambda: plots.plot_decision_boundary(MODEL, [[1.0], [1.0, 2.0]]), "rows differ in length"),
        (lambda: plots.plot_level_sets(np.ones((2, 3)), [1, 2], [1, 2]), "one row for each y"),
        (lambda: plots.plot_level_sets(np.ones((2, 2)), [2, 1], [1, 2]), "x is .*in increasing order"),
        (lambda: plots.plot_level_sets(np.ones((2, 2)), [1, 2], [1, 2], [2, 1]), "levels is .*in increasing order"),
        (lambda: plots.plot_level_sets(np.ones((2, 2)), [1, 2], [1, 2], path=[1.0]), "The path has shape"),
        (lambda: plots.plot_pictures(np.zeros((2, 1, 2, 2), np.uint8), ["x"]), "captions holds 1 names; give 2"),
        (lambda: plots.plot_pictures(np.zeros((2, 2, 2), np.uint8)), r"as \(n, channels"),
        (lambda: plots.plot_pictures(np.full((1, 1, 2, 2), 256)), "is no byte"),
        (lambda: plots.plot_pictures(np.zeros((1, 1, 2, 2)), columns=0), "columns is 0"),
        (lambda: plots.plot_confusion_matrix([[-1]], "a"), "negative or not finite"),
        (lambda: plots.plot_confusion_matrix([[1]], 5), "class_names is 5; give a sequence"),
        (lambda: plots.plot_history({"loss": ["a"]}), "loss holds something that is no real number"),
        (lambda: plots.plot_history({"loss": [1.0]}, []), r"measure is \[\]; give"),
        (lambda: plots.plot_history({"loss": [1.0]}, ax="here"), "ax is of the type str; give axes"),
        (lambda: plots.plot_layers(7), "watch is 7; give the Watch"),
        (lambda: plots.plot_descent(7), "descent is 7; give what gradient_descent"),
        (lambda: plots.plot_learning_rate_search(None), "search is None; give what find_learning_rate"),
    ],
)
def test_what_does_not_fit_is_refused(draw: Callable[[], Axes], message: str) -> None:
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    with pytest.raises(InputError, match=message):
        draw()
    assert pyplot.get_fignums() == before  # no empty figure is left behind


# Curves of a binary classifier

TRUTH, SCORES = [0, 0, 1, 1, 1], [0.1, 0.6, 0.4, 0.8, 0.9]


def test_separation_draws_lines_with_their_widths(ax: Axes) -> None:
    A, B = [[0.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [2.0, 1.0]]
    planes = {"best": Hyperplane([1, 0], 1), "bad": Hyperplane([1.0, 0.0], 1.9), "wrong": Hyperplane([0.0, 1.0], 0.5)}
    plots.plot_separation(A, B, planes, features=("u", "v"), ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "A", "B", "best: width 2", "bad: width 0.2", "wrong: does not separate",
    ]  # fmt: skip
    edges = sorted(line.get_xy1()[0] for line in ax.lines if isinstance(line, AxLine) and line.get_linewidth() == 0.8)
    assert edges == [0, 2]  # of the widest strip
    assert ax.get_xlabel() == "u"
    plots.plot_separation(A[:1], B[:1], ax=ax)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.plot_separation([[0]], [[1]]), r"A has shape \(1, 1\)"),
        (lambda: plots.plot_separation([[0, 0]], [[1, np.nan]]), "B has shape"),
        (lambda: plots.plot_separation([[0, 0]], [[1, 1]], [1]), "give a dictionary of hyperplanes"),
        (lambda: plots.plot_separation([[0, 0]], [[1, 1]], {"x": 1}), "give a Hyperplane"),
        (lambda: plots.plot_separation([[0, 0]], [[1, 1]], {"x": Hyperplane([1], 0)}), "give a line in the plane"),
    ],
)
def test_separation_refuses(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_roc_curve_counts_found_against_false_alarms(ax: Axes) -> None:
    plots.plot_roc_curve(TRUTH, SCORES, ax=ax)
    assert set(points(ax.lines[0])) >= {(0.0, 0.0), (0.0, 2 / 3), (0.5, 2 / 3), (1.0, 1.0)}
    assert legend(ax)[0] == f"area {5 / 6:.3f}"


def test_precision_recall_curve_counts_alarms_that_are_right(ax: Axes) -> None:
    plots.plot_precision_recall_curve(np.array(TRUTH, bool), SCORES, ax=ax)
    # By falling threshold: 1/1, 2/2, 2/3, 3/4 of the alarms are right.
    assert legend(ax)[0] == f"average precision {(1 + 1 + 3 / 4) / 3:.3f}"
    assert (1.0, 0.75) in points(ax.lines[0])
    assert points(ax.lines[1])[0][1] == 0.6


def test_calibration_has_counts_and_exact_intervals(ax: Axes) -> None:
    plots.plot_calibration([0, 0, 0, 1, 1], [0.0, 0.05, 0.05, 0.3, 1.0], ax=ax)
    assert [text.get_text() for text in ax.texts] == ["3", "1", "1"]
    bands, dots = ax.lines[1::2], ax.lines[2::2]
    assert [points(dot)[0] for dot in dots] == [(pytest.approx(0.1 / 3), 0.0), (0.3, 1.0), (1.0, 1.0)]
    # Of n objects none came: the upper end u has (1 - u)^n = 0.025.
    assert points(bands[0])[1][1] == pytest.approx(1 - 0.025 ** (1 / 3))
    assert points(bands[1])[0][1] == pytest.approx(0.025)


def test_importance_draws_the_largest_first_and_no_more_than_twenty(ax: Axes) -> None:
    falls = np.add.outer(np.arange(30.0), [-1.0, 0.0, 1.0])
    plots.plot_importance(falls, [f"c{k}" for k in range(30)], ax=ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == [f"c{k}" for k in range(29, 9, -1)]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(list(range(29, 9, -1)))


@pytest.mark.parametrize(
    ("draw", "match"),
    [
        (lambda: plots.plot_roc_curve([0, 1], [0.5]), "one score an object"),
        (lambda: plots.plot_roc_curve(["a", "b"], [0.1, 0.2]), "besides 0 and 1"),
        (lambda: plots.plot_precision_recall_curve([1, 1], [0.1, 0.2]), "alike"),
        (lambda: plots.plot_precision_recall_curve([0, 1], [NAN, 0.2]), "not finite"),
        (lambda: plots.plot_calibration([0, 1], [0.5, 1.5]), "1.5; give numbers from 0 to 1"),
        (lambda: plots.plot_importance([1.0], ["a"]), "one row for each column"),
        (lambda: plots.plot_importance([[1.0]], ["a", "b"]), "give 1"),
    ],
)
def test_bad_values_of_the_curves(draw: Callable[[], Axes], match: str) -> None:
    with pytest.raises(InputError, match=match):
        draw()


def test_cluster_counts_have_an_elbow_and_a_best_number(ax: Axes) -> None:
    found = cluster_counts([[1.0], [2.0], [10.0], [11.0], [20.0], [21.0]], most=4)
    plots.plot_cluster_counts(found, ax=ax)
    assert points(ax.lines[0]) == [(k, pytest.approx(cost / found.costs[0])) for k, cost in enumerate(found.costs, 1)]
    assert [x for x, _ in points(ax.lines[1])] == [2, 3, 4]
    assert legend(ax)[-1] == "largest at 3"
    with pytest.raises(InputError, match="what cluster_counts returned"):
        plots.plot_cluster_counts([1, 2], ax=ax)


def test_probability_curves_mark_where_they_cross_a_half(ax: Axes) -> None:
    curves = {"rising": lambda x: x / 4, "flat": lambda x: 0 * x, "wave": lambda x: 0.5 + 0.4 * np.sin(x)}
    plots.plot_probability_curves(curves, 1, 4, feature="hours", ax=ax)
    assert [points(ax.lines[k]) for k in (2, 4)] == [[(pytest.approx(2), 0.5)], []]
    assert points(ax.lines[6]) == [(pytest.approx(np.pi, abs=1e-4), 0.5)]
    assert legend(ax) == ["rising", "flat", "wave"]
    with pytest.raises(InputError, match="from 1 to 6 curves"):
        plots.plot_probability_curves({}, 0, 1, ax=ax)


def test_outliers_stand_apart_by_their_distance(ax: Axes) -> None:
    plots.plot_outliers([-1.0, -0.5, -9.0, NAN, -6.0], threshold=-5.0, ax=ax)
    assert [points(line) for line in ax.lines[:2]] == [[(1, 9), (2, 6)], [(3, 1), (4, 0.5)]]
    assert legend(ax)[-1] == "threshold 5"
    with pytest.raises(InputError, match="no finite number"):
        plots.plot_outliers([NAN], threshold=0.0, ax=ax)
    with pytest.raises(InputError, match="threshold is None"):
        plots.plot_outliers([1.0], threshold=None, ax=ax)  # type: ignore[arg-type]


def test_approximations_are_drawn_beside_what_is_needed(ax: Axes) -> None:
    x = variables("x")
    found = [approximate(x**2, (0, 1), error) for error in (0.01, 0.1)]
    plots.plot_approximations(found, ax=ax)
    assert points(ax.lines[0]) == [(pytest.approx(1 / one.error), one.neurons) for one in found[::-1]]
    assert points(ax.lines[1]) == [(pytest.approx(1 / one.error), one.least_neurons) for one in found[::-1]]
    with pytest.raises(InputError, match="what approximate returned"):
        plots.plot_approximations([1, 2], ax=ax)
    with pytest.raises(InputError, match="is no list"):
        plots.plot_approximations(found[0], ax=ax)  # type: ignore[arg-type]
