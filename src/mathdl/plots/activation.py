"""The graph of an activation function and of its derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.errors import InputError
from mathdl.plots.arguments import numbers
from mathdl.plots.style import COLOURS, label, legend, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mathdl.layers.activation import Activation

_PIECES = 800  # of a graph
_KINK = 0.1  # chosen: a derivative that rises by more from one point to the next jumps there


def plot_activation(
    activation: Activation | str | dict[str, Any],
    interval: Sequence[float] = (-4.0, 4.0),
    *,
    weight: float = 1.0,
    bias: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the neuron lambda(weight x + bias) of one input (Definition 4.1.1), and its derivative.

    Parameters
    ----------
    activation : str, dict or Activation
        The activation function lambda, such as ``"relu"``.
    interval : two floats, default (-4, 4)
        The first and the last x.
    weight, bias : float
        Of the neuron; by default 1 and 0, so that lambda itself is drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The derivative is dashed, and has a gap where it jumps.

    Raises
    ------
    InputError
        If there is no such activation, it acts on vectors (softmax), or the numbers do not make an interval.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl.plots import plot_activation
    >>> [line.get_label() for line in plot_activation("tanh").lines]
    ['tanh', 'its derivative']
    """
    from mathdl.layers.activation import Activation  # with the compiler, which other pictures do without

    chosen = Activation.of(activation)
    ends, neuron = numbers("interval", interval), numbers("weight or bias", [weight, bias])
    if ends.shape != (2,) or neuron.shape != (2,) or not np.isfinite([*ends, *neuron]).all() or ends[0] >= ends[1]:
        raise InputError(
            f"interval is {interval!r}, weight {weight!r} and bias {bias!r}; give two finite numbers, the smaller one "
            "first, and two finite numbers."
        )
    x = np.linspace(ends[0], ends[1], _PIECES + 1)
    factor, shift = neuron
    with np.errstate(over="ignore", invalid="ignore"):
        inner = factor * x + shift
        slopes = factor * chosen.derivatives(inner)
        jumps = np.flatnonzero(np.abs(np.diff(slopes)) > _KINK * max(1.0, abs(factor)))
    axes = new_axes(ax)
    axes.plot(x, chosen.values(inner), color=COLOURS[0], linewidth=2, label=label(chosen.name))
    axes.plot(
        np.insert(x, jumps + 1, np.nan), np.insert(slopes, jumps + 1, np.nan), color=COLOURS[1], linestyle="--",
        label="its derivative",
    )  # fmt: skip
    axes.set(xlabel="x", ylabel="value")
    legend(axes)
    return axes
