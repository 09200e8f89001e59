"""What a model must be better than: the answer that is always the same, and the linear or logistic model."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.models.trained_model import pixel_rows
from mathdl.runs.prepared_data import PreparedData, SplitData

Array = NDArray[Any]

CONSTANT = "constant"
LINEAR = {"classification": "logistic regression", "regression": "ridge regression"}
MAX_CELLS = 20_000_000  # rows times features times outputs to which a linear model is fitted; a second or two
PENALTIES = 10.0 ** np.arange(-2, 4)  # of ridge regression, chosen by leaving one out
ITERATIONS = 200


def linear_baseline(split: SplitData, model: str) -> tuple[str, str]:
    """Return the name of the linear model to compare with, empty for none, and why it was left out where it was."""
    name = LINEAR.get(split.task, "")
    if not name or model in ("logistic", "linear"):
        return "", ""
    outputs = 1 if split.classes is None else len(split.classes)
    rows, features = len(split.train), len(split.features)
    if rows * features * outputs > MAX_CELLS:
        return "", f"{name} was left out for time: {rows:,} objects of {features:,} features"
    return name, ""


def fit_constant(data: PreparedData) -> Any:
    """Fit what always gives the same answer: the shares of the classes, or the mean."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    constant = DummyRegressor() if data.split.task == "regression" else DummyClassifier(strategy="prior")
    return constant.fit(data.train.inputs, data.train.target.labels)


def fit_linear(data: PreparedData, *, balanced: bool) -> Any:
    """Fit ridge or logistic regression; the classes weigh the same where they are to be ``balanced``."""
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    weights = "balanced" if balanced else None
    kind = (
        RidgeCV(PENALTIES)
        if data.split.task == "regression"
        else LogisticRegression(max_iter=ITERATIONS, class_weight=weights)
    )
    linear = make_pipeline(FunctionTransformer(_rows), kind)
    with warnings.catch_warnings(), one_thread(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of the number of iterations: what it scores after these counts
        return linear.fit(data.train.inputs, data.train.target.labels)


def _rows(inputs: Array) -> Array:
    """Return objects as rows of numbers."""
    return pixel_rows(inputs) if inputs.dtype == np.uint8 else inputs.reshape(len(inputs), -1).astype(np.float64)
