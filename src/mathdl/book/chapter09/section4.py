"""Section 9.4: networks with one neuron in each layer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl import chain
from mathdl.book.chapter09.chain_network import (
    differences,
    gradient_of_the_proof,
    gradient_with_stored_products,
    loss,
    outputs,
    slope,
)
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes
from mathdl.book.item import item
from mathdl.plots import plot_network_diagram
from mathdl.plots.style import COLOURS, legend, log_axes

DEPTHS = (1, 5, 10, 20)
TRY_CHAIN = (
    "mathdl.Network([mathdl.Dense(1, activation='relu', bias=False)] * 5, (1,))"
    ".backpropagate([1.0], [0.0], 'mean_square')"
)


def weights(mu: int) -> list[Fraction]:
    """Return weights near 1, so that every neuron is active."""
    return [Fraction(9 + k % 3, 10) for k in range(mu)]


def operations(method: Any, mu: int) -> int:
    """Return how many operations a method does for a network of mu layers, one object."""
    return mathdl.count_operations(method, [float(a) for a in weights(mu)], 1.0, 0.5)["total"]


def chain_of(mu: int) -> mathdl.Network:
    """Return the network with these weights, ReLU and no biases."""
    layers = [mathdl.Dense(1, activation="relu", bias=False) for _ in range(mu)]
    network = mathdl.Network(layers, input_shape=(1,), dtype="float64")
    network.parameters[:] = [float(a) for a in weights(mu)]
    return network


@item("fig-9.4", "The network with one neuron in each layer", try_it=TRY_CHAIN)
def chain_diagram() -> Findings:
    """h_k = lambda(a_k h_(k-1)) for k = 1, ..., mu: mu + 1 nodes in a row, joined by mu edges with the weights a_k."""
    network = chain_of(5)
    yield equals("nodes in each column for mu = 5", network.node_layers, (1,) * 6)
    yield equals("edges, one for each weight", network.size, 5)
    values = [float(step.output[0]) for step in network.trace([1.0])]
    yield near("h_1, ..., h_5 for h_0 = 1", values, [0.9, 0.9, 0.99, 0.891, 0.891], 1e-14)


@chain_diagram.figure(
    "one neuron in each of five layers, with their weights and, for h_0 = 1, their values", (7.0, 2.0)
)
def _draw_chain(ax: Any) -> None:
    plot_network_diagram(chain_of(5), [1.0], ax=ax)


@item("sec-9.4", "Finite differences cost mu^2, backpropagation mu")
def costs_compared() -> Findings:
    """Differences of the loss, one for each of the mu weights, cost O(mu^2): each needs the whole network again.

    The network has one neuron in each layer, ReLU and the squared error. Backpropagation reuses what it has, O(mu).
    """
    counted = [operations(differences, mu) for mu in DEPTHS]
    yield equals("operations of differences", counted, [2 * mu * mu + 7 * mu + 2 for mu in DEPTHS])
    yield equals("for mu = 1, 5, 10", counted[:3], (11, 87, 272), "mu + 1 losses of 2 mu + 2, then 3 a quotient")
    stored = [operations(gradient_with_stored_products, mu) for mu in DEPTHS]
    yield Table({"mu": DEPTHS, "differences": counted, "backpropagation": stored})
    mu = mathdl.variables("mu")
    yield equals("whether 2 mu^2 + 7 mu + 2 = O(mu)", bool(mathdl.is_big_o(2 * mu**2 + 7 * mu + 2, mu)), False)
    yield erratum(
        "By finite differences the calculation of L takes O(mu^2) operations, and no fewer.",
        "That is the calculation of grad L; L itself takes 2 mu + 2.",
        refutes("mu^2 is not O(2 mu + 2).", not mathdl.is_big_o(mu**2, 2 * mu + 2)),
        equals("operations of L", [operations(loss, mu) for mu in DEPTHS], [2 * mu + 2 for mu in DEPTHS]),
    )


@costs_compared.figure("operations for the gradient of a network with one neuron in each of mu layers", size=(5.2, 3.0))
def _draw_costs(ax: Any) -> None:
    depths = [1, 2, 4, 8, 16, 32, 64]
    for k, (name, method) in enumerate({"differences": differences, "proof": gradient_of_the_proof}.items()):
        counted = [operations(method, mu) for mu in depths]
        ax.plot(depths, counted, color=COLOURS[k], marker="os"[k], linestyle=("-", "--")[k], label=name)
    ax.set(xlabel="mu", ylabel="operations")
    log_axes(ax, x=True, y=True)
    legend(ax)


@item("prop-9.4.1", "Backpropagation is linear in the number of parameters", try_it=TRY_CHAIN)
def linear_cost() -> Findings:
    """For one neuron in each of mu layers, without biases, the gradient of the loss takes O(|T| mu) operations.

    T is the training set. For one object: forward h_k = lambda(a_k h_(k-1)); backward dl/dh_k = dl/dh_(k+1)
    lambda'(a_(k+1) h_k) a_(k+1); then dh_k/da_k = lambda'(a_k h_(k-1)) h_(k-1), and dl/da_k is the product of the two.
    """
    proof = [operations(gradient_of_the_proof, mu) for mu in DEPTHS]
    yield equals("operations of the proof's steps for ReLU", proof, [10 * mu - 2 for mu in DEPTHS])
    stored = [operations(gradient_with_stored_products, mu) for mu in DEPTHS]
    yield equals("with a_k h_(k-1) kept", stored, [8 * mu - 1 for mu in DEPTHS])
    mu = mathdl.variables("mu")
    yield equals("N for 10 mu - 2 <= 10 mu", mathdl.is_big_o(10 * mu - 2, mu, C=10).N, 0, "so that it is O(mu)")
    exact = [gradient_of_the_proof(weights(n), Fraction(1), Fraction(1, 2)) for n in DEPTHS]
    yield equals("gradient for weights 9/10, 1, 11/10, 9/10, 1", exact[1], chain_gradient(5))
    near_by = [chain_of(n).backpropagate([1.0], [0.5], "mean_square").parameter_gradients for n in DEPTHS]
    away = max(abs(float(a) - b[0]) for x, y in zip(exact, near_by, strict=True) for a, b in zip(x, y, strict=True))
    yield near("largest difference from Network.backpropagate for mu = 1, 5, 10, 20", away, 0, 1e-14)
    h = outputs([-1], -1)
    yield erratum(
        "lambda'(a_k h_k) is what step 3 computes.",
        "By (9.72) it is lambda'(a_k h_(k-1)).",
        differs("lambda'(a_1 h_1) for a_1 = -1, h_0 = -1, where dh_1/da_1 = h_0", slope(-h[1]) * h[0], -1),
        equals("lambda'(a_1 h_0) h_0", slope(-h[0]) * h[0], -1),
    )


def chain_gradient(mu: int) -> list[Any]:
    """Return the gradient of the loss for these weights by an expression, exactly."""
    a = mathdl.variables("a", mu)
    h: Any = Fraction(1)
    for weight in a:
        h = chain.relu(weight * h)
    difference = h - Fraction(1, 2)
    found: list[Any] = mathdl.gradient(difference * difference, weights(mu))
    return found


@item("rem-9.4.1", "As many parameters as layers")
def parameters_and_layers() -> Findings:
    """A network with one neuron and no bias in each of its M layers has mu = M parameters."""
    yield equals("parameters of networks of 1, 5, 10, 20 layers", [chain_of(m).size for m in DEPTHS], DEPTHS)
    yield equals("with biases", mathdl.Network([mathdl.Dense(1)] * 5, (1,)).size, 10, "so that the remark needs none")


@item("rem-9.4.2", "The squared error")
def squared_error() -> Findings:
    """The loss l = (phi - f)^2 of an output phi and the known target f; its derivative in phi is 2 (phi - f)."""
    phi, f = mathdl.variables("phi f")
    difference = phi - f
    counted = mathdl.count_operations(difference * difference)
    yield equals("operations of l", counted["total"], 2, "a subtraction and a product; f is known and costs nothing")
    slopes = mathdl.gradient(difference * difference, [Fraction(3), Fraction(1, 2)])
    yield equals("dl/dphi at phi = 3, f = 1/2", slopes[0], 5, "2 (phi - f)")
    found = chain_of(1).backpropagate([1.0], [0.5], "mean_square")
    yield near("the same by Network.backpropagate at phi = 0.9, f = 0.5", found.output_gradients[1], [0.8], 1e-14)


@item("rem-9.4.3", "The same for a batch")
def batches() -> Findings:
    """The gradient over a batch is the mean of the gradients of its objects, so its cost grows with their number."""
    network, objects, targets = chain_of(5), [[1.0], [2.0], [4.0]], [[0.5], [0.0], [1.0]]
    whole = network.gradient(objects, targets, "mean_square")
    pairs = zip(objects, targets, strict=True)
    each = [np.concatenate(network.backpropagate(x, y, "mean_square").parameter_gradients) for x, y in pairs]
    away = np.abs(whole - np.mean(each, axis=0)).max()
    yield near("largest difference of the gradient over three objects from the mean of theirs", away, 0, 1e-14)

    def average(a: Any, s: Any, y: Any) -> list[Any]:
        gradients = [gradient_of_the_proof(a, *pair) for pair in zip(s, y, strict=True)]
        return [sum(column[1:], column[0]) / len(s) for column in zip(*gradients, strict=True)]

    counted = [mathdl.count_operations(average, np.ones(5), np.ones(n), np.zeros(n))["total"] for n in (1, 2, 3)]
    yield equals("operations for 1, 2, 3 objects and mu = 5", counted, [n * 48 + n * 5 for n in (1, 2, 3)])
    yield equals("more for each further object", counted[2] - counted[1], 53, "10 mu - 2, and mu sums of the mean")
