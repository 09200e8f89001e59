"""Figure 8.2: the graph of a convex function lies under its chords, and that of another need not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from mathdl.book.experiment import Experiment, Finding
from mathdl.descent.gradient_descent import gradient_descent
from mathdl.descent.sgd import SGD
from mathdl.objectives.function import Function
from mathdl.plots.style import COLOURS, legend, svg_file

END = 1.6
GRID = np.linspace(-END, END, 129)
CHORDS = ((-1.2, 0.9), (-1.0466805, 0.9456493))  # the second joins the two minima


def square(x: Any) -> Any:
    """Return x^2, which is convex."""
    return x**2


def quartic(x: Any) -> Any:
    """Return x^4 / 4 - x^2 / 2 + x / 10, which is not."""
    return x**4 / 4 - x**2 / 2 + x / 10


def chords(seed: int = 0) -> Experiment:
    """Compare chords with graphs.

    The table has by function the least difference of the drawn chord and the graph, that of all chords between 129
    points, and where gradient descent ends from either side.
    """
    functions = (square, quartic)
    drawn = [float(gaps(f, *ends, np.linspace(0, 1, 201)).min()) for f, ends in zip(functions, CHORDS, strict=True)]
    every = [least_gap(f) for f in functions]
    slopes = (lambda x: 2 * x, lambda x: x**3 - x + 0.1)
    ends = [[_descend(f, slope, side * END) for side in (-1, 1)] for f, slope in zip(functions, slopes, strict=True)]
    table: dict[str, Any] = {
        "function": ["x^2", "x^4/4 - x^2/2 + x/10"],
        "drawn chord less graph, least": drawn,
        "any chord less graph, least": every,
        "descent from -1.6 ends at": [left for left, _ in ends],
        "descent from 1.6 ends at": [right for _, right in ends],
    }
    apart = ends[1]
    findings = (
        Finding("No chord of x^2 goes below the graph.", min(drawn[0], every[0]) >= -1e-12),
        Finding("The chord that is drawn for the quartic does.", drawn[1] < -0.1),
        Finding("From both sides descent on x^2 comes to the one minimum.", abs(ends[0][0] - ends[0][1]) < 1e-6),
        Finding(
            "On the quartic it comes to two minima, of which the right one is not global.",
            apart[0] < 0 < apart[1] and quartic(apart[0]) < quartic(apart[1]) - 0.1,
        ),
    )
    graphs = [
        partial(_draw, f, name, ends) for f, name, ends in zip(functions, ("convex", "not convex"), CHORDS, strict=True)
    ]
    picture = svg_file("A convex graph under its chord, and another that rises above its chord", *graphs)
    series = {"x": GRID.tolist(), "x^2": square(GRID).tolist(), "quartic": quartic(GRID).tolist()}
    return Experiment("fig-8.2", "Convex and not convex: graphs and chords", table, findings, picture, series)


def gaps(f: Callable[[Any], Any], a: Any, b: Any, t: Any) -> Any:
    """Return by how much the chord from a to b lies above the graph."""
    return (1 - t) * f(a) + t * f(b) - f((1 - t) * a + t * b)


def least_gap(f: Callable[[Any], Any]) -> float:
    """Return the least difference of chord and graph, over all chords between points of the grid."""
    a, b = GRID[:, None, None], GRID[None, :, None]
    return float(gaps(f, a, b, np.linspace(0, 1, 33)).min())


def _descend(f: Callable[[Any], Any], slope: Callable[[Any], Any], start: float) -> float:
    """Return where gradient descent ends."""
    function = Function(lambda a: float(f(a[0])), lambda a: slope(a))
    return float(gradient_descent(function, [start], SGD(0.1), steps=1000).point[0])


def _draw(f: Callable[[Any], Any], name: str, chord: tuple[float, float], ax: Any) -> None:
    """Draw a graph and a chord."""
    ends = np.array(chord)
    ax.plot(GRID, f(GRID), color=COLOURS[0], label="graph")
    ax.plot(ends, f(ends), color=COLOURS[1], marker="o", markersize=4, label="chord")
    ax.set(xlabel="x", ylabel=name)
    legend(ax)
