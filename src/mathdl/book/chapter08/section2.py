"""Section 8.2: additive loss functions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, equals, near, shows
from mathdl.book.item import item


def dense(weights: Any, inputs: int) -> mathdl.Network:
    """Return a network of one linear layer with these weights, a row for each output, and no bias."""
    rows = np.asarray(weights, float)
    net = mathdl.Network([mathdl.Dense(len(rows))], input_shape=(inputs,), dtype="float64")
    net.parameters[:] = np.append(rows.reshape(-1), np.zeros(len(rows)))
    return net


@item(
    "sec-8.2",
    "Additive losses: mean square and cross-entropy",
    try_it="mathdl.gradient_descent(mathdl.LeastSquares([[1.0], [2.0]], [2.0, 5.0]), [2.0], steps=0).value",
)
def additive_losses() -> Findings:
    """An additive loss is the mean over the objects s of the training set T of a loss l(s, a) of each one (8.8).

    For the mean square loss l(s, a) = |phi(s, a) - psi(s)|^2, with the answer phi and the target psi (8.9). For the
    cross-entropy l(s, a) = -log p, with the probability p that the network gives to the own class (8.10); where p
    comes from a softmax of outputs z_1, ..., z_m, that is log(exp(z_1) + ... + exp(z_m)) - z_i, i the own class.
    """
    X, W = [[1, 2], [0, -1], [3, 1]], [[2, -1], [1, 1]]
    y = [[1, 2], [2, 0], [5, 5]]
    answers = [[sum(w * x for w, x in zip(row, each, strict=True)) for row in W] for each in X]
    squares = [sum((u - v) ** 2 for u, v in zip(a, b, strict=True)) for a, b in zip(answers, y, strict=True)]
    yield equals("|phi(s, a) - psi(s)|^2 of three objects", squares, (2, 2, 1))
    yield near("mean square loss of the network", dense(W, 2).loss(X, y, "mean_square"), Fraction(5, 3), 1e-15)
    by_formula = mathdl.LeastSquares(X, y).value_and_gradient(np.array(W, float).T.reshape(-1))[0]
    yield near("the same loss by its formula", by_formula, Fraction(5, 3), 1e-15)
    logits, own = np.random.default_rng(1).normal(size=(6, 3)), np.array([0, 1, 2, 2, 1, 0])
    net = dense(logits.T, 6)  # an object is a unit vector, so that the weights are its outputs z
    e = np.exp(logits)
    terms = np.log(e.sum(axis=1)) - logits[range(6), own]
    yield near(
        "cross-entropy of the network, less the mean of log(sum of exp z) - z_i",
        net.loss(np.eye(6), own, "cross_entropy") - terms.mean(),
        0,
        1e-14,
    )
    slopes = net.gradient(np.eye(6), own, "cross_entropy")[:18].reshape(3, 6).T
    expected = (e / e.sum(axis=1, keepdims=True) - np.eye(3)[own]) / 6
    off = np.abs(slopes - expected).max()
    yield near("largest difference of its gradient in z from (p - 1 for the own class) / |T|", off, 0, 1e-15)
    sure = dense([[800.0], [0.0]], 1)
    yield equals("loss of a certain right answer", sure.loss([[1.0]], [0], "cross_entropy"), 0)
    yield equals("loss of a certain wrong one, z = (800, 0)", sure.loss([[1.0]], [1], "cross_entropy"), 800)
    confident = [dense([[z], [0.0]], 1).loss([[1.0]], [0], "cross_entropy") for z in (-4.0, -1.0, 0.0, 1.0, 4.0)]
    yield shows("The more likely the own class, the smaller the loss.", (np.diff(confident) < 0).all())
