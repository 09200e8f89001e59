"""Predicted against true values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.errors import InputError
from mathdl.plots.arguments import numbers
from mathdl.plots.style import COLOURS, SOFT, drawable, label, new_axes, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_predictions(truth: ArrayLike, prediction: ArrayLike, *, target: str = "value", ax: Axes | None = None) -> Axes:
    """Draw a point for each object, and the line on which a perfect model would put them all.

    Parameters
    ----------
    truth, prediction : array_like of shape (N,)
        The true and the predicted values. Pairs that are not finite are left out; of more than 2,000 pairs, 2,000
        evenly spaced ones are drawn.
    target : str, default "value"
        What is predicted.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the two are not vectors of numbers of one length.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_predictions
    >>> ax = plot_predictions([1.0, 2.0], [1.1, 1.9], target="price")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('true price', 'predicted price')
    """
    x, y = pairs(truth, prediction)
    axes = new_axes(ax)
    ends = [min(x.min(), y.min()), max(x.max(), y.max())] if len(x) else [0.0, 1.0]
    axes.plot(ends, ends, "--", color=SOFT, linewidth=1)
    scatter(axes, x, y)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel(f"true {label(target)}")
    axes.set_ylabel(f"predicted {label(target)}")
    return axes


def pairs(truth: ArrayLike, prediction: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pairs of true and predicted values that can be drawn, of many some."""
    x, y = numbers("truth", truth), numbers("prediction", prediction)
    if x.shape != y.shape or x.ndim != 1:
        raise InputError(
            f"True values of shape {x.shape} do not go with predictions of shape {y.shape}; "
            "give two vectors of one length."
        )
    good = np.flatnonzero(drawable(x) & drawable(y))
    good = good[spread(len(good))] if len(good) else good
    return x[good], y[good]


def scatter(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Draw points, many of them faintly."""
    axes.plot(x, y, "o", color=COLOURS[0], markersize=3.5, markeredgewidth=0, alpha=0.8 if len(x) <= 200 else 0.5)
