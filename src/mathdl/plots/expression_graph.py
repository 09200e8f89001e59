"""The graph of an expression: nodes for variables and operations, edges with the local derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.chain.derivatives import adjoints_of, slopes_of
from mathdl.chain.evaluation import one_point, values_of
from mathdl.chain.expression import Expression, nodes_of, require_expression
from mathdl.checks import require_at_least, require_truth_value
from mathdl.errors import InputError
from mathdl.plots.style import COLOURS, INK, PAGE, SOFT, label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW_NODES = 40  # chosen: more of them on one picture have no room for texts
_SWEEPS = 8  # times that a column is put in the order of its neighbours
_LOOK: dict[str, Any] = {"ha": "center", "va": "center"}
_PATCH = {"boxstyle": "square,pad=0.1", "facecolor": PAGE, "edgecolor": "none"}


def plot_expression(
    f: Expression, values: Any = None, *, backward: bool = False, steps: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the graph of an expression from its variables to its value (Figures 9.2 and 9.3).

    A node is a variable or an operation; what is used twice is one node with several edges. Constants stand in the
    node that uses them. With values a node shows its value, and an edge the local derivative.

    Parameters
    ----------
    f : Expression
        The expression to draw.
    values : mapping or sequence, optional
        A point, as for :func:`mathdl.chain.evaluate`.
    backward : bool, default False
        Whether nodes show the derivative of f with respect to them, below their values.
    steps : int, optional
        Show only what is known after so many steps: a value each forward, then with ``backward`` a derivative each;
        the node of the last step stands out. By default all are done.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Without ticks and frame.

    Raises
    ------
    InputError
        If it is no expression, there is no value or derivative at the point, or ``backward`` or ``steps`` has no point.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> import mathdl
    >>> from mathdl.plots import plot_expression
    >>> x, y, z = mathdl.variables("x y z")
    >>> ax = plot_expression(mathdl.chain.sin(x * y + z), [1.0, 2.0, 3.0])
    >>> len(ax.patches)  # edges
    5
    """
    require_expression("plot_expression: f", f)
    require_truth_value("backward", backward)
    if values is None and (backward or steps is not None):
        raise InputError("plot_expression: backward and steps need a point; give values.")
    found = None if values is None else values_of([f], one_point([f], values))
    nodes = [node for node in nodes_of([f]) if node.constant is None and (found is None or node in found)]
    forward, back = _known(nodes, backward, steps)
    shown = dict.fromkeys(forward) if found is None else {node: found[node] for node in forward}
    places = _places(nodes)
    axes = new_axes(ax)
    small = len(nodes) > _FEW_NODES
    edges = [
        (places[below], places[node], slope if node in shown else None)
        for node in nodes
        for below, slope in _edges(node, found)
    ]
    if small:
        _draw_lines(axes, edges)
    else:
        for edge in edges:
            _draw_edge(axes, *edge)
    across = np.array(list(places.values()))
    last = None if steps is None or not forward else (back or forward)[-1]
    colours = [COLOURS[1] if node is last else INK for node in nodes]
    axes.scatter(across[:, 0], across[:, 1], s=12 if small else 520, facecolor=PAGE, edgecolor=colours, zorder=3)
    if not small:
        adjoints = adjoints_of(f, found, 1)[0] if back and found is not None else {}
        for node in nodes:
            _write(
                axes, places[node], node, {} if found is None else shown, {each: adjoints.get(each, 0) for each in back}
            )
    axes.margins(0.12)
    axes.set_axis_off()
    return axes


def size_of(f: Expression) -> tuple[float, float]:
    """Return how many inches the graph of an expression needs across and down for all its texts."""
    places = np.array(list(_places([node for node in nodes_of([f]) if node.constant is None]).values()))
    across, down = np.ptp(places, axis=0)
    few = len(places) <= _FEW_NODES
    return (1.1 * across + 1.2, 1.0 * down + 1.2) if few else (10.0, 6.0)


def _known(nodes: list[Expression], backward: bool, steps: int | None) -> tuple[list[Expression], list[Expression]]:
    """Return the nodes whose values, and whose derivatives, are known after some steps, in the order of the steps."""
    if steps is None:
        return nodes, nodes[::-1] if backward else []
    require_at_least("plot_expression: steps", steps, 0, (1 + backward) * len(nodes))
    return nodes[:steps], nodes[::-1][: max(steps - len(nodes), 0)]


def _edges(node: Expression, values: Mapping[Expression, Any] | None) -> list[tuple[Expression, Any]]:
    """Return the arguments of a node that are no constants, each with its local derivative where there is a point."""
    if node.operation is None:
        return []
    if values is None:
        return [(argument, None) for argument in dict.fromkeys(node.arguments) if argument.constant is None]
    slopes: dict[Expression, Any] = {}
    for argument, slope in slopes_of(node, values):
        slopes[argument] = slope if argument not in slopes else slopes[argument] + slope
    return list(slopes.items())


def _places(nodes: list[Expression]) -> dict[Expression, tuple[float, float]]:
    """Return where nodes stand: columns by the longest way from the variables, in each by its neighbours' mean."""
    column: dict[Expression, int] = {}
    below: dict[Expression, list[Expression]] = {node: [] for node in nodes}
    above: dict[Expression, list[Expression]] = {node: [] for node in nodes}
    for node in nodes:
        below[node] = [argument for argument in dict.fromkeys(node.arguments) if argument in column]
        column[node] = max((column[argument] + 1 for argument in below[node]), default=0)
        for argument in below[node]:
            above[argument].append(node)
    for node in nodes:  # a variable stands just before what it is used in
        if not below[node] and above[node]:
            column[node] = min(column[user] for user in above[node]) - 1
    columns: list[list[Expression]] = [[] for _ in range(max(column.values()) + 1)]
    for node in nodes:
        columns[column[node]].append(node)
    heights = {node: _centred(len(members))[k] for members in columns for k, node in enumerate(members)}
    for sweep in range(_SWEEPS):
        neighbours = below if sweep % 2 == 0 else above
        for members in columns if sweep % 2 == 0 else columns[::-1]:
            means = {node: _mean([heights[each] for each in neighbours[node]], heights[node]) for node in members}
            members.sort(key=means.__getitem__)
            heights |= zip(members, _centred(len(members)), strict=True)
    return {node: (float(column[node]), float(heights[node])) for node in nodes}


def _centred(count: int) -> NDArray[np.float64]:
    """Return heights one apart, around 0, the first on top."""
    return np.arange(count, dtype=np.float64) - (count - 1) / 2


def _mean(numbers: list[float], otherwise: float) -> float:
    """Return the mean, or what stands for none."""
    return sum(numbers) / len(numbers) if numbers else otherwise


def _draw_edge(axes: Axes, start: tuple[float, float], end: tuple[float, float], slope: Any) -> None:
    """Draw an arrow, with its local derivative in the middle."""
    from matplotlib.patches import FancyArrowPatch

    look: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 8, "shrinkA": 11, "shrinkB": 11}
    axes.add_patch(FancyArrowPatch(start, end, color=COLOURS[0], **look))
    if slope is not None:
        middle = (0.55 * start[0] + 0.45 * end[0], 0.55 * start[1] + 0.45 * end[1])
        axes.text(*middle, _number(slope), **_LOOK, fontsize=7, color=COLOURS[1], bbox=_PATCH, zorder=2)


def _draw_lines(axes: Axes, edges: list[tuple[Any, Any, Any]]) -> None:
    """Draw many edges at once, as lines."""
    from matplotlib.collections import LineCollection

    axes.add_collection(LineCollection([(start, end) for start, end, _ in edges], colors=COLOURS[0], linewidths=0.5))


def _write(
    axes: Axes,
    place: tuple[float, float],
    node: Expression,
    values: Mapping[Expression, Any],
    adjoints: Mapping[Expression, Any],
) -> None:
    """Write in a node its operation, below it its value and its derivative."""
    name = label(_name(node), 12)
    axes.text(*place, name, **_LOOK, fontsize=min(9.0, 26 / max(len(name), 2)), zorder=4)
    below = [f"= {_number(values[node])}"] if node in values else []
    below += [f"d: {_number(adjoints[node])}"] if node in adjoints else []
    if below:
        axes.annotate(
            "\n".join(below),
            place,
            (0, -13),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7,
            color=SOFT,
            bbox=_PATCH,
            zorder=2.5,
        )


def _name(node: Expression) -> str:
    """Return what stands in a node: a variable's name, or the operation with its constants."""
    if node.operation is None:
        return str(node.name)
    text = node.operation.text
    if "{}" not in text:
        return text
    parts = ["" if argument.constant is None else _number(argument.constant) for argument in node.arguments]
    return text.format(*parts).replace("**", "^").replace(" ", "")


def _number(value: Any) -> str:
    """Write a number shortly; a fraction as it is where it is short."""
    text = str(value) if type(value).__name__ == "Fraction" else ""
    return text if 0 < len(text) <= 7 else f"{float(value):.4g}"
