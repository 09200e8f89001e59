"""Level sets of a function of two variables, with a path over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from mathdl.errors import InputError
from mathdl.plots.arguments import increasing, numbers
from mathdl.plots.arguments import names as checked_names
from mathdl.plots.style import COLOURS, label, legend, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_level_sets(
    values: ArrayLike,
    x: ArrayLike,
    y: ArrayLike,
    levels: Sequence[float] | None = None,
    *,
    path: ArrayLike | None = None,
    path_name: str = "path",
    names: tuple[str, str] = ("a1", "a2"),
    ax: Axes | None = None,
) -> Axes:
    """Draw level sets of a function of two variables to one scale, and a path such as that of gradient descent.

    Parameters
    ----------
    values : array_like of shape (len(y), len(x))
        The function on a grid.
    x, y : array_like
        The grid's coordinates, increasing.
    levels : sequence of float, optional
        The function's values on the lines, increasing; by default about seven round ones.
    path : array_like of shape (n, 2), optional
        Points in order; each is marked.
    path_name : str, default "path"
        What the legend calls it.
    names : tuple of two str
        What the axes are called.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the shapes do not fit each other, or coordinates or levels do not increase.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import numpy as np
    >>> from mathdl import SGD, Quadratic, gradient_descent
    >>> from mathdl.plots import plot_level_sets
    >>> descent = gradient_descent(Quadratic([[2.0, 0.0], [0.0, 4.0]]), [1.0, 0.5], SGD(0.1), steps=20)
    >>> grid = np.linspace(-1.5, 1.5, 61)
    >>> ax = plot_level_sets(grid**2 + 2 * grid[:, None] ** 2, grid, grid, [0.5, 1.0, 2.0], path=descent.points)
    >>> len(ax.lines[0].get_xdata())
    21
    """
    heights, across, up = numbers("values", values), increasing("x", x), increasing("y", y)
    steps = None if path is None else numbers("path", path)
    chosen = None if levels is None else increasing("levels", levels)
    first, second = checked_names("names", names, 2)
    if heights.shape != (*up.shape, *across.shape) or heights.ndim != 2 or min(heights.shape) < 2:
        raise InputError(
            f"Values of shape {heights.shape} do not go with {across.size} and {up.size} coordinates; give one row "
            "for each y and one column for each x, at least two."
        )
    if steps is not None and (steps.ndim != 2 or steps.shape[1] != 2):
        raise InputError(f"The path has shape {steps.shape}; give points of two coordinates.")
    axes = new_axes(ax)
    look: dict[str, Any] = {"colors": [axes.xaxis.label.get_color()], "linewidths": 0.8, "alpha": 0.7}
    lines = axes.contour(across, up, heights, levels=chosen, **look)
    axes.clabel(lines, fontsize="x-small")
    if steps is not None:
        axes.plot(steps[:, 0], steps[:, 1], color=COLOURS[0], marker="o", markersize=3, label=label(path_name))
    axes.set_aspect("equal")
    axes.set_xlabel(label(first))
    axes.set_ylabel(label(second))
    legend(axes)
    return axes
