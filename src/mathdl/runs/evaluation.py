"""How good a model is on the test part, and where it errs most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data import ImageSet
from mathdl.files.trained_model import TrainedModel
from mathdl.runs.prepared_data import Part, PreparedData
from mathdl.runs.report_record import WorstPictures, WorstRows

Array = NDArray[Any]

WORST_PICTURES, WORST_ROWS = 24, 10
SHOWN_COLUMNS = 6


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the test part says: metrics by name, and what the report draws."""

    metrics: dict[str, float]
    worst: WorstPictures | WorstRows
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
        return _classes(model, data.test) if data.classes is not None else _values(model, data.test)


def _classes(model: TrainedModel, test: Part) -> Evaluation:
    """Accuracy, confusion matrix (rows true, columns predicted) and the surest mistakes."""
    assert model.classes is not None
    probabilities = model.network.predict_proba(test.inputs)
    truth, predicted = test.targets, probabilities.argmax(axis=1)
    # Two lines here, because importing scikit-learn's metrics costs a second.
    confusion = np.zeros((len(model.classes), len(model.classes)), np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    wrong = np.flatnonzero(truth != predicted)
    sure = probabilities[wrong, predicted[wrong]]
    order = np.argsort(-sure, kind="stable")
    worst = _worst(
        test,
        wrong[order],
        model.classes.decode(truth[wrong[order]]).tolist(),
        model.classes.decode(predicted[wrong[order]]).tolist(),
        sure[order].tolist(),
    )
    return Evaluation({"test_accuracy": float((truth == predicted).mean())}, worst, confusion=confusion)


def _values(model: TrainedModel, test: Part) -> Evaluation:
    """R2 and root mean square error, and the largest errors."""
    assert model.scaling is not None
    outputs = model.network(test.inputs).reshape(-1)
    truth, prediction = model.scaling.inverse(test.targets), model.scaling.inverse(outputs)
    errors = np.abs(prediction - truth)
    order = np.argsort(-errors, kind="stable")
    worst = _worst(test, order, truth[order].tolist(), prediction[order].tolist(), None)
    metrics = {"test_r2": r2(truth, prediction), "test_rmse": float(np.sqrt(np.mean(errors**2)))}
    return Evaluation(metrics, worst, truth=truth, prediction=prediction)


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
    test: Part, order: Array, truth: Sequence[Any], predicted: Sequence[Any], sure: Sequence[float] | None
) -> WorstPictures | WorstRows:
    """Collect the worst mistakes, of which ``order`` gives the places in the test part."""
    rows = test.rows[order]
    if isinstance(test.source, ImageSet):
        n = WORST_PICTURES
        return WorstPictures(test.source.images[rows[:n]], truth[:n], predicted[:n], sure and sure[:n])
    names = list(test.source.columns)[:SHOWN_COLUMNS]
    columns = ["row", "true", "predicted", *([] if sure is None else ["probability"]), *names]
    found = []
    for place, row in enumerate(rows[:WORST_ROWS]):
        values = [np.asarray(test.source.columns[name])[row] for name in names]
        chance = [] if sure is None else [sure[place]]
        plain = [value.item() if isinstance(value, np.generic) else value for value in values]
        found.append([int(row) + 1, truth[place], predicted[place], *chance, *plain])
    return WorstRows(columns, found)
