"""The affine pieces of a model file's network, as a picture: what ``mathdl inspect --regions`` does."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name
from mathdl.data import pictures_within, read, read_columns, read_pictures
from mathdl.data.number_encoder import NumberEncoder
from mathdl.errors import InputError, TooManyPiecesError
from mathdl.files.model import load
from mathdl.files.whole import write_whole
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network
from mathdl.piecewise.regions import Regions, regions
from mathdl.plots.regions import plot_regions
from mathdl.plots.style import svg_file
from mathdl.runs.strict_json import strict_json

Array = NDArray[Any]
PICTURE = "regions.svg"
REACH = 3.0  # standard deviations around the mean; chosen
MARGIN = 0.1  # of the data's extent; chosen
ASKED = 1000  # chosen: objects among which three of different classes are looked for
MOST = 2_000  # pieces in a picture; chosen
BUILT_IN = ("digits", "mnist")


@dataclass(frozen=True)
class RegionPicture:
    """The number of pieces, what the picture of them shows, and where it is.

    ``functions`` counts the connected sets with one affine function; it is None on a plane through objects, where that
    would take long.
    """

    pieces: int
    functions: int | None
    settled_exactly: int
    where: str
    picture: str

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return strict_json(vars(self))


class _Scaled(NamedTuple):
    """Regions in other units than the network's."""

    polygons: list[Array]
    gradients: Array
    offsets: Array
    boundary: list[Any]
    dimension: int


class _Segment(NamedTuple):
    """A part of a boundary in other units."""

    start: Array
    end: Array


def draw_regions(model_path: str | os.PathLike[str], data: str | os.PathLike[str] | None = None) -> RegionPicture:
    """Find the pieces of the network in a model file, and draw them into ``regions.svg`` beside it.

    A model with one or two inputs is drawn around its training data, or where ``data`` lie; one with more on the plane
    through three of the ``data``, the first ones of different classes as the model sees them.
    """
    content: Any = load(model_path)
    trained = content if isinstance(content, TrainedModel) else None
    model = content if trained is None else trained.model
    network = model if isinstance(model, Network) else getattr(model, "network_", None)
    if network is None:
        raise InputError(f"{model_path} holds {type(model).__name__}, which is no network; give a file of one.")
    inputs = _objects(trained, data)
    if np.prod(network.input_shape) > 2:
        found, where, draw = _on_a_plane(network, inputs)
    else:
        found, where, draw = _in_a_box(network, trained, inputs)
    picture = Path(path_name(model_path)).with_name(PICTURE)
    write_whole(picture, svg_file(f"The affine pieces of {picture.parent.name}", draw, size=(5.0, 4.2)).encode())
    functions = int(found.functions.max()) + 1 if np.prod(network.input_shape) <= 2 else None
    return RegionPicture(len(found), functions, found.settled_exactly, where, str(picture))


def _objects(model: TrainedModel | None, data: Any) -> Array | None:
    """Return what the network reads of data; None where there are none."""
    if model is None:
        if data is not None:
            raise InputError("The file holds a network alone, which cannot read data; use mathdl.regions in Python.")
        return None
    if data is None:
        data = source if (source := model.training.get("source")) in BUILT_IN else None
    if data is None:
        return None
    if model.preprocessing is not None:
        return model.encoded(read_columns(data, model.preprocessing.plans, reading=model.reading)).matrix
    if path_name(data) in BUILT_IN:
        pictures = read(data).images  # type: ignore[union-attr]
    elif os.path.isdir(data):
        pictures = read_pictures(pictures_within(data), model.picture_format)
    else:
        raise InputError(f"The model takes pictures, and {path_name(data)} is no folder; give one of pictures.")
    inputs = model.inputs(pictures)
    return inputs.astype(np.float32) / np.float32(255) if inputs.dtype == np.uint8 else inputs


def _on_a_plane(network: Network, inputs: Array | None) -> tuple[Regions, str, Any]:
    """Find the pieces on the plane through three inputs of different classes, where there are so many."""
    if inputs is None:
        raise InputError("The network has more than two inputs; name data, of which three objects span a plane.")
    inputs = inputs[:ASKED].reshape(-1, *network.input_shape)
    outputs = network(inputs).reshape(len(inputs), -1)
    classes = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0).astype(int)
    _, first = np.unique(classes, return_index=True)
    order = [*sorted(first.tolist()), *sorted(set(range(len(inputs))) - set(first.tolist()))]
    chosen: list[int] = []
    for k in order:
        edges = (inputs[chosen] - inputs[k]).reshape(len(chosen), inputs[k].size).astype(np.float64)
        if not chosen or np.linalg.matrix_rank(edges) == len(chosen):
            chosen.append(k)
        if len(chosen) == 3:
            break
    if len(chosen) < 3:
        raise InputError("The data hold no three objects that span a plane; name others.")
    found, share = _largest_window(network, inputs[chosen])
    part = "" if share == 1 else f"a part, 1/{share} of the usual width, of "
    named = f"{part}the plane through objects {', '.join(str(k + 1) for k in chosen)}"
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]) if share == 1 else np.zeros((0, 2))
    axes = (f"from object {chosen[0] + 1} to {chosen[1] + 1}", f"to object {chosen[2] + 1}")
    draw = partial(plot_regions, found, points=corners, labels=classes[chosen][: len(corners)], features=axes)
    return found, named, draw


def _largest_window(network: Network, points: Array) -> tuple[Regions, int]:
    """Find the pieces around three points, or where these are too many for a picture, in a window between them."""
    share = 1
    while True:
        reach = Fraction(1, share)
        window = [(Fraction(1, 3) - reach * Fraction(5, 6), Fraction(1, 3) + reach * Fraction(7, 6))] * 2
        try:
            return regions(network, window, points, most=MOST), share
        except TooManyPiecesError:
            share *= 4


def _in_a_box(network: Network, model: TrainedModel | None, inputs: Array | None) -> tuple[Regions, str, Any]:
    """Find the pieces of a network with one or two inputs around the data, in the units of these."""
    size = int(np.prod(network.input_shape))
    names, mean, scale = [f"x{k + 1}" for k in range(size)], np.zeros(size), np.ones(size)
    low, high, where = np.full(size, -1.0), np.full(size, 1.0), "inputs from -1 to 1"
    if model is not None and model.preprocessing is not None:
        low, high, where = low * REACH, high * REACH, f"inputs up to {REACH:g} standard deviations from their means"
        names, encoders = list(model.preprocessing.feature_names), model.preprocessing.encoders
        if len(encoders) == size and all(isinstance(encoder, NumberEncoder) for encoder in encoders):
            mean, scale = (np.array([getattr(encoder, name) for encoder in encoders]) for name in ("mean", "scale"))
    if inputs is not None:
        inputs = inputs.reshape(len(inputs), -1).astype(np.float64)
        low, high = inputs.min(axis=0), inputs.max(axis=0)
        reach = np.where(high > low, high - low, 1.0) * MARGIN
        low, high, where = low - reach, high + reach, "around the data"
    box = list(zip(low.tolist(), high.tolist(), strict=True))
    found = regions(network, box if size == 2 else box[0])
    classes = None if inputs is None else network(inputs.reshape(-1, *network.input_shape)).reshape(len(inputs), -1)
    shown: dict[str, Any] = {"features": names if size == 2 else (names[0], "output")}
    if inputs is not None and classes is not None and size == 2:
        labels = classes.argmax(axis=1) if classes.shape[1] > 1 else (classes[:, 0] > 0).astype(int)
        shown |= {"points": inputs * scale + mean, "labels": labels}
    return found, where, partial(plot_regions, _scaled(found, mean, scale), **shown)


def _scaled(found: Regions, mean: Array, scale: Array) -> _Scaled:
    """Return regions with their coordinates multiplied and moved."""
    gradients = found.gradients / scale
    boundary = [
        _Segment(*(np.array(end, float)[: len(mean)] * scale + mean for end in part[1:])) for part in found.boundary
    ]
    polygons = [polygon * scale + mean for polygon in found.polygons]
    return _Scaled(polygons, gradients, found.offsets - gradients @ mean, boundary, found.dimension)
