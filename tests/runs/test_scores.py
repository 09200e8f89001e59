"""Scores are scikit-learn's, and their intervals hold the true value about as often as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.preprocessing import label_binarize

from mathdl.runs.resampling import interval_of, weighted_average_precision, weighted_roc_auc
from mathdl.runs.scores import Answers, calibration_bins, class_report, scores_of


def answers(n: int, classes: int, seed: int = 0, ties: bool = False) -> Answers:
    generator = np.random.default_rng(seed)
    shares = [0.9, 0.1] if classes == 2 else None
    truth = generator.choice(classes, n, p=shares)
    chances = generator.dirichlet(np.ones(classes), n)
    chances[np.arange(n), truth] += 0.4
    if ties:
        chances = np.round(chances, 1) + 0.05
    chances /= chances.sum(axis=1, keepdims=True)
    return Answers(np.arange(n), truth, chances.argmax(axis=1), chances)


def expected(found: Answers, classes: int) -> dict[str, float]:
    truth, said, chances = found.truth, found.predicted, found.sure
    assert chances is not None
    one_hot = label_binarize(truth, classes=np.arange(classes)) if classes > 2 else (truth == 1)
    ranked = chances if classes > 2 else chances[:, 1]
    return {
        "accuracy": metrics.accuracy_score(truth, said),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, said),
        "f1": metrics.f1_score(truth, said, average="macro" if classes > 2 else "binary"),
        "average_precision": metrics.average_precision_score(one_hot, ranked),
        "roc_auc": metrics.roc_auc_score(truth, ranked, multi_class="ovr"),
        "log_loss": metrics.log_loss(truth, chances),
    }


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("ties", [False, True])
def test_classes(classes: int, ties: bool) -> None:
    found = answers(700, classes, ties=ties)
    scores = scores_of(found, classes)
    for name, value in expected(found, classes).items():
        assert scores[name].value == pytest.approx(value), name
    assert all(score.low <= score.value <= score.high for score in scores.values())
    assert all(score.low >= 0 and (name == "log_loss" or score.high <= 1) for name, score in scores.items())
    right = int((found.truth == found.predicted).sum())
    exact = binomtest(right, 700).proportion_ci(0.95)
    assert (scores["accuracy"].low, scores["accuracy"].high) == (exact.low, exact.high)
    assert scores == scores_of(found, classes)


def test_calibration() -> None:
    generator = np.random.default_rng(0)
    chance = generator.random(100_000)
    truth = (generator.random(100_000) < chance).astype(int)
    sure = np.stack([1 - chance, chance], axis=1)
    good = Answers(np.arange(len(truth)), truth, sure.argmax(axis=1), sure)
    bins = calibration_bins(good, 1)
    assert [round(b["probability"], 1) for b in bins] == pytest.approx(np.arange(0.05, 1, 0.1), abs=0.051)
    assert sum(b["objects"] for b in bins) == 100_000
    assert scores_of(good, 2)["calibration_error"].value < 0.01
    late = Answers(good.rows, truth, good.predicted, np.stack([1 - chance / 2, chance / 2], axis=1))
    assert scores_of(late, 2)["calibration_error"].value == pytest.approx(0.25, abs=0.01)


def test_values() -> None:
    generator = np.random.default_rng(0)
    truth = generator.normal(50, 9, 300)
    said = truth + generator.normal(0, 3, 300)
    found = scores_of(Answers(np.arange(300), truth, said), None)
    assert found["r2"].value == pytest.approx(metrics.r2_score(truth, said))
    assert found["rmse"].value == pytest.approx(metrics.root_mean_squared_error(truth, said))
    assert found["mae"].value == pytest.approx(metrics.mean_absolute_error(truth, said))
    assert found["median_error"].value == pytest.approx(metrics.median_absolute_error(truth, said))
    assert all(score.low < score.value < score.high for score in found.values())
    one = scores_of(Answers(np.arange(1), truth[:1], said[:1]), None)
    assert "r2" not in one
    assert one["rmse"].value == one["mae"].low == one["mae"].high


def test_the_spread_over_the_folds() -> None:
    found = answers(600, 3)
    fold = np.arange(600) % 5
    scores = scores_of(Answers(found.rows, found.truth, found.predicted, found.sure, fold), 3)
    each = [(found.truth == found.predicted)[fold == k].mean() for k in range(5)]
    assert scores["accuracy"].sd == pytest.approx(np.std(each, ddof=1))


def test_per_class() -> None:
    found = answers(200, 3)
    report = class_report(found, np.array(["a", "b", "c"]))
    matrix = metrics.confusion_matrix(found.truth, found.predicted)
    assert [row["class"] for row in report] == ["a", "b", "c"]
    assert [row["objects"] for row in report] == matrix.sum(axis=1).tolist()
    assert [row["recall"] for row in report] == pytest.approx(matrix.diagonal() / matrix.sum(axis=1))
    assert [row["precision"] for row in report] == pytest.approx(matrix.diagonal() / matrix.sum(axis=0))


@pytest.mark.parametrize("classes", [2, 3])
def test_a_class_that_is_not_there(classes: int) -> None:
    found = Answers(np.arange(4), np.zeros(4, int), np.zeros(4, int), np.full((4, classes), 1 / classes))
    scores = scores_of(found, classes)
    assert scores["balanced_accuracy"].value == 1
    assert scores["balanced_accuracy"].low < 0.9  # four objects are no proof
    assert "roc_auc" not in scores


def test_answers_that_are_not_finite() -> None:
    found = answers(50, 2)
    assert found.sure is not None
    found.sure[0] = np.nan
    assert set(scores_of(found, 2)) == {"accuracy", "balanced_accuracy", "f1"}
    values = scores_of(Answers(np.arange(3), np.ones(3), np.array([1.0, np.inf, 2.0])), None)
    assert not np.isfinite(values["rmse"].value)


@pytest.mark.parametrize("measure", [weighted_roc_auc, weighted_average_precision])
def test_weights_are_repetitions(measure: Any) -> None:
    found = answers(60, 2, ties=True)
    assert found.sure is not None
    positive, sure = found.truth == 1, found.sure[:, 1]
    weights = np.random.default_rng(1).integers(0, 4, (3, 60))
    whole = {weighted_roc_auc: metrics.roc_auc_score, weighted_average_precision: metrics.average_precision_score}
    for value, repeated in zip(measure(positive, sure, weights.astype(float)), weights, strict=True):
        assert value == pytest.approx(whole[measure](np.repeat(positive, repeated), np.repeat(sure, repeated)))


@pytest.mark.parametrize("n", [80, 6_000])
def test_intervals_hold_the_true_value(n: int) -> None:
    """Of 200 samples about 95 % do; 87 % or more in any case."""
    held = 0
    for seed in range(200):
        values = np.random.default_rng(seed).exponential(size=n)
        low, high = interval_of(lambda w, rows, v=values: w @ v[rows] / w.sum(axis=1), n, seed, 0.95, values.mean())
        held += low <= 1 <= high
    assert 174 <= held < 200


def test_of_many_objects_some_are_drawn_and_the_interval_is_as_narrow_as_all_would_make_it() -> None:
    values = np.random.default_rng(0).normal(size=400_000)
    low, high = interval_of(lambda w, rows: w @ values[rows] / w.sum(axis=1), len(values), 0, 0.95, values.mean())
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(len(values)), rel=0.2)
