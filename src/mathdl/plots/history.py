"""How loss and accuracy went, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_choice
from mathdl.errors import InputError
from mathdl.plots.arguments import numbers
from mathdl.plots.style import COLOURS, drawable, legend, log_axes, new_axes, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MIN_LOGARITHMIC_RATIO = 20.0  # a loss that falls by more than this factor is drawn on a logarithmic axis
_LOOKS = {"training": (COLOURS[0], "-"), "validation": (COLOURS[1], "--")}
_LABELS = {"loss": "loss", "accuracy": "accuracy (%)", "r2": "R²"}


def plot_history(history: Any, measure: str = "loss", *, ax: Axes | None = None) -> Axes:
    """Draw how a measure went in training and on the validation data, epoch by epoch.

    Parameters
    ----------
    history : History or mapping of str to sequence of float
        One number an epoch, under the measure's name for training and ``validation_`` and that name for validation;
        either may be missing. Numbers that are None or not finite are left out.
    measure : {"loss", "accuracy", "r2"}, default "loss"
        What to draw. The axis of a loss starts at 0, or is logarithmic where the loss falls far; that of a score ends
        at 1 or 100 %.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If there is no such measure, or no number of it.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_history
    >>> ax = plot_history({"loss": [2.3, 0.4], "validation_loss": [1.9, 0.5]})
    >>> [line.get_label() for line in ax.lines], ax.get_xlabel()
    (['training', 'validation'], 'epoch')
    """
    require_choice("measure", measure, _LABELS)
    curves = [
        (name, values)
        for name, key in (("training", measure), ("validation", f"validation_{measure}"))
        if drawable(values := _values(history, key)).any()
    ]
    if not curves:
        raise InputError(f"The history holds no {measure} that can be drawn; give one with finite numbers.")
    axes, drawn = new_axes(ax), []
    for name, values in curves:
        epochs = np.flatnonzero(drawable(values))
        drawn.append(values[epochs] * (100 if measure == "accuracy" else 1))
        look: dict[str, Any] = dict(zip(("color", "linestyle"), _LOOKS[name], strict=True))
        every = [-1] if len(epochs) > 30 else None
        axes.plot(epochs + 1, drawn[-1], label=name, marker="o", markersize=3, markevery=every, **look)
    _set_range(axes, measure, np.concatenate(drawn))
    axes.set_xlabel("epoch")
    axes.set_ylabel(_LABELS[measure])
    whole_ticks(axes)
    legend(axes)
    return axes


def _values(history: Any, key: str) -> NDArray[np.float64]:
    """Return the numbers of a history, none where it has none."""
    values = history.get(key) if isinstance(history, Mapping) else getattr(history, key, None)
    found = numbers(key, () if values is None else values)
    return found if found.ndim == 1 else found[:0]


def _set_range(axes: Axes, measure: str, values: Any) -> None:
    """Show the end of the axis that is worth most."""
    if measure != "loss":
        best = 100.0 if measure == "accuracy" else 1.0
        low = values.min() if values.min() < best else 0.0
        axes.set_ylim(low - 0.05 * (best - low), best + 0.03 * (best - low))
    elif 0 < MIN_LOGARITHMIC_RATIO * values.min() < values.max():
        log_axes(axes, y=True)
    elif values.min() >= 0:
        axes.set_ylim(0.0, 1.06 * values.max() or 1.0)
