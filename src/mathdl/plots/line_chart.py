"""Curves and points over an axis, in one panel or in several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from mathdl.plots.axes import Scale, drawable, frame, round_range
from mathdl.plots.svg import COLOURS, document, element, through, words

WIDTH, HEIGHT = 912.0, 300.0  # of a row of panels
_TOP, _BOTTOM = 70.0, 258.0
_LEFT_MARGIN, _RIGHT_MARGIN = 58.0, 18.0
MARKED = 30  # a line of at most so many points shows them

Points = list[tuple[float, float]]
Numbers = Sequence[float] | NDArray[Any]


@dataclass(frozen=True)
class Series:
    """Numbers to draw.

    Parameters
    ----------
    name : str
        What the legend calls them; empty for what needs no name.
    x, y : sequence of float
        Points. Those that are not finite, or not positive on a logarithmic axis, are left out.
    colour : int, default 0
        Which of the six colours.
    kind : {"line", "dashed", "dots", "marks"}, default "line"
        Joined by a line, whole or dashed, or small or large points.
    """

    name: str
    x: Numbers
    y: Numbers
    colour: int = 0
    kind: str = "line"


@dataclass(frozen=True)
class Chart:
    """One panel.

    Parameters
    ----------
    title : str
        What the vertical axis shows.
    x_title : str
        What the horizontal axis shows.
    series : sequence of Series
        Later ones are drawn over earlier ones.
    log_x, log_y : bool, default False
        Whether an axis is logarithmic.
    x_ticks : sequence of float, optional
        Where the horizontal axis carries numbers.
    y_shown : sequence of float, optional
        Numbers that the vertical axis has to reach, unless it is logarithmic.
    """

    title: str
    x_title: str
    series: Sequence[Series]
    log_x: bool = False
    log_y: bool = False
    x_ticks: Sequence[float] | None = None
    y_shown: Sequence[float] = ()


def line_charts(description: str, *rows: Sequence[Chart]) -> str:
    """Draw rows of panels.

    Parameters
    ----------
    description : str
        What the picture shows, for readers who cannot see it.
    *rows : sequence of Chart
        Panels from left to right, of one width.

    Returns
    -------
    str
        An SVG.

    Examples
    --------
    >>> chart = Chart("Loss", "epoch", [Series("b = 1", [1, 2], [0.5, 0.1])], log_y=True)
    >>> line_charts("A loss that falls", [chart]).count("b = 1")
    1
    """
    parts = []
    for row, charts in enumerate(rows):
        width = WIDTH / len(charts)
        panels = (_panel(chart, k * width, (k + 1) * width) for k, chart in enumerate(charts))
        parts.append(element("g", *panels, transform=f"translate(0 {row * HEIGHT:g})"))
    return document(WIDTH, HEIGHT * len(rows), description, *parts)


def _panel(chart: Chart, left: float, right: float) -> str:
    """Draw one panel with its title, legend and series."""
    start, stop = left + _LEFT_MARGIN, right - _RIGHT_MARGIN
    title = words(start, 24, chart.title, size=14, font_weight=600)
    seen = [(series, _points(series, chart)) for series in chart.series]
    everything = [point for _, points in seen for point in points]
    if not everything:
        return title + words(start, _TOP + 20, "no finite value was recorded", css="soft")
    x = _scale([a for a, _ in everything], start, stop, chart.log_x, whole=False)
    shown = () if chart.log_y else chart.y_shown
    y = _scale([*(b for _, b in everything), *shown], _BOTTOM, _TOP, chart.log_y, whole=True)
    ticks = x.ticks() if chart.x_ticks is None else [t for t in chart.x_ticks if x.low <= t <= x.high]
    drawn = [_drawn(series, [(x(a), y(b)) for a, b in points]) for series, points in seen if points]
    return "".join(
        [title, *_legend(chart.series, start, stop), frame(x, y, x_title=chart.x_title, x_ticks=ticks), *drawn]
    )


def _points(series: Series, chart: Chart) -> Points:
    """Return the points that can be drawn."""
    found = [(float(a), float(b)) for a, b in zip(series.x, series.y, strict=True) if drawable(a) and drawable(b)]
    return [(a, b) for a, b in found if (a > 0 or not chart.log_x) and (b > 0 or not chart.log_y)]


def _scale(values: list[float], start: float, stop: float, logarithmic: bool, whole: bool) -> Scale:
    """Choose an axis: from the least to the largest value, or round numbers around them."""
    low, high = min(values), max(values)
    if logarithmic:
        margin = 1.15 if whole or low == high else 1.0
        return Scale(low / margin, high * margin, start, stop, logarithmic=True)
    if whole or low == high:
        low, high = round_range(values)
    return Scale(low, high, start, stop)


def _drawn(series: Series, where: Points) -> str:
    """Draw one series whose points are pixels."""
    css = COLOURS[series.colour % len(COLOURS)]
    if series.kind == "dots":
        path = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in where)
        return element("path", d=path, css=f"{css}-line", stroke_width=1.6, stroke_linecap="round")
    large = "".join(element("circle", cx=a, cy=b, r=3.5, css=css) for a, b in where)
    if series.kind == "marks":
        return large
    path = through(where)
    line = element("path", d=path, css=f"{css}-line", stroke_linejoin="round", **_stroke(series, len(where)))
    return line if len(where) > MARKED or series.kind == "dashed" else line + large


def _stroke(series: Series, points: int = 0) -> dict[str, object]:
    """Return how a line is drawn: one of many points finely."""
    dashes = {"stroke_dasharray": "6 3"} if series.kind == "dashed" else {}
    return {"stroke_width": 1.3 if points > 100 else 2, **dashes}


def _legend(series: Sequence[Series], start: float, stop: float) -> list[str]:
    """Name the series under the title, in as many rows as they need."""
    parts, place, middle = [], start, 40.0
    for each in series:
        width = 26 + 6.4 * len(each.name)
        if not each.name:
            continue
        if place + width > stop and place > start:
            place, middle = start, middle + 16
        css = COLOURS[each.colour % len(COLOURS)]
        if each.kind in ("dots", "marks"):
            parts.append(element("circle", cx=place + 9, cy=middle, r=3.5 if each.kind == "marks" else 2, css=css))
        else:
            line = {"x1": place, "x2": place + 18, "y1": middle, "y2": middle}
            parts.append(element("line", css=f"{css}-line", **line, **_stroke(each)))
        parts.append(words(place + 23, middle + 4, each.name, size=12, css="soft"))
        place += width + 14
    return parts
