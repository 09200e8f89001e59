"""A fitted estimator as a record and arrays, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.descent.history import History
from mathdl.errors import FileError, InputError
from mathdl.files.network_record import network_of_record, record_of_network
from mathdl.files.plain_values import from_plain, to_plain
from mathdl.models.network_classifier import NetworkClassifier
from mathdl.models.network_estimator import NetworkEstimator
from mathdl.models.network_regressor import NetworkRegressor

Array = NDArray[Any]
ESTIMATORS: dict[str, type[NetworkEstimator]] = {
    "NetworkClassifier": NetworkClassifier,
    "NetworkRegressor": NetworkRegressor,
}


def record_of_estimator(estimator: NetworkEstimator) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return a fitted estimator as a record that JSON can hold, and arrays.

    Parameters
    ----------
    estimator : NetworkClassifier or NetworkRegressor
        It must be fitted.

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
    if type(estimator) is not ESTIMATORS.get(kind):
        raise InputError(f"A {kind} cannot be saved; give one of {', '.join(ESTIMATORS)}.")
    if not hasattr(estimator, "network_"):
        raise InputError(f"This {kind} is not fitted; call fit before saving it.")
    record = {
        "network": record_of_network(estimator.network_),
        "params": {name: to_plain(name, value) for name, value in estimator.get_params(deep=False).items()},
        "history": estimator.history_.to_dict(),
        "n_features_in": int(estimator.n_features_in_),
    }
    arrays = {"parameters": estimator.network_.parameters}
    if hasattr(estimator, "feature_names_in_"):
        record["feature_names_in"] = [str(name) for name in estimator.feature_names_in_]
    if isinstance(estimator, NetworkClassifier):
        record["classes"] = {"dtype": estimator.classes_.dtype.str, "values": estimator.classes_.tolist()}
    if isinstance(estimator, NetworkRegressor):
        arrays |= {"target_mean": estimator.target_mean_, "target_scale": estimator.target_scale_}
    return record, arrays


def estimator_of_record(kind: str, record: dict[str, Any], arrays: dict[str, Array]) -> NetworkEstimator:
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
    NetworkClassifier or NetworkRegressor

    Raises
    ------
    InputError
        If the record is not sound.
    """
    network = network_of_record(record["network"], arrays["parameters"])
    estimator = ESTIMATORS[kind](**{name: from_plain(value) for name, value in record["params"].items()})
    estimator.network_ = network
    estimator.history_ = History(**record["history"])
    estimator.n_iter_ = estimator.history_.epochs
    estimator.n_features_in_ = record["n_features_in"]
    if estimator.n_features_in_ != int(np.prod(network.input_shape)):
        raise FileError(f"it has {record['n_features_in']!r} features, but its network takes {network.input_shape}")
    if "feature_names_in" in record:
        names = record["feature_names_in"]
        if len(names) != estimator.n_features_in_ or not all(isinstance(name, str) for name in names):
            raise FileError("its feature names are not one text for each feature")
        estimator.feature_names_in_ = np.array(names, dtype=object)
    outputs = int(np.prod(network.output_shape))
    if isinstance(estimator, NetworkClassifier):
        estimator.classes_ = _classes(record["classes"], outputs)
    if isinstance(estimator, NetworkRegressor):
        mean, scale = arrays["target_mean"], arrays["target_scale"]
        if not mean.shape == scale.shape in ((), (outputs,)) or not np.isfinite([mean, scale]).all():
            raise FileError(f"the mean and the scale of its targets are not {outputs} finite numbers each")
        estimator.target_mean_, estimator.target_scale_ = mean, scale
    return estimator


def _classes(record: dict[str, Any], outputs: int) -> Array:
    """Return the labels, of the type that they had."""
    if np.dtype(record["dtype"]).kind not in "biufUO":
        raise FileError(f"its labels are of the type {record['dtype']!r}")
    labels = np.array(record["values"], dtype=record["dtype"])
    if labels.shape != (outputs,):
        raise FileError(f"it has labels of shape {labels.shape} for {outputs} outputs")
    return labels
