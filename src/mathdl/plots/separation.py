"""Two sets of points in the plane and lines between them, such as one's own beside the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.checks import shortened
from mathdl.errors import InputError
from mathdl.plots.arguments import names, numbers, require_attributes
from mathdl.plots.style import COLOURS, MAX_VALUE, SOFT, drawable, label, legend, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]

_SHAPES = ("-", "--", "-.", ":")


def plot_separation(
    A: ArrayLike,
    B: ArrayLike,
    lines: Mapping[str, Any] | None = None,
    *,
    features: Sequence[str] = ("x1", "x2"),
    ax: Axes | None = None,
) -> Axes:
    """Draw two sets of points, and lines with the width of the strip between the sets that each is the middle of.

    The strip that is widest of all is shaded. So one's own line can be seen beside the best, that of ``HardMarginSVM``.
    Where a line does not separate the sets the legend says so.

    Parameters
    ----------
    A, B : array_like of shape (n, 2) and (m, 2)
        Finite points.
    lines : mapping of str to Hyperplane, optional
        By name; with two coordinates each.
    features : sequence of two str
        What the axes are called.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the points are not finite pairs of numbers, or a line is no hyperplane of two coordinates.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import HardMarginSVM, Hyperplane
    >>> from mathdl.plots import plot_separation
    >>> A, B = [[0.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [2.0, 1.0]]
    >>> best = HardMarginSVM().fit(A + B, [-1, -1, 1, 1]).decision_boundary_
    >>> ax = plot_separation(A, B, {"mine": Hyperplane([1.0, 0.0], 1.9), "best": best})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['A', 'B', 'mine: width 0.2', 'best: width 2']
    """
    sets = [_points(name, points) for name, points in (("A", A), ("B", B))]
    given = _lines({} if lines is None else lines)
    first, second = names("features", features, 2)
    axes = new_axes(ax)
    shown = np.vstack(sets)
    low, high = shown.min(axis=0), shown.max(axis=0)
    room = 0.15 * max(*(high - low), 1e-300)
    axes.set_xlim(low[0] - room, high[0] + room)
    axes.set_ylim(low[1] - room, high[1] + room)
    axes.set_aspect("equal", adjustable="datalim")
    for points, shape, colour, name in zip(sets, "os", COLOURS, "AB", strict=False):
        axes.plot(points[:, 0], points[:, 1], shape, color=colour, label=name, markersize=5, zorder=3)
    widths = {name: float(line.width(*sets)) for name, line in given.items()}
    widest = max(widths, key=lambda name: widths[name], default=None)
    for k, (name, line) in enumerate(given.items()):
        normal, offset = np.asarray(line.normal, np.float64), float(line.offset)
        says = f"width {widths[name]:.3g}" if widths[name] >= 0 else "does not separate"
        look: dict[str, Any] = {"color": COLOURS[(k + 2) % len(COLOURS)], "linestyle": _SHAPES[k % len(_SHAPES)]}
        foot = normal * (offset / (normal @ normal))
        along = np.array([-normal[1], normal[0]])
        axes.axline(tuple(foot), tuple(foot + along), label=f"{label(name)}: {says}", **look)
        if name == widest and widths[name] > 0:
            _shade(axes, foot, normal / np.linalg.norm(normal), widths[name] / 2)
    axes.set_xlabel(label(first))
    axes.set_ylabel(label(second))
    legend(axes)
    return axes


def _points(name: str, points: ArrayLike) -> Array:
    """Return points of the plane."""
    found = numbers(name, points)
    if found.ndim != 2 or found.shape[1] != 2 or not len(found) or not drawable(found.ravel()).all():
        raise InputError(f"{name} has shape {found.shape}; give at least one point of two finite numbers, one a row.")
    return found


def _lines(lines: Any) -> dict[str, Any]:
    """Return lines by name."""
    if not isinstance(lines, Mapping):
        raise InputError(f"lines is {shortened(lines)}; give a dictionary of hyperplanes by name.")
    for name, line in lines.items():
        require_attributes(f"lines: {name}", line, ("normal", "offset", "width"), "a Hyperplane")
        if len(line.normal) != 2 or not (np.abs(np.asarray(line.normal, np.float64)) < MAX_VALUE).all():
            raise InputError(f"lines: {name} has the normal {line.normal}; give a line in the plane.")
    return dict(lines)


def _shade(axes: Axes, foot: Array, across: Array, half: float) -> None:
    """Shade a strip around a line, and draw its edges."""
    along = np.array([-across[1], across[0]])
    for sign in (1, -1):
        edge = foot + sign * half * across
        axes.axline(tuple(edge), tuple(edge + along), color=SOFT, linewidth=0.8, linestyle="--")
    reach = 10 * (np.ptp(axes.get_xlim()) + np.ptp(axes.get_ylim()) + half)
    centre = np.array([np.mean(axes.get_xlim()), np.mean(axes.get_ylim())])
    middle = foot + ((centre - foot) @ along) * along
    corners = [middle + s * half * across + t * reach * along for s, t in ((1, 1), (1, -1), (-1, -1), (-1, 1))]
    limits = axes.get_xlim(), axes.get_ylim()
    axes.fill(*np.array(corners).T, color=SOFT, alpha=0.12, linewidth=0)
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])
