"""Which pixels of the input a layer's places use, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.plots.arguments import require_attributes
from mathdl.plots.style import COLOURS, new_axes, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW_PIXELS = 16  # rows and columns up to which the numbers are written


def plot_pixel_uses(
    network: Any,
    layer: int | None = None,
    *,
    position: int | Sequence[int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how often each pixel is used by the places of a layer's output, the more the darker.

    Parameters
    ----------
    network : Network
        A network of images or signals.
    layer : int, optional
        Which of ``network.layers``; by default the last one before those that see everything, as Dense ones.
    position : two ints, or an int, optional
        The uses by this place alone; its receptive field is framed.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        As for :func:`mathdl.pixel_uses`.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import Conv2D, Network
    >>> from mathdl.plots import plot_pixel_uses
    >>> net = Network([Conv2D(1, 3)], input_shape=(1, 5, 5))
    >>> ax = plot_pixel_uses(net)
    >>> [text.get_text() for text in ax.texts][:5]
    ['1', '2', '3', '2', '1']
    """
    from matplotlib.patches import Rectangle

    from mathdl.layers.receptive_field import pixel_uses, receptive_field  # with the compiler

    require_attributes("network", network, ("layers", "input_shape"), "a Network")
    counts = np.atleast_2d(pixel_uses(network, layer, position=position))
    axes = new_axes(ax)
    axes.imshow(counts, cmap="Greys", vmin=0, vmax=max(1, 1.6 * counts.max()), interpolation="nearest")
    if max(counts.shape) <= _FEW_PIXELS:
        for (i, j), count in np.ndenumerate(counts):
            axes.text(j, i, str(count), ha="center", va="center", color="#010101", fontsize="small")
    if position is not None:
        rows, columns = receptive_field(network, position, layer)
        corner = (columns.start - 0.5, rows.start - 0.5)
        frame = Rectangle(corner, len(columns), len(rows), fill=False, edgecolor=COLOURS[1], linewidth=2)
        axes.add_patch(frame)
    axes.set(xlabel="column" if len(network.input_shape) == 3 else "time", ylabel="row")
    whole_ticks(axes)
    if len(counts) == 1:
        axes.set_yticks(())
        axes.set_ylabel("")
    axes.grid(False)
    return axes
