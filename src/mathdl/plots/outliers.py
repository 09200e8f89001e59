"""How unusual objects are, and from where on they count as outliers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mathdl.checks import is_number, shortened
from mathdl.errors import InputError
from mathdl.plots.arguments import numbers, vector
from mathdl.plots.style import COLOURS, SOFT, drawable, legend, log_axes, new_axes, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_outliers(scores: ArrayLike, threshold: float, *, ax: Axes | None = None) -> Axes:
    """Draw how far objects are from what is usual, the farthest first, with those beyond the threshold apart.

    Parameters
    ----------
    scores : array_like of shape (N,)
        Of each object, what ``ClusterOutlierDetector.score_samples`` returns: minus the distance from a usual cluster,
        in units of its spread.
    threshold : float
        The score below which an object is an outlier, ``offset_``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the scores are not numbers in a row, none is finite, or the threshold is no finite number.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_outliers
    >>> ax = plot_outliers([-1.0, -0.5, -9.0, -0.8], threshold=-5.0)
    >>> ax.lines[0].get_ydata(), ax.lines[1].get_ydata()
    (array([9.]), array([1. , 0.8, 0.5]))
    """
    away = -numbers("scores", vector("scores", scores))
    away = np.sort(away[drawable(away)])[::-1]
    if not len(away):
        raise InputError("scores holds no finite number; give one for each object.")
    if not is_number(threshold) or not drawable([threshold])[0]:
        raise InputError(f"threshold is {shortened(threshold)}; give a finite number.")
    axes, place, limit = new_axes(ax), np.arange(1, len(away) + 1), -float(threshold)
    for beyond, mark, name in ((True, "s", "outliers"), (False, "o", "usual")):
        mine = np.flatnonzero((away > limit) == beyond)
        mine = mine[spread(len(mine))] if len(mine) else mine
        axes.plot(place[mine], away[mine], mark, color=COLOURS[beyond], markersize=4, label=f"{name}")
    axes.axhline(limit, linestyle="--", color=SOFT, linewidth=1, label=f"threshold {limit:.3g}")
    if away[-1] > 0 and limit > 0 and away[0] > 20 * away[-1]:
        log_axes(axes, y=True)
    axes.set_xlabel("objects, the most unusual first")
    axes.set_ylabel("distance in spreads")
    legend(axes)
    return axes
