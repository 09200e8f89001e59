"""The losses of linear models and descent on them: against the definitions, one object and one step at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Adam, Huber, LeastSquares, LogisticLoss, NeuronLoss
from mathdl.engine.executable import Update
from mathdl.kernels.table import SPAN
from mathdl.objectives.linear_model_loss import LinearModelLoss

THRESHOLD = 0.7


def square(z: Any, y: Any) -> tuple[Any, Any]:
    return (z - y) ** 2, 2 * (z - y)


def huber(z: Any, y: Any) -> tuple[Any, Any]:
    r, t = z - y, THRESHOLD
    small = abs(r) <= t
    return np.where(small, r**2, 2 * t * abs(r) - t**2), np.where(small, 2 * r, 2 * t * np.sign(r))


def logistic(z: Any, y: Any) -> tuple[Any, Any]:
    return np.log1p(np.exp(-y * z)), -y / (1 + np.exp(y * z))


def neuron(z: Any, y: Any) -> tuple[Any, Any]:
    s = 1 / (1 + np.exp(-z))
    return (s - y) ** 2, 2 * (s - y) * s * (1 - s)


CASES: dict[str, tuple[Callable[..., LinearModelLoss], Callable[[Any, Any], tuple[Any, Any]], int]] = {
    "least squares": (LeastSquares, square, 1),
    "least squares, 3 outputs": (LeastSquares, square, 3),
    "least squares, 19 outputs": (LeastSquares, square, 19),
    "huber": (lambda *given: Huber(*given[:2], THRESHOLD, *given[2:]), huber, 1),
    "logistic": (LogisticLoss, logistic, 1),
    "neuron": (NeuronLoss, neuron, 1),
}


def problem(name: str, dtype: str, p: int = 5, count: int = 23) -> tuple[LinearModelLoss, Any, Any, Any]:
    """A loss with weights and lambda; its X, y and shares."""
    make, _, n = CASES[name]
    generator = np.random.default_rng(3)
    X, y = generator.normal(size=(count, p)).astype(dtype), generator.normal(size=(count, n)).astype(dtype)
    y = np.sign(y) if name == "logistic" else 1 / (1 + np.exp(-y)) if name == "neuron" else y
    weights = generator.integers(0, 4, size=count).astype(float)
    return make(X, y, weights, 0.125), X.astype(float), y.astype(float), weights / weights.sum()


def naive(name: str, X: Any, y: Any, shares: Any, W: Any) -> tuple[float, Any]:
    value, slope = CASES[name][1](X @ W, y)
    return float((shares @ value).sum() + 0.125 * (W**2).sum()), X.T @ (shares[:, None] * slope) + 0.25 * W


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient_are_those_of_the_definition(name: str, dtype: str) -> None:
    loss, X, y, shares = problem(name, dtype)
    W = np.random.default_rng(4).normal(size=(5, y.shape[1])).astype(dtype)
    value, gradient = loss.value_and_gradient(W.ravel())
    expected, slope = naive(name, X, y, shares, W.astype(float))
    tolerance = 64 * float(np.finfo(dtype).eps)
    assert gradient.dtype == dtype
    assert value == pytest.approx(expected, rel=tolerance)
    np.testing.assert_allclose(gradient.reshape(W.shape), slope, rtol=tolerance, atol=tolerance * 4)


@pytest.mark.parametrize("rule", [SGD(0.1), SGD(0.1, 0.9), SGD(0.1, 0.9, nesterov=True), Adam(0.1)], ids=str)
@pytest.mark.parametrize("batch", [1, 4, 23])
@pytest.mark.parametrize("name", CASES)
def test_steps_are_those_of_the_rule_on_each_batch(name: str, batch: int, rule: Any) -> None:
    """Step by step with the batch's own loss: its objects weigh as in the whole, over the mean weight."""
    loss, X, y, shares = problem(name, "float64")
    start = np.random.default_rng(5).normal(size=loss.size)
    order = np.random.default_rng(6).permutation(23)
    steps = -(-23 // batch)
    stepper, found = loss.stepper(rule.vectors, batch), start.copy()
    update = Update(rule.kernel, rule.outer_kernel, rule.constants(rule.learning_rate), 0)
    losses, finite = stepper.take(found, order, 0, steps, update)
    W, memory, expected = start.copy(), np.zeros((1 + rule.vectors) * loss.size), []
    for step in range(steps):
        chosen = order[step * batch : (step + 1) * batch]
        value, gradient = naive(name, X[chosen], y[chosen], shares[chosen] * 23 / len(chosen), W.reshape(5, -1))
        memory[: loss.size] = gradient.ravel()
        span = np.array([(0, loss.size, 0, loss.size, step, 0, 0, 0)], SPAN)[0]
        rule.kernel(rule.constants(rule.learning_rate), memory, W, span)
        expected.append(value)
    assert finite
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    np.testing.assert_allclose(found, W, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", CASES)
def test_steps_with_batches_of_one_and_the_plain_rule_write_no_gradient(name: str) -> None:
    """The fast way gives what the way by the gradient gives; without lambda, where it is taken."""
    make, _, n = CASES[name]
    loss, X, y, _ = problem(name, "float64")
    loss = make(X, y)
    order, rule = np.random.default_rng(7).integers(23, size=40), SGD(0.05)
    results = []
    for decay in (0.0, 1e-300):  # the tiniest decay takes the other way
        plain = SGD(0.05, weight_decay=decay)
        a = np.full(5 * n, 0.25)
        update = Update(rule.kernel, rule.outer_kernel, plain.constants(0.05), 0)
        losses, _ = loss.stepper(plain.vectors, 1).take(a, order, 0, 40, update)
        results.append((losses, a))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-13)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-13)


@pytest.mark.parametrize("batch", [1, 2])
def test_stops_before_the_update_of_a_loss_that_is_not_finite(batch: int) -> None:
    loss = LeastSquares([[1.0], [1e200], [1.0], [1.0]], [1.0, 0.0, 1.0, 1.0])
    a, rule = np.array([3.0]), SGD(0.25)
    update = Update(rule.kernel, rule.outer_kernel, rule.constants(0.25), 0)
    losses, finite = loss.stepper(rule.vectors, batch).take(a, np.array([0, 2, 1, 3]), 0, 4 // batch, update)
    assert not finite
    assert len(losses) == 2 // batch
    assert a.tolist() == ([1.5] if batch == 1 else [2.0])


@pytest.mark.parametrize("z", [-800.0, -40.0, 0.0, 40.0, 800.0])
def test_the_logistic_loss_and_the_neuron_far_out(z: float) -> None:
    value, gradient = LogisticLoss([[1.0]], [1]).value_and_gradient(np.array([z]))
    assert value == pytest.approx(max(-z, 0.0) + np.log1p(np.exp(-abs(z))), rel=1e-15)
    assert gradient[0] == pytest.approx(-1 / (1 + np.exp(z)) if z < 700 else 0.0, rel=1e-14)
    value, gradient = NeuronLoss([[1.0]], [0]).value_and_gradient(np.array([z]))
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
