"""Objects to which a small change gives another class: before, after, and the difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mathdl.errors import InputError
from mathdl.plots.arguments import names, numbers
from mathdl.plots.style import label, new_axes
from mathdl.plots.tiles import draw_tiles, largest, shades, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_counterexamples(
    objects: ArrayLike,
    counterexamples: ArrayLike,
    answers: Sequence[object] | None = None,
    others: Sequence[object] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw objects beside their counterexamples, a row each: the object, the counterexample, the difference.

    In the difference blue is more and orange less, up to the largest one of the row. Signals are curves.

    Parameters
    ----------
    objects, counterexamples : array_like of shape (n, channels, height, width) or (n, channels, length)
        Pictures with numbers from 0 to 1, or signals.
    answers, others : sequence of n, optional
        The answer to each object, and to each counterexample.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Without ticks and frame.

    Raises
    ------
    InputError
        If there is no object, or the shapes are not the same, or not one answer is there for each.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import numpy as np
    >>> from mathdl.plots import plot_counterexamples
    >>> before = np.random.default_rng(0).random((2, 1, 8, 8))
    >>> ax = plot_counterexamples(before, before.clip(0.1, 0.9), ["7", "1"], ["9", "4"])
    >>> [text.get_text() for text in ax.texts][:2]
    ['7', '9']
    """
    before, after = numbers("objects", objects), numbers("counterexamples", counterexamples)
    if before.ndim not in (3, 4) or before.size == 0 or before.shape != after.shape:
        raise InputError(
            f"objects has shape {before.shape} and counterexamples {after.shape}; give as many of both, as pictures "
            "(n, channels, height, width) or signals (n, channels, length)."
        )
    count, changes = len(before), after - before
    sizes = [largest(change) for change in changes]
    given = {"answers": answers, "others": others}
    called = [[""] * count if each is None else names(name, each, count) for name, each in given.items()]
    captions = [
        caption
        for first, second, size in zip(*called, sizes, strict=True)
        for caption in (label(first, 16), label(second, 16), f"up to {size:.2g}")
    ]
    axes = new_axes(ax)
    if before.ndim == 3:
        tiles = np.stack([before, after, changes], axis=1).reshape(3 * count, *before.shape[1:])
        draw_tiles(axes, tiles, 3, captions, np.array([largest(tile) for tile in tiles]))
        return axes
    shown = [shades(pictures, 0.0, 1.0) for pictures in (before, after)]
    coloured = np.stack([signed(c.sum(axis=0), largest(c.sum(axis=0))) for c in changes])
    tiles = np.stack([*shown, coloured], axis=1)
    draw_tiles(axes, tiles.reshape(3 * count, *tiles.shape[2:]), 3, captions)
    return axes
