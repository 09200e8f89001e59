"""Small pictures in rows, each with a caption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.checks import require_at_least
from mathdl.errors import InputError
from mathdl.plots.arguments import names, numbers
from mathdl.plots.style import label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 0.1  # between pictures, in widths of one


def plot_pictures(
    images: ArrayLike, captions: Sequence[object] | None = None, *, columns: int = 8, ax: Axes | None = None
) -> Axes:
    """Draw pictures in rows, pixel by pixel, each above its caption.

    Parameters
    ----------
    images : array_like of uint8, shape (n, channels, height, width)
        The pictures. One channel is grey and three are red, green and blue; of any other number the mean is shown.
    captions : sequence of n, optional
        What to write below each; long ones are shortened.
    columns : int, default 8
        Pictures in a row.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Without ticks and frame.

    Raises
    ------
    InputError
        If there is no picture, a number is no byte, or there is not one caption for each.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import numpy as np
    >>> from mathdl.plots import plot_pictures
    >>> ax = plot_pictures(np.zeros((2, 1, 8, 8), dtype=np.uint8), ["one", "two"])
    >>> len(ax.images), [text.get_text() for text in ax.texts]
    (2, ['one', 'two'])
    """
    require_at_least("columns", columns, 1)
    values = numbers("images", images)
    if not ((values >= 0) & (values <= 255)).all():
        raise InputError("images holds a number that is no byte; give numbers from 0 to 255.")
    pixels = values.astype(np.uint8)
    if pixels.ndim != 4 or pixels.size == 0:
        raise InputError(f"Pictures have shape {pixels.shape}; give at least one as (n, channels, height, width).")
    called = [""] * len(pixels) if captions is None else names("captions", captions, len(pixels))
    axes = new_axes(ax)
    tall = pixels.shape[2] / pixels.shape[3]
    row_height = tall + (0.35 if captions is not None else _GAP)
    for k, (image, name) in enumerate(zip(pixels, called, strict=True)):
        left, top = k % columns * (1 + _GAP), -(k // columns) * row_height
        extent = (left, left + 1, top - tall, top)
        axes.imshow(displayed(image), cmap="gray", extent=extent, interpolation="nearest", vmin=0, vmax=255)
        if captions is not None:
            axes.text(left + 0.5, top - tall - 0.05, label(name, 16), ha="center", va="top", fontsize="small")
    axes.set_xlim(0, min(len(pixels), columns) * (1 + _GAP) - _GAP)
    axes.set_ylim(-math.ceil(len(pixels) / columns) * row_height, 0)
    axes.set_axis_off()
    return axes


def displayed(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture of shape (channels, height, width) as one of bytes that has a grey, or three colours."""
    if image.shape[0] == 3:
        return np.ascontiguousarray(image.transpose(1, 2, 0))
    grey: NDArray[np.uint8] = image[0] if image.shape[0] == 1 else image.mean(axis=0).round().astype(np.uint8)
    return grey
