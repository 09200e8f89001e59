"""Which class a model decides for, at every point of the plane of two features."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.plots.axes import Scale, drawable, frame, round_range
from mathdl.plots.svg import document, element, escape, shorten, words

Array = NDArray[Any]
Points = list[tuple[float, float]]

_COLOURS = ("first", "second", "third", "fourth", "fifth", "sixth")
MOST_POINTS = 2000
_MOST_NAMED = 20
_LEFT, _RIGHT, _TOP, _BOTTOM, _WIDTH = 70.0, 490.0, 20.0, 440.0, 660.0
_BOX: Points = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


def decision_boundary(
    points: Array,
    groups: Sequence[int] | Array,
    names: Sequence[object],
    coef: Array,
    intercept: Array,
    *,
    axes: tuple[str, str],
    margin: bool = False,
    ringed: Collection[int] = (),
    centres: Array | None = None,
) -> str:
    """Draw the regions in which a model decides for each class, and the objects.

    The model decides for the class k for which ``coef[k].x + intercept[k]`` is largest; so each region is a convex
    polygon, and is drawn exactly.

    Parameters
    ----------
    points : ndarray of shape (N, 2)
        The objects. Of more than 2,000, 2,000 evenly spaced ones are drawn, and all that are ringed.
    groups : sequence of N int
        The class of each, a place in ``names``.
    names : sequence of K
        The classes.
    coef, intercept : ndarray of shape (K, 2) and (K,)
        Their functions.
    axes : tuple of two str
        What the two features are.
    margin : bool, default False
        Whether to draw, for two classes, the dashed lines on which their functions differ by 1.
    ringed : collection of int
        Objects to ring, such as support vectors.
    centres : ndarray of shape (m, 2), optional
        Points to mark by a cross, such as the centres of clusters.

    Returns
    -------
    str
        An SVG.

    Raises
    ------
    InputError
        When the shapes do not fit each other.

    Examples
    --------
    >>> points = np.array([[0.0, 0.0], [1.0, 1.0]])
    >>> coef, intercept = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0.0, -1.0])
    >>> decision_boundary(points, [0, 1], ["no", "yes"], coef, intercept, axes=("x", "y")).count("<polygon")
    2
    """
    if points.shape != (len(groups), 2) or coef.shape != (len(names), 2) or intercept.shape != (len(names),):
        raise InputError(
            f"points of shape {points.shape}, {len(groups)} classes of theirs, and coefficients of shape {coef.shape} "
            f"for {len(names)} names do not go together; give two features, and one row for each class"
        )
    title = f"The regions of {len(names)} classes"
    seen = [k for k, point in enumerate(points.tolist()) if all(map(drawable, point))]
    if not seen:
        return document(_WIDTH, 60.0, title, words(14, 34, "no finite point was recorded", css="soft"))
    shown = points[seen] if centres is None else np.vstack([points[seen], centres])
    x = Scale(*round_range(shown[:, 0].tolist()), _LEFT, _RIGHT)
    y = Scale(*round_range(shown[:, 1].tolist()), _BOTTOM, _TOP)
    slopes, levels = _in_the_box(coef, intercept, x, y)
    body = [*_regions(slopes, levels), frame(x, y, x_title=shorten(axes[0], 60), x_ticks=x.ticks())]
    if len(names) == 2:
        body += _lines(slopes[1] - slopes[0], levels[1] - levels[0], margin)
    few = np.unique(np.linspace(0, len(seen) - 1, min(len(seen), MOST_POINTS)).round().astype(int)).tolist()
    rings = set(list(ringed)[:MOST_POINTS]) & set(seen)
    for k in sorted({seen[place] for place in few} | rings):
        where = (x(float(points[k, 0])), y(float(points[k, 1])))
        body.append(_mark(int(groups[k]), *where))
        if k in rings:
            body.append(element("circle", cx=where[0], cy=where[1], r=7, css="ring"))
    for a, b in [] if centres is None else centres.tolist():
        body.append(_cross(x(a), y(b)))
    turn = f"rotate(-90 14 {(_TOP + _BOTTOM) / 2:.1f})"
    soft = {"size": 11, "css": "soft", "text_anchor": "middle", "transform": turn}
    body.append(words(14, (_TOP + _BOTTOM) / 2, shorten(axes[1], 60), **soft))  # type: ignore[arg-type]
    return document(_WIDTH, _BOTTOM + 46, title, *body, *_legend(names))


def _in_the_box(coef: Array, intercept: Array, x: Scale, y: Scale) -> tuple[Array, Array]:
    """Return the functions of coordinates that run from 0 to 1 within the frame, without what all have in common."""
    low, span = np.array([x.low, y.low]), np.array([x.high - x.low, y.high - y.low])
    with np.errstate(all="ignore"):
        coef, intercept = coef - coef[0], intercept - intercept[0]
        return coef * span, coef @ low + intercept


def _regions(slopes: Array, levels: Array) -> list[str]:
    """Draw the polygon of every class that has one."""
    parts = []
    for k in range(len(levels)):
        polygon = _BOX
        for j in range(len(levels)):
            if j != k and polygon:
                a, b = (slopes[k] - slopes[j]).tolist()
                polygon = _clip(polygon, a, b, float(levels[k] - levels[j]))
        if len(polygon) > 2:
            corners = " ".join(f"{_across(u):.1f},{_up(v):.1f}" for u, v in polygon)
            parts.append(element("polygon", points=corners, css=f"{_COLOURS[k % 6]} region"))
    return parts


def _clip(polygon: Points, a: float, b: float, c: float) -> Points:
    """Return the part of a convex polygon where a u + b v + c >= 0."""
    found: Points = []
    for (u, v), (s, t) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        here, there = a * u + b * v + c, a * s + b * t + c
        if here >= 0:
            found.append((u, v))
        if here * there < 0:
            part = here / (here - there)
            found.append((u + part * (s - u), v + part * (t - v)))
    return found


def _lines(slope: Array, level: float, margin: bool) -> list[str]:
    """Draw the line on which two functions agree and, dashed, those on which they differ by 1."""
    parts = []
    for shift in (0.0, -1.0, 1.0) if margin else (0.0,):
        a, b, c = float(slope[0]), float(slope[1]), float(level) + shift
        ends = [(u, v) for u, v in _clip(_BOX, a, b, c) if (u, v) not in _BOX or a * u + b * v + c == 0]
        if len(ends) == 2:
            (u, v), (s, t) = ends
            place = {"x1": _across(u), "y1": _up(v), "x2": _across(s), "y2": _up(t)}
            dashes = {"stroke_dasharray": "6 4", "stroke_width": 1.2} if shift else {"stroke_width": 2}
            parts.append(element("line", css="border", **place, **dashes))
    return parts


def _mark(group: int, x: float, y: float) -> str:
    """Draw an object: colour and shape say its class."""
    css = {"css": f"{_COLOURS[group % 6]} mark"}
    shape = (group % 4 + group // 12) % 4
    if shape == 0:
        return element("circle", cx=x, cy=y, r=3.4, **css)
    if shape == 1:
        return element("rect", x=x - 3, y=y - 3, width=6, height=6, **css)
    corners = {2: "l4 7h-8z", 3: "l4.4 4.4l-4.4 4.4l-4.4 -4.4z"}[shape]
    return element("path", d=f"M{x:.1f} {y - 4.4:.1f}{corners}", **css)


def _cross(x: float, y: float) -> str:
    """Draw a cross with a border, which is seen on any colour."""
    path = f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12"
    return "".join(element("path", d=path, css=css, stroke_width=width) for css, width in (("halo", 6), ("border", 3)))


def _legend(names: Sequence[object]) -> list[str]:
    """Name the classes beside the frame."""
    parts = []
    for k, name in enumerate(names[:_MOST_NAMED]):
        height = _TOP + 12 + 20 * k
        text = words(_RIGHT + 34, height + 4, shorten(name, 20))
        parts.append(element("g", element("title", escape(name)), _mark(k, _RIGHT + 22, height), text))
    if len(names) > _MOST_NAMED:
        more = f"and {len(names) - _MOST_NAMED} more"
        parts.append(words(_RIGHT + 34, _TOP + 16 + 20 * _MOST_NAMED, more, css="soft"))
    return parts


def _across(u: float) -> float:
    """Return the pixel of a coordinate from 0 to 1."""
    return _LEFT + u * (_RIGHT - _LEFT)


def _up(v: float) -> float:
    """Return the pixel of a coordinate from 0 to 1."""
    return _BOTTOM + v * (_TOP - _BOTTOM)
