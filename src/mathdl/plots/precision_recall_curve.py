"""Precision against recall of a binary classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from mathdl.plots.binary_scores import binary_scores
from mathdl.plots.style import COLOURS, SOFT, legend, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_precision_recall_curve(truth: ArrayLike, scores: ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw how many of the alarms are right against how many of the positives are found.

    Parameters
    ----------
    truth, scores, ax
        As for :func:`plot_roc_curve`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        As by :func:`plot_roc_curve`.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_precision_recall_curve
    >>> ax = plot_precision_recall_curve([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9])
    >>> ax.lines[0].get_label()
    'average precision 0.833'
    """
    from sklearn.metrics import average_precision_score, precision_recall_curve

    positive, values = binary_scores(truth, scores)
    precision, recall, _ = precision_recall_curve(positive, values)
    axes = new_axes(ax)
    area = average_precision_score(positive, values)
    # Between two thresholds the precision is that of the upper one: steps, as the average precision counts them.
    axes.step(recall, precision, where="post", color=COLOURS[0], label=f"average precision {area:.3f}")
    axes.axhline(positive.mean(), linestyle="--", color=SOFT, linewidth=1, label="by chance")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.02))
    legend(axes)
    return axes
