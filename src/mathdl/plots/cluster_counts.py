"""How many clusters there are: the cost's elbow and the silhouette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mathdl.errors import InputError
from mathdl.plots.arguments import increasing, numbers, require_attributes
from mathdl.plots.style import COLOURS, SOFT, drawable, legend, new_axes, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_cluster_counts(counts: Any, *, ax: Axes | None = None) -> Axes:
    """Draw what clusters cost, as a share of the cost of one, and their silhouette, against how many there are.

    The cost has an elbow at the right number: more clusters gain little. The silhouette is largest there, and a dotted
    line marks where it is.

    Parameters
    ----------
    counts : ClusterCounts
        What :func:`mathdl.cluster_counts` returned.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If it is no such record.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import mathdl
    >>> found = mathdl.cluster_counts([[1.0], [2.0], [10.0], [11.0], [20.0], [21.0]], most=4)
    >>> ax = mathdl.plots.plot_cluster_counts(found)
    >>> ax.get_xlabel()
    'number of clusters'
    """
    require_attributes("counts", counts, ("counts", "costs", "silhouettes", "best"), "what cluster_counts returned")
    x, costs = increasing("counts.counts", counts.counts), numbers("counts.costs", counts.costs)
    silhouettes = numbers("counts.silhouettes", counts.silhouettes)
    if not costs.shape == silhouettes.shape == x.shape:
        raise InputError("counts has columns of different lengths; give what cluster_counts returned.")
    axes, known = new_axes(ax), drawable(silhouettes)
    share = costs / costs[0] if costs[0] > 0 else costs
    axes.plot(x, share, "-o", color=COLOURS[0], markersize=4, label="cost (share of one cluster's)")
    if known.any():
        axes.plot(x[known], silhouettes[known], "--s", color=COLOURS[1], markersize=4, label="silhouette")
        axes.axvline(counts.best, linestyle=":", color=SOFT, linewidth=1, label=f"largest at {counts.best}")
    axes.set_xlabel("number of clusters")
    axes.set_ylabel("cost, silhouette")
    whole_ticks(axes)
    legend(axes)
    return axes
