"""The picture of an estimator that divides the plane of two features."""

from __future__ import annotations

import numpy as np

from mathdl.data.encoders import Number
from mathdl.models.trained_model import TrainedModel
from mathdl.plots.decision_boundary import MOST_POINTS, decision_boundary
from mathdl.runs.prepared_data import PreparedData
from mathdl.runs.report_record import Drawing

MOST_REGIONS = 50


def estimator_drawing(model: TrainedModel, data: PreparedData) -> Drawing | None:
    """Draw what the model decides for two features: regions, margin, support vectors, clusters.

    Parameters
    ----------
    model : TrainedModel
        A model with an estimator.
    data : PreparedData
        What it was trained on.

    Returns
    -------
    Drawing or None
        None for a regression, for more or fewer features than two, and for more than 50 regions.
    """
    found = model.model
    clusters = hasattr(found, "cluster_centers_")
    count = len(found.cluster_centers_) if clusters else 0 if model.classes is None else len(model.classes)
    if found.n_features_in_ != 2 or not 0 < count <= MOST_REGIONS:
        return None
    first, second = feature_names(data)
    points = data.train.inputs
    how_many = f"{len(points):,} training objects"
    if len(points) > MOST_POINTS:
        how_many = f"{MOST_POINTS:,} of the {how_many}"
    if clusters:
        centres = found.cluster_centers_
        names = [f"cluster {k}" for k in range(count)]
        svg = decision_boundary(
            points,
            found.labels_,
            names,
            2 * centres,
            -np.sum(centres**2, axis=1),
            axes=(first, second),
            centres=centres,
        )
        return Drawing("Clusters", svg, f"{how_many}, the centres (crosses), and the region that is nearest to each.")
    coef, intercept = found.coef_, found.intercept_
    if len(coef) == 1:
        coef, intercept = np.vstack([np.zeros((1, 2)), coef]), np.append(0.0, intercept)
    assert model.classes is not None
    margin, ringed = hasattr(found, "margin_"), getattr(found, "support_", ())
    svg = decision_boundary(
        points,
        data.train.targets,
        model.classes.to_list(),
        coef,
        intercept,
        axes=(first, second),
        margin=margin,
        ringed=ringed,
    )
    caption = f"{how_many}, and the regions in which the model decides for each class.{_lines(margin)}"
    return Drawing("Decision boundary", svg, caption)


def feature_names(data: PreparedData) -> list[str]:
    """Return what the features are, one text each.

    Parameters
    ----------
    data : PreparedData

    Returns
    -------
    list of str
    """
    if data.preprocessing is None:
        return [f"pixel {k + 1}" for k in range(data.input_shape[0])]
    return [
        f"{name} (standardised)" if isinstance(encoder, Number) else name
        for encoder in data.preprocessing.encoders
        for name in encoder.feature_names
    ]


def _lines(margin: bool) -> str:
    """Say what the lines and rings are."""
    if not margin:
        return ""
    return " The dashed lines are the edges of the margin, where w.x - b is 1 or -1; support vectors are ringed."
