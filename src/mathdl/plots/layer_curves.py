"""How gradients, steps and dead rectifiers of every layer went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mathdl.plots.axes import Scale, drawable, frame
from mathdl.plots.svg import document, element, escape, through, words

_WIDTH, _PANEL, _ROW = 912.0, 212.0, 20.0
_LEFT_MARGIN, _RIGHT_MARGIN = 58.0, 30.0
_NAMED = 6  # so many layers have their numbers at the ends of their curves; of more, the first and the last
_APART = 12.0  # pixels between two such numbers
# From the first layer to the last; all of about one lightness, which stands out from white and from black alike.
_RAMP = ((0, 119, 187), (143, 92, 214), (204, 66, 130), (205, 90, 0))

Record = Mapping[str, Sequence[float | None]]
Points = list[tuple[int, float]]


def layer_curves(epochs: Sequence[int], gradient: Record, ratio: Record, dead: Record) -> str:
    """Draw the gradients, the steps and the share of dead ReLUs of every layer.

    Parameters
    ----------
    epochs : sequence of int
        After which epochs the layers were measured.
    gradient, ratio, dead : mapping of str to sequence of float
        By layer, from the first to the last, one number for each of ``epochs``: the size of the gradient, of a step in
        comparison with the parameters, and the share of dead ReLUs, which layers without ReLU do not have. The first
        two have logarithmic axes, on which there is no 0. Values that are None or not finite are left out.

    Returns
    -------
    str
        An SVG.

    Examples
    --------
    >>> layer_curves([0, 5], {"1 Dense": [0.1, 0.01]}, {"1 Dense": [1e-3, 1e-4]}, {}).startswith("<svg")
    True
    """
    colours = {name: _colour(k / max(1, len(gradient) - 1)) for k, name in enumerate(gradient)}
    legend, top = _legend(colours)
    panels = [("Gradient (root mean square)", gradient, True), ("Step, relative to parameters", ratio, True)]
    panels += [("Dead ReLUs", dead, False)] if dead else []
    width = _WIDTH / len(panels)
    drawn = [
        _panel(title, record, epochs, colours, k * width, (k + 1) * width, top, logarithmic)
        for k, (title, record, logarithmic) in enumerate(panels)
    ]
    description = "Gradients, steps and dead ReLUs of every layer by epoch"
    return document(_WIDTH, top + 36 + _PANEL + 44, description, legend, *drawn)


def _colour(place: float) -> str:
    """Return the colour of a layer that lies so far between the first (0) and the last (1)."""
    part = place * (len(_RAMP) - 1)
    k = min(int(part), len(_RAMP) - 2)
    mixed = (round(a + (part - k) * (b - a)) for a, b in zip(_RAMP[k], _RAMP[k + 1], strict=True))
    return "#" + "".join(f"{one:02x}" for one in mixed)


def _legend(colours: Mapping[str, str]) -> tuple[str, float]:
    """Name the layers in rows at the top; return where the rows end."""
    parts: list[str] = []
    x, y = _LEFT_MARGIN, _ROW
    for name, colour in colours.items():
        width = 24 + 6.6 * len(name) + 18
        if x + width > _WIDTH and x > _LEFT_MARGIN:
            x, y = _LEFT_MARGIN, y + _ROW
        parts.append(element("line", x1=x, x2=x + 18, y1=y - 4, y2=y - 4, stroke=colour, stroke_width=3))
        parts.append(words(x + 24, y, name, css="soft"))
        x += width
    return "".join(parts), y


def _panel(
    title: str,
    record: Record,
    epochs: Sequence[int],
    colours: Mapping[str, str],
    left: float,
    right: float,
    top: float,
    logarithmic: bool,
) -> str:
    """Draw one plot with its title and the curve of every layer."""
    start, stop, high, low = left + _LEFT_MARGIN, right - _RIGHT_MARGIN, top + 36, top + 36 + _PANEL
    parts = [words(start, top + 26, title, size=14, font_weight=600)]
    curves = {name: points for name, values in record.items() if (points := _points(epochs, values, logarithmic))}
    if not curves:
        return parts[0] + words(start, high + 20, "no positive value was recorded", css="soft")
    x = _horizontal(epochs, start, stop)
    y, write = _vertical(curves, low, high) if logarithmic else (Scale(0.0, 1.0, low, high), _percent)
    ticks = [tick for tick in x.ticks(4) if tick == int(tick) and tick >= 0]
    parts.append(frame(x, y, x_title="epoch", x_ticks=ticks, y_format=write))
    parts += [_curve(points, x, y, colours[name]) for name, points in curves.items()]
    parts += _numbers(curves, x, y, colours)
    missing = [name.split()[0] for name in record if name not in curves]
    if missing:
        parts.append(words(start + 4, low - 6, f"0 throughout: layer {', '.join(missing)}", size=11, css="soft"))
    return "".join(parts)


def _points(epochs: Sequence[int], values: Sequence[float | None], logarithmic: bool) -> Points:
    """Return what can be drawn of a curve."""
    pairs = zip(epochs, values, strict=True)
    return [(e, float(v)) for e, v in pairs if v is not None and drawable(v) and (v > 0 or not logarithmic)]


def _horizontal(epochs: Sequence[int], start: float, stop: float) -> Scale:
    """Choose the scale of the epochs."""
    first, last = min(epochs), max(epochs)
    return Scale(float(first), float(last), start, stop) if last > first else Scale(last - 0.5, last + 0.5, start, stop)


def _vertical(curves: Mapping[str, Points], start: float, stop: float) -> tuple[Scale, Callable[[float], str]]:
    """Choose a logarithmic scale around all curves, of a power of ten at least."""
    values = [value for points in curves.values() for _, value in points]
    low, high = min(values) / 1.3, max(values) * 1.3
    widen = max(1.0, (10 * low / high) ** 0.5)
    return Scale(low / widen, high * widen, start, stop, logarithmic=True), "{:g}".format


def _percent(share: float) -> str:
    """Write a share."""
    return f"{100 * share:.4g} %"


def _curve(points: Points, x: Scale, y: Scale, colour: str) -> str:
    """Draw one curve, with a mark at every measurement while these are few."""
    where = [(x(epoch), y(value)) for epoch, value in points]
    path = through(where)
    line = element("path", d=path, fill="none", stroke=colour, stroke_width=1.8, stroke_linejoin="round")
    marked = where if len(where) <= 15 else where[-1:]
    return line + "".join(element("circle", cx=a, cy=b, r=2.4, fill=colour) for a, b in marked)


def _numbers(curves: Mapping[str, Points], x: Scale, y: Scale, colours: Mapping[str, str]) -> list[str]:
    """Write the layers' numbers at the ends of the curves, one above the other where they would overlap."""
    names = list(curves)
    names = names if len(names) <= _NAMED else [names[0], names[-1]]
    ends = sorted((y(curves[name][-1][1]), k, name) for k, name in enumerate(names))
    parts, free = [], y.stop + 4
    for k, (place, _, name) in enumerate(ends):
        below = len(ends) - 1 - k  # there must be room for those, too
        free = min(max(place + 4, free), y.start + 4 - _APART * below)
        end = x(curves[name][-1][0]) + 6
        parts.append(element("text", escape(name.split()[0]), x=end, y=free, font_size=11, fill=colours[name]))
        free += _APART
    return parts
