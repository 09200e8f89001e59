"""How good a model is on the test part, and where it errs most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, confusion_matrix

from mathdl.data import ImageSet
from mathdl.runs.prepared_data import Part, PreparedData
from mathdl.runs.report_record import WorstPictures, WorstRows

Array = NDArray[Any]

WORST_PICTURES, WORST_ROWS = 24, 10  # that a report shows
SHOWN_COLUMNS = 6


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the test part says: metrics by name, and what the report draws."""

    metrics: dict[str, float]
    worst: WorstPictures | WorstRows | None = None
    confusion: NDArray[np.int64] | None = None
    truth: Array | None = None
    prediction: Array | None = None


def evaluate(estimator: Any, data: PreparedData) -> Evaluation:
    """Try a fitted estimator on the test part."""
    evaluations = {"classification": _classes, "regression": _values, "clustering": _clusters}
    # A run that diverged may leave parameters whose outputs are not finite.
    with np.errstate(all="ignore"):
        return evaluations[data.split.task](estimator, data.test)


def decided_codes(estimator: Any, inputs: Array) -> tuple[Array, Array | None]:
    """Return the code of the class that a classifier decides for, and the probabilities where it gives any."""
    if hasattr(estimator, "predict_proba"):
        chances = estimator.predict_proba(inputs)
        return chances.argmax(axis=1), chances
    return np.searchsorted(estimator.classes_, estimator.predict(inputs)), None


def _classes(estimator: Any, test: Part) -> Evaluation:
    """Accuracy, confusion matrix (rows true, columns predicted) and the surest mistakes."""
    truth, classes = test.target.codes, estimator.classes_
    assert truth is not None
    predicted, chances = decided_codes(estimator, test.inputs)
    if chances is None:
        sure, what = estimator.decision_function(test.inputs), "w.x - b"
    else:
        sure, what = chances[np.arange(len(truth)), predicted], "probability"
    wrong = np.flatnonzero(truth != predicted)
    order = wrong[np.argsort(-np.abs(sure[wrong]), kind="stable")]
    answers = classes[predicted[order]].tolist()
    worst = _worst(test, order, classes[truth[order]].tolist(), answers, {what: sure[order].tolist()})
    confusion = confusion_matrix(truth, predicted, labels=np.arange(len(classes)))
    return Evaluation({"test_accuracy": float((truth == predicted).mean())}, worst, confusion=confusion)


def _values(estimator: Any, test: Part) -> Evaluation:
    """R2 and root mean square error, and the largest errors."""
    truth, prediction = test.target.labels, estimator.predict(test.inputs)
    assert truth is not None
    errors = np.abs(prediction - truth)
    order = np.argsort(-errors, kind="stable")
    worst = _worst(test, order, truth[order].tolist(), prediction[order].tolist(), {})
    metrics = {"test_r2": r2(truth, prediction), "test_rmse": float(np.sqrt(np.mean(errors**2)))}
    return Evaluation(metrics, worst, truth=truth, prediction=prediction)


def _clusters(estimator: Any, test: Part) -> Evaluation:
    """How far the objects are from their centres and, where there are classes, whether clusters and classes agree."""
    answers = estimator.predict(test.inputs)
    away = test.inputs - estimator.cluster_centers_[answers]
    metrics = {"test_mean_square_distance": float(np.mean(np.sum(away**2, axis=1)))}
    if test.target.codes is not None:
        metrics["test_adjusted_rand_index"] = float(adjusted_rand_score(test.target.codes, answers))
    return Evaluation(metrics)


def r2(truth: Array, prediction: Array) -> float:
    """Return the coefficient of determination; also of one object, for which scikit-learn knows none."""
    error, spread = np.sum((truth - prediction) ** 2), np.sum((truth - truth.mean()) ** 2)
    if spread == 0:
        return float(error == 0)
    return float(1 - error / spread)


def _worst(
    test: Part, order: Array, truth: Sequence[Any], predicted: Sequence[Any], sure: dict[str, list[float]]
) -> WorstPictures | WorstRows:
    """Collect the worst mistakes, of which ``order`` gives the places in the test part; ``sure`` by its name."""
    rows = test.rows[order]
    if isinstance(test.source, ImageSet):
        n = WORST_PICTURES
        chances = sure["probability"][:n] if "probability" in sure else None
        return WorstPictures(test.source.images[rows[:n]], truth[:n], predicted[:n], chances)
    names = list(test.source.columns)[:SHOWN_COLUMNS]
    worst = []
    for k, row in enumerate(rows[:WORST_ROWS]):
        values = [np.asarray(test.source.columns[name])[row] for name in names]
        plain = [value.item() if isinstance(value, np.generic) else value for value in values]
        worst.append([int(row) + 1, truth[k], predicted[k], *(values[k] for values in sure.values()), *plain])
    return WorstRows(["row", "true", "predicted", *sure, *names], worst)
