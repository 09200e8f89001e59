"""How gradient descent lowered a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.plots.arguments import require_attributes
from mathdl.plots.history import MIN_LOGARITHMIC_RATIO
from mathdl.plots.style import COLOURS, drawable, log_axes, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_descent(descent: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the value of the loss at the recorded points of a gradient descent, by step.

    Parameters
    ----------
    descent : Descent
        What :func:`mathdl.gradient_descent` returned. Values that are not finite are left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Its vertical axis is logarithmic where the loss falls far.

    Raises
    ------
    InputError
        If it is no descent.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import SGD, Quadratic, gradient_descent
    >>> from mathdl.plots import plot_descent
    >>> ax = plot_descent(gradient_descent(Quadratic([[2.0]]), [1.0], SGD(0.1), steps=50))
    >>> ax.get_ylabel(), ax.get_yscale()
    ('L', 'log')
    """
    require_attributes("descent", descent, ("steps", "values"), "what gradient_descent returned")
    axes = new_axes(ax)
    good = drawable(descent.values)
    steps, values = descent.steps[good], descent.values[good]
    axes.plot(steps, values, color=COLOURS[0])
    if len(values) and np.min(values) > 0 and np.max(values) > MIN_LOGARITHMIC_RATIO * np.min(values):
        log_axes(axes, y=True)
    axes.set_xlabel("step")
    axes.set_ylabel("L")
    return axes
