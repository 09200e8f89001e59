"""The estimators that a file can hold, by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

HOMES = {
    "HardMarginSVM": "hard_margin_svm",
    "KMeans": "kmeans",
    "LinearRegression": "linear_regression",
    "LogisticRegression": "logistic_regression",
    "NetworkClassifier": "network_classifier",
    "NetworkRegressor": "network_regressor",
    "PolynomialRegression": "polynomial_regression",
    "SoftMarginSVM": "soft_margin_svm",
}


def estimator_class(kind: str) -> Any:
    """Return the class of a name in ``HOMES``; it brings scikit-learn with it, which takes a second to import.

    Parameters
    ----------
    kind : str

    Returns
    -------
    type

    Examples
    --------
    >>> estimator_class("LinearRegression")().get_params()
    {'exact': False}
    """
    return getattr(import_module(f"mathdl.models.{HOMES[kind]}"), kind)
