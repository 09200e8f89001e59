"""Layers as nodes that are joined where one depends on the other: few connections with shared weights, or all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.plots.arguments import names as checked_names
from mathdl.plots.arguments import numbers
from mathdl.plots.style import COLOURS, INK, PAGE, SOFT, label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 40  # chosen: more nodes in a column cannot be told apart
_LOOKS = tuple(zip(COLOURS, ("-", "--", ":", "-."), strict=False))


def plot_connections(matrices: Sequence[Any], names: Sequence[object], *, ax: Axes | None = None) -> Axes:
    """Draw layers by their matrices: a line for each entry that is not 0 (Figures 10.2 and 10.3).

    Lines of equal weights have one colour and style, where a matrix has no more than four different ones.

    Parameters
    ----------
    matrices : sequence of array_like or sparse arrays, shape (outputs, inputs)
        One for each layer, such as ``layer.matrix()`` of a convolution and ``layer.weights`` of a dense layer; each has
        as many inputs as the one before has outputs.
    names : sequence of str
        What the columns of nodes are called: the input, then the layers.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If there is no matrix, the matrices do not fit one another, or a layer has more than 40 nodes.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import Conv1D, Network
    >>> from mathdl.plots import plot_connections
    >>> layer = Network([Conv1D(1, 4, bias=None)], input_shape=(1, 6)).layers[0]
    >>> ax = plot_connections([layer.matrix()], ["inputs", "convolution"])
    >>> len(ax.lines) == layer.connections().entries == 12
    True
    """
    if not isinstance(matrices, list | tuple) or not matrices:
        raise InputError("matrices is no list of at least one matrix; give one for each layer.")
    given = [_matrix(k, matrix) for k, matrix in enumerate(matrices)]
    sizes = [given[0].shape[1], *(len(matrix) for matrix in given)]
    for k, matrix in enumerate(given[1:], 1):
        if matrix.shape[1] != sizes[k]:
            raise InputError(
                f"matrices[{k}] has {matrix.shape[1]} inputs, but the layer before has {sizes[k]} outputs."
            )
    if not 0 < min(sizes) <= max(sizes) <= _MOST:
        raise InputError(f"The layers have {', '.join(map(str, sizes))} nodes; give layers of 1 to {_MOST}.")
    called = checked_names("names", names, len(sizes))
    axes = new_axes(ax)
    heights = [np.arange(size) + (max(sizes) - size) / 2 + 1 for size in sizes]
    for k, weights in enumerate(given):
        shared = {weight: place for place, weight in enumerate(np.unique(weights[weights != 0]).tolist())}
        looks = _LOOKS if 1 < len(shared) <= len(_LOOKS) else [(SOFT, "-")] * len(shared)
        for j, i in np.argwhere(weights != 0):
            colour, line = looks[shared[float(weights[j, i])]]
            axes.plot([k, k + 1], [heights[k][i], heights[k + 1][j]], color=colour, linestyle=line, zorder=1)
    for k, ys in enumerate(heights):
        axes.scatter([k] * len(ys), ys, s=110, facecolor=PAGE, edgecolor=INK, zorder=2)
        for number, y in enumerate(ys, 1):
            axes.text(k, y, str(number), ha="center", va="center", color=INK, fontsize=7.5, zorder=3)
    axes.set(xlim=(-0.2, len(given) + 0.2), ylim=(max(sizes) + 0.6, 0.4), xticks=range(len(sizes)), yticks=())
    axes.set_xticklabels([label(name, 30) for name in called])
    axes.spines[["left", "right", "top"]].set_visible(False)
    axes.grid(False)
    return axes


def _matrix(k: int, matrix: Any) -> NDArray[np.float64]:
    """Return a matrix as a full array."""
    full = numbers(f"matrices[{k}]", matrix.toarray() if hasattr(matrix, "toarray") else matrix)
    if full.ndim != 2 or not np.isfinite(full).all():
        raise InputError(f"matrices[{k}] has shape {full.shape}; give finite numbers in rows, one for each output.")
    return full
