"""Probability curves and where they cross 1/2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.checks import probabilities_on, require_interval, shortened
from mathdl.errors import InputError
from mathdl.plots.style import COLOURS, SOFT, drawable, label, labels, legend, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID = 601  # points of a curve
_DASHES = ("-", "--", ":", "-.")
_MARKERS = "os^D"
MAX_CURVES = 6  # so many are told apart


def plot_probability_curves(
    curves: Mapping[str, Any], low: float, high: float, *, feature: str = "x", ax: Axes | None = None
) -> Axes:
    """Draw probability curves of one variable, and mark where they cross 1/2: their decision boundaries.

    Parameters
    ----------
    curves : mapping of str to callable or classifier
        By their names: functions that return the probabilities at an array of numbers, or fitted classifiers with
        ``predict_proba``, one feature and two classes. At most six.
    low, high : float
        The ends of the interval.
    feature : str
        What the horizontal axis is called.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the ends are no interval, there are no curves or too many, or one does not return a number for each.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import mathdl
    >>> from mathdl.book.data import plant_survival
    >>> ax = mathdl.plots.plot_probability_curves({"survival": plant_survival}, 0, 10, feature="light")
    >>> ax.get_xlabel(), len(ax.lines[-1].get_xdata())
    ('light', 2)
    """
    if not isinstance(curves, Mapping) or not 0 < len(curves) <= MAX_CURVES:
        raise InputError(f"curves is {shortened(curves)}; give from 1 to {MAX_CURVES} curves by name.")
    require_interval(low, high)
    x = np.linspace(float(low), float(high), _GRID)
    answers = [probabilities_on(f"curves[{shortened(name)}]", curve, x) for name, curve in curves.items()]
    axes = new_axes(ax)
    axes.axhline(0.5, color=SOFT, linewidth=1, linestyle=":")
    for k, (name, values) in enumerate(zip(labels(list(curves)), answers, strict=True)):
        shown = np.where(drawable(values), values, np.nan)
        axes.plot(x, shown, _DASHES[k % 4], color=COLOURS[k], linewidth=2, label=name)
        crossings = _crossings(x, shown - 0.5)
        axes.plot(crossings, np.full(len(crossings), 0.5), _MARKERS[k % 4], color=COLOURS[k], markersize=6)
    axes.set_ylim(-0.05, 1.05)
    axes.set_xlabel(label(feature))
    axes.set_ylabel("probability")
    legend(axes)
    return axes


def _crossings(x: Any, above: Any) -> Any:
    """Return where the curve through the points crosses 0, as it is drawn."""
    known = np.flatnonzero(np.nan_to_num(above))
    left, right = known[:-1], known[1:]
    crosses = above[left] * above[right] < 0
    left, right = left[crosses], right[crosses]
    return x[left] + (x[right] - x[left]) * above[left] / (above[left] - above[right])
