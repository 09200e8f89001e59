"""Look into a model file."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from mathdl.data import Preprocessing
from mathdl.files.model import load
from mathdl.files.trained_model import TrainedModel
from mathdl.network import Network


@dataclass(frozen=True)
class Inspection:
    """What a model file holds.

    Attributes
    ----------
    kind : str
        ``"TrainedModel"`` (of ``mathdl train``), ``"Network"``, ``"NetworkClassifier"`` or ``"NetworkRegressor"``.
    layers : list of (str, tuple of int, int)
        Each layer's description, output shape and number of parameters.
    input_shape : tuple of int
        The shape of one object.
    dtype : str
        The type of the parameters.
    parameters : int
        Their number in all.
    class_names : list
        The classes; empty where there are none.
    preprocessing : str
        What happens to the data before the network reads them; empty where nothing is known.
    training : dict
        The record of the training, as far as the file has one.
    """

    kind: str
    layers: list[tuple[str, tuple[int, ...], int]]
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
        return json.dumps({**asdict(self), "layers": layers}, indent=2)


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
    model: Any = load(model_path)
    classes: list[Any] = []
    training: dict[str, Any] = {}
    preprocessing = ""
    if isinstance(model, Network):
        network = model
    elif isinstance(model, TrainedModel):
        network, training = model.network, model.training
        classes = [] if model.classes is None else model.classes.to_list()
        preprocessing = _summary(model.preprocessing)
    else:
        network, training = model.network_, {"epochs": model.n_iter_, "status": model.history_.status}
        classes = model.classes_.tolist() if hasattr(model, "classes_") else []
    return Inspection(
        kind=type(model).__name__,
        layers=[(repr(layer), layer.output_shape, layer.size) for layer in network.layers],
        input_shape=network.input_shape,
        dtype=network.dtype,
        parameters=network.size,
        class_names=classes,
        preprocessing=preprocessing,
        training=training,
    )


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
