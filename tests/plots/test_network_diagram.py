"""The diagram of a network and the graph of an activation, read off matplotlib's objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mathdl import Activation, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Network, plots
from mathdl.errors import InputError


@pytest.fixture
def ax() -> Axes:
    return Figure(dpi=72).add_subplot()


def dense(*widths: int, seed: int = 0) -> Network:
    layers = [Dense(width, activation="relu") for width in widths[1:]]
    net = Network(layers, (widths[0],), dtype="float64", seed=seed)
    net.parameters[:] = np.random.default_rng(seed).integers(-4, 5, net.size)
    return net


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


def test_a_neuron_can_be_read_off_its_diagram(ax: Axes) -> None:
    net = Network([Dense(1, activation="relu")], (3,), dtype="float64")
    net.parameters[:] = 5, -4, 6, 3
    x = [1.0, 0.5, 6.0]
    plots.plot_network_diagram(net, x, ax=ax)
    texts = [text.get_text() for text in ax.texts]
    weights, bias = [number(text) for text in texts[:3]], number(texts[3])
    nodes = [number(text) for text in [*texts[4:7], texts[8]]]
    assert (weights, bias, nodes[:3]) == ([5, -4, 6], 3, x)
    assert nodes[3] == max(sum(w * v for w, v in zip(weights, x, strict=True)) + bias, 0) == net([x])[0, 0]
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--", "-"]


@pytest.mark.parametrize("widths", [(3, 4), (4, 6, 3), (2, 2, 2, 1)])
def test_every_weight_that_is_not_zero_is_an_edge_to_its_neuron(ax: Axes, widths: tuple[int, ...]) -> None:
    net = dense(*widths, seed=len(widths))
    plots.plot_network_diagram(net, ax=ax)
    heights = [collection.get_offsets()[:, 1].tolist() for collection in ax.collections]
    assert [len(column) for column in heights] == list(net.node_layers)
    edges = set()
    for line in ax.lines:
        (k, _), (source, target) = line.get_xdata(), line.get_ydata()
        edges.add((int(k), heights[int(k) + 1].index(target), heights[int(k)].index(source)))
    expected = {(k, *map(int, at)) for k, layer in enumerate(net.layers) for at in np.argwhere(layer.weights)}
    assert edges == expected
    assert len(ax.lines) == len(edges)


def test_large_layers_are_shortened_and_others_are_boxes(ax: Axes) -> None:
    layers = [Conv2D(4, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(30), Dropout(0.5), Dense(2, "softmax")]
    net = Network(layers, (1, 10, 10))
    plots.plot_network_diagram(net, np.zeros((1, 10, 10)), max_nodes=5, ax=ax)
    texts = [text.get_text().replace("\N{MULTIPLICATION SIGN}", "x") for text in ax.texts]
    assert {"input", "Conv2D(4, 3, relu)", "MaxPool2D(2)", "Flatten", "4 x 8 x 8", "2\nsoftmax", "0.5"} <= set(texts)
    assert [len(column.get_offsets()) for column in ax.collections] == [4, 2]
    assert texts.count("\N{VERTICAL ELLIPSIS}") == 1
    assert len(ax.patches) == 5


def test_a_trained_network_is_drawn_as_well_as_one_of_zeros(ax: Axes) -> None:
    net = dense(2, 3)
    net.parameters[:] = 0
    plots.plot_network_diagram(net, weights=True, ax=ax)
    assert len(ax.lines) == 0
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"network": 3}, "give a Network"),
        ({"max_nodes": 2}, "at least 3"),
        ({"weights": "yes"}, "True or False"),
        ({"x": [1.0]}, "shape"),
    ],
)
def test_what_is_no_network_is_not_drawn(ax: Axes, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        plots.plot_network_diagram(**{"network": dense(3, 2), "ax": ax, **arguments})


def test_relu_bends_once_and_its_derivative_jumps_there(ax: Axes) -> None:
    plots.plot_activation("relu", (-8, 4), weight=1.0, bias=3.0, ax=ax)
    (x, y), (_, slope) = (line.get_data() for line in ax.lines)
    assert np.array_equal(y, np.maximum(x + 3, 0))
    bends = x[1:-1][np.abs(np.diff(y, 2)) > 1e-9]
    assert np.abs(bends + 3).max() <= x[1] - x[0]
    assert set(slope[~np.isnan(slope)]) == {0, 1}
    assert np.count_nonzero(np.isnan(slope)) == 1


@pytest.mark.parametrize("name", ["tanh", "sigmoid", Activation("identity"), {"name": "leaky_relu", "slope": 0.5}])
def test_smooth_activations_have_no_gap(ax: Axes, name: Any) -> None:
    plots.plot_activation(name, ax=ax)
    assert np.isnan(ax.lines[1].get_ydata()).any() == (isinstance(name, dict))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"activation": "softmax"}, "acts on a vector"),
        ({"activation": "rellu"}, "unknown"),
        ({"interval": (1, 1)}, "two finite numbers"),
        ({"interval": 3}, "two finite numbers"),
        ({"bias": float("nan")}, "two finite numbers"),
        ({"weight": "x"}, "real number"),
    ],
)
def test_what_is_no_activation_is_not_drawn(ax: Axes, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        plots.plot_activation(**{"activation": "relu", "ax": ax, **arguments})
