"""How gradients, steps and dead rectifiers of every layer went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.checks import require_choice
from mathdl.plots.arguments import require_attributes
from mathdl.plots.style import RAMP, drawable, label, legend, log_axes, new_axes, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABELS = {
    "gradient_rms": "gradient (root mean square)",
    "update_ratio": "step, relative to parameters",
    "dead_share": "dead ReLUs (%)",
}
_DASHES = ("-", "--", ":", "-.")  # of layers that have one colour
_MARKED = 15  # so many measurements are marked each


def plot_layers(watch: Any, measure: str = "gradient_rms", *, ax: Axes | None = None) -> Axes:
    """Draw a measure of every layer of a network by epoch.

    Parameters
    ----------
    watch : Watch
        What watched the training.
    measure : {"gradient_rms", "update_ratio", "dead_share"}, default "gradient_rms"
        The size of the gradient, the size of a step in comparison with the parameters, or the share of dead ReLUs.
        The first two have a logarithmic axis, on which there is no 0. Numbers that are not finite are left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If there is no such measure, or the watch is none.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import numpy as np
    >>> from mathdl import SGD, Dense, Network, Watch
    >>> from mathdl.plots import plot_layers
    >>> X, watch = np.linspace(-1, 1, 100)[:, None], Watch()
    >>> net = Network([Dense(8, activation="relu"), Dense(1)], input_shape=(1,))
    >>> history = net.fit(X, X**2, loss="mean_square", rule=SGD(0.1), epochs=40, callbacks=[watch])
    >>> [line.get_label() for line in plot_layers(watch).lines]
    ['1 Dense', '2 Dense']
    """
    require_choice("measure", measure, _LABELS)
    require_attributes("watch", watch, ("epochs", *_LABELS), "the Watch that watched a training")
    axes = new_axes(ax)
    logarithmic = measure != "dead_share"
    names, record = list(watch.gradient_rms), getattr(watch, measure)
    epochs, missing = np.asarray(watch.epochs), []
    for k, name in enumerate(names):
        good = drawable(record.get(name, ()), positive=logarithmic)
        if good.any():
            values = np.array(record[name], np.float64)[good] * (1 if logarithmic else 100)
            colour, dashes = layer_style(k, len(names))
            every = 1 if len(values) <= _MARKED else [-1]
            axes.plot(
                epochs[good], values, color=colour, linestyle=dashes, label=label(name, 20),
                marker="o", markersize=2.5, markevery=every, linewidth=1.4,
            )  # fmt: skip
        elif name in record:
            missing.append(name.split()[0])
    if not logarithmic:
        axes.set_ylim(-3, 103)
    elif axes.lines:
        log_axes(axes, y=True)
    if missing:
        axes.text(0.02, 0.03, label(f"0 throughout: layer {', '.join(missing)}"), transform=axes.transAxes)
    axes.set_xlabel("epoch")
    axes.set_ylabel(_LABELS[measure])
    whole_ticks(axes)
    legend(axes)
    return axes


def layer_style(k: int, count: int) -> tuple[str, str]:
    """Return colour and dashes of one of some layers, which go from the ramp's beginning to its end."""
    each = -(-count // len(RAMP))  # layers of one colour
    place = k // each / max(1, -(-count // each) - 1)
    return RAMP[round(place * (len(RAMP) - 1))], _DASHES[k % each % len(_DASHES)]
