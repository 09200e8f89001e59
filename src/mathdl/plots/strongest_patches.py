"""The parts of the data to which the channels of a layer respond most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.plots.arguments import numbers, require_attributes
from mathdl.plots.style import new_axes
from mathdl.plots.tiles import MOST, draw_tiles, name_rows, shades

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_strongest_patches(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw what :func:`mathdl.strongest_patches` found: a row for each channel, the patch of most response first.

    Grey goes from the smallest to the largest number of the patches, of bytes from 0 to 255; three channels are red,
    green and blue. Patches of signals are curves. Of very many channels the first 64 are drawn.

    Parameters
    ----------
    found : StrongestPatches
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Without ticks and frame. To the left of a row stand the channel, and its largest and smallest response drawn.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import numpy as np
    >>> from mathdl import Conv2D, Network, strongest_patches
    >>> from mathdl.plots import plot_strongest_patches
    >>> net = Network([Conv2D(2, 3)], input_shape=(1, 8, 8))
    >>> X = np.random.default_rng(0).random((20, 1, 8, 8))
    >>> ax = plot_strongest_patches(strongest_patches(net, X, count=4))
    >>> [text.get_text()[:9] for text in ax.texts]
    ['channel 0', 'channel 1']
    """
    require_attributes(
        "found", found, ("channels", "responses", "positions", "patches"), "what strongest_patches returned"
    )
    patches = found.patches[:MOST]
    count = patches.shape[1]
    tiles = patches.reshape(len(patches) * count, *patches.shape[2:])
    if tiles.ndim == 4:
        low, high = (0, 255) if tiles.dtype == np.uint8 else (float(tiles.min()), float(tiles.max()))
        tiles = shades(tiles, low, high)
    axes = new_axes(ax)
    grid = draw_tiles(axes, tiles, count)
    responses = numbers("responses", found.responses)
    what = "channel" if found.positions.shape[-1] else "output"
    names = [f"{what} {channel}\n{_range(row)}" for channel, row in zip(found.channels, responses, strict=True)]
    name_rows(axes, grid, names[:MOST])
    return axes


def _range(responses: Any) -> str:
    """Write the range of a channel's responses."""
    if not responses.any():
        return "0 throughout"
    return f"{responses[0]:.3g} to {responses[-1]:.3g}".replace("-", "\N{MINUS SIGN}")
