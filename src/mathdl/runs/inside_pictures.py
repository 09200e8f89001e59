"""Pictures of what is inside a model of pictures or signals: kernels, feature maps, patches, pixels that matter."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name
from mathdl.data import PictureFormat, pictures_within, read, read_npz_array, read_pictures
from mathdl.errors import InputError, MathdlError
from mathdl.layers.convolutional import Convolutional
from mathdl.layers.layer import Layer
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.inputs import checked_inputs
from mathdl.networks.network import Network
from mathdl.networks.pixel_influence import PixelInfluence, pixel_influence
from mathdl.networks.strongest_patches import strongest_patches
from mathdl.plots.feature_maps import plot_feature_maps
from mathdl.plots.kernels import kernels_by_layer, plot_kernels
from mathdl.plots.pictures import plot_pictures
from mathdl.plots.pixel_influence import plot_pixel_influence
from mathdl.plots.strongest_patches import plot_strongest_patches
from mathdl.plots.style import INK, label, svg_file

Array = NDArray[Any]
Progress = Callable[[str, int, int], None]
NAMED = ("digits", "mnist")
MAX_ANSWERS = 10  # chosen: outputs of which the pixels that matter are drawn
FEW = 4  # objects that are drawn where there is one output
TILE = 0.55  # inches


class InsidePicture(NamedTuple):
    """A picture's file name, what it shows, and itself."""

    name: str
    shows: str
    svg: str


def inside_pictures(
    model: Any, data: str | os.PathLike[str] | None, progress: Progress | None = None
) -> tuple[list[InsidePicture], tuple[str, ...]]:
    """Draw what is inside a model; where there are no data, say so in a note and draw what needs none.

    ``data`` are ``"digits"``, ``"mnist"``, a folder of pictures, a picture, or an NPZ file with objects X; by default
    what the model was trained on, as far as it is known.
    """
    estimator = model.model if isinstance(model, TrainedModel) else model
    network = estimator if isinstance(estimator, Network) else getattr(estimator, "network_", None)
    image_shape = getattr(model, "image_shape", None)
    if network is None and image_shape is not None and hasattr(estimator, "coef_"):
        shows = f"the weights of {type(estimator).__name__} for each pixel"
        return [InsidePicture("weights.svg", shows, _svg(shows, partial(plot_kernels, model), 8))], ()
    if image_shape is not None and hasattr(estimator, "cluster_centers_"):
        shows = "the means of the clusters"
        centres = (255 * estimator.cluster_centers_.clip(0, 1)).reshape(-1, *image_shape)
        draw = partial(plot_pictures, centres, [f"cluster {k}" for k in range(len(centres))])
        return [InsidePicture("clusters.svg", shows, _svg(shows, draw, 8))], ()
    if network is None or len(network.input_shape) == 1:
        what = type(estimator if network is None else network).__name__
        raise InputError(
            f"The {what} reads features, which are no pixels; leave --pictures out, which is for models of pictures "
            "and signals."
        )
    drawn = list(_of_kernels(network))
    try:
        objects = _objects(model, network, data)
    except MathdlError as error:
        if data is not None:
            raise
        return drawn, (f"Only kernels are drawn, without data: {error}".rstrip("."),)
    return drawn + list(_of_objects(network, objects, _names(estimator, network), progress)), ()


def _of_kernels(network: Network) -> Iterator[InsidePicture]:
    """Draw the kernels of convolutions, and the weights of dense layers that read the picture itself."""
    for number, kernels in kernels_by_layer(network).items():
        layer = network.layers[number]
        convolves = isinstance(layer, Convolutional)
        if convolves or kernels.shape[1:] == network.input_shape:
            shows = f"the {'kernels' if convolves else 'weights'} of {_called(number, layer)}"
            columns = 8 if kernels.shape[1] == 1 else min(kernels.shape[1], 64)
            name = f"layer{number}-{'kernels' if convolves else 'weights'}.svg"
            draw = partial(plot_kernels, network, number)
            yield InsidePicture(name, shows, _svg(shows, draw, columns))


def _of_objects(
    network: Network, objects: Array, names: Sequence[str], progress: Progress | None
) -> Iterator[InsidePicture]:
    """Draw feature maps, the patches that excite channels most, and the pixels that answers depend on."""
    weighted = [number for number, layer in enumerate(network.layers) if layer.weights is not None]
    for number in weighted:
        layer = network.layers[number]
        convolves = isinstance(layer, Convolutional)
        if convolves:
            shows = f"what {_called(number, layer)} makes of the first object"
            draw = partial(plot_feature_maps, network, objects[0], number)
            yield InsidePicture(f"layer{number}-maps.svg", shows, _svg(shows, draw, 8))
        if convolves or number == weighted[-1]:
            told = None if progress is None else partial(progress, f"patches for layer {number}")
            found = strongest_patches(network, objects, number, progress=told)
            what = "patches" if convolves else "objects"
            shows = f"the {what} to which {_called(number, layer)} responds most, of {len(objects):,} objects"
            draw = partial(plot_strongest_patches, found)
            yield InsidePicture(f"layer{number}-{what}.svg", shows, _svg(shows, draw, found.patches.shape[1] + 1))
    influences = []
    for k, (place, output) in enumerate(chosen := _chosen(network, objects)):
        if progress is not None:
            progress("pixels that matter", k, len(chosen))
        influences.append(pixel_influence(network, objects[place], output))
    shows = "which pixels answers depend on: the gradient, and what covering a patch does"
    if len(network.input_shape) == 2:
        shows = "which part of a signal answers depend on: the gradient, and what covering a part does"
    draws = [partial(_draw_influence, found, names[found.output]) for found in influences]
    tall = 0.6 if len(network.input_shape) == 2 else network.input_shape[1] / network.input_shape[2]
    svg = svg_file(shows, *draws, size=(4.0, 4.0 * (tall + 0.42) / 3.3), columns=2)
    yield InsidePicture("pixels.svg", shows, svg)


def _called(number: int, layer: Layer) -> str:
    """Return what a layer is called."""
    return f"layer {number} ({type(layer).__name__})"


def _draw_influence(found: PixelInfluence, name: str, ax: Any) -> None:
    """Draw the pixels that matter with the answer above."""
    plot_pixel_influence(found, ax=ax)
    ax.set_title(label(f"{name}: {found.value:.3g}"), color=INK)


def _chosen(network: Network, objects: Array) -> list[tuple[int, int]]:
    """Return for each output the first object for which it is the largest; of a single one some objects."""
    count = prod(network.output_shape)
    if count == 1:
        return [(place, 0) for place in range(min(FEW, len(objects)))]
    answers = network(objects).reshape(len(objects), -1).argmax(axis=1)
    first = {int(answer): place for place, answer in reversed(list(enumerate(answers.tolist())))}
    return [(first[output], output) for output in sorted(first)][:MAX_ANSWERS]


def _names(estimator: Any, network: Network) -> list[str]:
    """Return what outputs are called: for which class they speak, where there are classes."""
    classes = getattr(estimator, "classes_", np.array([])).tolist()
    count = prod(network.output_shape)
    if count == 1 and len(classes) == 2:
        classes = classes[1:]
    return [f"for {name}" for name in classes] if len(classes) == count else [f"output {k}" for k in range(count)]


def _objects(model: Any, network: Network, data: str | os.PathLike[str] | None) -> Array:
    """Read the objects that the model is to be looked at with."""
    trained = model if isinstance(model, TrainedModel) else None
    record = {} if trained is None else trained.training
    source = record.get("source") if data is None else data
    if source is None:
        raise InputError("The file does not say what the model was trained on; name data with --data.")
    name = path_name(source)
    if name in NAMED:
        folder = record.get("data_folder") if data is None else None
        X: Array = read(name, data=folder).images  # type: ignore[union-attr]
    elif not os.path.exists(name):
        kinds = "digits, mnist, a picture, a folder of pictures or an NPZ file with an array X"
        raise InputError(f"There is no {name!r} to look at the model with; give {kinds} with --data.")
    elif name.lower().endswith(".npz"):
        X = read_npz_array(Path(name), "X")
        X = X[:, None] if (1, *X.shape[1:]) == network.input_shape else X
        scale = None if trained is None else trained.signal_scale
        X = X if scale is None else scale.applied(X)
    else:
        form = _form(network.input_shape) if trained is None else trained.picture_format
        X = read_pictures(pictures_within(name) if os.path.isdir(name) else [name], form)
    objects = checked_inputs(X, network.input_shape, network.dtype)
    if not len(objects):
        raise InputError(f"{name} holds no object; give at least one.")
    return objects


def _form(shape: tuple[int, ...]) -> PictureFormat:
    """Return what pictures are made into for a network; raise InputError where it takes none."""
    if len(shape) != 3:
        raise InputError("The network takes signals, no pictures; give an NPZ file with an array X with --data.")
    return PictureFormat(*shape)


def _svg(shows: str, draw: Any, columns: int) -> str:
    """Draw one picture that is wide enough for so many tiles beside one another, and as high as it gets."""
    return svg_file(shows[0].upper() + shows[1:], draw, size=(TILE * columns, 200 * TILE))
