"""How large networks are that are near to a function, against how near they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mathdl.errors import InputError
from mathdl.plots.arguments import numbers, require_attributes
from mathdl.plots.style import COLOURS, legend, log_axes, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_approximations(approximations: Sequence[Any], *, ax: Axes | None = None) -> Axes:
    """Draw the hidden neurons of networks near to one function, and how many one hidden layer needs, against 1 / error.

    Parameters
    ----------
    approximations : sequence of Approximation
        What :func:`mathdl.approximate` returned for one function and several errors.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If it is no list of such records.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import mathdl
    >>> x = mathdl.variables("x")
    >>> found = [mathdl.approximate(x**2, (0, 1), error) for error in (0.1, 0.01)]
    >>> mathdl.plots.plot_approximations(found).get_xlabel()
    '1 / error'
    """
    if not isinstance(approximations, list | tuple) or not approximations:
        raise InputError("approximations is no list; give several of what approximate returned.")
    for one in approximations:
        require_attributes("approximations", one, ("error", "neurons", "least_neurons"), "what approximate returned")
    found = sorted(approximations, key=lambda one: -one.error)
    inverse = 1 / numbers("approximations' errors", [one.error for one in found])
    axes = new_axes(ax)
    sizes = [(one.neurons, max(one.least_neurons, 1)) for one in found]
    axes.plot(inverse, [size for size, _ in sizes], "-o", color=COLOURS[0], markersize=4, label="network")
    axes.plot(inverse, [least for _, least in sizes], "--", color=COLOURS[1], label="least in one hidden layer")
    log_axes(axes, x=True, y=True)
    axes.set_xlabel("1 / error")
    axes.set_ylabel("hidden neurons")
    legend(axes)
    return axes
