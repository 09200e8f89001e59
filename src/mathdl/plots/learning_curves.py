"""How loss and accuracy went, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mathdl.plots.axes import Scale, drawable
from mathdl.plots.line_chart import MARKED, Chart, Numbers, Series, line_charts

_FAR = 20.0  # a loss that falls by more than this factor is drawn by its logarithm
_TITLES = {"loss": "Loss", "accuracy": "Accuracy (%)", "r2": "R²"}

History = Mapping[str, Sequence[float | None]]


def learning_curves(history: History) -> str:
    """Draw the loss on the left and the accuracy (or R²) on the right.

    Parameters
    ----------
    history : mapping of str to sequence of float
        One number an epoch under ``loss``, ``validation_loss``, ``accuracy``, ``validation_accuracy``,
        ``r2`` and ``validation_r2``, each of which may be missing. Values that are None or not finite are
        left out. Without accuracy and R² the loss takes the whole width.

    Returns
    -------
    str
        An SVG.

    Examples
    --------
    >>> learning_curves({"loss": [2.3, 0.4], "validation_accuracy": [0.8, 0.97]}).startswith("<svg")
    True
    """
    charts = [_chart("loss", _curves(history, "loss"))]
    score = "accuracy" if _curves(history, "accuracy") else "r2"
    if curves := _curves(history, score):
        charts.append(_chart(score, curves))
    return line_charts("Learning curves: loss and score of every epoch", charts)


def _chart(name: str, curves: Sequence[Series]) -> Chart:
    """Make a panel. The axis of a loss starts at 0, or is logarithmic where it falls far; that of a score ends at 1."""
    values = [value for curve in curves for value in curve.y]
    last = int(max((epoch for curve in curves for epoch in curve.x), default=1))
    far = name == "loss" and bool(values) and 0 < _FAR * min(values) < max(values)
    top = 100.0 if name == "accuracy" else 1.0
    shown = [0.0] if name == "loss" else [top] if min(values) < top else [0.0, top]
    return Chart(_TITLES[name], "epoch", curves, log_y=far, x_ticks=_epochs(last), y_shown=shown)


def _curves(history: History, name: str) -> list[Series]:
    """Return the training and the validation curve that are there, with marks where a line alone may not be seen."""
    curves = []
    for colour, (label, key, kind) in enumerate(
        (("training", name, "line"), ("validation", f"validation_{name}", "dashed"))
    ):
        values = {k: v for k, v in enumerate(history.get(key, ()), start=1) if v is not None and drawable(v)}
        x: Numbers = list(values)
        y: Numbers = [100 * value if name == "accuracy" else value for value in values.values()]
        if not values:
            continue
        curves.append(Series(label, x, y, colour, kind))
        if len(x) > MARKED:
            curves.append(Series("", x[-1:], y[-1:], colour, "marks"))
        elif kind == "dashed":
            curves.append(Series("", x, y, colour, "marks"))
    return curves


def _epochs(last: int) -> list[float]:
    """Return the epochs that the axis names: whole round numbers, and the first one where there is room for it."""
    if last == 1:
        return [1.0]
    ticks = [tick for tick in Scale(1.0, last, 0.0, 1.0).ticks(6) if tick == int(tick)]
    return ticks if ticks[0] - 1 < (last - 1) / 16 else [1.0, *ticks]
