"""Model files: what can be saved, and how it comes back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from mathdl.data import ClassNames, Preprocessing, TargetScaling
from mathdl.errors import FileError, InputError
from mathdl.files.archive import Archive, archive_bytes, read_archive
from mathdl.files.network_record import network_of_record, record_of_network
from mathdl.files.whole import write_whole
from mathdl.models.registry import HOMES
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network

if TYPE_CHECKING:
    from mathdl.models.certified import Certified
    from mathdl.models.network_estimator import NetworkEstimator

    Model = Network | TrainedModel | NetworkEstimator | Certified

KINDS = ("Network", "TrainedModel", *HOMES)


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Save a model to a safetensors file, whole or not at all.

    Parameters
    ----------
    model : Network, estimator or TrainedModel
        What to save; an estimator must be fitted. Neither its training data nor its certificate are saved, so a
        status of "certified" comes back as "converged".
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
    write_whole(path, model_bytes(model))


def model_bytes(model: Model) -> bytes:
    """Return what ``save`` writes.

    Parameters
    ----------
    model : Network, estimator or TrainedModel

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If the model holds something that a file cannot hold.
    """
    return archive_bytes(_archive(model))


def load(path: str | os.PathLike[str]) -> Model:
    """Load a model that ``save`` or ``mathdl train`` wrote. Nothing in the file is unpickled or run.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    Network, estimator or TrainedModel
        It gives the same outputs as the saved one, to the last bit.

    Raises
    ------
    FileError
        If the file is missing, damaged, foreign, or of a later version.

    Examples
    --------
    >>> from mathdl import load
    >>> load("nowhere.safetensors")
    Traceback (most recent call last):
    ...
    mathdl.errors.FileError: There is no file nowhere.safetensors; check the path.
    """
    archive = read_archive(path, KINDS)
    try:
        return _model(archive.kind, archive.record, archive.arrays)
    # A damaged record may lead to any of these, wherever it is read first.
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        reason = str(error).rstrip(".") if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        raise FileError(f"{path} is damaged: {reason}; save the model again.") from error


def _archive(model: Model) -> Archive:
    """Return what the file shall hold."""
    if isinstance(model, Network):
        return Archive("Network", {"parameters": model.parameters}, {"network": record_of_network(model)})
    if isinstance(model, TrainedModel):
        parts: dict[str, Any] = {"classes": model.classes and model.classes.to_list()}
        parts |= {"scaling": model.scaling and model.scaling.to_dict()}
        parts |= {"preprocessing": model.preprocessing and model.preprocessing.to_dict()}
        parts |= {"image_shape": model.image_shape, "training": model.training}
        inner = _archive(model.model)
        return Archive("TrainedModel", inner.arrays, {"model": inner.kind, **inner.record, **parts})
    # Estimators bring scikit-learn with them, which takes a second to import.
    from sklearn.base import BaseEstimator

    if isinstance(model, BaseEstimator):
        from mathdl.files.estimator_record import record_of_estimator

        record, arrays = record_of_estimator(model)
        return Archive(type(model).__name__, arrays, {"estimator": record})
    raise InputError(f"save was given {model!r}; give a Network or a fitted estimator of mathdl.")


def _model(kind: str, record: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    """Make the model of a file again."""
    if kind == "Network":
        return network_of_record(record["network"], arrays["parameters"])
    if kind == "TrainedModel":
        classes, scaling, preprocessing = record["classes"], record["scaling"], record["preprocessing"]
        if record["model"] not in KINDS or record["model"] == "TrainedModel":
            raise FileError(f"its model is of the kind {record['model']!r}")
        if not isinstance(record["training"], dict):
            raise FileError("its training record is no dictionary")
        return TrainedModel(
            _model(record["model"], record, arrays),
            None if classes is None else ClassNames.from_list(classes),
            None if scaling is None else TargetScaling.from_dict(scaling),
            None if preprocessing is None else Preprocessing.from_dict(preprocessing),
            None if record["image_shape"] is None else tuple(record["image_shape"]),
            record["training"],
        )
    from mathdl.files.estimator_record import estimator_of_record

    estimator: Model = estimator_of_record(kind, record["estimator"], arrays)
    return estimator
