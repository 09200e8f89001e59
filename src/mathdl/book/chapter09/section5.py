"""Section 9.5: backpropagation through dense layers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter09.dense_network import (
    backpropagate,
    forward,
    layers_of,
    output_block,
    output_gradients,
    parameter_blocks,
    parameters_of,
    without_blocks,
    without_recursion,
)
from mathdl.book.finding import Findings, Table, at_most, differs, equals, erratum, near, refutes
from mathdl.book.item import item
from mathdl.plots import plot_network_diagram
from mathdl.plots.style import COLOURS, INK, SOFT

WIDTHS = (5, 4, 3, 2)
ARCHITECTURES = ((10, 20, 5, 7), (1, 1), (30, 2, 30, 2), (3, 3, 3, 3, 3))
X, Y = (1.0, -1.0, 0.5, 2.0, 1.0), (1.0, -1.0)
TRY_BACKPROPAGATE = (
    "print(mathdl.Network([mathdl.Dense(3, activation='relu'), mathdl.Dense(2)], (4,))"
    ".backpropagate([1, 2, 3, 4], [1, 0], 'mean_square', blocks=True))"
)


def network(activation: str = "relu") -> mathdl.Network:
    """Return the network of widths 5, 4, 3, 2 with parameters in halves, so that sums are exact."""
    layers = [mathdl.Dense(n, activation=activation) for n in WIDTHS[1:]]
    made = mathdl.Network(layers, input_shape=(WIDTHS[0],), dtype="float64")
    made.parameters[:] = np.random.default_rng(3).integers(-4, 5, made.size) / 2
    return made


def arrays_of(made: mathdl.Network) -> list[Any]:
    """Return A_1, b_1, ..., A_M, b_M."""
    return [array for layer in made.layers for array in (layer.weights, layer.bias)]


def counted(method: Any, widths: Any) -> int:
    """Return the operations of a method for a network of ReLU layers of these widths and one object."""
    shapes = [shape for m, n in pairwise(widths) for shape in ((n, m), (n,))]
    arrays = [np.ones(shape) for shape in (*shapes, (widths[0],), (widths[-1],))]
    return mathdl.count_operations(lambda *a: method(layers_of(a[:-2]), *a[-2:]), *arrays)["total"]


def by_step(widths: Any) -> list[int]:
    """Return the operations of the steps 0 to 3: what each has more than the ones before."""

    def one(layers: Any, s: Any, y: Any) -> Any:
        z, h = forward(layers, s)
        return output_gradients(layers, z, h, y)

    def two(layers: Any, s: Any, y: Any) -> Any:
        z, h = forward(layers, s)
        return parameter_blocks(z, h)

    zero = counted(lambda layers, s, y: forward(layers, s), widths)
    steps = [zero, counted(one, widths) - zero, counted(two, widths) - zero]
    return [*steps, counted(backpropagate, widths) - sum(steps)]


def formulas(widths: Any) -> list[int]:
    """Return the same by polynomials in the widths."""
    made = mathdl.Network([mathdl.Dense(n, "relu") for n in widths[1:]], (widths[0],))
    return list(made.operation_formulas().numbers.values())[:4]


@item("sec-9.5", "Backpropagation through dense layers", try_it=TRY_BACKPROPAGATE)
def dense_backpropagation() -> Findings:
    """The gradient of a loss l of a network of M dense layers, h_k = lambda(z_k), z_k = A_k h_(k-1) + b_k, in steps.

    (0) Forward: all z_k and h_k. (1) dl/dh_M, then dl/dh_k = dl/dh_(k+1) dh_(k+1)/dh_k backward, where the Jacobian
    is diag(lambda'(z_(k+1))) A_(k+1). (2) dh_k/da_k, where a_k holds A_k row by row and then b_k. (3) dl/da_k =
    dl/dh_k dh_k/da_k. (4) The mean over the objects. (5) All dl/da_k in one vector. Each step takes O(mu) operations
    for mu parameters; layer k has n_k neurons and mu_k = n_k (n_(k-1) + 1) parameters.
    """
    made = network()
    seen, layers = made.backpropagate(X, Y, "mean_square", blocks=True), layers_of(arrays_of(made))
    exact = backpropagate(layers, X, Y)
    yield equals("dl/da_1, dl/da_2, dl/da_3 by the steps and by the library", exact, seen.parameter_gradients)
    yield equals("the same without Jacobians", without_blocks(layers, X, Y), exact)
    z, h = forward(layers, X)
    blocks = [output_block(layer, values) for layer, values in zip(layers, z, strict=True)]
    yield equals("dh_k/dh_(k-1) by (9.81) and by the library", blocks, seen.output_blocks or [])
    kron = [np.hstack([np.kron(np.eye(n), x), np.eye(n)]) for n, x in zip(WIDTHS[1:], h, strict=False)]
    own = [np.diag(values > 0) @ block for values, block in zip(map(np.array, z), kron, strict=True)]
    yield equals("dh_k/da_k by (9.82)", own, [block.toarray() for block in seen.parameter_blocks or []])
    entries = [(block != 0).sum(axis=0).max() for block in kron]
    yield equals("most entries that are not 0 in a column of d(A_k h + b_k)/da_k", entries, (1, 1, 1))
    steps = [by_step(widths) for widths in ARCHITECTURES]
    yield Table(
        {
            "widths": [str(widths) for widths in ARCHITECTURES],
            "mu": [sum(map(int, parameters_of(widths))) for widths in ARCHITECTURES],
            **{f"step {k}": list(each) for k, each in enumerate(zip(*steps, strict=True))},
        }
    )
    yield equals("operations of the steps 0 to 3 for ReLU and |h_M - y|^2", steps, [formulas(w) for w in ARCHITECTURES])
    bound = [(sum(s) - 2 * w[-1]) / sum(parameters_of(w)) for s, w in zip(steps, ARCHITECTURES, strict=True)]
    yield equals(
        "largest (operations - 2 n_M) / mu, rounded up",
        int(np.ceil(max(bound))),
        6,
        "at most 2 + 3 + 1 + 1 for the steps",
    )
    free = counted(without_blocks, (10, 20, 5, 7))
    yield equals(
        "operations without Jacobians for widths 10, 20, 5, 7, where mu = 367", free, 1360, "below 5 mu + 2 n_M = 1849"
    )
    yield erratum(
        "(9.81) has A_k as its right factor.",
        "It is A_(k+1): the Jacobian dh_(k+1)/dh_k has n_(k+1) rows and n_k columns.",
        differs("shape of A_1", layers[0].weights.shape, blocks[1].shape),
        equals("shape of A_2", layers[1].weights.shape, blocks[1].shape),
    )
    yield from _of_the_products(made, blocks)
    yield from _of_the_complexity(made, blocks)


def _of_the_products(made: mathdl.Network, blocks: list[Any]) -> Findings:
    """Yield what is printed wrong of the formulas."""
    layers = layers_of(arrays_of(made))
    first = np.array([[1, 2], [0, 1]]), np.array([[1, 0], [3, 1]])
    yield erratum(
        "(9.91) multiplies the Jacobians dh_(j+1)/dh_j from j = k up to M - 1.",
        "They do not commute: from the left, j falls from M - 1 to k.",
        differs(
            "product of J_1 = (1 2, 0 1) and J_2 = (1 0, 3 1) in the printed order",
            first[0] @ first[1],
            first[1] @ first[0],
        ),
        refutes(
            "For the widths 5, 4, 3, 2 the factors dh_2/dh_1 and dh_3/dh_2 do not even fit in the printed order.",
            blocks[1].shape[1] != blocks[2].shape[0],
        ),
        equals(
            "dl/dh_1, dl/dh_2, dl/dh_3 in the right order",
            without_recursion(layers, X, Y),
            [list(each) for each in made.backpropagate(X, Y, "mean_square").output_gradients[1:]],
        ),
    )
    objects, targets = [X, X[::-1]], [Y, Y]
    each = [
        np.concatenate(made.backpropagate(x, y, "mean_square").parameter_gradients)
        for x, y in zip(objects, targets, strict=True)
    ]
    whole = made.gradient(objects, targets, "mean_square")
    yield erratum(
        "The text before (9.78) has dL/da_k as the sum of dl/da_k over the objects.",
        "It is their mean, as in (9.85); (9.78) itself holds for one object.",
        differs(
            "norm of grad L for two objects, and of the sum",
            np.linalg.norm(whole),
            np.linalg.norm(each[0] + each[1]),
            1e-6,
        ),
        near("largest difference of grad L from the mean", np.abs(whole - (each[0] + each[1]) / 2).max(), 0, 1e-12),
    )
    z, h = forward(layers, X)
    dead = [value <= 0 for value in z[0]]
    sums = np.hstack([np.kron(np.eye(4), h[0]), np.eye(4)])
    seen = made.backpropagate(X, Y, "mean_square", blocks=True).parameter_blocks or []
    yield erratum(
        "Step 2 combines dh_k/dA_k and dh_k/db_k to d(A_k h_(k-1) + b_k)/da_k.",
        "They combine to dh_k/da_k, which has lambda'(z_k) as a factor of its rows.",
        differs(
            "entries of dh_1/da_1 that are not 0, and of d(A_1 h_0 + b_1)/da_1",
            int((seen[0].toarray() != 0).sum()),
            int((sums != 0).sum()),
        ),
        equals("rows of dh_1/da_1 that are 0, where z_1 <= 0", (seen[0].toarray() == 0).all(axis=1).tolist(), dead),
    )


def _of_the_complexity(made: mathdl.Network, blocks: list[Any]) -> Findings:
    """Yield what is printed wrong of the costs."""
    n = (10, 20, 5, 7)
    mu = parameters_of((1000, *[1] * 10))
    yield erratum(
        "In the cost of step 1 the derivative of h_(k+1) in a_k takes O(n_k n_(k+1)) operations.",
        "It is the derivative in h_k: that in a_k has n_(k+1) mu_k entries.",
        differs("entries of dh_2/da_1 for the widths 10, 20, 5, 7", n[2] * parameters_of(n)[0], n[1] * n[2]),
        equals("entries of dh_2/dh_1 for the widths 5, 4, 3, 2", blocks[1].size, 4 * 3),
    )
    printed = 2 * n[-1] + sum(parameters_of(n)) * sum(a * b for a, b in pairwise(n[1:]))
    yield erratum(
        "(9.88) sums mu(n_k n_(k+1)).",
        "It sums O(n_k n_(k+1)).",
        differs("operations of step 1 for the widths 10, 20, 5, 7", by_step(n)[1], printed),
        at_most(
            "the same less 2 n_M, divided by the sum of n_k n_(k+1)",
            (by_step(n)[1] - 14) / sum(a * b for a, b in pairwise(n[1:])),
            4,
        ),
    )
    depth = len(WIDTHS) - 1
    yield erratum(
        "The sum of n_(j+1) n_j in (9.92) runs from j = k + 1 to M.",
        "It runs from k to M - 1.",
        refutes("For j = M it would need n_(M+1), and there is no such layer.", depth + 1 > len(WIDTHS) - 1),
        equals(
            "entries of the Jacobians that (9.91) multiplies for k = 1",
            sum(block.size for block in blocks[1:]),
            sum(WIDTHS[j + 1] * WIDTHS[j] for j in range(1, depth)),
        ),
    )
    yield erratum(
        "Without the recursion the cost (9.93) equals M O(mu) and is above O(mu).",
        "M mu is only an upper bound: the sum of (k - 1) mu_k may be below mu.",
        refutes(
            "For the widths 1000, 1, ..., 1 with M = 10 layers it is less than mu.",
            sum(k * each for k, each in enumerate(mu)) < sum(mu),
        ),
        equals("sum of (k - 1) mu_k and mu there", (sum(k * each for k, each in enumerate(mu)), sum(mu)), (90, 1019)),
        equals(
            "the same for ten layers of ten neurons, where M mu = 11000",
            sum(k * each for k, each in enumerate(parameters_of([10] * 11))),
            4950,
        ),
    )


@item(
    "fig-9.5",
    "A network of dense layers",
    try_it="mathdl.Network([mathdl.Dense(4), mathdl.Dense(2)], (5,)).node_layers",
)
def dense_diagram() -> Findings:
    """Column k has n_k nodes; between columns k - 1 and k there are n_k n_(k-1) edges, and mu_k = n_k (n_(k-1) + 1)."""
    made = network()
    yield equals("nodes in each column", made.node_layers, WIDTHS)
    yield equals("edges between columns", [n * m for m, n in pairwise(made.node_layers)], (20, 12, 6))
    yield equals("parameters of each layer, mu_k", [layer.size for layer in made.layers], parameters_of(WIDTHS))
    yield equals("mu", made.size, 47)


@dense_diagram.figure("a network with 5, 4, 3 and 2 nodes in its columns", size=(6.4, 3.4))
def _draw_network(ax: Any) -> None:
    plot_network_diagram(network(), ax=ax, weights=False)


@item("fig-9.6", "The shapes in the gradient's product", try_it=TRY_BACKPROPAGATE)
def shapes() -> Findings:
    """dl/da_k, one row of mu_k numbers, is dl/dh_k, one row of n_k, times dh_k/da_k with n_k rows and mu_k columns."""
    seen = network().backpropagate(X, Y, "mean_square", blocks=True)
    factors = list(zip(seen.output_gradients[1:], seen.parameter_blocks or [], strict=True))
    yield equals("shapes of dh_k/da_k", [block.shape for _, block in factors], ((4, 24), (3, 15), (2, 8)))
    yield equals("dl/dh_k dh_k/da_k and dl/da_k", [a @ block for a, block in factors], seen.parameter_gradients)
    recursion = seen.output_blocks or []
    yield erratum(
        "The caption names (9.80).",
        "The drawn product is the one of (9.78) and (9.84); (9.80) has a factor of n_(k+1) rows and n_k columns.",
        differs("shape of the right factor of (9.80) for k = 1", recursion[1].shape, factors[0][1].shape),
        equals("shape of the right factor of (9.84) for k = 1", factors[0][1].shape, (4, 24)),
    )


@shapes.figure(
    "dl/da_1 = dl/dh_1 dh_1/da_1 for n_1 = 4 and mu_1 = 24, with the entries of the last factor", size=(7.0, 2.2)
)
def _draw_shapes(ax: Any) -> None:
    seen = network("leaky_relu").backpropagate(X, Y, "mean_square", blocks=True)
    block = (seen.parameter_blocks or [])[0].toarray()
    for left, rows, columns, name in ((0, 1, 24, "dl/da_k"), (28, 1, 4, "dl/dh_k"), (36, 4, 24, "dh_k/da_k")):
        across, up = [left, left + columns, left + columns, left, left], np.array([1, 1, -1, -1, 1]) * rows / 2
        ax.plot(across, up, color=SOFT)
        ax.text(left + columns / 2, -rows / 2 - 0.6, f"{name}\n{rows} x {columns}", ha="center", va="top", color=INK)
    ax.text(26, 0, "=", ha="center", va="center")
    at = np.argwhere(block != 0)
    ax.plot(36.5 + at[:, 1], 1.5 - at[:, 0], "s", color=COLOURS[0], markersize=3)
    ax.set(xlim=(-1, 61), ylim=(-5.5, 2.6))
    ax.set_axis_off()
