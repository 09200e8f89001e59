"""The curve that a model fits to one feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from mathdl.errors import InputError
from mathdl.plots.arguments import numbers, require_attributes, vector
from mathdl.plots.style import COLOURS, drawable, label, labels, legend, new_axes, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID = 400  # points of the curve
MAX_CLASSES = 6  # whose probabilities are drawn: so many colours are told apart


def plot_curve(
    model: Any,
    X: ArrayLike,
    y: ArrayLike,
    *,
    feature: str = "x",
    target: str = "y",
    ax: Axes | None = None,
) -> Axes:
    """Draw what a model with one feature predicts, and the data.

    For a number to predict the curve is the prediction, and the points are the data. For classes the curves are their
    probabilities (of two classes, that of the second), or the decision function of a model that has no probabilities;
    the points stand at 1 for objects of the curve's class and at 0 for others, or at 1 and -1 for a decision function.

    Parameters
    ----------
    model : estimator
        Fitted, with ``predict`` for numbers, or ``classes_`` and ``predict_proba`` or ``decision_function``.
    X : array_like of shape (N, 1) or (N,)
        The data's feature. Of more than 2,000 objects, 2,000 evenly spaced ones are drawn.
    y : array_like of shape (N,)
        The numbers or labels to predict.
    feature, target : str
        What the axes are called.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If the data have not one feature and one target, hold no finite number, or the model has more than six classes
        (two, without probabilities).

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import LinearRegression
    >>> from mathdl.plots import plot_curve
    >>> X, y = [[0.0], [1.0], [2.0]], [0.0, 2.0, 4.0]
    >>> ax = plot_curve(LinearRegression().fit(X, y), X, y, feature="hours", target="points")
    >>> float(ax.lines[-1].get_ydata()[-1]), ax.get_xlabel()
    (4.0, 'hours')
    """
    require_attributes("model", model, ("predict",), "a fitted estimator")
    x, truth = numbers("X", X), vector("y", y)
    if x.size != len(truth) or not drawable(x.reshape(-1)).any():
        raise InputError(f"X has shape {x.shape} and y {truth.shape}; give one feature and one target for each object.")
    x = x.reshape(-1)
    grid = np.linspace(*_range(x), _GRID)
    places = np.flatnonzero(drawable(x))
    places = places[spread(len(places))]
    x, truth = x[places], truth[places]
    if getattr(model, "classes_", None) is None:
        points, curve = numbers("y", truth), _finite(model.predict(grid[:, None]))
        axes = new_axes(ax)
        _points(axes, x, points, COLOURS[1], "data")
        axes.plot(grid, curve, color=COLOURS[0], label="model", linewidth=2)
        axes.set_ylabel(label(target))
    else:
        if len(model.classes_) > max_classes(model):
            raise InputError(f"The model has {len(model.classes_)} classes; give one of {max_classes(model)} at most.")
        if not (hasattr(model, "predict_proba") or hasattr(model, "decision_function")):
            raise InputError(f"{type(model).__name__} has no probabilities and no decision function to be drawn.")
        axes = new_axes(ax)
        _draw_classes(axes, model, grid, x, truth, target)
    axes.set_xlabel(label(feature))
    legend(axes)
    return axes


def max_classes(model: Any) -> int:
    """Return how many classes a model may have for its curves to be drawn."""
    return MAX_CLASSES if hasattr(model, "predict_proba") else 2


def _range(x: Any) -> tuple[float, float]:
    """Return the ends of the curve: those of the data, apart where they are one."""
    known = x[drawable(x)]
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - (abs(low) / 10 or 1.0), high + (abs(high) / 10 or 1.0))


def _finite(values: Any) -> Any:
    """Return values in which those that cannot be drawn are gaps."""
    numbers = np.asarray(values, np.float64).reshape(-1)
    return np.where(drawable(numbers), numbers, np.nan)


def _points(axes: Axes, x: Any, y: Any, colour: str, name: str) -> None:
    """Draw points, many of them faintly."""
    good = drawable(y)
    faint = 0.8 if len(x) <= 200 else 0.5
    axes.plot(x[good], y[good], "o", color=colour, alpha=faint, markersize=3.5, markeredgewidth=0, label=name)


def _draw_classes(axes: Axes, model: Any, grid: Any, x: Any, truth: Any, target: str) -> None:
    """Draw the probabilities of classes, or the decision function between two of them."""
    classes = np.asarray(model.classes_)
    probabilities = hasattr(model, "predict_proba")
    names = labels(classes.tolist())
    values = model.predict_proba(grid[:, None]) if probabilities else model.decision_function(grid[:, None])
    curves = list(np.asarray(values).T) if probabilities else [np.asarray(values).reshape(-1)]
    drawn = range(1, 2) if len(classes) == 2 else range(len(classes))
    for k in drawn:
        points = np.where(truth == classes[k], 1.0, 0.0 if probabilities else -1.0)
        colour = COLOURS[k % len(COLOURS)] if len(drawn) > 1 else COLOURS[1]
        _points(axes, x, points, colour, "_" if len(drawn) > 1 else f"data ({names[k]} at 1)")
        curve = curves[k] if probabilities else curves[0]
        line = COLOURS[0] if len(drawn) == 1 else colour
        axes.plot(grid, _finite(curve), color=line, linewidth=2, label="model" if len(drawn) == 1 else names[k])
    if probabilities:
        axes.set_ylim(-0.05, 1.05)
        axes.set_ylabel(f"probability of {names[1]}" if len(classes) == 2 else f"probability of {label(target)}")
    else:
        axes.set_ylabel(f"decision function ({names[1]} above 0)")
