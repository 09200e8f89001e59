"""Logistic regression without a bias: where the gradient vanishes, or that a hyperplane separates the classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from mathdl.solvers.logistic_without_bias import minimiser_without_bias

# Nearly separated: with lambda = 0 minima below 1e-12 in columns of very different sizes.
SEEDS = [*range(120), 247, 317, 832]


def drawn(seed: int) -> tuple[Any, Any, Any, float]:
    """Objects, classes, shares and lambda: scaled, dependent or nearly dependent columns, objects of share 0."""
    generator = np.random.default_rng(seed)
    N, p = int(generator.integers(1, 40)), int(generator.integers(1, 7))
    X = generator.normal(size=(N, p))
    shape = seed % 6
    if shape == 1:
        X = X * 10.0 ** generator.integers(-8, 9, size=p)
    if shape == 2:
        X = generator.integers(-2, 3, size=(N, p)).astype(float)
    if shape == 3:
        X = generator.integers(-3, 4, size=(N, 1)) * generator.integers(-2, 3, size=p).astype(float)
    if shape == 4:
        X = np.vander(np.linspace(0, 3, N), p)
    if shape == 5:
        X[:, 0] = 1
        X = X * 1e3 ** generator.integers(-1, 2)
    z = X @ generator.normal(size=p)
    noise = (np.std(z) or 1.0) * generator.choice([0.05, 1, 4])
    y = np.where(z + noise * generator.normal(size=N) > 0, 1.0, -1.0)
    weights = generator.integers(0, 3, size=N) + (np.arange(N) == 0) if seed % 4 == 0 else np.ones(N)
    return X, y, weights / weights.sum(), [0.0, 0.0, 1e-6, 0.1, 10.0][seed % 5]


def separates(X: Any, y: Any) -> bool:
    """Ask a linear program for a direction in which no object's loss rises and one falls."""
    margins = y[:, None] * X / np.where(np.abs(X).max(axis=0) > 0, np.abs(X).max(axis=0), 1.0)
    best = linprog(-margins.sum(axis=0), A_ub=-margins, b_ub=np.zeros(len(y)), bounds=[(-1, 1)] * X.shape[1])
    return bool(-best.fun > 1e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_vanishes_or_a_hyperplane_separates(seed: int) -> None:
    X, y, shares, ridge = drawn(seed)
    start = np.random.default_rng([seed, 1]).normal(size=X.shape[1])
    w = minimiser_without_bias(X, y, shares, ridge, start)
    if w is None:
        assert ridge == 0
        assert separates(X[shares > 0], y[shares > 0])
        return
    assert ridge or not separates(X[shares > 0], y[shares > 0])
    slopes = -y / (1 + np.exp(np.clip(y * (X @ w), -700, 700)))
    gradient = (shares * slopes) @ X + 2 * ridge * w
    sizes = (shares * np.abs(slopes)) @ np.abs(X) + 2 * ridge * np.abs(w)
    assert np.abs(gradient).max() <= 1e-8 * (sizes.max() or 1.0)


def test_of_many_minimisers_the_one_nearest_to_the_start() -> None:
    X, y = np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]), np.array([1.0, -1.0, 1.0])
    w = minimiser_without_bias(X, y, np.full(3, 1 / 3), 0.0, np.array([3.0, 1.0]))
    assert w is not None
    assert X[0] @ w == pytest.approx(np.log(2), rel=1e-12)
    assert w - [3.0, 1.0] == pytest.approx((np.log(2) - 5) / 5 * X[0], rel=1e-12)
