"""Rows without a target: labelled by a model of those that have one, where it is sure enough."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from mathdl.data.target import codes_of
from mathdl.errors import InputError
from mathdl.runs.prepared_data import Part, PreparedData, Target


def with_own_labels(data: PreparedData, estimator: Any) -> PreparedData:
    """Return data whose training part also has the rows without a target that could be labelled."""
    if data.unlabelled is None:
        return data
    from sklearn.semi_supervised import SelfTrainingClassifier

    if not hasattr(estimator, "predict_proba"):
        command = estimator.declaration.command
        raise InputError(f"The model {command} gives no probabilities to label rows by; choose network or logistic.")
    train, others, classes = data.train, data.unlabelled, data.split.classes
    assert classes is not None
    assert train.target.codes is not None
    codes = np.concatenate([train.target.codes, np.full(len(others), -1)])
    inputs = np.concatenate([train.inputs, others.inputs])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        labelled = SelfTrainingClassifier(estimator).fit(inputs, codes).transduction_
    known = labelled >= 0
    labels = classes[labelled[known]]
    rows = np.concatenate([train.rows, others.rows])[known]
    return replace(data, train=Part(train.source, rows, inputs[known], Target(labels, codes_of(labels, classes))))


def about_own_labels(data: PreparedData) -> list[str]:
    """Say how many rows without a target were labelled."""
    rows = len(data.split.unlabelled)
    if not rows:
        return ["Every row has a target, so there was nothing to label."]
    labelled = len(data.train) - len(data.split.train)
    return [f"{labelled:,} of {rows:,} rows without a target were labelled by the model itself and trained with."]
