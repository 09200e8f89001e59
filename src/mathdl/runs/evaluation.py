"""How good a model is on the test part, and where it errs most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data import ImageSet
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.prepared_data import Part, PreparedData
from mathdl.runs.report_record import WorstPictures, WorstRows

Array = NDArray[Any]

WORST_PICTURES, WORST_ROWS = 24, 10
SHOWN_COLUMNS = 6


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the test part says: metrics by name, and what the report draws."""

    metrics: dict[str, float]
    worst: WorstPictures | WorstRows | None = None
    confusion: NDArray[np.int64] | None = None
    truth: Array | None = None
    prediction: Array | None = None


def evaluate(model: TrainedModel, data: PreparedData) -> Evaluation:
    """Try a model on the test part.

    Parameters
    ----------
    model : TrainedModel
        The model.
    data : PreparedData
        What it was trained on.

    Returns
    -------
    Evaluation
    """
    # A run that diverged may leave parameters whose outputs are not finite.
    with np.errstate(all="ignore"):
        answers, chances = model.judge(data.test.inputs)
        if data.task == "clustering":
            return _clusters(model, data, answers)
        if data.classes is None:
            return _values(model, data.test, answers)
        return _classes(model, data.test, answers, chances)


def _classes(model: TrainedModel, test: Part, answers: Array, chances: Array | None) -> Evaluation:
    """Accuracy, confusion matrix (rows true, columns predicted) and the surest mistakes."""
    classes = model.classes
    assert classes is not None
    truth, predicted = test.targets, classes.encode(answers)
    # Two lines here, because importing scikit-learn's metrics costs a second.
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    wrong = np.flatnonzero(truth != predicted)
    if chances is None:
        sure = model.model.decision_function(test.inputs[wrong]) if len(wrong) else np.zeros(0)
    else:
        sure = chances[wrong, predicted[wrong]]
    order = np.argsort(-np.abs(sure), kind="stable")
    how_sure = {"w.x - b" if chances is None else "probability": sure[order].tolist()}
    order = wrong[order]
    true, said = classes.decode(truth[order]).tolist(), classes.decode(predicted[order]).tolist()
    worst = _worst(test, order, true, said, how_sure)
    return Evaluation({"test_accuracy": float((truth == predicted).mean())}, worst, confusion=confusion)


def _values(model: TrainedModel, test: Part, prediction: Array) -> Evaluation:
    """R2 and root mean square error, and the largest errors."""
    truth = test.targets if model.scaling is None else model.scaling.inverse(test.targets)
    errors = np.abs(prediction - truth)
    order = np.argsort(-errors, kind="stable")
    worst = _worst(test, order, truth[order].tolist(), prediction[order].tolist(), {})
    metrics = {"test_r2": r2(truth, prediction), "test_rmse": float(np.sqrt(np.mean(errors**2)))}
    return Evaluation(metrics, worst, truth=truth, prediction=prediction)


def _clusters(model: TrainedModel, data: PreparedData, answers: Array) -> Evaluation:
    """How far the objects are from their centres and, where there are classes, whether clusters and classes agree."""
    away = data.test.inputs - model.model.cluster_centers_[answers]
    metrics = {"test_mean_square_distance": float(np.mean(np.sum(away**2, axis=1)))}
    if data.classes is not None:
        from sklearn.metrics import adjusted_rand_score

        metrics["test_adjusted_rand_index"] = float(adjusted_rand_score(data.test.targets, answers))
    return Evaluation(metrics)


def r2(truth: Array, prediction: Array) -> float:
    """Return the coefficient of determination; for a constant truth 1 or 0, as scikit-learn does.

    Parameters
    ----------
    truth, prediction : ndarray of shape (N,)
        The values.

    Returns
    -------
    float

    Examples
    --------
    >>> r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
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
    found = []
    for place, row in enumerate(rows[:WORST_ROWS]):
        values = [np.asarray(test.source.columns[name])[row] for name in names]
        plain = [value.item() if isinstance(value, np.generic) else value for value in values]
        found.append([int(row) + 1, truth[place], predicted[place], *(s[place] for s in sure.values()), *plain])
    return WorstRows(["row", "true", "predicted", *sure, *names], found)
