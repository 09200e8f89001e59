"""The loss that learning rates led to in short and in longer trials."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.plots.arguments import require_attributes
from mathdl.plots.history import MIN_LOGARITHMIC_RATIO
from mathdl.plots.style import COLOURS, MAX_VALUE, SOFT, legend, log_axes, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LONGER, _SHORT = (COLOURS[0], "-"), (COLOURS[1], "--")


def plot_learning_rate_search(search: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the loss after every trial of a search against the learning rate, on a logarithmic axis.

    A dotted line is the loss before the first step, and a ring marks the rate that was taken. Trials that failed,
    because they diverged or more than doubled that loss, are crosses at the top of the frame.

    Parameters
    ----------
    search : LearningRateSearch
        What :func:`mathdl.find_learning_rate` returned, or ``history.search``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If it is no search.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import SGD, Dense, Network, find_learning_rate
    >>> from mathdl.plots import plot_learning_rate_search
    >>> X = [[0.1 * k] for k in range(40)]
    >>> net = Network([Dense(1)], input_shape=(1,))
    >>> ax = plot_learning_rate_search(find_learning_rate(net, X, X, loss="mean_square", rule=SGD("auto")))
    >>> ax.get_xlabel(), ax.get_xscale()
    ('learning rate', 'log')
    """
    needed = ("trials", "start_loss", "learning_rate", "rates")
    require_attributes("search", search, needed, "what find_learning_rate returned, or history.search")
    axes = new_axes(ax)
    start = inf if search.start_loss is None else search.start_loss
    lengths = sorted({trial.steps for trial in search.trials})
    styles = [_SHORT, _LONGER] if len(lengths) > 1 else [_LONGER]
    for steps, (colour, dashes) in zip(lengths, styles, strict=False):
        trials = sorted((t for t in search.trials if t.steps == steps), key=lambda trial: float(trial.learning_rate))
        shown = [(t.learning_rate, t.loss) for t in trials if _is_shown(t.loss, start)]
        failed = [t.learning_rate for t in trials if not _is_shown(t.loss, start)]
        if shown:
            name = f"after {steps:,} steps"
            axes.plot(*zip(*shown, strict=True), dashes, color=colour, marker="o", markersize=4, label=name)
        at_top = axes.get_xaxis_transform()
        axes.plot(failed, [0.97] * len(failed), "x", color=colour, markersize=6, transform=at_top, label="_")
    _set_scale(axes, [t.loss for t in search.trials if _is_shown(t.loss, start)], start)
    if any(not _is_shown(trial.loss, start) for trial in search.trials):
        axes.plot([], [], "x", color=SOFT, label="failed")
    taken = [t for t in search.trials if t.learning_rate == search.learning_rate][-1]
    if _is_shown(taken.loss, start):
        ring: dict[str, Any] = {"markerfacecolor": "none", "markersize": 10, "color": axes.xaxis.label.get_color()}
        axes.plot(taken.learning_rate, taken.loss, "o", label=f"taken: {taken.learning_rate:g}", **ring)
    axes.set_xlim(search.rates[0] / 1.3, search.rates[-1] * 1.3)
    log_axes(axes, x=True)
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss after a trial")
    legend(axes)
    return axes


def _is_shown(loss: float | None, start: float) -> bool:
    """Tell whether a trial's loss has a place within the frame."""
    return loss is not None and bool(np.isfinite(loss)) and abs(loss) < MAX_VALUE and loss <= 2 * start


def _set_scale(axes: Axes, losses: list[float], start: float) -> None:
    """Choose the vertical axis, with room for crosses: from 0, or logarithmic where losses differ by much."""
    known = [*losses, start] if np.isfinite(start) and start < MAX_VALUE else losses
    if known is not losses:
        axes.axhline(start, linestyle=":", color=SOFT, linewidth=1, label="before the first step")
    if losses and min(known) > 0 and max(known) > MIN_LOGARITHMIC_RATIO * min(known):
        axes.set_ylim(min(known) / 1.5, max(known) * 3)
        log_axes(axes, y=True)
    elif known:
        axes.set_ylim(min(0.0, *known), 1.15 * max(known) or 1.0)
