"""The diagram of a network: nodes and edges of dense layers, boxes of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.checks import require_at_least, require_truth_value
from mathdl.errors import InputError
from mathdl.plots.arguments import require_attributes
from mathdl.plots.style import COLOURS, INK, PAGE, SOFT, label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mathdl.layers.dense import Dense

_FEW_WEIGHTS = 16  # chosen: more of them on one picture are not legible
_WIDTH = 0.3  # of a box, in distances of columns
_NODE = 20.0  # points across, where there is room
_HEIGHT = (-0.68, 0.6)  # of the axes: the tallest column or box goes from -0.5 to 0.5
_LOOK: dict[str, Any] = {"ha": "center", "va": "center"}
_PATCH = {"boxstyle": "square,pad=0.1", "facecolor": PAGE, "edgecolor": "none"}
_INDICES = str.maketrans("0123456789", "".join(chr(0x2080 + digit) for digit in range(10)))


class _Column(NamedTuple):
    """A column of the diagram: some of a layer's nodes, or a box where there is none."""

    name: str
    shape: tuple[int, ...]
    nodes: NDArray[np.intp]  # the places of those that are drawn
    heights: NDArray[np.float64]
    letter: str


class _Edge(NamedTuple):
    """An edge from column k to the next one, by its ends' heights."""

    k: int
    source: float
    target: float
    weight: float


def plot_network_diagram(
    network: Any,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    loss: str | None = None,
    *,
    steps: int | None = None,
    weights: bool | None = None,
    max_nodes: int = 8,
    ax: Axes | None = None,
) -> Axes:
    """Draw a network as columns of nodes that are joined by edges, one for each weight (Figures 4.1, 4.3 and 4.4).

    The nodes are those of flat inputs and of dense layers; other layers are boxes with their names and the shapes of
    their outputs. An edge's line is solid for a positive weight and dashed for a negative one; a weight of 0 has none.

    Parameters
    ----------
    network : Network
        The network to draw.
    x : array_like of the network's input_shape, optional
        An object: the nodes show their values for it instead of their names.
    y, loss : array_like and str, optional
        Its target and the loss l, as for ``network.backpropagate``: the nodes show dl/dh below their values, instead
        of biases.
    steps : int, optional
        Show only what is known after so many steps: the values of a column each forward, from the input on, then
        their derivatives backward. By default all are done.
    weights : bool, optional
        Whether to write the weights on the edges, and the biases below the neurons; by default where there are at most
        16 edges.
    max_nodes : int, default 8
        A column of more nodes is shortened: its middle is left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Without ticks and frame.

    Raises
    ------
    InputError
        If it is no network, x or y does not fit it, only one of y and loss is given, there are not so many steps, or
        ``max_nodes`` is less than 3.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")  # for a script without a screen
    >>> from mathdl import Dense, Network
    >>> from mathdl.plots import plot_network_diagram
    >>> net = Network([Dense(6, activation="relu"), Dense(3, activation="relu")], input_shape=(4,))
    >>> ax = plot_network_diagram(net)
    >>> len(ax.lines), [text.get_text() for text in ax.texts][:2]  # as many lines as edges
    (42, ['x₁', 'x₂'])
    """
    require_attributes("network", network, ("layers", "input_shape", "trace"), "a Network")
    require_at_least("max_nodes", max_nodes, 3)
    if weights is not None:
        require_truth_value("weights", weights)
    columns = _columns(network, max_nodes)
    values, gradients = _numbers(network, x, y, loss, steps)
    axes = new_axes(ax)
    axes.set_xlim(-0.4, len(columns) - 0.6)
    axes.set_ylim(*_HEIGHT)
    edges = sum(np.count_nonzero(np.asarray(layer.weights)) for layer in network.layers if _is_dense(layer))
    written = bool(edges <= _FEW_WEIGHTS if weights is None else weights)
    across = _node_size(axes, columns)
    for k, layer in enumerate(network.layers):
        if _is_dense(layer) and columns[k].letter:
            _draw_edges(axes, list(_edges(k, columns[k], columns[k + 1], layer)), written)
            if written and y is None and layer.bias is not None:
                _write_below(axes, k + 1, columns[k + 1], layer.bias, across, "{:+.3g}")
        else:
            _join(axes, k, columns[k], columns[k + 1])
    for k, column in enumerate(columns):
        if column.letter:
            _draw_nodes(axes, k, column, values.get(k), across)
            if k in gradients:
                _write_below(axes, k, column, gradients[k], across, "d: {:.3g}")
        else:
            _draw_box(axes, k, column)
        _describe(axes, k, column)
    axes.set_axis_off()
    return axes


_Numbers = dict[int, NDArray[np.float64]]  # of columns, flat


def _numbers(network: Any, x: Any, y: Any, loss: str | None, steps: int | None) -> tuple[_Numbers, _Numbers]:
    """Return the values and the derivatives of the columns that are known after some steps."""
    if (y is None) != (loss is None) or (x is None and (y is not None or steps is not None)):
        raise InputError("plot_network_diagram: y and loss go together, and they and steps need x; give those too.")
    if x is None:
        return {}, {}
    if y is None:
        values, gradients = [np.asarray(x), *(step.output for step in network.trace(x))], []
    else:
        seen = network.backpropagate(x, y, loss)
        values, gradients = seen.outputs, seen.output_gradients
    n = len(values)
    if steps is not None:
        require_at_least("plot_network_diagram: steps", steps, 0, n + len(gradients))
    done = n + len(gradients) if steps is None else steps
    flat = [array.reshape(-1) for array in values[:done]], [array.reshape(-1) for array in gradients]
    return dict(enumerate(flat[0])), {k: array for k, array in enumerate(flat[1]) if 2 * n - k <= done}


def _columns(network: Any, max_nodes: int) -> list[_Column]:
    """Return the input and every layer as columns."""
    given = [("input", network.input_shape, "x" if len(network.input_shape) == 1 else "")]
    for k, layer in enumerate(network.layers):
        letter = "" if not _is_dense(layer) else "y" if k == len(network.layers) - 1 else "h"
        given.append((_name(layer), layer.output_shape, letter))
    tallest = max([1, *(min(shape[0], max_nodes) for _, shape, letter in given if letter)])
    columns = []
    for name, shape, letter in given:
        nodes = _drawn(shape[0], max_nodes) if letter else np.zeros(0, np.intp)
        heights = _rows(min(shape[0], max_nodes), len(nodes)) / tallest if letter else np.zeros(0)
        columns.append(_Column(name, shape, nodes, heights, letter))
    return columns


def _name(layer: Any) -> str:
    """Return a layer's name: of a dense one its activation, of others their options too."""
    if _is_dense(layer):
        return "" if layer.activation.name == "identity" else layer.activation.name
    return label(re.sub(r"\w+=|'", "", repr(layer)).removesuffix("()"), 40)


def _is_dense(layer: Any) -> bool:
    """Whether a layer is drawn as nodes and edges."""
    from mathdl.layers.dense import Dense  # with the compiler, which other pictures do without

    return isinstance(layer, Dense)


def _drawn(count: int, most: int) -> NDArray[np.intp]:
    """Return which of so many nodes are drawn: all, or the first ones and the last."""
    if count <= most:
        return np.arange(count)
    return np.array([*range(most - 2), count - 1])


def _rows(rows: int, nodes: int) -> NDArray[np.float64]:
    """Return the heights of a column's nodes around 0, the first on top, with room for dots where some are left out."""
    heights = (rows - 1) / 2 - np.arange(rows, dtype=np.float64)
    return np.delete(heights, rows - 2) if nodes < rows else heights


def _node_size(axes: Axes, columns: list[_Column]) -> float:
    """Return how many points a node is across."""
    gaps = [np.abs(np.diff(column.heights)).min() for column in columns if len(column.heights) > 1]
    points = axes.get_window_extent().height * 72 / axes.figure.dpi / (_HEIGHT[1] - _HEIGHT[0])
    return float(min([_NODE, *(0.85 * gap * points for gap in gaps)]))


def _draw_nodes(axes: Axes, k: int, column: _Column, values: NDArray[np.float64] | None, across: float) -> None:
    """Draw a column's nodes with their values or names, and dots for those that are left out."""
    looks: dict[str, Any] = {"facecolor": PAGE, "edgecolor": INK, "zorder": 3}
    axes.scatter(np.full(len(column.nodes), k), column.heights, s=across**2, **looks)
    for place, height in zip(column.nodes, column.heights, strict=True):
        name = f"{column.letter}{place + 1}".translate(_INDICES)
        text = name if values is None else _number(f"{values[place]:.3g}")
        axes.text(k, height, text, **_LOOK, zorder=4, fontsize=min(8.5, 1.7 * across / max(len(text), 2)))
    if len(column.nodes) < column.shape[0]:
        axes.text(k, column.heights[-2:].mean(), "\N{VERTICAL ELLIPSIS}", **_LOOK, zorder=4, fontsize=13)


def _draw_box(axes: Axes, k: int, column: _Column) -> None:
    """Draw a layer as a box with its name, read upwards."""
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((k - _WIDTH / 2, -0.5), _WIDTH, 1.0, facecolor=PAGE, edgecolor=INK, zorder=3))
    axes.text(k, 0.0, column.name, **_LOOK, rotation=90, zorder=4, fontsize=8)


def _describe(axes: Axes, k: int, column: _Column) -> None:
    """Write below a column its size or shape, and a dense layer's activation."""
    size = " \N{MULTIPLICATION SIGN} ".join(f"{side:,}" for side in column.shape)
    name = f"\n{column.name}" if column.letter and column.name else ""
    axes.text(k, -0.56, f"{size}{name}", ha="center", va="top", fontsize=8, color=SOFT, linespacing=1.3)


def _join(axes: Axes, k: int, left: _Column, right: _Column) -> None:
    """Join columns one of which is a box."""
    start, end = k + (0 if left.letter else _WIDTH / 2), k + 1 - (0 if right.letter else _WIDTH / 2)
    for source in left.heights if left.letter else np.zeros(1):
        for target in right.heights if right.letter else np.zeros(1):
            axes.plot([start, end], [source, target], color=SOFT, linewidth=0.8, zorder=1)


def _edges(k: int, left: _Column, right: _Column, layer: Dense) -> Iterator[_Edge]:
    """Yield the edges between two columns of nodes: that from input i to neuron j has the weight A[j, i]."""
    assert layer.weights is not None
    for target, row in zip(right.heights, layer.weights[np.ix_(right.nodes, left.nodes)], strict=True):
        for source, weight in zip(left.heights, row, strict=True):
            if weight:
                yield _Edge(k, source, target, float(weight))


def _draw_edges(axes: Axes, edges: list[_Edge], written: bool) -> None:
    """Draw edges, wider for larger weights, with the weights each as far from the others as its edge allows."""
    largest = max((abs(edge.weight) for edge in edges), default=1.0)
    places: list[NDArray[np.float64]] = []
    for edge in edges:
        colour, dashes = (COLOURS[0], "-") if edge.weight > 0 else (COLOURS[1], "--")
        width = 0.5 + 1.3 * abs(edge.weight) / largest
        ends = [edge.k, edge.k + 1], [edge.source, edge.target]
        axes.plot(*ends, color=colour, linestyle=dashes, linewidth=width, zorder=1)
        if written:
            along = np.linspace(0.2, 0.8, 13)
            points = np.column_stack([along, edge.source + along * (edge.target - edge.source)])
            room = [min((np.hypot(*((point - other) * (1, 2))) for other in places), default=1.0) for point in points]
            places.append(points[int(np.argmax(room))])
            x, y = places[-1]
            text = _number(f"{edge.weight:.3g}")
            axes.text(edge.k + x, y, text, **_LOOK, fontsize=7.5, bbox=_PATCH, zorder=2)


def _write_below(axes: Axes, k: int, column: _Column, numbers: NDArray[Any], across: float, text: str) -> None:
    """Write numbers that are not 0 below a column's nodes."""
    look: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 7.5, "color": SOFT, "bbox": _PATCH, "zorder": 2.5}
    for place, height in zip(column.nodes, column.heights, strict=True):
        if numbers[place]:
            written = _number(text.format(numbers[place]))
            axes.annotate(written, (k, height), (0, -across / 2 - 1), textcoords="offset points", **look)


def _number(text: str) -> str:
    """Return a number with the sign that is as wide as a plus."""
    return text.replace("-", "\N{MINUS SIGN}")
