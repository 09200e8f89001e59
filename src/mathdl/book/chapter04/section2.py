"""Section 4.2: classifiers by networks, and the softmax function."""

from __future__ import annotations

from fractions import Fraction
from math import exp
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter04.networks import A1, A2, B1, B2, POINT, example, value
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, shows, written
from mathdl.book.item import item
from mathdl.plots import plot_network_diagram

HALF = Fraction(1, 2)


@item("eq-4.9", "Probability-vector condition", try_it="mathdl.check_probabilities([[1.0, 0.0, 0.25]])")
def probability_vectors() -> Findings:
    """A soft classifier phi = (phi_1, ..., phi_m) gives numbers from 0 to 1 that add up to 1, for every x.

    m is the number of classes, and phi_i(x) the probability of class i. A network's outputs alone need not do so.
    """
    yield equals("whether (1/2, 1/2, 0) does so", mathdl.check_probabilities([HALF, HALF, 0]).holds, True)
    wrong = mathdl.check_probabilities([1, 0, Fraction(1, 4)])
    yield equals("sum of (1, 0, 1/4)", wrong.sums[0], Fraction(5, 4))
    yield equals("whether (1, 0, 1/4) does so", wrong.holds, False)
    h = value(example(), *POINT)
    yield equals(
        "what is wrong with the outputs of example 4.2.1",
        mathdl.check_probabilities(h).message,
        "Vector 0 has the entry 295 at place 0.",
    )
    yield equals("whether their softmax does so", mathdl.check_probabilities(mathdl.softmax(h)).holds, True)


@item("def-4.2.1", "ANN classifier with softmax", try_it="mathdl.softmax([295.0, 101.0])")
def classifier_with_softmax() -> Findings:
    """A network classifier is softmax after a network h: x is mapped to sigma(h(x)).

    sigma(y)_i = e^(y_i) / (e^(y_1) + ... + e^(y_m)), so that the m outputs are probabilities, and the largest output of
    h is the most probable class.
    """
    h = value(example(), *POINT)
    p = mathdl.softmax(h)
    yield near(
        "p_2 (1 + e^194), for the probability p_2 of class 2 where h(x) = (295, 101)", p[1] * (1 + exp(194)), 1, 1e-12
    )
    yield near("10^85 p_2", p[1] * 1e85, 5.58304, 1e-5)
    yield equals("class (counted from 1) with the largest probability", mathdl.harden(p, (1, 2)), 1)
    y = np.random.default_rng(0).normal(size=(50, 4))
    away = float(np.abs(mathdl.softmax(y + 100) - mathdl.softmax(y)).max())
    yield near("largest change of softmax when 100 is added to all entries, of 50 vectors", away, 0, 1e-13)
    orders = np.argsort(mathdl.softmax(y)) != np.argsort(y)
    yield equals("of 50 vectors, those whose entries change their order", int(orders.any(axis=1).sum()), 0)
    yield equals("softmax of (1000, 0, 0), which does not overflow", mathdl.softmax([1000, 0, 0]), (1.0, 0.0, 0.0))
    yield equals(
        "entries 2 and 3 of the softmax of (800, 0, -1)",
        mathdl.softmax([800, 0, -1])[1:],
        (0.0, 0.0),
        "Exactly, entry 2 is the larger; both are too small for double precision.",
    )
    small = mathdl.softmax([1.0, 0.0])
    yield erratum(
        "Softmax normalises the output of the classifier h~ = sigma o h.",
        "It normalises the output of the network h; h~ is what comes out of it.",
        differs("softmax of h~(x), for h(x) = (1, 0)", mathdl.softmax(small), small, 1e-3),
        equals("sum of the network's outputs (295, 101), before softmax", sum(h), 396),
        near("sum of h~(x)", float(p.sum()), 1, 1e-15),
    )


@item(
    "example-4.2.1",
    "Evaluate a 3-5-2 ReLU network",
    try_it="mathdl.Network([mathdl.Dense(2, 'relu')], input_shape=(3,)).trace([1.0, 0.0, 6.0])[0].pre_activation",
)
def evaluate_a_network() -> Findings:
    """A network h = g_2 o g_1 from R^3 through five ReLU neurons to R^2, evaluated step by step at x = (1, 0, 6).

    g_k(x) = ReLU(A^k x + b^k), with the matrices A^1 (5 by 3) and A^2 (2 by 5) and the biases b^1 and b^2.
    """
    net = example()
    first, second = net.trace(POINT)
    products = first.pre_activation - net.layers[0].bias
    yield equals("A^1 x", products.astype(int), (-26, 41, 12, -16, -31))
    yield equals("A^1 x + b^1", first.pre_activation.astype(int), (-28, 44, 17, -18, -24), "b^1 = (-2, 3, 5, -2, 7)")
    yield equals("g_1(x) = ReLU of that", first.output.astype(int), (0, 44, 17, 0, 0))
    sums = second.pre_activation - net.layers[1].bias
    yield equals("A^2 g_1(x)", sums.astype(int), (298, 102))
    yield equals("A^2 g_1(x) + b^2", second.pre_activation.astype(int), (295, 101), "b^2 = (-3, -1)")
    yield equals("h(1, 0, 6)", value(net, *POINT), (295, 101))
    yield equals("parameters", net.size, 32)
    for layer, A, b, step in ((1, A1, B1, first), (2, A2, B2, second)):
        yield Table(
            {
                f"neuron of layer {layer}": range(1, len(A) + 1),
                "weights": [written(row) for row in A],
                "bias": b,
                "weighted sum + bias": step.pre_activation.astype(int).tolist(),
                "ReLU": step.output.astype(int).tolist(),
            }
        )
    yield shows("The neurons 1, 4 and 5 are at rest.", (first.pre_activation[[0, 3, 4]] < 0).all())


@evaluate_a_network.figure("the network of the example and its values at (1, 0, 6)", size=(4.2, 2.9))
def _draw_example(ax: Any) -> None:
    plot_network_diagram(example(), POINT, ax=ax)
