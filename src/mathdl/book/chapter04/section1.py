"""Section 4.1: neurons, layers and networks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter04.networks import A1, A2, B1, B2, POINT, affine, exact, example, network, points, relu, value
from mathdl.book.finding import Findings, Table, at_least, differs, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.errors import InputError
from mathdl.plots import plot_activation, plot_network_diagram
from mathdl.plots.style import SOFT

BETAS = (3, -3)


def neuron(weights: Any, bias: Any) -> Any:
    """Make a ReLU neuron."""
    return network(([weights], [bias]))


def layer_of_three() -> Any:
    """Make a layer function from R^3 to R^4: the first four neurons of example 4.2.1."""
    return network((A1[:4], B1[:4]))


def network_of_four() -> Any:
    """Make a network from R^4 to R^3 with one hidden layer of six neurons."""
    layers = [mathdl.Dense(6, activation="relu"), mathdl.Dense(3, activation="relu")]
    return mathdl.Network(layers, input_shape=(4,), dtype="float64", seed=0)


@item(
    "def-4.1.1",
    "Neuron function",
    try_it="mathdl.Network([mathdl.Dense(1, activation='relu')], input_shape=(3,))([[1.0, 0.0, 6.0]])",
)
def neuron_function() -> Findings:
    """A neuron function maps x in R^n to f(x) = lambda(a.x + beta).

    a in R^n is the vector of weights, the number beta is the bias, a.x the inner product, and lambda a continuous
    non-linear function of one number, the activation. ReLU(t) = max(t, 0) is one.
    """
    yield equals("(4, 2, -5).(1, 0, 6) - 2", affine([(4, 2, -5)], [-2], POINT)[0], -28)
    yield equals("f(1, 0, 6) with a = (4, 2, -5), beta = -2 and ReLU", value(neuron((4, 2, -5), -2), *POINT)[0], 0)
    yield equals("f(1, 0, 6) with a = (5, 4, 6), beta = 3 and ReLU", value(neuron((5, 4, 6), 3), *POINT)[0], 44)
    xs = [Fraction(k, 4) for k in range(-24, 25)]
    for beta in BETAS:
        found = exact(neuron((1,), beta)(np.array(xs, dtype=float)[:, None]))
        wrong = sum(y != (0 if x <= -beta else x + beta) for x, (y,) in zip(xs, found, strict=True))
        yield equals(
            f"of 49 points x, those where ReLU(x {beta:+d}) is not 0 up to x = {-beta} and x {beta:+d} after it",
            wrong,
            0,
        )
    shifted = network(([[1], [2]], [0 + 1, 3 + 1]), ([[4, -1]], [5 + 1]), activation="identity")  # lambda(t) = t + 1
    A, b = mathdl.collapse(shifted)
    left, middle, right = (value(shifted, x)[0] for x in (-3, 1, 5))
    yield erratum(
        "An activation is any continuous function that is not linear.",
        "It must not be affine: with lambda(t) = t + 1 every network is an affine function.",
        refutes("lambda(t) = t + 1 is not linear: lambda(1 + 1) = 3 and lambda(1) + lambda(1) = 4.", (1 + 1) + 1 != 4),
        equals("a network of two layers with lambda(t) = t + 1, as A x + b: (A, b)", (A[0, 0], b[0]), (2.0, 6.0)),
        equals("twice its value half-way from x = -3 to x = 5, less its values at both", 2 * middle - left - right, 0),
    )


@item(
    "fig-4.1",
    "Diagram of one neuron",
    try_it="mathdl.plots.plot_network_diagram(mathdl.Network([mathdl.Dense(1)], input_shape=(3,)))",
)
def diagram_of_a_neuron() -> Findings:
    """A neuron with n inputs is drawn as n nodes for the inputs, each joined to the neuron by an edge with its weight.

    The neuron adds its bias to the weighted sum, applies its activation and hands on one number.
    """
    net = neuron((5, 4, 6), 3)
    (layer,) = net.layers
    yield equals("nodes: inputs, neurons", net.node_layers, (3, 1))
    yield equals("edges, one for each weight that is not 0", int(np.count_nonzero(layer.weights)), 3)
    a, beta = layer.weights[0].tolist(), float(layer.bias[0])
    read = max(sum(w * x for w, x in zip(a, POINT, strict=True)) + beta, 0)
    yield equals("the number that the edges' weights and the bias give at (1, 0, 6)", read, 44.0)
    yield equals("the network's value there", net([POINT])[0, 0], read)


@diagram_of_a_neuron.figure("a ReLU neuron with the weights 5, 4, 6 and the bias 3 at (1, 0, 6)", size=(3.2, 2.0))
def _draw_neuron(ax: Any) -> None:
    plot_network_diagram(neuron((5, 4, 6), 3), POINT, ax=ax)


@item("fig-4.2", "ReLU graph", try_it="mathdl.plots.plot_activation('relu', bias=3.0)")
def graph_of_relu() -> Findings:
    """ReLU(x) is 0 up to x = 0 and x from there on; the neuron ReLU(x + beta) is 0 up to a threshold, and then rises.

    beta is its bias. The neuron is at rest below the threshold and active above it.
    """
    relu_of = mathdl.Activation("relu")
    xs = np.linspace(-4, 4, 65)
    yield equals(
        "largest |ReLU(x) - max(x, 0)| at 65 points from -4 to 4",
        float(np.abs(relu_of.values(xs) - np.maximum(xs, 0)).max()),
        0.0,
    )
    slopes = np.diff(relu_of.values(xs)) / np.diff(xs)
    yield equals("slopes of its pieces", sorted(set(slopes.tolist())), (0.0, 1.0))
    yield equals("where the slope changes", xs[1:-1][np.diff(slopes) != 0], (0.0,))
    yield equals(
        "derivative at -1, 0 and 1",
        relu_of.derivatives([-1.0, 0.0, 1.0]),
        (0.0, 0.0, 1.0),
        "ReLU has no derivative at 0; training takes 0 there.",
    )
    shifted = neuron((1,), 3)
    yield erratum(
        "With the bias beta the neuron begins to rise at x = beta.",
        "It begins at x = -beta, where x + beta = 0.",
        differs("value of ReLU(x + 3) at x = 3", value(shifted, 3)[0], 0),
        equals("values of ReLU(x + 3) at x = -4, -3, -2", [value(shifted, x)[0] for x in (-4, -3, -2)], (0, 0, 1)),
    )


@graph_of_relu.figure("ReLU and its derivative")
def _draw_relu(ax: Any) -> None:
    plot_activation("relu", ax=ax)


@graph_of_relu.figure("the neuron ReLU(x + 3), which rises from x = -3 on")
def _draw_threshold(ax: Any) -> None:
    plot_activation("relu", (-6.0, 2.0), bias=3.0, ax=ax)
    ax.axvline(-3, color=SOFT, linestyle=":")
    ax.annotate("x = -beta", (-3, 4), (4, 0), textcoords="offset points", color=SOFT)


@item(
    "def-4.1.2",
    "Layer function",
    try_it="mathdl.Network([mathdl.Dense(4, activation='relu')], input_shape=(3,)).layers[0].weights.shape",
)
def layer_function() -> Findings:
    """A layer function from R^n to R^m is a tuple g(x) = (f_1(x), ..., f_m(x)) of m neuron functions of the same x.

    Each f_i has weights and a bias of its own; the weights are the rows of an m by n matrix A, the biases a vector b.
    """
    layer, given = layer_of_three(), points(100, 3)
    together = exact(layer(np.array(given, dtype=float)))
    single = [[relu(affine([row], [bias], x))[0] for row, bias in zip(A1, B1[:4], strict=False)] for x in given]
    differing = sum(a != b for a, b in zip(together, single, strict=True))
    yield equals("of 100 points, those where the layer is not the tuple of its four neurons", differing, 0)
    yield equals("shapes of A and b", (layer.layers[0].weights.shape, layer.layers[0].bias.shape), ((4, 3), (4,)))
    yield equals("first layer of example 4.2.1 at (1, 0, 6)", value(network((A1, B1)), *POINT), (0, 44, 17, 0, 0))
    try:
        layer([[1.0, 0.0, 6.0, 0.0]])
    except InputError as error:
        yield shows("A point of R^4 is refused by a layer on R^3.", "shape" in str(error))


@item("remark-4.1.1", "One-neuron layer is a neuron", try_it="mathdl.Network([mathdl.Dense(1)], input_shape=(5,)).size")
def layer_of_one_neuron() -> Findings:
    """A layer function with m = 1 is a neuron function: its matrix has one row, its value is a vector of one number."""
    a, beta = (3, -2, 1, 4, -1), 2
    net, given = network(([a], [beta])), points(100, 5)
    found = exact(net(np.array(given, dtype=float)))
    wrong = sum(y != relu(affine([a], [beta], x)) for x, y in zip(given, found, strict=True))
    yield equals("of 100 points in R^5, those where layer and neuron differ", wrong, 0)
    yield equals("parameters: 5 weights and a bias", net.size, 6)


@item(
    "remark-4.1.2",
    "Layers of nodes versus layer functions",
    try_it="mathdl.Network([mathdl.Dense(6), mathdl.Dense(3)], input_shape=(4,)).node_layers",
)
def node_layers() -> Findings:
    """A network of M layer functions is drawn with M + 1 columns of nodes: the inputs, and the values of each function.

    "Layer" mostly means a column of nodes, so a network with M layer functions has M + 1 layers.
    """
    one, two = layer_of_three(), network_of_four()
    yield equals("columns of nodes of the layer in figure 4.3", one.node_layers, (3, 4))
    yield equals("columns of nodes of the network in figure 4.4", two.node_layers, (4, 6, 3))
    yield equals("layer functions of the two (the depth)", (one.depth, two.depth), (1, 2))
    yield erratum(
        "Layers are columns of nodes, and the depth M is the total number of layers.",
        "The depth is the number of layer functions, one less than the number of columns of nodes.",
        differs("columns of nodes of a network with M = 2", len(two.node_layers), 2),
        equals("its layer functions", two.depth, len(two.node_layers) - 1),
    )


@item(
    "fig-4.3",
    "Diagram of one layer, three to four",
    try_it="mathdl.plots.plot_network_diagram(mathdl.Network([mathdl.Dense(4)], input_shape=(3,)))",
)
def diagram_of_a_layer() -> Findings:
    """A layer from R^3 to R^4: three nodes of inputs, four neurons, and an edge from every input to every neuron.

    The edge from input i to neuron j carries the entry of A in row j and column i.
    """
    full: Any = mathdl.Network([mathdl.Dense(4, activation="relu")], input_shape=(3,), dtype="float64")
    yield equals("nodes", full.node_layers, (3, 4))
    yield equals("edges", int(np.count_nonzero(full.layers[0].weights)), 12)
    yield equals("parameters: 12 weights and 4 biases", full.size, 16)
    yield equals("rows and columns of A", full.layers[0].weights.shape, (4, 3))


@diagram_of_a_layer.figure("a layer from R^3 to R^4 with its weights and biases", size=(3.8, 2.6))
def _draw_layer(ax: Any) -> None:
    plot_network_diagram(network(([[4, 2, -5], [5, 4, 6], [1, 3, 2], [2, 2, -3]], B1[:4])), ax=ax)


@item(
    "eq-4.6",
    "Layer in matrix form",
    try_it="mathdl.Network([mathdl.Dense(4, 'relu')], input_shape=(3,)).trace([1.0, 0.0, 6.0])[0].output",
)
def layer_in_matrix_form() -> Findings:
    """A layer function is g(x) = lambda(A x + b), with the activation lambda applied to each entry.

    Row j of the m by n matrix A holds the weights of neuron j, and b its biases.
    """
    A = [[10 * (j + 1) + (i + 1) for i in range(3)] for j in range(4)]
    layer = network((A, None))
    given = points(100, 3, seed=1)
    wrong = sum(
        y != relu(affine(A, [0] * 4, x)) for x, y in zip(given, exact(layer(np.array(given, float))), strict=True)
    )
    yield equals("of 100 points, those where lambda(A x + b) is not computed neuron by neuron", wrong, 0)
    from_first = value(layer, 1, 0, 0)
    yield equals("what input 1 alone sends to the neurons 1 to 4, if a_ji = 10 j + i", from_first, (11, 21, 31, 41))
    yield erratum(
        "The edge from input i to neuron j carries a_ij.",
        "It carries a_ji, as the rows of A belong to the neurons; with n = 3 and m = 4 there is no a_14.",
        differs("weight from input 1 to neuron 2, if a_ji = 10 j + i", from_first[1], 12),
        equals("the same weight, a_21", from_first[1], A[1][0]),
        equals("rows and columns of A", np.shape(A), (4, 3)),
    )


@item(
    "def-4.1.3",
    "Artificial neural network",
    try_it="mathdl.Network([mathdl.Dense(6, 'relu'), mathdl.Dense(3, 'relu')], input_shape=(4,))",
)
def artificial_neural_network() -> Findings:
    """A neural network is a composition h = h_M o ... o h_1 of layer functions, each with its own matrix and biases.

    M is its depth, the number n_i of neurons of h_i the width of that layer, and n_0 the dimension of the input.
    """
    net = network_of_four()
    yield equals("depth M of the network from R^4 through 6 neurons to R^3", net.depth, 2)
    yield equals("widths n_1, ..., n_M", net.widths, (6, 3))
    yield equals("parameters: 24 + 18 weights and 6 + 3 biases", net.size, 51)
    first, second = network((A1, B1)), network((A2, B2))
    both = example()
    x = np.array(points(100, 3), dtype=float)
    yield equals(
        "of 100 points, those where h is not h_2(h_1(x))", int((both(x) != second(first(x))).any(axis=1).sum()), 0
    )
    yield equals("its parameters", both.size, 32)
    yield at_least("smallest output of a network whose last layer has ReLU too", float(both(x).min()), 0.0)
    wider = mathdl.Network(net.layers, input_shape=(5,))
    yield erratum(
        "The numbers n_1, ..., n_M and M are the architecture.",
        "n_0 belongs to it too.",
        refutes(
            "Networks with M = 2, n_1 = 6 and n_2 = 3 have 51 parameters for n_0 = 4 and others for n_0 = 5.",
            (wider.depth, wider.widths) == (net.depth, net.widths) and wider.size != net.size,
        ),
        equals("parameters for n_0 = 5", wider.size, 57),
    )


@item(
    "fig-4.4",
    "Fully connected 4-6-3 network",
    try_it="mathdl.plots.plot_network_diagram(mathdl.Network([mathdl.Dense(6), mathdl.Dense(3)], (4,)))",
)
def diagram_of_a_network() -> Findings:
    """A network from R^4 through 6 hidden neurons to R^3: every node is joined to every node of the next column.

    Such a network is called fully connected.
    """
    net = network_of_four()
    edges = [int(np.count_nonzero(layer.weights)) for layer in net.layers]
    yield Table({"column": ["input", "hidden", "output"], "nodes": net.node_layers})
    yield equals("nodes", sum(net.node_layers), 13)
    yield equals("edges of the two layer functions", edges, (24, 18))
    yield equals("parameters: 42 weights and 9 biases", net.size, 51)
    net.layers[0].weights[2, 1] = 0
    cut = [int(np.count_nonzero(layer.weights)) for layer in net.layers]
    yield equals(
        "edges of the two after the weight from input 2 to neuron 3 is set to 0",
        cut,
        (23, 18),
        "Full connection takes 4 * 6 and 6 * 3 edges: the network has lost it.",
    )


@diagram_of_a_network.figure("a fully connected network from R^4 through 6 neurons to R^3", size=(4.4, 2.9))
def _draw_network(ax: Any) -> None:
    plot_network_diagram(network_of_four(), ax=ax)
