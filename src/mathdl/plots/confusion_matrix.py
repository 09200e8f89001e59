"""Which class was taken for which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.errors import InputError
from mathdl.plots.arguments import names, numbers
from mathdl.plots.style import COLOURS, PAGE, labels, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_NUMBERED = 30  # of more classes the cells are too small to hold a count
MANY = 20  # of more classes the names are small, and shortened so that a page holds them beside the cells
_CELL, _SMALLEST_CELL = 0.42, 0.18  # inches
_LARGEST_SIDE = 9.0


def plot_confusion_matrix(
    matrix: ArrayLike, class_names: Sequence[object], *, target: str = "class", ax: Axes | None = None
) -> Axes:
    """Draw a confusion matrix: true classes are rows, predicted classes columns.

    Right answers are blue and mistakes orange, the stronger the larger their share of the row. With up to thirty
    classes every count that is not 0 is written into its cell.

    Parameters
    ----------
    matrix : array_like of int, shape (K, K)
        Entry (i, j) counts the objects of class i that were taken for class j.
    class_names : sequence of length K
        The names, in the order of the rows.
    target : str, default "class"
        What is predicted.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the matrix holds no counts, or has not one row and one column for each name.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_confusion_matrix
    >>> ax = plot_confusion_matrix([[9, 1], [0, 5]], ["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['9', '1', '5']
    """
    counts, called = numbers("matrix", matrix), names("class_names", class_names)
    count = len(called)
    if counts.shape != (count, count) or count == 0:
        raise InputError(
            f"A confusion matrix of shape {counts.shape} does not go with {count} class names; "
            "give one row and one column for each class."
        )
    if not (np.isfinite(counts) & (counts >= 0)).all():
        raise InputError("matrix holds a number that is negative or not finite; give counts.")
    axes = new_axes(ax)
    rows, columns = np.nonzero(counts)
    # The square root keeps a single mistake among hundreds visible.
    strength = 0.15 + 0.85 * np.sqrt(counts[rows, columns] / counts.sum(axis=1)[rows])
    _draw_cells(axes, rows, columns, strength)
    if count <= MAX_NUMBERED:
        size = max(5.0, min(9.5, 110 / count))
        for i, j, strong in zip(rows.tolist(), columns.tolist(), strength > 0.6, strict=True):
            ink: dict[str, Any] = {"color": PAGE} if strong else {}
            axes.text(j, i, f"{counts[i, j]:.6g}", ha="center", va="center", fontsize=size, **ink)
    shown, every = labels(called, 40 if count <= MANY else 20), math.ceil(count / 50)
    places = range(0, count, every)
    cell = axes.get_window_extent().width * 72 / axes.figure.dpi / count
    axes.set_xticks(places, shown[::every], rotation=90 if 6 * max(map(len, shown)) > cell else 0)
    axes.set_yticks(places, shown[::every])
    axes.tick_params(length=0, labelsize=7 if count > MANY else None)
    axes.grid(False)
    axes.set_xlim(-0.5, count - 0.5)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_aspect("equal")
    axes.set_xlabel(f"predicted {labels([target])[0]}")
    axes.set_ylabel(f"true {labels([target])[0]}")
    return axes


def _draw_cells(axes: Axes, rows: NDArray[Any], columns: NDArray[Any], strength: NDArray[Any]) -> None:
    """Draw the cells that are not zero, right answers and mistakes in two colours."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba_array

    corners = np.array([[-0.48, -0.48], [0.48, -0.48], [0.48, 0.48], [-0.48, 0.48]])
    places = np.column_stack([columns, rows])[:, None, :] + corners
    colours = np.array(COLOURS)[(rows != columns).astype(int)]
    axes.add_collection(PolyCollection(places, facecolors=to_rgba_array(colours, strength), linewidths=0))


def matrix_size(count: int) -> tuple[float, float]:
    """Return the inches at which a matrix of so many classes can be read."""
    side = min(max(2.6, min(_CELL, max(_SMALLEST_CELL, 4.2 / count)) * count), _LARGEST_SIDE)
    return side, side
