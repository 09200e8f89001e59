"""Seeded problems of logistic regression, many of them degenerate."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from mathdl import LogisticRegression
from mathdl.errors import ConvergenceWarning

SHAPES = ("integers", "normal", "scaled", "line", "constant", "repeated", "one a class", "separable")


def problem(seed: int) -> tuple[Any, Any, Any]:
    """Draw objects, labels (two classes or more) and weights or None."""
    generator = np.random.default_rng(seed)
    shape = SHAPES[seed % len(SHAPES)]
    classes = int(generator.integers(2, 5)) if generator.random() < 0.4 else 2
    N, p = int(generator.integers(classes, 14)), int(generator.integers(1, 4))
    X = generator.normal(size=(N, p))
    if shape in ("integers", "repeated"):
        X = generator.integers(-2, 3, size=(N, p)).astype(float)
    if shape == "scaled":
        X = X * 10 ** generator.uniform(-6, 6, size=p) + generator.normal(size=p)
    if shape == "line":
        X = generator.integers(-3, 4, size=(N, 1)) * generator.integers(-2, 3, size=p) + 1.0
    if shape == "constant":
        X[:, 0] = generator.normal()
    if shape == "one a class":
        X = X[:classes]
        N = classes
    y = np.concatenate([np.arange(classes), generator.integers(0, classes, N - classes)])
    if shape == "repeated":
        X, y = np.concatenate([X, X[::-1]]), np.concatenate([y, y])
    if shape == "separable":
        y = (X @ generator.normal(size=p) > 0.2).astype(int)
        y[:2] = [0, 1] if y.min() == y.max() else y[:2]
    weights = generator.uniform(0.1, 5, len(X)) if generator.random() < 0.3 else None
    labels = np.array(["no", "yes", "perhaps", "never"])[y] if generator.random() < 0.3 else y
    return X, labels, weights


def fitted(X: Any, y: Any, weights: Any, regularization: float) -> LogisticRegression:
    """Fit, whether there is a minimiser or not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(regularization).fit(X, y, weights)
