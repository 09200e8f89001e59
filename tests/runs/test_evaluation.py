"""Metrics agree with scikit-learn's, and the worst mistakes are the worst."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from mathdl import Flatten, NetworkClassifier, NetworkRegressor, SoftMarginSVM
from mathdl.data import ImageSet
from mathdl.runs.evaluation import Evaluation, answers_of, evaluate
from mathdl.runs.prepared_data import PreparedData, Splitting, prepare
from mathdl.runs.report_record import WorstPictures, WorstRows
from mathdl.runs.scores import r2
from runs.tables import made_table

RANDOM = np.random.default_rng(0)


def prepared(source: Any, task: str | None = None) -> PreparedData:
    tasks = ["classification", "regression"]
    split = prepare(source, tasks, task=task, splitting=Splitting(0, 0.5, 0, validates=True))
    return split.encode("float32", keep_images=True)


def fitted(data: PreparedData, hidden: tuple[int, ...] = ()) -> Any:
    """A network that has hardly learned anything."""
    kind = NetworkClassifier if data.split.task == "classification" else NetworkRegressor
    shape = {} if data.split.object_shape is None else {"layers": [Flatten()]}
    model = kind(hidden, epochs=1, random_state=1, **shape)
    return model.fit(data.train.inputs, data.train.target.labels)


def judged(model: Any, data: PreparedData) -> Evaluation:
    return evaluate(model, data, answers_of(model, data.test, data.split.task))


def test_classes_of_pictures() -> None:
    images = ImageSet(RANDOM.integers(0, 256, (200, 1, 3, 3), dtype=np.uint8), RANDOM.integers(5, 9, 200), "i")
    data = prepared(images)
    model = fitted(data)
    found = judged(model, data)
    truth, chances = images.labels[data.test.rows], model.predict_proba(images.images[data.test.rows])
    predicted = chances.argmax(axis=1) + 5
    assert found.metrics == {"test_accuracy": metrics.accuracy_score(truth, predicted)}
    assert (found.confusion == metrics.confusion_matrix(truth, predicted)).all()
    wrong = np.flatnonzero(truth != predicted)
    order = wrong[np.argsort(-chances.max(axis=1)[wrong])][:24]
    assert isinstance(found.worst, WorstPictures)
    assert (found.worst.images == images.images[data.test.rows[order]]).all()
    assert found.worst.truth == truth[order].tolist()
    assert found.worst.predicted == predicted[order].tolist()
    assert np.allclose(found.worst.probabilities, chances[order].max(axis=1))


def test_values_of_a_table() -> None:
    columns = {f"x{i}": RANDOM.normal(size=80) for i in range(9)} | {
        "c": np.array(["u", "v"], object)[np.arange(80) % 2]
    }
    data = prepared(made_table(columns, RANDOM.normal(50, 9, 80), "y", "t"))
    found = judged(fitted(data), data)
    truth = data.test.source.target.values[data.test.rows]
    assert np.allclose(found.truth, truth)
    assert found.metrics["test_r2"] == pytest.approx(metrics.r2_score(truth, found.prediction))
    assert found.metrics["test_rmse"] == pytest.approx(metrics.root_mean_squared_error(truth, found.prediction))
    assert isinstance(found.worst, WorstRows)
    assert list(found.worst.columns) == ["row", "true", "predicted", *(f"x{i}" for i in range(9)), "c"]
    assert len(found.worst.rows) == 10
    row, true, predicted, first, *_ = found.worst.rows[0]
    assert abs(true - predicted) == pytest.approx(np.abs(found.truth - found.prediction).max())
    assert first == columns["x0"][row - 1]
    assert true == pytest.approx(data.test.source.target.values[row - 1])


def test_classes_of_a_table() -> None:
    columns = {"c": np.array(["u", "v", "w"], object)[np.arange(90) % 3]}
    data = prepared(made_table(columns, np.arange(90) % 2 == 0, "y", "t"))
    found = judged(fitted(data), data)
    assert isinstance(found.worst, WorstRows)
    assert list(found.worst.columns) == ["row", "true", "predicted", "probability", "c"]
    for row, true, predicted, chance, value in found.worst.rows:
        assert true is not predicted
        assert true == str((row - 1) % 2 == 0)
        assert 0.5 <= chance <= 1
        assert value == "uvw"[(row - 1) % 3]


def test_a_machine_without_probabilities_is_sure_by_its_distance() -> None:
    X = RANDOM.normal(size=(80, 1))
    labels = np.where(X[:, 0] + RANDOM.normal(size=80) > 0, "up", "down")
    split = prepare(
        made_table({"x": X[:, 0]}, labels, "y", "t"),
        ["classification"],
        task=None,
        splitting=Splitting(0, 0.5, 0, validates=False),
    )
    data = split.encode("float64", keep_images=False)
    model = SoftMarginSVM().fit(data.train.inputs, data.train.target.labels)
    found = judged(model, data)
    said = model.predict(data.test.inputs)
    assert found.metrics == {"test_accuracy": float(np.mean(said == labels[data.test.rows]))}
    assert isinstance(found.worst, WorstRows)
    assert list(found.worst.columns) == ["row", "true", "predicted", "w.x - b", "x"]
    distances = [abs(row[3]) for row in found.worst.rows]
    assert distances == sorted(distances, reverse=True)


@pytest.mark.parametrize(
    ("truth", "prediction"),
    [([1.0, 2.0, 4.0], [1.5, 2.0, 3.0]), ([1.0, 1.0], [1.0, 1.0]), ([1.0, 1.0], [1.0, 2.0]), ([3.0, 5.0], [9.0, -9.0])],
)
def test_r2(truth: list[float], prediction: list[float]) -> None:
    assert r2(np.array(truth), np.array(prediction)) == pytest.approx(metrics.r2_score(truth, prediction))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_outputs_that_overflow_are_no_warning(task: str) -> None:
    table = made_table({"x": RANDOM.normal(size=30)}, np.arange(30) % 2, "y", "t")
    data = prepared(table, task)
    model = fitted(data, (4,))
    model.network_.parameters[:] = 3e38
    judged(model, data)
