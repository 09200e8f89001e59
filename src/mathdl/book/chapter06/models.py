"""Lines and logistic curves of given numbers, for the items of the chapter."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl

THREE = [[-2.0], [0.0], [1.0]], [1.0, 2.0, -1.0]  # exercise 6.1a
FOUR = [[-2.0, 1.0], [0.0, -1.0], [1.0, 2.0], [3.0, 0.0]], [1.0, 2.0, -1.0, 0.0]  # exercise 6.1b


def exact_line(X: Any, y: Any) -> Any:
    """Fit an affine function in rational numbers."""
    return mathdl.LinearRegression(exact=True).fit(np.array(X, dtype=float), np.array(y, dtype=float))


def residuals(a: Any, b: Any, X: Any, y: Any) -> list[Fraction]:
    """Return y_i - (a.x_i + b) in rational numbers."""
    a = [Fraction(each) for each in np.ravel(a)]
    values = [sum(c * Fraction(v) for c, v in zip(a, row, strict=True)) + Fraction(b) for row in X]
    return [Fraction(v) - p for v, p in zip(y, values, strict=True)]


def sum_of_squares(a: Any, b: Any, X: Any, y: Any) -> Fraction:
    """Return the sum of squared residuals."""
    return sum((r * r for r in residuals(a, b, X, y)), Fraction(0))


def logistic(*weights: float) -> Any:
    """Make the network of one sigmoid neuron x -> sigma(a.x + b) from the weights (a, b)."""
    neuron = mathdl.Dense(1, activation="sigmoid")
    net = mathdl.Network([neuron], input_shape=(len(weights) - 1,), dtype="float64")
    net.parameters[:] = weights
    return net


def probability(net: Any, x: Any) -> Any:
    """Return the probabilities of a network with one output at numbers or points."""
    return net(np.asarray(x, dtype=float).reshape(-1, *net.input_shape))[:, 0]


def farthest(values: Any, others: Any = 0.0) -> float:
    """Return the largest absolute difference of two arrays."""
    return float(np.abs(np.asarray(values) - others).max())


def sigma(t: Any) -> Any:
    """Return sigma(t) = 1 / (1 + exp(-t))."""
    return probability(logistic(1.0, 0.0), t)


def fitted(X: Any, r: Any, weights: Any = None) -> Any:
    """Fit logistic regression as exactly as floating-point numbers allow."""
    X = np.asarray(X, dtype=float)
    return mathdl.LogisticRegression(tol=1e-26).fit(X.reshape(len(X), -1), r, weights)


def cross_entropy(a: Any, b: Any, x: Any, r: Any, counts: Any = None) -> tuple[float, Any]:
    """Return L(a, b) of (6.7), in a form that neither overflows nor cancels, and its gradient."""
    counts = np.ones(len(x)) if counts is None else np.asarray(counts, dtype=float)
    design = np.column_stack([x, np.ones(len(x))])
    loss = mathdl.LogisticLoss(design, 2 * np.asarray(r) - 1, counts)
    value, slopes = loss.value_and_gradient(np.array([a, b], dtype=float))
    return counts.sum() * value, counts.sum() * slopes


def with_probabilities(x: Any, p: Any) -> tuple[Any, Any, Any]:
    """Return each object with either outcome, weighted by its probability."""
    return np.concatenate([x, x])[:, None], np.repeat([1, 0], len(x)), np.concatenate([p, 1 - p])
