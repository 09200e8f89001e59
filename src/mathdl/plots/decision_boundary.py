"""Which class a model decides for, at every point of the plane of two features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.errors import InputError
from mathdl.plots.arguments import names, numbers, require_attributes, vector
from mathdl.plots.style import COLOURS, MAX_POINTS, MAX_VALUE, drawable, label, labels, legend, new_axes, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]

_GRID = 200  # points of each side at which the model is asked
MAX_NAMED = 20  # classes in the legend
_MARKERS = "os^D"


def plot_decision_boundary(
    model: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    features: Sequence[str] = ("x1", "x2"),
    ax: Axes | None = None,
) -> Axes:
    """Draw the regions in which a model decides for each class or cluster, and the data.

    The model is asked at the points of a grid. Where it has a ``margin_`` the lines on which its decision function is
    1 and -1 are dashed and its support vectors (``support_``) ringed, and crosses mark its ``cluster_centers_``.

    Parameters
    ----------
    model : estimator
        Fitted to two features, a classifier or clusters.
    X : array_like of shape (N, 2)
        The data, in the features that the model takes. Those that are not finite are left out; of more than 2,000
        objects, 2,000 evenly spaced ones and the support vectors are drawn.
    y : array_like of shape (N,), optional
        Their labels; by default what the model predicts.
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
        If the data have not two features and one label each, or no object is finite.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import HardMarginSVM
    >>> from mathdl.plots import plot_decision_boundary
    >>> X, y = [[0.0, 0.0], [1.0, 0.0], [0.0, 3.0], [1.0, 3.0]], ["low", "low", "high", "high"]
    >>> ax = plot_decision_boundary(HardMarginSVM().fit(X, y), X, y, features=("width", "height"))
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('width', ['high', 'low'])
    """
    require_attributes("model", model, ("predict",), "a fitted classifier or clusters")
    points, truth = numbers("X", X), None if y is None else vector("y", y)
    first, second = names("features", features, 2)
    if points.ndim != 2 or points.shape[1] != 2 or (truth is not None and truth.shape != points.shape[:1]):
        raise InputError(
            f"X has shape {points.shape}{'' if truth is None else f' and y {truth.shape}'}; give two features "
            "and one label for each object."
        )
    finite = np.flatnonzero(drawable(points[:, 0]) & drawable(points[:, 1]))
    if not len(finite):
        raise InputError("No object has two finite features; give at least one that has.")
    axes = new_axes(ax)
    _set_limits(axes, np.vstack([points[finite], _centres(model)]))
    classes = _classes(model)
    grid_x, grid_y = (np.linspace(*limits, _GRID) for limits in (axes.get_xlim(), axes.get_ylim()))
    grid = np.column_stack([side.reshape(-1) for side in np.meshgrid(grid_x, grid_y)])
    _draw_regions(axes, grid_x, grid_y, _leads(model, grid, classes))
    if hasattr(model, "margin_"):
        heights = np.asarray(model.decision_function(grid), np.float64).reshape(_GRID, _GRID)
        axes.contour(grid_x, grid_y, heights, levels=[-1.0, 1.0], colors=[_ink()], linestyles="--", linewidths=1)
    ringed = np.intersect1d(np.asarray(getattr(model, "support_", ()), np.intp)[:MAX_POINTS], finite)
    shown = np.union1d(finite[spread(len(finite))], ringed)
    groups = np.asarray(model.predict(points[shown])) if truth is None else truth[shown]
    _draw_points(axes, points[shown], groups, classes, hasattr(model, "cluster_centers_"))
    ring: dict[str, Any] = {"markersize": 9.0, "markerfacecolor": "none", "markeredgewidth": 0.8, "linestyle": "none"}
    axes.plot(points[ringed, 0], points[ringed, 1], "o", color=_ink(), **ring)
    _draw_centres(axes, _centres(model))
    axes.set_xlabel(label(first))
    axes.set_ylabel(label(second))
    legend(axes)
    return axes


def _centres(model: Any) -> Array:
    """Return the centres of clusters, if any."""
    return np.asarray(getattr(model, "cluster_centers_", np.zeros((0, 2))), np.float64)


def _classes(model: Any) -> Array:
    """Return the labels that the model predicts."""
    centres = _centres(model)
    return np.arange(len(centres)) if len(centres) else np.asarray(model.classes_)


def _set_limits(axes: Axes, points: Array) -> None:
    """Show all points with a margin."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, np.where(low == 0, 1.0, np.abs(low)))
    axes.set_xlim(float(low[0] - 0.06 * span[0]), float(high[0] + 0.06 * span[0]))
    axes.set_ylim(float(low[1] - 0.06 * span[1]), float(high[1] + 0.06 * span[1]))


def _scores(model: Any, grid: Array, classes: Array) -> Array:
    """Return a score for each point and class, of which the model decides for the largest."""
    if hasattr(model, "decision_function"):
        scores = np.asarray(model.decision_function(grid), np.float64)
    elif hasattr(model, "predict_proba"):  # logarithms change evenly where probabilities are nearly 0 or 1
        scores = np.log(np.maximum(np.asarray(model.predict_proba(grid), np.float64), 1e-300))
    elif hasattr(model, "cluster_centers_") and hasattr(model, "transform"):  # distances to the centres
        scores = -np.square(model.transform(grid))
    else:
        scores = (np.asarray(model.predict(grid))[:, None] == classes).astype(np.float64)
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def _leads(model: Any, grid: Array, classes: Array) -> Array:
    """Return for each class by how much it is ahead of the best of the others: positive where the model decides so."""
    with np.errstate(all="ignore"):
        scores = _scores(model, grid, classes)
    scores = np.where(np.abs(scores) < MAX_VALUE, scores, 0.0)
    if scores.shape[1] == 1:
        return np.ones_like(scores)
    ordered = np.sort(scores, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    leads: Array = np.where(scores == best, best - second, scores - best)
    return leads


def _draw_regions(axes: Axes, x: Array, y: Array, leads: Array) -> None:
    """Fill the region of each class and draw its border."""
    for k, lead in enumerate(leads.T):
        if lead.max() <= 0:
            continue
        heights = lead.reshape(len(y), len(x))
        axes.contourf(x, y, heights, levels=[0.0, 2 * lead.max()], colors=[COLOURS[k % len(COLOURS)]], alpha=0.15)
        if lead.min() < 0 and (k > 0 or leads.shape[1] > 2):
            axes.contour(x, y, heights, levels=[0.0], colors=[_ink()], linewidths=1.5 if leads.shape[1] == 2 else 0.7)


def _draw_points(axes: Axes, points: Array, groups: Array, classes: Array, clusters: bool) -> None:
    """Draw the objects: colour and shape say their class."""
    shown = [f"cluster {name}" for name in classes] if clusters else labels(classes.tolist(), 40)
    edge: dict[str, Any] = {"markeredgecolor": _page(), "markeredgewidth": 0.5, "markersize": 5.0, "linestyle": "none"}
    for k, (value, name) in enumerate(zip(classes, shown, strict=True)):
        here = points[groups == value]
        named = name if k < MAX_NAMED else f"and {len(classes) - MAX_NAMED} more" if k == MAX_NAMED else "_"
        shape = _MARKERS[(k % 4 + k // 12) % 4]
        axes.plot(here[:, 0], here[:, 1], shape, color=COLOURS[k % len(COLOURS)], label=named, **edge)


def _draw_centres(axes: Axes, centres: Array) -> None:
    """Mark the centres of clusters by crosses with a border, which are seen on any colour."""
    for colour, width, size in ((_page(), 4.5, 10.0), (_ink(), 2.2, 8.0)):
        axes.plot(centres[:, 0], centres[:, 1], "x", color=colour, markeredgewidth=width, markersize=size)


def _ink() -> Any:
    """Return the colour of text."""
    from matplotlib import rcParams

    return rcParams["text.color"]


def _page() -> Any:
    """Return the colour behind the picture."""
    from matplotlib import rcParams

    return rcParams["axes.facecolor"]
