"""Residuals of a regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from mathdl.plots.predictions import pairs, scatter
from mathdl.plots.style import SOFT, label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_residuals(truth: ArrayLike, prediction: ArrayLike, *, target: str = "value", ax: Axes | None = None) -> Axes:
    """Draw by how much the true values lie above the predicted ones.

    A pattern, such as an arc or a funnel, shows what the model leaves unexplained.

    Parameters
    ----------
    truth, prediction, target, ax
        As for :func:`plot_predictions`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        As by :func:`plot_predictions`.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_residuals
    >>> ax = plot_residuals([1.0, 2.0], [0.5, 2.25])
    >>> ax.lines[-1].get_ydata()
    array([ 0.5 , -0.25])
    """
    x, y = pairs(truth, prediction)
    axes = new_axes(ax)
    axes.axhline(0.0, linestyle="--", color=SOFT, linewidth=1)
    scatter(axes, y, x - y)
    axes.set_xlabel(f"predicted {label(target)}")
    axes.set_ylabel("true \N{MINUS SIGN} predicted")
    return axes
