"""A fitted estimator as a record and arrays, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import FileError, InputError
from mathdl.files import certified_record, network_estimator_record
from mathdl.files.plain_values import from_plain, to_plain
from mathdl.models.registry import HOMES, estimator_class

Array = NDArray[Any]


def record_of_estimator(estimator: Any) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return a fitted estimator as a record that JSON can hold, and arrays.

    Parameters
    ----------
    estimator : estimator
        One of those in ``HOMES``; it must be fitted.

    Returns
    -------
    record : dict
    arrays : dict of str to ndarray

    Raises
    ------
    InputError
        If it is not fitted, is of another class, or a parameter is something that a file cannot hold.
    """
    kind = type(estimator).__name__
    if kind not in HOMES or type(estimator) is not estimator_class(kind):
        raise InputError(f"A {kind} cannot be saved; give one of {', '.join(HOMES)}.")
    home = _home(kind)
    if not hasattr(estimator, "network_" if home is network_estimator_record else "status_"):
        raise InputError(f"This {kind} is not fitted; call fit before saving it.")
    record, arrays = home.record_of_learned(estimator)
    record["params"] = {name: to_plain(name, value) for name, value in estimator.get_params(deep=False).items()}
    record["n_features_in"] = int(estimator.n_features_in_)
    if hasattr(estimator, "feature_names_in_"):
        record["feature_names_in"] = [str(name) for name in estimator.feature_names_in_]
    return record, arrays


def estimator_of_record(kind: str, record: dict[str, Any], arrays: dict[str, Array]) -> Any:
    """Make a fitted estimator again.

    Parameters
    ----------
    kind : str
        The name of its class.
    record : dict
    arrays : dict of str to ndarray
        What ``record_of_estimator`` returned.

    Returns
    -------
    estimator

    Raises
    ------
    InputError
        If the record is not sound.
    """
    estimator = estimator_class(kind)(**{name: from_plain(value) for name, value in record["params"].items()})
    features = record["n_features_in"]
    if type(features) is not int or features < 1:
        raise FileError(f"its number of features is {features!r}")
    estimator.n_features_in_ = features
    if "feature_names_in" in record:
        names = record["feature_names_in"]
        if len(names) != features or not all(isinstance(name, str) for name in names):
            raise FileError("its feature names are not one text for each feature")
        estimator.feature_names_in_ = np.array(names, dtype=object)
    _home(kind).restore(estimator, record, arrays)
    return estimator


def _home(kind: str) -> Any:
    """Return the module that writes down what the class learns."""
    return network_estimator_record if kind.startswith("Network") else certified_record
