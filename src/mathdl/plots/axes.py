"""Scales, their ticks, and the frame of a plot."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mathdl.plots.svg import element, words


@dataclass(frozen=True)
class Scale:
    """A map from numbers to pixels: ``low`` lies at ``start`` and ``high`` at ``stop``.

    Parameters
    ----------
    low, high : float
        The numbers at the two ends, ``low < high``; both positive on a logarithmic scale.
    start, stop : float
        The pixels at the two ends.
    logarithmic : bool
        Whether equal distances are equal ratios.

    Examples
    --------
    >>> Scale(0.0, 10.0, 100.0, 200.0)(5.0)
    150.0
    """

    low: float
    high: float
    start: float
    stop: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of a number."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return self.start + (value - low) / (high - low) * (self.stop - self.start)

    def ticks(self, count: int = 5) -> list[float]:
        """Return about ``count`` round numbers within the scale."""
        if self.logarithmic:
            return _log_ticks(self.low, self.high, count)
        step = round_step(self.high - self.low, count)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def _log_ticks(low: float, high: float, count: int) -> list[float]:
    """Return powers of ten, with 2 and 5 between them while few fit."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = max(1, math.ceil(len(powers) / (count + 1)))
    multiples = (1, 2, 5) if math.log10(high / low) < 2.5 else (1,)
    ticks = [float(f"{m}e{power}") for power in powers[::every] for m in multiples]
    return [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]


def round_step(span: float, count: int) -> float:
    """Return the 1, 2 or 5 times a power of ten that divides a span into about ``count`` parts.

    Examples
    --------
    >>> round_step(0.93, 5)
    0.2
    """
    power = 10.0 ** math.floor(math.log10(span / count))
    part = span / count / power
    return float(f"{next(m for m in (1, 2, 5, 10) if part <= m * 1.0001) * power:.12g}")


def round_range(values: Iterable[float]) -> tuple[float, float]:
    """Return round numbers around some values, apart even when the values are all one.

    Examples
    --------
    >>> round_range([0.13, 0.98])
    (0.0, 1.0)
    """
    known = list(values)
    low, high = min(known), max(known)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        margin = abs(low) / 10 or 1.0
        low, high = low - margin, high + margin
    step = round_step(high - low, 5)
    return step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)


def drawable(value: float | None) -> bool:
    """Tell whether a number can be drawn: there, finite, and with room for the arithmetic of a scale."""
    return value is not None and abs(value) < 1e300


def frame(
    x: Scale,
    y: Scale,
    *,
    x_title: str,
    x_ticks: Iterable[float],
    y_format: Callable[[float], str] = "{:g}".format,
) -> str:
    """Return grid lines, ticks and the horizontal axis of a plot.

    Parameters
    ----------
    x, y : Scale
        The two scales, which also give the frame's place.
    x_title : str
        What the horizontal axis shows.
    x_ticks : iterable of float
        Where the horizontal axis carries numbers.
    y_format : callable
        Writes a number of the vertical axis.

    Returns
    -------
    str
        SVG elements.
    """
    parts = []
    for tick in y.ticks():
        parts.append(element("line", x1=x.start, x2=x.stop, y1=y(tick), y2=y(tick), css="grid"))
        parts.append(words(x.start - 8, y(tick) + 4, y_format(tick), size=11, css="soft", text_anchor="end"))
    parts.append(element("line", x1=x.start, x2=x.stop, y1=y.start, y2=y.start, css="axis"))
    for tick in x_ticks:
        parts.append(element("line", x1=x(tick), x2=x(tick), y1=y.start, y2=y.start + 4, css="axis"))
        parts.append(words(x(tick), y.start + 17, f"{tick:g}", size=11, css="soft", text_anchor="middle"))
    middle = (x.start + x.stop) / 2
    parts.append(words(middle, y.start + 35, x_title, size=11, css="soft", text_anchor="middle"))
    return "".join(parts)
