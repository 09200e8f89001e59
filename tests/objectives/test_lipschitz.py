"""Lipschitz constants of gradients: exact where they are nice, never too small."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Huber, LeastSquares, LogisticLoss, NeuronLoss, Quadratic, gradient_descent
from mathdl.exact import curvature
from mathdl.exact.definite import is_semidefinite
from mathdl.objectives import linear_model_loss

LOSSES: list[Any] = [LeastSquares, Huber, LogisticLoss, NeuronLoss]


def hessian(loss: Any) -> list[list[Fraction]]:
    """Return curvature times the mean of x x^T plus 2 lambda I, in fractions."""
    weights = [
        Fraction(w) for w in ([1.0] * loss.objects if loss.sample_weight is None else loss.sample_weight.tolist())
    ]
    X, p = [[Fraction(v) for v in row] for row in loss.X.tolist()], range(loss.features)
    return [
        [
            Fraction(loss.curvature) * sum(w * x[i] * x[j] for w, x in zip(weights, X, strict=True)) / sum(weights)
            + 2 * Fraction(loss.regularization) * (i == j)
            for j in p
        ]
        for i in p
    ]


def exceeds(d: float, matrix: list[list[Fraction]]) -> bool:
    """Say whether no eigenvalue is above d."""
    rows = [[Fraction(d) * (i == j) - v for j, v in enumerate(row)] for i, row in enumerate(matrix)]
    below = int(np.lcm.reduce([v.denominator for row in rows for v in row], dtype=object))
    return is_semidefinite([[int(v * below) for v in row] for row in rows])


def drawn(seed: int) -> Any:
    generator = np.random.default_rng(seed)
    N, p = int(generator.integers(1, 30)), int(generator.integers(1, 6))
    X = generator.normal(size=(N, p)) * 10.0 ** generator.integers(-6, 7, size=p)
    weights = generator.uniform(0, 3, size=N) if seed % 3 == 0 else None
    return LOSSES[seed % 4](X, np.ones(N), sample_weight=weights, regularization=float(seed % 2) / 3)


def test_nice_constants_are_exact() -> None:
    assert LeastSquares([[1.0]], [0.0]).lipschitz == 2.0
    assert LeastSquares([[1.0], [0.0], [2.0], [1.0]], np.zeros(4)).lipschitz == 3.0
    assert LeastSquares(np.full((7, 1), 10.0), np.zeros(7)).lipschitz == 200.0
    assert LeastSquares([[1.0, 1.0], [1.0, -1.0]], [0.0, 0.0], regularization=0.5).lipschitz == 3.0
    assert Huber([[1.0]], [0.0]).lipschitz == 2.0
    assert LogisticLoss([[2.0], [2.0], [2.0]], [1, -1, 1]).lipschitz == 1.0
    assert Quadratic([[2.0, 1.0], [1.0, 2.0]]).lipschitz == 3.0
    assert Quadratic([[0.0, 2.0], [2.0, -3.0]]).lipschitz == 4.0
    assert Quadratic([[0.0]]).lipschitz == 0.0
    assert LeastSquares([[1.0], [2.0]], [0.0, 0.0], [3.0, 1.0]).object_lipschitz == 4.0
    assert LeastSquares([[1.0], [3.0]], [0.0, 0.0], regularization=1.0).object_lipschitz == 20.0


@pytest.mark.parametrize("seed", range(80))
def test_bounds_hold_and_are_near(seed: int) -> None:
    loss = drawn(seed)
    matrix = hessian(loss)
    assert exceeds(loss.lipschitz, matrix)
    assert not exceeds(loss.lipschitz * (1 - 1e-10), matrix)


@pytest.mark.parametrize("seed", range(80))
def test_bounds_in_floating_point_hold_and_are_near(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_model_loss, "MAX_EXACT_PRODUCTS", 0)
    loss = drawn(seed)
    assert not loss.is_small
    matrix = hessian(loss)
    assert exceeds(loss.lipschitz, matrix)
    assert not exceeds(loss.lipschitz * (1 - 1e-10), matrix)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("tied", [64, 0])
def test_no_object_exceeds_its_bound(seed: int, tied: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curvature, "MAX_EXACT_LENGTHS", tied)
    loss = drawn(seed)
    weights = [1.0] * loss.objects if loss.sample_weight is None else loss.sample_weight.tolist()
    mean = sum(map(Fraction, weights)) / loss.objects
    lengths = [sum(Fraction(v) ** 2 for v in x) for x in loss.X.tolist()]
    most = max(Fraction(w) * length for w, length in zip(weights, lengths, strict=True))
    true = Fraction(loss.curvature) * most / mean + 2 * Fraction(loss.regularization)
    assert true <= Fraction(loss.object_lipschitz) <= true * (1 + Fraction(1, 10**12))


def test_the_curvature_of_the_neuron() -> None:
    s, y = np.meshgrid(np.linspace(0, 1, 1001), np.linspace(0, 1, 101))
    second = 2 * s * (1 - s) * (s * (1 - s) + (s - y) * (1 - 2 * s))
    assert 0.154 < np.abs(second).max() < 0.15406 < NeuronLoss.curvature


def test_many_parameters() -> None:
    generator = np.random.default_rng(0)
    A = generator.normal(size=(200, 100))
    problem = Quadratic(A.T @ A)
    assert problem.lipschitz is not None
    assert problem.lipschitz == pytest.approx(np.linalg.eigvalsh(problem.Q)[-1], rel=1e-9)
    assert problem.convex
    assert not Quadratic(A.T @ A - 20 * np.eye(100)).convex
    assert not Quadratic(A[:90].T @ A[:90]).convex  # it is singular up to rounding, and that is not known


def test_convexity_is_decided_exactly() -> None:
    assert Quadratic([[1.0, 1.0], [1.0, 1.0]]).convex
    assert not Quadratic([[1.0, 1.0], [1.0, np.nextafter(1.0, 0.0)]]).convex
    assert not Quadratic([[0.0, 1e-300], [1e-300, 1.0]]).convex


def test_too_large_for_a_float_is_not_known() -> None:
    loss = LeastSquares([[1e200]], [0.0])
    assert loss.lipschitz is None
    assert loss.object_lipschitz is None


@pytest.mark.parametrize("seed", range(60))
def test_the_automatic_rate_is_at_most_1_over_d(seed: int) -> None:
    loss = drawn(seed)
    rate = gradient_descent(loss, np.zeros(loss.size), SGD("auto"), steps=0).rule.learning_rate
    assert Fraction(rate) * Fraction(loss.lipschitz) <= 1
    assert rate == pytest.approx(1 / loss.lipschitz, rel=1e-15)
