"""Model files: what can be saved, and how it comes back."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name
from mathdl.data import RESIZED, Preprocessing, SignalScale
from mathdl.errors import FileError, InputError
from mathdl.files.archive import Archive, archive_bytes, read_archive, require_kind
from mathdl.files.network_record import network_of_record, record_of_network
from mathdl.files.whole import write_whole
from mathdl.models.conformal import Calibration
from mathdl.models.threshold import checked_threshold
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network

Arrays = dict[str, NDArray[Any]]
CALIBRATION = "calibration"  # the array's name in a file


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Save a model to a safetensors file, whole or not at all.

    Parameters
    ----------
    model : Network, estimator, Pipeline or TrainedModel
        What to save; an estimator must be fitted. A scikit-learn ``Pipeline`` may have standard preprocessing before
        its last step, an estimator of mathdl. Neither training data nor certificates are saved, so a status of
        "certified" comes back as "converged".
    path : path
        The file to write, by custom ``.safetensors``.

    Raises
    ------
    InputError
        If the model holds something that a file cannot hold, such as an activation of your own.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from mathdl import Dense, Network, load, save
    >>> net = Network([Dense(2)], input_shape=(3,), seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(net, f"{folder}/net.safetensors")
    ...     same = load(f"{folder}/net.safetensors")
    >>> bool((same.parameters == net.parameters).all())
    True
    """
    write_whole(path_name(path), model_bytes(model))


def model_bytes(model: Any) -> bytes:
    """Return what ``save`` writes; raise InputError where a file cannot hold the model."""
    return archive_bytes(_archive(model))


def load(path: str | os.PathLike[str]) -> Any:
    """Load a model that ``save`` or ``mathdl train`` wrote. Nothing in the file is unpickled or run.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    Network, estimator, Pipeline or TrainedModel
        It gives the same outputs as the saved one, to the last bit.

    Raises
    ------
    FileError
        If the file is missing, damaged, foreign, or of another version of the format.

    Examples
    --------
    >>> from mathdl import load
    >>> load("nowhere.safetensors")
    Traceback (most recent call last):
    ...
    mathdl.errors.FileError: There is no file nowhere.safetensors; check the path.
    """
    archive = read_archive(path)
    if archive.kind not in ("Network", "TrainedModel", "Pipeline"):
        require_kind(path, archive.kind, ("Network", "TrainedModel", "Pipeline", *_estimators()))
    try:
        return _model(archive.kind, archive.record, archive.arrays)
    # A damaged record may lead to any of these, wherever it is read first.
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        reason = str(error).rstrip(".") if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        raise FileError(f"{path} is damaged: {reason}; save the model again.") from error


def _archive(model: Any) -> Archive:
    """Return what the file is to hold."""
    if isinstance(model, Network):
        return Archive("Network", {"parameters": model.parameters}, {"network": record_of_network(model)})
    if isinstance(model, TrainedModel):
        parts: dict[str, Any] = {"preprocessing": model.preprocessing and model.preprocessing.to_dict()}
        parts |= {"image_shape": model.image_shape, "training": model.training}
        parts |= {"pad": model.pad, "resize": model.resize}
        if model.signal_scale is not None:
            parts["signal_scale"] = model.signal_scale._asdict()
        arrays: Arrays = {}
        if model.threshold is not None:
            parts["threshold"] = model.threshold._asdict()
        if (calibration := model.calibration) is not None:
            arrays[CALIBRATION] = calibration.scores
            parts["calibration"] = {"count": calibration.count, "approximate": calibration.approximate}
        inner = _archive(model.model)
        return Archive("TrainedModel", {**inner.arrays, **arrays}, {"model": inner.kind, **inner.record, **parts})
    # Whoever made an estimator has imported scikit-learn, which takes a second.
    if "sklearn" in sys.modules:
        from sklearn.base import BaseEstimator
        from sklearn.pipeline import Pipeline

        from mathdl.files.estimators import record_of_estimator

        if isinstance(model, Pipeline):
            from mathdl.files.pipelines import record_of_pipeline

            record, arrays = record_of_pipeline(model)
            return Archive("Pipeline", arrays, {"pipeline": record})
        if isinstance(model, BaseEstimator):
            record, arrays = record_of_estimator(model)
            return Archive(type(model).__name__, arrays, {"estimator": record})
    raise InputError(f"save was given {model!r}; give a Network or a fitted estimator of mathdl.")


def _model(kind: str, record: dict[str, Any], arrays: Arrays) -> Any:
    """Make the model of a file again."""
    if kind == "Network":
        return network_of_record(record["network"], arrays["parameters"])
    if kind == "TrainedModel":
        if record["model"] not in _estimators():
            raise FileError(f"its model is of the kind {record['model']!r}")
        if not isinstance(record["training"], dict):
            raise FileError("its training record is no dictionary")
        preprocessing, threshold, calibration = (
            record.get(name) for name in ("preprocessing", "threshold", "calibration")
        )
        scores = arrays.pop(CALIBRATION, None)
        if (scores is None) != (calibration is None):
            raise FileError("its scores for intervals are not whole")
        return TrainedModel(
            _model(record["model"], record, arrays),
            None if preprocessing is None else Preprocessing.from_dict(preprocessing),
            None if record["image_shape"] is None else tuple(record["image_shape"]),
            record["training"],
            record["pad"],
            None if threshold is None else checked_threshold(threshold["value"], threshold["code"]),
            None
            if calibration is None
            else Calibration(np.asarray(scores), calibration["count"], calibration["approximate"]),
            record.get("resize", RESIZED[0]),
            None if "signal_scale" not in record else SignalScale(**record["signal_scale"]),
        )
    if kind == "Pipeline":
        from mathdl.files.pipelines import pipeline_of_record

        return pipeline_of_record(record["pipeline"], arrays)
    from mathdl.files.estimators import estimator_of_record

    return estimator_of_record(kind, record["estimator"], arrays)


def _estimators() -> list[str]:
    """Return the names of the estimators that a file can hold; importing them takes a second."""
    from mathdl.models.registry import estimators

    return list(estimators())
