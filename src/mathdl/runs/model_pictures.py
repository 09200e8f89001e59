"""Pictures of a trained model with one or two features, in the data's own units."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.number_encoder import NumberEncoder
from mathdl.models.trained_model import TrainedModel
from mathdl.plots.curve import max_classes, plot_curve
from mathdl.plots.decision_boundary import plot_decision_boundary
from mathdl.plots.outliers import plot_outliers
from mathdl.plots.style import MAX_POINTS, drawable, svg
from mathdl.runs.prepared_data import PreparedData
from mathdl.runs.report_record import Drawing

Array = NDArray[Any]

MAX_NAMED = 10  # outliers in the caption; chosen
MAX_REGIONS = 50  # classes or clusters whose regions can be told apart in a picture


def model_pictures(model: TrainedModel, data: PreparedData) -> list[Drawing]:
    """Draw the curve of a model with one column of numbers, and the regions or clusters of one with two.

    Of an outlier detector the scores are drawn. Other models have no picture: neither have those of more classes than
    can be told apart.
    """
    if hasattr(model.model, "score_samples"):
        return _outliers(model, data)
    encoders = () if data.split.preprocessing is None else data.split.preprocessing.encoders
    numbers = [encoder for encoder in encoders if isinstance(encoder, NumberEncoder) and not encoder.indicates]
    if len(numbers) != len(encoders) or len(numbers) not in (1, 2):
        return []
    asked, X = _OwnUnits(model, numbers), _own_units(data.train.inputs, numbers)
    if not drawable(X.sum(axis=1)).any():
        return []
    many = f"{MAX_POINTS:,} of the " if len(X) > MAX_POINTS else ""
    objects = f"{many}{len(X):,} training objects"
    if len(numbers) == 2:
        return _regions(asked, X, data, objects)
    if data.split.task == "clustering" or (asked.classes_ is not None and not _has_curve(asked)):
        return []
    return [_curve(asked, X, data, objects)]


class _OwnUnits:
    """A trained model as a fitted estimator whose features are columns of numbers as the data hold them."""

    def __init__(self, model: TrainedModel, encoders: list[NumberEncoder]) -> None:
        self._model, self.encoders = model, encoders
        self.classes_ = np.array(model.classes) if model.classes else None
        for name in ("margin_", "support_"):
            if hasattr(model.model, name):
                setattr(self, name, getattr(model.model, name))
        if hasattr(model.model, "cluster_centers_"):
            self.cluster_centers_ = _own_units(model.model.cluster_centers_, encoders)

    def __getattr__(self, name: str) -> Any:
        """Offer what else the model computes from features, such as ``decision_function``."""
        if name == "predict_proba" and isinstance(self.classes_, np.ndarray):
            compute = self._model.model.predict_proba
        elif name in ("decision_function", "transform"):
            compute = getattr(self._model.model, name)
        else:
            raise AttributeError(name)
        return lambda X: compute(self._model.inputs(self._columns(X)))

    def predict(self, X: Array) -> Array:
        """Return the model's answers."""
        return self._model.predict(self._columns(X))

    def _columns(self, X: Array) -> dict[str, Array]:
        """Return features as columns by name."""
        return {encoder.name: column for encoder, column in zip(self.encoders, X.T, strict=True)}


def _outliers(model: TrainedModel, data: PreparedData) -> list[Drawing]:
    """Draw how unusual all objects are, and name the most unusual."""
    detector, parts = model.model, [data.train, data.test]
    scores = np.concatenate([detector.score_samples(part.inputs) for part in parts])
    rows = np.concatenate([part.rows for part in parts])
    own = data.split.source.test is None  # else the rows of the two parts have the same numbers
    order = np.argsort(scores, kind="stable")
    first = [f"{row + 1:,}" for row in rows[order][scores[order] < detector.offset_][:MAX_NAMED].tolist()]
    named = f" The most unusual rows are {', '.join(first)}." if own and first else ""
    picture = svg("How unusual the objects are", partial(plot_outliers, scores, detector.offset_), size=(4.2, 3.0))
    caption = (
        f"{len(scores):,} objects, of the training and of the test part, by their distance from the nearest usual "
        f"cluster as a multiple of its spread; above the threshold they count as outliers.{named}"
    )
    return [Drawing("Outliers", picture, caption)]


def _own_units(inputs: Array, encoders: list[NumberEncoder]) -> Array:
    """Undo the standardisation of columns of numbers."""
    mean, scale = (np.array([getattr(encoder, name) for encoder in encoders]) for name in ("mean", "scale"))
    with np.errstate(all="ignore"):
        own: Array = inputs.astype(np.float64) * scale + mean
        return own


def _has_curve(asked: _OwnUnits) -> bool:
    """Tell whether the curves of a classifier can be told apart."""
    assert asked.classes_ is not None
    return len(asked.classes_) <= max_classes(asked)


def _curve(asked: _OwnUnits, X: Array, data: PreparedData, objects: str) -> Drawing:
    """Draw the curve of a model with one feature."""
    feature, target = asked.encoders[0].name, data.split.source.target_name or "target"
    truth = data.train.target.labels
    assert truth is not None
    picture = svg(
        "The fitted curve",
        partial(plot_curve, asked, X, truth, feature=feature, target=target),
        size=(4.2, 3.0),
    )
    return Drawing("Fitted curve", picture, f"{objects}, and what the model predicts by {feature}.")


def _regions(asked: _OwnUnits, X: Array, data: PreparedData, objects: str) -> list[Drawing]:
    """Draw the regions of a model with two features, where it has regions."""
    clusters = hasattr(asked, "cluster_centers_")
    count = len(asked.cluster_centers_) if clusters else len(asked.classes_ if asked.classes_ is not None else ())
    if not 0 < count <= MAX_REGIONS:
        return []
    first, second = (encoder.name for encoder in asked.encoders)
    labels = None if clusters or asked.classes_ is None else data.train.target.labels
    picture = svg(
        "The regions of the classes",
        partial(plot_decision_boundary, asked, X, labels, features=(first, second)),
        size=(4.0, 3.7),
    )
    if clusters:
        caption = f"{objects}, the centres (crosses), and the region of each cluster."
        return [Drawing("Clusters", picture, caption)]
    caption = f"{objects}, and the regions in which the model decides for each class."
    if hasattr(asked, "margin_"):
        caption += " Dashed lines are the edges of the margin, where w.x - b is 1 or -1; support vectors are ringed."
    return [Drawing("Decision boundary", picture, caption)]
