"""The kernels of a layer, or the weights of neurons that read a picture, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import checked_places, network_of, require_at_least
from mathdl.errors import InputError
from mathdl.plots.style import new_axes
from mathdl.plots.tiles import MOST, draw_tiles, explain_signs, largest, name_columns, name_rows, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]
_COLUMNS = 8


def plot_kernels(
    network: Any, layer: int | None = None, *, channels: Sequence[int] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the kernels of a convolution: white is 0, blue is positive and orange negative; those of signals are curves.

    With one input channel each kernel has its number below; with several, a row has the kernels of one output channel.
    Of a dense layer, or of a linear model, that reads a picture, the weights of each output are drawn as a picture.

    Parameters
    ----------
    network : Network, or fitted model
        Also a linear model that ``mathdl train`` fitted to pictures.
    layer : int, optional
        Which of ``network.layers``; by default the first one that has such weights.
    channels : sequence of int, optional
        Output channels; by default all, but of very many the first 64.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Without ticks and frame.

    Raises
    ------
    InputError
        If there is no such layer or channel, or its weights belong to no pixels.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import Conv2D, Network
    >>> from mathdl.plots import plot_kernels
    >>> ax = plot_kernels(Network([Conv2D(6, 5)], input_shape=(1, 28, 28)))
    >>> [text.get_text() for text in ax.texts]
    ['0', '1', '2', '3', '4', '5']
    """
    weights = kernels_of(network, layer)
    chosen = checked_places("channels", channels, len(weights))
    chosen = chosen[:MOST] if channels is None else chosen
    drawn = weights[chosen][:, :MOST]
    inputs = drawn.shape[1]
    tiles = drawn.reshape(len(chosen) * inputs, *drawn.shape[2:])
    tiles = tiles[:, None] if tiles.ndim == 2 else signed(tiles, largest(drawn))
    axes = new_axes(ax)
    names = [str(channel) for channel in chosen]
    if inputs == 1:
        draw_tiles(axes, tiles, _COLUMNS, names)
    else:
        grid = draw_tiles(axes, tiles, inputs)
        name_rows(axes, grid, names)
        name_columns(axes, grid, [str(channel) for channel in range(inputs)])
    if drawn.ndim == 4:
        explain_signs(axes, drawn)
    return axes


def kernels_of(model: Any, layer: int | None = None) -> Array:
    """Return a layer's weights, of shape (outputs, channels, height, width), of signals (outputs, channels, length)."""
    shape = getattr(model, "image_shape", None)
    linear = getattr(getattr(model, "model", None), "coef_", None)
    if linear is not None and shape is not None:
        if layer is not None:
            raise InputError(f"layer is {layer!r}, but the model is linear and has no layers; leave it out.")
        return np.asarray(linear).reshape(-1, *shape)
    network = network_of(model)
    found = kernels_by_layer(network, shape)
    if layer is not None:
        require_at_least("layer", layer, 0, len(network.layers) - 1)
        if layer not in found:
            raise InputError(
                f"Layer {layer}, {network.layers[layer]}, has no kernels; give one of {', '.join(map(str, found))}."
                if found
                else f"Layer {layer}, {network.layers[layer]}, has no kernels, and neither have the other layers."
            )
        return found[int(layer)]
    if not found:
        raise InputError("The network has no kernels to draw: no convolution, and no dense layer that reads a picture.")
    return next(iter(found.values()))


def kernels_by_layer(network: Any, image_shape: Any = None) -> dict[int, Array]:
    """Return the weights of convolutions, and of dense layers whose input is a picture as a vector, by layer."""
    from mathdl.layers.convolutional import Convolutional  # with the compiler, which other pictures do without
    from mathdl.layers.dense import Dense
    from mathdl.layers.dropout import Dropout
    from mathdl.layers.flatten import Flatten

    found: dict[int, Array] = {}
    shape = network.input_shape if image_shape is None or len(network.input_shape) > 1 else tuple(image_shape)
    for number, layer in enumerate(network.layers):
        if isinstance(layer, Convolutional) and layer.weights is not None:
            found[number] = layer.weights
        elif isinstance(layer, Dense) and layer.weights is not None and len(shape) > 1:
            found[number] = layer.weights.reshape(-1, *shape)
        # What is only laid out anew keeps its shape: a dense layer's weights belong to the places before.
        keeps = isinstance(layer, Flatten | Dropout) and prod(shape) == prod(layer.output_shape)
        shape = shape if keeps else layer.output_shape
    return found
