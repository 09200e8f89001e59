"""Which pixels the places of a network's layers see, and how often (sections 10.2 and 10.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_at_least, shortened, spatial_network_of
from mathdl.errors import InputError
from mathdl.layers.layer import Layer, Shape, Window
from mathdl.layers.residual import Residual

Counts = NDArray[np.int64]


class ReceptiveField(NamedTuple):
    """The rows and columns of the input that a place sees; a signal has one row."""

    rows: range
    columns: range


def receptive_field(network: Any, position: int | Sequence[int], layer: int | None = None) -> ReceptiveField:
    """Return the part of a network's input that one place of a layer's output depends on.

    Parameters
    ----------
    network : Network, or fitted model that has one
        It takes images or signals.
    position : two ints, or an int
        Row and column in the output of the layer, counted from 0; of signals one number.
    layer : int, optional
        Which of ``network.layers``; by default the last one before those that see everything, as Dense ones.

    Returns
    -------
    ReceptiveField
        ``rows`` and ``columns`` as ranges, without what lies in the padding.

    Raises
    ------
    InputError
        If the layer or one before it has no places, or the position is outside of its output.

    Examples
    --------
    >>> from mathdl import Conv2D, MaxPool2D, Network, receptive_field
    >>> layers = [Conv2D(6, 5), MaxPool2D(2), Conv2D(16, 5), MaxPool2D(2)]
    >>> receptive_field(Network(layers, input_shape=(1, 28, 28)), (0, 1))
    ReceptiveField(rows=range(0, 16), columns=range(4, 20))
    """
    seen = np.atleast_2d(pixel_uses(network, layer, position=position))
    rows, columns = np.nonzero(seen)
    if not len(rows):
        return ReceptiveField(range(0), range(0))
    return ReceptiveField(*(range(int(each.min()), int(each.max()) + 1) for each in (rows, columns)))


def pixel_uses(network: Any, layer: int | None = None, *, position: int | Sequence[int] | None = None) -> Counts:
    """Return how often each pixel of the input is used by the places of a layer's output.

    For a convolution or pooling that comes first, this is the number of places whose window covers the pixel. After
    several layers it is the number of ways from the pixel to the places of one channel of the output, through one
    channel of each layer.

    Parameters
    ----------
    network : Network, or fitted model that has one
        It takes images or signals.
    layer : int, optional
        Which of ``network.layers``; by default the last one before those that see everything, as Dense ones.
    position : two ints, or an int, optional
        The uses by this place alone: row and column counted from 0; of signals one number.

    Returns
    -------
    ndarray of int64, shape (height, width), or (length,) for signals

    Raises
    ------
    InputError
        If the layer or one before it has no places, or the position is outside of its output.

    Examples
    --------
    >>> from mathdl import Conv1D, Network, pixel_uses
    >>> pixel_uses(Network([Conv1D(1, 3)], input_shape=(1, 8)))
    array([1, 2, 3, 3, 3, 3, 2, 1])
    """
    network = spatial_network_of(network)
    chain = network.layers[: _last(network.layers, layer) + 1]
    shape = _lengths(chain[-1].output_shape)
    counts = np.ones(shape, np.int64)
    if position is not None:
        counts = np.zeros(shape, np.int64)
        counts[_place(position, shape, chain[-1].output_shape)] = 1
    for each in reversed(chain):
        counts = _before(each, counts)
    return counts if len(network.input_shape) == 3 else counts[0]


def _last(layers: Sequence[Layer], layer: int | None) -> int:
    """Return the number of the layer that is meant; raise InputError where it has no places."""
    seeing = next((k for k, each in enumerate(layers) if not _has_places(each)), len(layers))
    if layer is not None:
        require_at_least("layer", layer, 0, len(layers) - 1)
    if seeing <= (layer or 0):
        raise InputError(
            f"{shortened(layers[seeing])} has no places that see parts of the input; give a layer before it."
        )
    return seeing - 1 if layer is None else int(layer)


def _has_places(layer: Layer) -> bool:
    """Tell whether a layer's outputs see windows of its input."""
    if isinstance(layer, Residual):
        return all(map(_has_places, layer.layers))
    return layer.windows() is not None


def _before(layer: Layer, counts: Counts) -> Counts:
    """Return how often each entry of a layer's input is used, by how often those of its output are."""
    if isinstance(layer, Residual):
        inner = counts
        for each in reversed(layer.layers):
            inner = _before(each, inner)
        return counts + inner
    windows = layer.windows()
    assert windows is not None
    down, across = (_met(*each) for each in zip(windows, counts.shape, _lengths(layer.input_shape), strict=True))
    return down.T @ counts @ across


def _met(window: Window, places: int, length: int) -> Counts:
    """Return the matrix that has a 1 where a place sees an input along an axis."""
    first = np.arange(places)[:, None] * window.stride - window.before
    inputs = np.arange(length)
    return ((first <= inputs) & (inputs < first + window.size)).astype(np.int64)


def _lengths(shape: Shape) -> tuple[int, int]:
    """Return height and width: of a signal 1 and its length, of a vector of channels 1 and 1."""
    return (shape[1], shape[2]) if len(shape) == 3 else (1, shape[1]) if len(shape) == 2 else (1, 1)


def _place(position: Any, lengths: tuple[int, int], shape: Shape) -> tuple[int, int]:
    """Return the row and the column of a place; raise InputError where there is none."""
    several = isinstance(position, list | tuple) or (isinstance(position, np.ndarray) and position.ndim == 1)
    numbers = list(position) if several else [position]
    if len(numbers) != max(len(shape) - 1, 1):
        what = "row and column, two whole numbers" if len(shape) == 3 else "a whole number"
        raise InputError(f"position is {shortened(position)}; give {what}.")
    row, column = [0, *numbers][-2:]
    for name, place, length in (("row", row, lengths[0]), ("column", column, lengths[1])):
        require_at_least(f"position: {name}", place, 0, length - 1)
    return int(row), int(column)
