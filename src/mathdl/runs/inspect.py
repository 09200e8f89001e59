"""Look into a model file."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mathdl.data import Preprocessing
from mathdl.files.model import load
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network
from mathdl.runs.estimator_facts import learned, parameter_count
from mathdl.runs.strict_json import strict_json


@dataclass(frozen=True)
class Inspection:
    """What a model file holds.

    Attributes
    ----------
    kind : str
        ``"TrainedModel"`` (of ``mathdl train``), ``"Network"``, or the name of the estimator's class.
    model : str
        What a TrainedModel holds: ``"Network"``, or the name of the estimator's class; else the same as ``kind``.
    layers : list of (str, tuple of int, int)
        Each layer's description, output shape and number of parameters; empty where there are no layers.
    learned : dict
        What an estimator has learned: numbers as they are, the shapes of arrays; empty for networks.
    input_shape : tuple of int
        The shape of one object.
    dtype : str
        The type of the parameters.
    parameters : int
        Their number in all.
    class_names : list
        The classes; empty where there are none.
    preprocessing : str
        What happens to the data before the model reads them; empty where nothing is known.
    training : dict
        The record of the training, as far as the file has one.
    """

    kind: str
    model: str
    layers: list[tuple[str, tuple[int, ...], int]]
    learned: dict[str, Any]
    input_shape: tuple[int, ...]
    dtype: str
    parameters: int
    class_names: list[Any]
    preprocessing: str
    training: dict[str, Any]

    def to_json(self) -> str:
        """Return all of it as JSON.

        Returns
        -------
        str
            An object with the attributes' names; each layer is an object with ``layer``, ``output_shape`` and
            ``parameters``.
        """
        keys = ("layer", "output_shape", "parameters")
        layers = [dict(zip(keys, row, strict=True)) for row in self.layers]
        return strict_json({**asdict(self), "layers": layers})


def inspect(model_path: str | os.PathLike[str]) -> Inspection:
    """Look into a model file.

    Parameters
    ----------
    model_path : path
        A file that ``mathdl train`` or ``mathdl.save`` wrote.

    Returns
    -------
    Inspection

    Raises
    ------
    FileError
        If the file is missing, damaged or foreign.
    """
    found: Any = load(model_path)
    trained = found if isinstance(found, TrainedModel) else None
    model = found if trained is None else trained.model
    network = model if isinstance(model, Network) else getattr(model, "network_", None)
    training: dict[str, Any] = {} if trained is None else trained.training
    if trained is None and hasattr(model, "history_"):
        training = {"epochs": model.n_iter_, "status": model.history_.status}
    classes = getattr(model, "classes_", np.array([])).tolist()
    if trained is not None:
        classes = [] if trained.classes is None else trained.classes.to_list()
    return Inspection(
        kind=type(found).__name__,
        model=type(model).__name__,
        layers=[] if network is None else [(repr(layer), layer.output_shape, layer.size) for layer in network.layers],
        learned=learned(model) if network is None else {},
        input_shape=_input_shape(trained, model) if network is None else network.input_shape,
        dtype="float64" if network is None else network.dtype,
        parameters=parameter_count(model) if network is None else network.size,
        class_names=classes,
        preprocessing="" if trained is None else _summary(trained.preprocessing),
        training=training,
    )


def _input_shape(trained: TrainedModel | None, estimator: Any) -> tuple[int, ...]:
    """Return the shape of one object."""
    return (int(estimator.n_features_in_),) if trained is None else trained.input_shape


def _summary(preprocessing: Preprocessing | None) -> str:
    """Say in a line what happens to the data."""
    if preprocessing is None:
        return "images: bytes divided by 255"
    kinds = Counter(encoder["kind"] for encoder in preprocessing.to_dict()["columns"])
    parts = []
    if kinds["number"]:
        parts.append(f"{kinds['number']} column{'s' if kinds['number'] > 1 else ''} of numbers standardised")
    if kinds["category"]:
        parts.append(f"{kinds['category']} column{'s' if kinds['category'] > 1 else ''} of text one-hot encoded")
    return f"{', '.join(parts)}: {len(preprocessing.feature_names)} features"
