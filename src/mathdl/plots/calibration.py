"""Whether a classifier's probabilities come true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mathdl.errors import InputError
from mathdl.plots.binary_scores import binary_scores
from mathdl.plots.style import COLOURS, SOFT, legend, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 10
LEVEL = 0.95  # of the intervals


def plot_calibration(truth: ArrayLike, probabilities: ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw how often a class came, against the probability that it was given, in ten bins of equal width.

    Each point has the exact binomial interval of 95 % and the number of its objects: where the interval leaves out the
    dashed line, the probabilities of that bin are too high or too low.

    Parameters
    ----------
    truth : array_like of shape (N,)
        1 or True for the objects of the class asked about, 0 or False for the others.
    probabilities : array_like of shape (N,)
        The probability of that class, 0 to 1.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If truth and probabilities do not go together, there is one class only, or a number is no probability.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_calibration
    >>> ax = plot_calibration([0, 1, 1, 1], [0.25, 0.25, 0.75, 0.75])
    >>> [text.get_text() for text in ax.texts]
    ['2', '2']
    """
    from scipy.stats import binomtest

    positive, values = binary_scores(truth, probabilities)
    if values.min() < 0 or values.max() > 1:
        raise InputError(f"probabilities holds {values[(values < 0) | (values > 1)][0]:g}; give numbers from 0 to 1.")
    bins = np.minimum((values * BINS).astype(np.intp), BINS - 1)
    axes = new_axes(ax)
    axes.plot([0, 1], [0, 1], "--", color=SOFT, linewidth=1, label="as often as predicted")
    for k in np.unique(bins):
        inside = bins == k
        count, came = int(inside.sum()), int(positive[inside].sum())
        low, high = binomtest(came, count).proportion_ci(LEVEL)
        x, share = values[inside].mean(), came / count
        axes.plot([x, x], [low, high], color=COLOURS[0], linewidth=1.4, alpha=0.6)
        axes.plot(x, share, "o", color=COLOURS[0], markersize=4.5)
        axes.annotate(f"{count:,}", (x, high), (0, 2), textcoords="offset points", ha="center", fontsize=7, color=SOFT)
    axes.set(xlabel="predicted probability", ylabel="how often it came", xlim=(-0.02, 1.02), ylim=(-0.02, 1.1))
    legend(axes)
    return axes
