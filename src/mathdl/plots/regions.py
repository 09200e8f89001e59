"""The affine pieces of a network, as they lie in the plane or on a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.errors import InputError
from mathdl.plots.arguments import names, numbers, require_attributes, vector
from mathdl.plots.style import COLOURS, INK, MAX_VALUE, PAGE, SOFT, drawable, label, legend, new_axes, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]

FEW_PIECES = 400  # more have thinner edges
SHADES = (0.10, 0.16, 0.22, 0.28)  # of neighbours, so that pieces can be told apart
GOLDEN = 0.6180339887498949
MAX_DRAWN = 10  # outputs, or classes in the legend


def plot_regions(
    regions: Any,
    *,
    points: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    features: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the pieces of a network, and its decision boundary as a thick line.

    In the plane a piece has the colour of its class: the largest output in its middle, or the sign of a single one. Of
    a network of one variable the outputs are drawn, with a dot at every end of a piece.

    Parameters
    ----------
    regions : Regions
        What :func:`mathdl.regions` found.
    points : array_like of shape (N, dimension), optional
        Points to draw, in the coordinates of the regions; of many, 2,000. On a line, of shape (N, 2), with their
        heights.
    labels : array_like of shape (N,), optional
        Their classes, 0, 1, 2, ..., which give their colours.
    features : sequence of str, optional
        What the axes are called; by default x1 and x2, or x and f(x).
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the points do not fit, or the pieces cannot be drawn because their numbers are too large.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import Dense, Network, regions
    >>> from mathdl.plots import plot_regions
    >>> net = Network([Dense(4, activation="relu"), Dense(2)], input_shape=(2,))
    >>> ax = plot_regions(regions(net, ((-1, 1), (-1, 1))), features=("width", "height"))
    >>> ax.get_xlabel(), ax.get_title(loc="right")
    ('width', '8 pieces')
    """
    wanted = ("polygons", "gradients", "offsets", "boundary", "dimension")
    require_attributes("regions", regions, wanted, "what mathdl.regions returned")
    plane = regions.dimension == 2
    called = names("features", ("x1", "x2") if plane else ("x", "f(x)"), 2) if features is None else None
    first, second = called or names("features", features, 2)
    shown, groups = _points(points, labels)
    corners = np.concatenate(regions.polygons).reshape(-1)
    if not drawable(corners).all() or not drawable(regions.offsets.ravel()).all():
        raise InputError(f"The pieces have numbers beyond {MAX_VALUE:.0e}, which cannot be drawn; choose other units.")
    axes = new_axes(ax)
    if plane:
        _draw_plane(axes, regions)
    else:
        _draw_line(axes, regions)
    for k in np.unique(groups):
        here = shown[groups == k]
        edge: dict[str, Any] = {"markeredgecolor": PAGE, "markeredgewidth": 0.5, "markersize": 4.5}
        axes.plot(here[:, 0], here[:, 1], "o", color=COLOURS[int(k) % len(COLOURS)], linestyle="none", **edge)
    axes.set_xlabel(label(first))
    axes.set_ylabel(label(second))
    count = len(regions.polygons)
    axes.set_title(f"{count:,} piece{'' if count == 1 else 's'}", loc="right", color=SOFT)
    return axes


def _points(points: Any, labels: Any) -> tuple[Array, Array]:
    """Return the points that are drawn, and their colours."""
    if points is None:
        return np.zeros((0, 2)), np.zeros(0, int)
    found = numbers("points", points)
    groups = np.zeros(len(found)) if labels is None else numbers("labels", vector("labels", labels))
    if found.ndim != 2 or found.shape[1] != 2 or groups.shape != found.shape[:1]:
        raise InputError(
            f"points has shape {found.shape}{'' if labels is None else f' and labels {groups.shape}'}; give two "
            "coordinates, and a label where there are labels, for each point."
        )
    if not np.isin(groups, np.arange(1000)).all():
        raise InputError("labels holds something that is no whole number from 0 to 999; number the classes.")
    finite = np.flatnonzero(drawable(found[:, 0]) & drawable(found[:, 1]))
    kept = finite[spread(len(finite))] if len(finite) else finite
    return found[kept], groups[kept].astype(int)


def _draw_plane(axes: Axes, regions: Any) -> None:
    """Draw polygons in the colours of their classes, and the boundary between these."""
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.colors import to_rgb

    middles = np.array([polygon.mean(axis=0) for polygon in regions.polygons])
    values = np.einsum("pod,pd->po", regions.gradients, middles) + regions.offsets
    classes = values.argmax(axis=1) if values.shape[1] > 1 else (values[:, 0] > 0).astype(int)
    shades = np.array(SHADES)[(np.arange(len(classes)) * GOLDEN % 1 * len(SHADES)).astype(int)]
    fills = [(*to_rgb(COLOURS[k % len(COLOURS)]), shade) for k, shade in zip(classes, shades, strict=True)]
    width = 0.5 if len(classes) <= FEW_PIECES else 0.2
    axes.add_collection(PolyCollection(regions.polygons, facecolors=fills, edgecolors=SOFT, linewidths=width))
    lines = [[[float(c) for c in part.start], [float(c) for c in part.end]] for part in regions.boundary]
    axes.add_collection(LineCollection(lines, colors=INK, linewidths=1.5, capstyle="round"))
    axes.grid(visible=False)
    axes.autoscale_view()
    axes.margins(0)


def _draw_line(axes: Axes, regions: Any) -> None:
    """Draw the outputs over an interval, with dots where pieces meet."""
    ends = np.array(regions.polygons)
    for k in range(min(regions.offsets.shape[1], MAX_DRAWN)):
        heights = regions.gradients[:, k] * ends + regions.offsets[:, k, None]
        style: dict[str, Any] = {"color": COLOURS[k % len(COLOURS)], "linewidth": 1.5}
        name = f"output {k + 1}" if regions.offsets.shape[1] > 1 else "_"
        axes.plot(ends.ravel(), heights.ravel(), "-", label=name, **style)
        axes.plot(ends[1:, 0], heights[1:, 0], "o", markersize=3.5, color=style["color"])
    legend(axes)
