"""How much each column counts for a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from mathdl.errors import InputError
from mathdl.plots.arguments import names, numbers
from mathdl.plots.style import COLOURS, INK, labels, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_BARS = 20


def plot_importance(importances: ArrayLike, columns: Any, *, score: str = "score", ax: Axes | None = None) -> Axes:
    """Draw by how much a score falls when a column is shuffled, the most important at the top.

    Parameters
    ----------
    importances : array_like of shape (n_columns, n_repeats)
        The fall of the score in each repetition, such as ``importances`` of scikit-learn's ``permutation_importance``.
        The bar is the mean, the line its standard deviation; of more than 20 columns the 20 with the largest mean are
        drawn.
    columns : sequence
        The names of the columns.
    score : str, default "score"
        What the score is called.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the importances are no matrix of finite numbers, or there is not one name for each row.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_importance
    >>> ax = plot_importance([[0.1, 0.3], [0.5, 0.5]], ["age", "income"])
    >>> [text.get_text() for text in ax.get_yticklabels()], [float(bar.get_width()) for bar in ax.patches]
    (['income', 'age'], [0.5, 0.2])
    """
    falls = numbers("importances", importances)
    if falls.ndim != 2 or not falls.size or not np.isfinite(falls).all():
        raise InputError(f"importances has shape {falls.shape}; give finite numbers, one row for each column.")
    called = names("columns", columns, len(falls))
    means, spreads = falls.mean(axis=1), falls.std(axis=1)
    order = np.argsort(-means, kind="stable")[:MAX_BARS]
    places = np.arange(len(order))
    axes = new_axes(ax)
    axes.barh(places, means[order], color=COLOURS[0], height=0.7)
    axes.errorbar(means[order], places, xerr=spreads[order], fmt="none", ecolor=INK, elinewidth=1)
    axes.set_yticks(places, labels([called[k] for k in order]))
    axes.invert_yaxis()
    axes.set_xlabel(f"fall of the {score} when the column is shuffled")
    axes.grid(False, axis="y")
    return axes
