"""A picture, and which of its pixels an answer depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.plots.arguments import require_attributes
from mathdl.plots.style import new_axes
from mathdl.plots.tiles import draw_tiles, largest, shades, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_pixel_influence(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw what :func:`mathdl.pixel_influence` found: the picture, the gradient and the occlusion side by side.

    Blue pixels speak for the answer: it rises with them, or falls when they are covered; orange ones speak against it.
    Both maps have their own scale. Of a picture's channels the derivatives are added: what a small rise of all of them
    at once does. Signals and their derivatives are curves, one for each channel.

    Parameters
    ----------
    found : PixelInfluence
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Without ticks and frame.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import numpy as np
    >>> from mathdl import Dense, Flatten, Network, pixel_influence
    >>> from mathdl.plots import plot_pixel_influence
    >>> net = Network([Flatten(), Dense(2)], input_shape=(1, 8, 8))
    >>> ax = plot_pixel_influence(pixel_influence(net, np.ones((1, 8, 8))))
    >>> [text.get_text() for text in ax.texts]
    ['input', 'gradient', 'occlusion']
    """
    attributes = ("x", "gradient", "occlusion")
    require_attributes("found", found, attributes, "what pixel_influence returned")
    x = found.x
    axes = new_axes(ax)
    names = ["input", "gradient", "occlusion"]
    if x.ndim == 2:
        alone = np.full(x.shape, np.nan)
        alone[0] = found.occlusion
        tiles = [x, found.gradient, alone]
        draw_tiles(axes, np.stack(tiles), 3, names, np.array([largest(each) for each in tiles]))
    else:
        maps = [signed(each, largest(each)) for each in (found.gradient.sum(axis=0), found.occlusion)]
        low, high = min(0.0, float(x.min())), max(1.0, float(x.max()))
        draw_tiles(axes, np.stack([shades(x[None], low, high)[0], *maps]), 3, names)
    return axes
