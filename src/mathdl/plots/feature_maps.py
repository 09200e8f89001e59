"""What a layer makes of one picture or signal, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from mathdl.checks import checked_places, network_of, require_at_least
from mathdl.errors import InputError
from mathdl.plots.style import new_axes
from mathdl.plots.tiles import MOST, draw_tiles, explain_signs, largest, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 8


def plot_feature_maps(
    network: Any,
    x: ArrayLike,
    layer: int | None = None,
    *,
    channels: Sequence[int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the output of a layer for one object: white is 0, blue is positive and orange negative, on one scale.

    Each channel has its number below; those of signals are curves.

    Parameters
    ----------
    network : Network, or fitted model that has one
        It takes pictures or signals.
    x : array_like of shape input_shape
        One picture or signal, as the network takes it.
    layer : int, optional
        Which of ``network.layers``; by default the first convolution or, without one, the first layer with an output of
        channels.
    channels : sequence of int, optional
        By default all, but of very many the first 64.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Without ticks and frame.

    Raises
    ------
    InputError
        If x does not fit, there is no such layer or channel, or the layer's output has no places.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import numpy as np
    >>> from mathdl import Conv2D, Network
    >>> from mathdl.plots import plot_feature_maps
    >>> ax = plot_feature_maps(Network([Conv2D(3, 3)], input_shape=(1, 8, 8)), np.ones((1, 8, 8)))
    >>> [text.get_text() for text in ax.texts]
    ['0', '1', '2']
    """
    net = network_of(network)
    number = _with_maps(net) if layer is None else layer
    require_at_least("layer", number, 0, len(net.layers) - 1)
    shape = net.layers[number].output_shape
    if len(shape) == 1:
        raise InputError(
            f"Layer {number}, {net.layers[number]}, returns {shape[0]} numbers and no maps; give a layer before it."
        )
    chosen = checked_places("channels", channels, shape[0])
    chosen = chosen[:MOST] if channels is None else chosen
    maps = net.trace(x)[number].output[chosen]
    axes = new_axes(ax)
    tiles = maps[:, None] if maps.ndim == 2 else signed(maps, largest(maps))
    draw_tiles(axes, tiles, _COLUMNS, [str(channel) for channel in chosen])
    if maps.ndim == 3:
        explain_signs(axes, maps)
    return axes


def _with_maps(net: Any) -> int:
    """Return the number of the first layer with an output of channels, if possible one that has weights."""
    maps = [number for number, layer in enumerate(net.layers) if len(layer.output_shape) > 1]
    if not maps:
        raise InputError("The network has no layer that returns maps; give one with a convolution.")
    return next((number for number in maps if net.layers[number].weights is not None), maps[0])
