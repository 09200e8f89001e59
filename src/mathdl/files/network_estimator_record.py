"""What a NetworkClassifier or a NetworkRegressor has learned, as a record and arrays, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import FileError
from mathdl.files.network_record import network_of_record, record_of_network
from mathdl.files.plain_values import labels_of_record, record_of_labels
from mathdl.models.network_classifier import NetworkClassifier
from mathdl.models.network_estimator import NetworkEstimator
from mathdl.models.network_regressor import NetworkRegressor
from mathdl.training.history import History

Array = NDArray[Any]


def record_of_learned(estimator: NetworkEstimator) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return what a fitted estimator has learned.

    Parameters
    ----------
    estimator : NetworkClassifier or NetworkRegressor

    Returns
    -------
    record : dict
    arrays : dict of str to ndarray

    Raises
    ------
    InputError
        If its network holds an activation of the user's own.
    """
    record = {"network": record_of_network(estimator.network_), "history": estimator.history_.to_dict()}
    arrays = {"parameters": estimator.network_.parameters}
    if isinstance(estimator, NetworkClassifier):
        record["classes"] = record_of_labels(estimator.classes_)
    if isinstance(estimator, NetworkRegressor):
        arrays |= {"target_mean": estimator.target_mean_, "target_scale": estimator.target_scale_}
    return record, arrays


def restore(estimator: NetworkEstimator, record: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Give an estimator back what it had learned.

    Parameters
    ----------
    estimator : NetworkClassifier or NetworkRegressor
        Not fitted, but for the number of its features.
    record : dict
    arrays : dict of str to ndarray
        What ``record_of_learned`` returned.

    Raises
    ------
    InputError
        If the record is not sound.
    """
    network = network_of_record(record["network"], arrays["parameters"])
    estimator.network_ = network
    estimator.history_ = History.from_dict(record["history"])
    estimator.n_iter_ = estimator.history_.epochs
    if estimator.n_features_in_ != int(np.prod(network.input_shape)):
        raise FileError(f"it has {estimator.n_features_in_!r} features, but its network takes {network.input_shape}")
    outputs = int(np.prod(network.output_shape))
    if isinstance(estimator, NetworkClassifier):
        estimator.classes_ = labels_of_record(record["classes"], outputs)
    if isinstance(estimator, NetworkRegressor):
        mean, scale = arrays["target_mean"], arrays["target_scale"]
        if not mean.shape == scale.shape in ((), (outputs,)) or not np.isfinite([mean, scale]).all():
            raise FileError(f"the mean and the scale of its targets are not {outputs} finite numbers each")
        estimator.target_mean_, estimator.target_scale_ = mean, scale
