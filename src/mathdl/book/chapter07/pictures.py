"""What the figures of chapter 7 are drawn with: sets in the plane, and segments."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.plots.style import COLOURS, SOFT


def circle(centre: Any, radius: float, start: float = 0.0, end: float = 360.0) -> Any:
    """Return points of an arc, its angles in degrees."""
    angles = np.radians(np.linspace(start, end, 91))
    return np.column_stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)])


def fill(ax: Any, corners: Any, number: int, name: str = "", edge: str = "-") -> None:
    """Fill a set: its colour and the line of its edge say which of two it is."""
    x, y = np.asarray(corners, np.float64).T
    colour = COLOURS[number]
    ax.fill(x, y, facecolor=colour, alpha=0.18, linewidth=0)
    outline = {"color": colour, "linestyle": edge, "linewidth": 1.3}
    ax.plot(np.append(x, x[0]), np.append(y, y[0]), label=name or None, **outline)


def chord(ax: Any, start: Any, end: Any, middle: Any) -> None:
    """Draw a segment that leaves a set, with a cross where it is outside."""
    ends = np.array([start, end], np.float64)
    ax.plot(*ends.T, "k-o", color=SOFT, markersize=4, linewidth=1)
    ax.plot([float(middle[0])], [float(middle[1])], "x", color=COLOURS[1], markersize=9, markeredgewidth=2)


def line(ax: Any, plane: Any, name: str = "", level: float = 0.0, **look: Any) -> None:
    """Draw the line w.x - b = level over the axes."""
    normal, offset = np.asarray(plane.normal, np.float64), float(plane.offset) + level
    foot = normal * (offset / (normal @ normal))
    along = np.array([-normal[1], normal[0]])
    ax.axline(tuple(foot), tuple(foot + along), label=name or None, **look)


def plane_of(ax: Any) -> None:
    """Name the axes of the plane, to one scale."""
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xlabel="x", ylabel="y")
