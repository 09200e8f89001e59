"""Level sets of a function of two variables, with arrows and paths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.plots.axes import Scale, frame
from mathdl.plots.svg import COLOURS, document, element, through, words

Array = NDArray[Any]
Points = list[tuple[float, float]]
Edge = tuple[int, int, bool]  # row and column of the grid point where it begins, and whether it goes up
_LEFT, _TOP, _SIDE, _LEGEND = 58.0, 20.0, 560.0, 170.0
_HEAD = 8.0


def level_lines(values: Array, x: Array, y: Array, level: float) -> list[Points]:
    """Trace where a function takes a value, by marching squares.

    Parameters
    ----------
    values : ndarray of shape (len(y), len(x))
        The function on a grid.
    x, y : ndarray
        The grid's coordinates, increasing.
    level : float

    Returns
    -------
    list of lists of points
        Lines; the last point of a closed one is its first. Along an edge of the grid the function is taken to be
        linear.

    Examples
    --------
    >>> grid = np.linspace(-2, 2, 5)
    >>> level_lines(grid[:, None] + 0 * grid, grid, grid, 0.5)[0][0]
    (-2.0, 0.5)
    """
    next_to = _joined(values, level)
    lines = []
    ends = [edge for edge, others in next_to.items() if len(others) == 1]
    for first in [*ends, *next_to]:  # the lines with ends come first, then only closed ones are left
        if first in next_to:
            lines.append([_crossing(edge, values, x, y, level) for edge in _walk(first, next_to)])
    return lines


def _joined(values: Array, level: float) -> dict[Edge, list[Edge]]:
    """Return the edges of the grid on which the level lies, with the one or two that each is joined to."""
    above = values > level
    corners = above[:-1, :-1].astype(int) + above[:-1, 1:] + above[1:, :-1] + above[1:, 1:]
    next_to: dict[Edge, list[Edge]] = {}
    for i, j in np.argwhere((corners > 0) & (corners < 4)).tolist():
        around: list[tuple[Edge, tuple[int, int], tuple[int, int]]] = [
            ((i, j, False), (i, j), (i, j + 1)),
            ((i, j + 1, True), (i, j + 1), (i + 1, j + 1)),
            ((i + 1, j, False), (i + 1, j + 1), (i + 1, j)),
            ((i, j, True), (i + 1, j), (i, j)),
        ]
        met = [edge for edge, begin, end in around if above[begin] != above[end]]
        if len(met) == 4 and bool(values[i : i + 2, j : j + 2].mean() > level) != bool(above[i, j]):
            met = [met[-1], *met[:-1]]  # a saddle: its middle lies on the other side than this corner, which is cut off
        for one, other in zip(met[::2], met[1::2], strict=True):
            next_to.setdefault(one, []).append(other)
            next_to.setdefault(other, []).append(one)
    return next_to


def _walk(first: Edge, next_to: dict[Edge, list[Edge]]) -> list[Edge]:
    """Follow a line from one of its edges, and take it out."""
    line, here = [first], first
    while others := next_to.get(here):
        there = others[0]
        next_to[here].remove(there)
        next_to[there].remove(here)
        line.append(there)
        here = there
    for edge in set(line):
        next_to.pop(edge)
    return line


def _crossing(edge: Edge, values: Array, x: Array, y: Array, level: float) -> tuple[float, float]:
    """Return the point of an edge at which the level lies."""
    i, j, up = edge
    k, m = (i + 1, j) if up else (i, j + 1)
    part = float((level - values[i, j]) / (values[k, m] - values[i, j]))
    return float(x[j] + part * (x[m] - x[j])), float(y[i] + part * (y[k] - y[i]))


def level_sets(
    values: Array,
    x: Array,
    y: Array,
    levels: Sequence[float],
    *,
    axes: tuple[str, str],
    arrows: Sequence[tuple[tuple[float, float], tuple[float, float]]] = (),
    arrows_name: str = "",
    path: Sequence[Sequence[float]] = (),
    path_name: str = "",
) -> str:
    """Draw level sets of a function of two variables to one scale, with arrows and a path.

    Parameters
    ----------
    values : ndarray of shape (len(y), len(x))
        The function on a grid.
    x, y : ndarray
        The grid's coordinates, increasing.
    levels : sequence of float
        The function's values on the lines.
    axes : tuple of two str
        What the two variables are.
    arrows : sequence of pairs of points, optional
        Where each begins and where its tip is.
    arrows_name : str, optional
        What the legend calls them.
    path : sequence of points, optional
        Points in order; each is marked.
    path_name : str, optional
        What the legend calls it.

    Returns
    -------
    str
        An SVG.

    Examples
    --------
    >>> grid = np.linspace(-1, 1, 21)
    >>> level_sets(grid**2 + grid[:, None] ** 2, grid, grid, [0.25, 0.5], axes=("a1", "a2")).count("<path")
    2
    """
    across = Scale(float(x[0]), float(x[-1]), _LEFT, _LEFT + _SIDE)
    height = _SIDE * (y[-1] - y[0]) / (x[-1] - x[0])
    up = Scale(float(y[0]), float(y[-1]), _TOP + float(height), _TOP)
    body = [frame(across, up, x_title=axes[0], x_ticks=across.ticks())]
    for level in levels:
        lines = [[(across(a), up(b)) for a, b in line] for line in level_lines(values, x, y, level)]
        body += [element("path", d=through(line), css="border", stroke_width=1, opacity=0.55) for line in lines]
    body += [_arrow((across(a), up(b)), (across(c), up(d))) for (a, b), (c, d) in arrows]
    if len(path):
        where = [(across(float(a)), up(float(b))) for a, b in path]
        body.append(element("path", d=through(where), css=f"{COLOURS[0]}-line", stroke_width=2))
        body += [element("circle", cx=a, cy=b, r=3, css=f"{COLOURS[0]} mark") for a, b in where]
    turn = f"rotate(-90 14 {(up.start + up.stop) / 2:.1f})"
    body.append(element("g", words(14, (up.start + up.stop) / 2, axes[1], size=11, css="soft"), transform=turn))
    body += _legend(levels, arrows_name, path_name)
    title = f"Level sets at {', '.join(f'{level:g}' for level in levels)}"
    return document(_LEFT + _SIDE + _LEGEND, up.start + 46, title, *body)


def _arrow(base: tuple[float, float], tip: tuple[float, float]) -> str:
    """Draw an arrow from one pixel to another."""
    length = math.dist(base, tip) or 1.0
    u, v = ((b - a) / length for a, b in zip(base, tip, strict=True))
    foot = (tip[0] - _HEAD * u, tip[1] - _HEAD * v)
    head = [tip, *((foot[0] - side * v, foot[1] + side * u) for side in (_HEAD / 2, -_HEAD / 2))]
    corners = " ".join(f"{a:.1f},{b:.1f}" for a, b in head)
    shaft = element("path", d=through([base, foot]), css=f"{COLOURS[1]}-line", stroke_width=2)
    return shaft + element("polygon", points=corners, css=COLOURS[1])


def _legend(levels: Sequence[float], arrows_name: str, path_name: str) -> list[str]:
    """Say beside the frame what the lines, the arrows and the path are."""
    left, parts = _LEFT + _SIDE + 20, []
    named = [(f"levels {', '.join(f'{level:g}' for level in levels)}", "border", 1)]
    named += [(arrows_name, f"{COLOURS[1]}-line", 2)] if arrows_name else []
    named += [(path_name, f"{COLOURS[0]}-line", 2)] if path_name else []
    for k, (name, css, width) in enumerate(named):
        place = _TOP + 16 + 22 * k
        parts.append(element("line", x1=left, x2=left + 18, y1=place - 4, y2=place - 4, css=css, stroke_width=width))
        parts.append(words(left + 24, place, name, size=11, css="soft"))
    return parts
