"""Look into a model file."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mathdl.errors import InputError
from mathdl.exchange.from_onnx import from_onnx
from mathdl.files.model import load
from mathdl.files.whole import write_together
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network
from mathdl.networks.operations import NetworkOperations
from mathdl.runs.exchange import is_onnx
from mathdl.runs.inside_pictures import Progress, inside_pictures
from mathdl.runs.outputs import checked_folder, make_folder
from mathdl.runs.strict_json import strict_json

MAX_SHOWN_NUMBERS = 12  # chosen: of an array that is shown whole, in two or three lines of a terminal


@dataclass(frozen=True)
class Inspection:
    """What a model file holds.

    ``kind`` is ``"TrainedModel"`` (of ``mathdl train``), ``"Network"``, or the name of an estimator's class, and
    ``model`` what a TrainedModel holds, else the same. ``layers`` has the description, the output shape and the
    number of parameters of each layer; ``learned`` what an estimator without layers has learned, numbers as they
    are, small arrays as texts, of large ones the shapes. ``preprocessing`` says what happens to the data before,
    ``training`` is the record of the training as far as the file has one, ``operations`` the counts of a network's
    operations where they were asked for.
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
    operations: NetworkOperations | None = None
    pictures: list[tuple[str, str]] | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return all of it as JSON; each layer is an object with ``layer``, ``output_shape`` and ``parameters``."""
        keys = ("layer", "output_shape", "parameters")
        layers = [dict(zip(keys, row, strict=True)) for row in self.layers]
        found = {**asdict(self), "layers": layers}
        if self.operations is None:
            del found["operations"]
        if self.pictures is None:
            del found["pictures"], found["notes"]
        else:
            found["pictures"] = [{"file": file, "shows": shows} for file, shows in self.pictures]
        return strict_json(found)


def inspect(
    model_path: str | os.PathLike[str],
    operations: bool = False,
    *,
    pictures: str | os.PathLike[str] | None = None,
    data: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Inspection:
    """Look into a file that ``mathdl train`` or ``mathdl.save`` wrote, or into an ONNX file that holds a network.

    With a folder for ``pictures``, what is inside is drawn into it, by the ``data`` that are named, or by those that
    the model was trained on.
    """
    if data is not None and pictures is None:
        raise InputError(
            "Data are for pictures of the inside; name a folder for these with --pictures, or leave data out."
        )
    folder = None if pictures is None else checked_folder(pictures)
    content: Any = from_onnx(model_path) if is_onnx(model_path) else load(model_path)
    trained = content if isinstance(content, TrainedModel) else None
    model = content if trained is None else trained.model
    network = model if isinstance(model, Network) else getattr(model, "network_", None)
    if operations and network is None:
        raise InputError(f"{model_path} holds {type(model).__name__}, which has no layers; count those of a network.")
    training: dict[str, Any] = {} if trained is None else trained.training
    if trained is None and hasattr(model, "history_"):
        training = {"epochs": model.history_.epochs, "status": str(model.status_)}
    drawn, notes = ([], ()) if folder is None else inside_pictures(content, data, progress)
    if folder is not None:
        make_folder(folder)
        write_together({folder / picture.name: picture.svg for picture in drawn})
    return Inspection(
        kind=type(content).__name__,
        model=type(model).__name__,
        layers=[] if network is None else [(repr(layer), layer.output_shape, layer.size) for layer in network.layers],
        learned=_learned(model) if network is None else {},
        input_shape=content.input_shape if isinstance(content, Network | TrainedModel) else model.object_shape,
        dtype="float64" if network is None else network.dtype,
        parameters=model.parameter_count if network is None else network.size,
        class_names=getattr(model, "classes_", np.array([])).tolist(),
        preprocessing="" if trained is None else _summary(trained),
        training=training,
        operations=network.count_operations() if operations and network is not None else None,
        pictures=None if folder is None else [(str(folder / each.name), each.shows) for each in drawn],
        notes=notes,
    )


def _learned(estimator: Any) -> dict[str, float | int | str]:
    """Return what an estimator has learned, without classes and features: numbers, texts, shapes of large arrays."""
    learned: dict[str, float | int | str] = {}
    for name, value in sorted(vars(estimator).items()):
        if name.endswith("_") and name not in ("classes_", "feature_names_in_"):
            if isinstance(value, np.ndarray) and value.size != 1:
                small = value.size <= MAX_SHOWN_NUMBERS and value.dtype.kind in "iuf"
                learned[name] = str(value.tolist()) if small else f"array of shape {value.shape}"
            elif isinstance(value, np.ndarray | np.generic):
                learned[name] = plain if isinstance(plain := value.item(), float | int | str) else str(plain)
            elif isinstance(value, float | int | str):
                learned[name] = value
    return learned


def _summary(trained: TrainedModel) -> str:
    """Say in a line what happens to the data."""
    if trained.signal_scale is not None:
        return "signals: each channel standardised"
    preprocessing = trained.preprocessing
    if preprocessing is None:
        return "images: bytes divided by 255"
    features = len(preprocessing.feature_names)
    return f"{preprocessing.columns_sentence()}; {features:,} feature{'s' if features > 1 else ''}"
