"""The ROC curve of a binary classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from mathdl.plots.binary_scores import binary_scores
from mathdl.plots.style import COLOURS, SOFT, legend, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_roc_curve(truth: ArrayLike, scores: ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw which share of the positives is found at the price of which share of false alarms.

    Parameters
    ----------
    truth : array_like of shape (N,)
        1 or True for the objects of the class asked about, 0 or False for the others.
    scores : array_like of shape (N,)
        The probability of that class, or any score that grows with it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If truth and scores do not go together, or there is one class only.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_roc_curve
    >>> ax = plot_roc_curve([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    >>> ax.lines[0].get_label()
    'area 0.750'
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    positive, values = binary_scores(truth, scores)
    false_alarms, found, _ = roc_curve(positive, values)
    axes = new_axes(ax)
    axes.plot(false_alarms, found, color=COLOURS[0], label=f"area {roc_auc_score(positive, values):.3f}")
    axes.plot([0, 1], [0, 1], "--", color=SOFT, linewidth=1, label="by chance")
    axes.set(xlabel="false positive rate", ylabel="true positive rate (recall)", xlim=(0, 1), ylim=(0, 1.02))
    legend(axes)
    return axes
