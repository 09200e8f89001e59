"""Section 10.2: convolutional layers."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import difference, drawn, image_map, network, unit_images
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.finding import Findings, Table, differs, equals, erratum, refutes, shows
from mathdl.book.item import item

LETTERS = {0: "0", 2: "a", 3: "b", 5: "c", 7: "d"}
"""Numbers that stand for the entries of a kernel."""


@item(
    "def-10.2.1",
    "Convolutional layer function",
    try_it='mathdl.Network([mathdl.Conv2D(1, 3, activation="relu", bias="position")], input_shape=(1, 6, 7)).size',
)
def convolutional_layer() -> Findings:
    """A convolutional layer maps an N x M matrix X to c(X) = lambda(K * X + b), which is smaller than X.

    K is a kernel of D x D weights, b a matrix of biases of the size of K * X, and the activation function lambda acts
    on each entry. Conv2D(bias="position") has this matrix b; by default it has one bias for all entries.
    """
    x, kernel, b = drawn(6, 7), drawn(3, 3, seed=1), drawn(4, 5, seed=2)
    c = image_map(mathdl.Conv2D(1, 3, activation="relu", bias="position"), x, kernel, b)
    stated = np.maximum(mathdl.convolve(kernel, x) + b, 0)
    yield equals("size of c(X) for a 3 x 3 kernel and a 6 x 7 matrix X", c.shape, (4, 5))
    yield equals(
        "largest difference between c(X) and max(K * X + b, 0) of drawn whole numbers", difference(c, stated), 0
    )
    yield shows(
        "Some entries of K * X + b are negative, so that the activation does something.",
        (stated != mathdl.convolve(kernel, x) + b).any(),
    )
    counts = [network([mathdl.Conv2D(1, 3, bias=bias)], (1, 6, 7)).size for bias in ("position", "channel", None)]
    yield equals("parameters with the matrix b, with one bias, with none", counts, (3 * 3 + 4 * 5, 3 * 3 + 1, 3 * 3))


@item("def-10.2.2", "Convolutional neuron function")
def convolutional_neuron() -> Findings:
    """The neuron at place (i, j) of a convolutional layer sees only the part X[i, j; D] of the matrix X.

    It computes q_ij(X) = lambda(K . X[i, j; D] + b_ij), where the dot is the sum of the products of the entries, K the
    D x D kernel that all neurons share, b_ij its own bias and lambda the activation function. These are the entries of
    the layer's output c(X).
    """
    x, kernel, b = drawn(5, 5), drawn(3, 3, seed=1), drawn(3, 3, seed=2)
    c = image_map(mathdl.Conv2D(1, 3, activation="relu", bias="position"), x, kernel, b)
    neurons = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            neuron = network([mathdl.Dense(1, activation="relu")], (9,), kernel, b[i, j])
            neurons[i, j] = neuron(mathdl.submatrix(x, i + 1, j + 1, 3).reshape(1, 9)).item()
    yield equals(
        "largest difference between c(X) and nine dense neurons, each on its part of X", difference(c, neurons), 0
    )
    seen = (unrolled(np.ones((3, 3)), 5, 5) != 0).sum(axis=1)
    yield equals("how many of the 25 entries of X each of the nine neurons sees", seen, [9] * 9)
    yield erratum(
        "(10.23) has no activation function, and (10.24) says that c(X) of (10.22) has the entries (10.23).",
        "q_ij(X) = lambda(K . X[i, j; D] + b_ij).",
        differs("with ReLU, X = (1), K = (1) and b = (-3), the entry of c(X)", relu_of_one(-3), -2),
        equals("the same, max(0, 1 - 3)", relu_of_one(-3), 0),
    )


def relu_of_one(bias: int) -> Any:
    """Return c(X) for X = (1), K = (1) with the activation function ReLU."""
    return image_map(mathdl.Conv2D(1, 1, activation="relu"), [[1]], [1], [bias]).item()


@item(
    "rem-10.2.1",
    "Sizes and numbers of parameters inside a network",
    try_it="mathdl.Network([mathdl.Conv2D(1, 3), mathdl.Conv2D(1, 2), mathdl.Conv2D(1, 5)], (1, 12, 15)).summary()",
)
def sizes_inside() -> Findings:
    """The k-th layer of a network maps N_(k-1) x M_(k-1) matrices to N_k x M_k ones, with a D_k x D_k kernel.

    N_k = N_(k-1) - D_k + 1, M_k = M_(k-1) - D_k + 1, and the layer has N_k M_k neurons. The first layer, k = 1, sees
    the picture. A dense layer between as many neurons has far more parameters.
    """
    net = network([mathdl.Conv2D(1, d, bias=None) for d in (3, 2, 5)], (1, 12, 15))
    shapes = [layer.output_shape[1:] for layer in net.layers]
    yield equals(
        "sizes N_k x M_k after kernels with D = 3, 2, 5 on a 12 x 15 picture", shapes, ((10, 13), (9, 12), (5, 8))
    )
    neurons = [rows * columns for rows, columns in shapes]
    yield equals("neurons N_k M_k of the three layers", neurons, (130, 108, 40))
    before = [12 * 15, *neurons[:2]]
    dense = [network([mathdl.Dense(n)], (m,)).size for n, m in zip(neurons, before, strict=True)]
    yield equals(
        "parameters of dense layers between as many neurons",
        dense,
        [n * (m + 1) for n, m in zip(neurons, before, strict=True)],
    )
    weights = [layer.size for layer in net.layers]
    yield equals("weights D_k^2 of the convolutional layers", weights, (9, 4, 25))
    yield Table({"layer k": (1, 2, 3), "neurons": neurons, "convolutional weights": weights, "dense parameters": dense})
    matrix = network([mathdl.Conv2D(1, 3, bias="position")], (1, 12, 15)).size
    yield erratum(
        "A convolutional layer function c_k depends on D_k^2 parameters only, many fewer than it has neurons.",
        "With the matrix b of Definition 10.2.1 it has D_k^2 + N_k M_k, more than neurons; D_k^2 + 1 with one bias.",
        differs("parameters of the first layer (D_1 = 3, 130 neurons) with the matrix b", matrix, 9),
        refutes("They are more than the 130 neurons.", matrix > neurons[0]),
        equals("the same, counted", matrix, 9 + 130),
        equals("parameters of the first layer with one bias", network([mathdl.Conv2D(1, 3)], (1, 12, 15)).size, 9 + 1),
    )


def convolution(kernel: Any, rows: int, columns: int) -> Any:
    """Return a network of one convolutional layer with this kernel, for pictures of rows x columns."""
    return network([mathdl.Conv2D(1, np.shape(kernel), bias=None)], (1, rows, columns), kernel)


def unrolled(kernel: Any, rows: int, columns: int) -> Any:
    """Return the matrix that takes a picture, as a vector, to its convolution."""
    return convolution(kernel, rows, columns).layers[0].matrix().toarray()


@item(
    "ex-10.2.1",
    "Weight sharing and sparsity",
    try_it="mathdl.Network([mathdl.Conv2D(1, 2)], input_shape=(1, 3, 3)).layers[0].matrix().toarray()",
)
def shared_weights() -> Findings:
    """The kernel K has the rows a b and c d; the 3 x 3 matrix X has the entries 1 to 9.

    Written as vectors row by row, K * X (4 numbers) is a matrix times X (9 numbers). So a convolutional layer is a
    dense layer whose weight matrix is sparse, with zeros at fixed places, and whose neurons share their weights: every
    row has the same four numbers.
    """
    x = np.arange(1, 10).reshape(3, 3)
    for letter, unit in zip("abcd", np.eye(4).reshape(4, 2, 2), strict=True):
        row, column = np.argwhere(unit)[0]
        counts = x[row : row + 2, column : column + 2]
        yield equals(f"what {letter} counts for in the entries of K * X", mathdl.convolve(unit, x), counts)
    weights = unrolled([[2, 3], [5, 7]], 3, 3)
    rows = ["".join(LETTERS[int(weight)] for weight in row) for row in weights]
    yield equals(
        "rows of the weight matrix",
        rows,
        ("ab0cd0000", "0ab0cd000", "000ab0cd0", "0000ab0cd"),
        "the matrix of the layer",
    )
    columns = convolution([[2, 3], [5, 7]], 3, 3)(unit_images(3, 3)).reshape(9, 4).T
    yield equals("largest difference from K * X for the nine X that have a single 1", difference(weights, columns), 0)
    product_of_both = weights @ x.ravel()
    yield equals(
        "this matrix times X with a, b, c, d = 2, 3, 5, 7",
        product_of_both,
        mathdl.convolve([[2, 3], [5, 7]], x).ravel(),
    )
    yield equals("zeros among its 36 entries", int((weights == 0).sum()), 20)
    yield equals("distinct weights", len(set(weights[weights != 0])), 4)
    yield erratum(
        "The matrix has 15 entries that are not 0.",
        "It has 16: four in each of its four rows.",
        differs("entries that are not 0", int((weights != 0).sum()), 15),
        equals("entries that are not 0, row by row", (weights != 0).sum(axis=1), (4, 4, 4, 4)),
    )


@shared_weights.figure(
    "the 4 x 9 weight matrix: each row has the four weights a, b, c, d, here 2, 3, 5, 7, and five zeros",
    size=(4.2, 2.2),
)
def _draw_unrolled(ax: Any) -> None:
    draw_matrix(ax, unrolled([[2, 3], [5, 7]], 3, 3), "a, b, c, d = 2, 3, 5, 7", axes=("entry of K * X", "entry of X"))


@item(
    "fig-10.2",
    "Connections of a convolutional and of a dense layer",
    try_it="mathdl.Network([mathdl.Conv1D(1, 4)], input_shape=(1, 6)).layers[0].connections()",
)
def connections() -> Findings:
    """A layer with 6 inputs and 3 outputs, once convolutional with a kernel of four numbers, once dense.

    A line joins an input and an output that depends on it. Each output of the convolutional layer sees four inputs in a
    row, with the same four weights; each output of the dense layer sees all six, with weights of its own.
    """
    weights = unrolled([[2, 3, 5, 7]], 1, 6)
    yield equals(
        "rows of the weight matrix, for the kernel (2, 3, 5, 7)",
        weights,
        ((2, 3, 5, 7, 0, 0), (0, 2, 3, 5, 7, 0), (0, 0, 2, 3, 5, 7)),
    )
    found = network([mathdl.Conv1D(1, 4, bias=None)], (1, 6)).layers[0].connections()
    yield equals("connections of the convolutional layer", found.entries, 12)
    yield equals("its weights", found.weights, 4)
    yield equals(
        "weights of the dense layer, one for each connection", network([mathdl.Dense(3, bias=False)], (6,)).size, 6 * 3
    )
    longer = [
        network([layer], shape).size
        for layer, shape in ((mathdl.Conv2D(1, (1, 4), bias=None), (1, 1, 12)), (mathdl.Dense(9, bias=False), (12,)))
    ]
    yield equals(
        "weights of both for 12 inputs and 9 outputs", longer, (4, 12 * 9), "only those of the dense layer grow"
    )
    sizes = [(n, 6 // n) for n in (2, 3)]
    outputs = [network([mathdl.Conv2D(1, 2)], (1, *size)).output_shape[1:] for size in sizes]
    yield erratum(
        "The caption: the kernel is 2 x 2, there are 6 inputs and 3 outputs.",
        "A row of 6 inputs and a kernel of four numbers in a row give 3 outputs.",
        differs("outputs of a 2 x 2 kernel on 6 inputs, as 2 x 3 or 3 x 2 matrix", [n * m for n, m in outputs], (3, 3)),
        equals("outputs of a kernel of four numbers on a row of 6 inputs", len(weights), 3),
    )


@connections.figure(
    "a convolutional layer: each of 3 outputs is joined to 4 of 6 inputs; lines of one style carry the same weight",
    size=(2.6, 3.2),
)
def _draw_convolutional(ax: Any) -> None:
    mathdl.plots.plot_connections([unrolled([[2, 3, 5, 7]], 1, 6)], ["6 inputs", "convolution, 4 weights"], ax=ax)


@connections.figure("a dense layer: each of 3 outputs is joined to all 6 inputs", size=(2.6, 3.2))
def _draw_dense(ax: Any) -> None:
    mathdl.plots.plot_connections([np.ones((3, 6))], ["6 inputs", "dense, 18 weights"], ax=ax)
