"""How loss and accuracy went, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mathdl.plots.axes import Scale, drawable, frame, round_range
from mathdl.plots.svg import document, element, through, words

_WIDTH, _HEIGHT = 912.0, 300.0
_TOP, _BOTTOM = 52.0, 260.0
_LEFT_MARGIN, _RIGHT_MARGIN = 58.0, 14.0

Points = list[tuple[int, float]]


def learning_curves(history: Mapping[str, Sequence[float | None]]) -> str:
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
    loss = _series(history, "loss")
    score_name = "accuracy" if _series(history, "accuracy") else "r2"
    score = _series(history, score_name)
    body = [_panel(loss, 0.0, _WIDTH / 2 if score else _WIDTH, "loss")]
    if score:
        body.append(_panel(score, _WIDTH / 2, _WIDTH, score_name))
    return document(_WIDTH, _HEIGHT, "Learning curves: loss and score of every epoch", *body)


def _series(history: Mapping[str, Sequence[float | None]], name: str) -> dict[str, Points]:
    """Return the drawable points of the training and the validation curve that are there."""
    found = {}
    for label, key in (("training", name), ("validation", f"validation_{name}")):
        points = [
            (epoch, float(value))
            for epoch, value in enumerate(history.get(key, ()), start=1)
            if value is not None and drawable(value)
        ]
        if points:
            found[label] = points
    return found


def _panel(series: dict[str, Points], left: float, right: float, name: str) -> str:
    """Draw one plot with its title, legend and curves."""
    title = {"loss": "Loss", "accuracy": "Accuracy", "r2": "R²"}[name]
    start, stop = left + _LEFT_MARGIN, right - _RIGHT_MARGIN
    parts = [words(start, 24, title, size=14, font_weight=600)]
    if not series:
        return parts[0] + words(start, _TOP + 20, "no finite value was recorded", css="soft")
    last = max(points[-1][0] for points in series.values())
    x = Scale(1.0, float(last), start, stop) if last > 1 else Scale(0.5, 1.5, start, stop)
    y = _vertical([value for points in series.values() for _, value in points], name)
    ticks = [tick for tick in x.ticks(6) if tick == int(tick) and 1 <= tick <= last]
    if last > 1 and 1.0 not in ticks and x(ticks[0]) - x(1.0) > 24:
        ticks.insert(0, 1.0)
    percent = "{:.4g} %".format
    y_format = (lambda value: percent(100 * value)) if name == "accuracy" else "{:g}".format
    parts.append(frame(x, y, x_title="epoch", x_ticks=ticks, y_format=y_format))
    parts.extend(_curve(points, x, y, label) for label, points in series.items())
    parts.append(_legend(list(series), stop))
    return "".join(parts)


def _vertical(values: list[float], name: str) -> Scale:
    """Choose the scale: a loss starts at 0, or is logarithmic when it falls far; a score ends at 1."""
    low, high = min(values), max(values)
    if name == "loss" and low > 0 and high > 20 * low:
        return Scale(low / 1.15, high * 1.15, _BOTTOM, _TOP, logarithmic=True)
    bounds = [*values, 0.0] if name == "loss" else values
    low, high = round_range(bounds)
    return Scale(low, high if name == "loss" else min(high, max(1.0, max(values))), _BOTTOM, _TOP)


def _curve(points: Points, x: Scale, y: Scale, label: str) -> str:
    """Draw one curve, with a mark at every epoch while these are few."""
    css = "first" if label == "training" else "second"
    where = [(x(epoch), y(value)) for epoch, value in points]
    path = through(where)
    line = element("path", d=path, css=f"{css}-line", stroke_width=2, stroke_linejoin="round", **_dashes(label))
    marked = where if len(where) <= 30 else where[-1:]
    return line + "".join(element("circle", cx=a, cy=b, r=3, css=css) for a, b in marked)


def _dashes(label: str) -> dict[str, object]:
    """Return the dashes that tell validation from training where there is no colour."""
    return {"stroke_dasharray": "6 3"} if label == "validation" else {}


def _legend(labels: list[str], stop: float) -> str:
    """Name the curves at the upper right corner."""
    parts = []
    for label in reversed(labels):
        css = "first" if label == "training" else "second"
        start = stop - 6.2 * len(label)
        parts.append(words(start, 24, label, size=12, css="soft"))
        stroke = {"stroke_width": 2, **_dashes(label)}
        parts.append(element("line", x1=start - 27, x2=start - 6, y1=20, y2=20, css=f"{css}-line", **stroke))
        stop = start - 42
    return "".join(parts)
