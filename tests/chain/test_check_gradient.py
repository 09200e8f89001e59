"""The check of gradients: NumPy functions, expressions and PyTorch; right, wrong by a little, and at kinks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import mathdl
from mathdl import Dense, Network, chain

POINTS = np.random.default_rng(0).normal(size=(20, 4))


def smooth(x: np.ndarray) -> float:
    return float(np.sin(x[0]) * np.exp(x[1]) + x[2] ** 3 - x @ x)


def slopes(x: np.ndarray) -> np.ndarray:
    own = np.array([np.cos(x[0]) * np.exp(x[1]), np.sin(x[0]) * np.exp(x[1]), 3 * x[2] ** 2, 0])
    return own - 2 * x


@pytest.mark.parametrize("k", range(20))
def test_right_gradients_agree_and_wrong_ones_do_not(k: int) -> None:
    x = POINTS[k]
    assert mathdl.check_gradient(smooth, slopes, x).agrees
    assert mathdl.check_gradient(smooth, slopes(x), x).agrees
    wrong = slopes(x)
    wrong[k % 4] += 1e-3 * max(1, abs(wrong[k % 4]))
    found = mathdl.check_gradient(smooth, wrong, x)
    assert not found
    assert [component.place for component in found.components if component.kind == "disagrees"] == [(k % 4,)]
    assert f"component {k % 4}: " in str(found)
    assert "3 of 4 components agree" in str(found)


def test_an_expression_is_checked_without_differences() -> None:
    x, y = mathdl.variables("x y")
    f = abs(x - 1) * y + 1e8 * x * x
    good = mathdl.check_gradient(f, [2e8 - 1.0, 0.0], [1.0, 1.0])
    assert (good.components[0].left, good.components[0].right) == (2e8 - 1, 2e8 + 1)
    assert [component.kind for component in mathdl.check_gradient(f, None, [3.0, 1.0]).components] == ["agrees"] * 2
    wrong = mathdl.check_gradient(x * x * x, [12.001], [2.0])
    assert (wrong.components[0].kind, wrong.components[0].left) == ("disagrees", 12.0)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_scales(scale: float) -> None:
    x = POINTS[0] * scale
    assert mathdl.check_gradient(lambda v: float(v @ v), lambda v: 2 * v, x)
    assert not mathdl.check_gradient(lambda v: float(v @ v), lambda v: 2 * v + 1e-2 * max(1.0, scale), x)


def test_expressions() -> None:
    x = mathdl.variables("x", 3)
    f = chain.logsumexp(x) + chain.norm(x) * chain.tanh(x[0])
    assert mathdl.check_gradient(f, None, [0.3, -1.0, 2.0])
    assert not mathdl.check_gradient(f, [0.0, 0.0, 0.0], [0.3, -1.0, 2.0])


def test_pytorch() -> None:
    def f(x: torch.Tensor) -> torch.Tensor:
        return torch.logsumexp(x, 0) + (torch.relu(x) ** 2).sum()

    def gradient(x: torch.Tensor) -> torch.Tensor:
        x = x.clone().requires_grad_()
        f(x).backward()
        assert x.grad is not None
        return x.grad

    assert mathdl.check_gradient(f, gradient, POINTS[0])
    assert not mathdl.check_gradient(f, lambda x: 0 * x, POINTS[0])


def test_a_network() -> None:
    net = Network([Dense(4, "relu"), Dense(2)], (3,), "float64", seed=0)
    X, y = POINTS[:5, :3], POINTS[:5, :2]
    loss = net.objective(X, y, "mean_square")
    assert mathdl.check_gradient(loss, None, net.parameters)
    assert not mathdl.check_gradient(loss, np.zeros(net.size), net.parameters)
    coarse = Network([Dense(2)], (3,), "float32")
    with pytest.raises(mathdl.errors.InputError, match="float64"):
        mathdl.check_gradient(coarse.objective(X, y, "mean_square"), None, coarse.parameters)
    assert mathdl.check_gradient(
        lambda a: loss.value_and_gradient(a)[0], net.gradient(X, y, "mean_square"), net.parameters
    )


def test_an_activation_of_ones_own() -> None:
    own = mathdl.Activation("cube", function=lambda x: x * x * x, derivative=lambda x: 3 * x * x)
    for x in (-1.5, 0.0, 2.0):
        assert mathdl.check_gradient(lambda v: own.values(v)[0], own.derivatives, [x])


def test_matrices() -> None:
    x = POINTS[:2]
    assert mathdl.check_gradient(lambda m: float((m**3).sum()), lambda m: 3 * m**2, x)


def test_descent_takes_an_expression() -> None:
    x, y = mathdl.variables("x y")
    found = mathdl.gradient_descent((x - 1) ** 2 + 3 * (y + 2) ** 2, [0.0, 0.0], mathdl.SGD(0.1), steps=500)
    assert found.point == pytest.approx([1, -2], abs=1e-6)
    with pytest.raises(mathdl.errors.InputError, match="3 values for 2 variables"):
        mathdl.gradient_descent(x * x + y, [0.0, 0.0, 0.0], mathdl.SGD(0.1))
    with pytest.raises(mathdl.errors.InputError, match="value and gradient"):
        mathdl.Function(lambda a: 0.0)


def test_what_takes_an_objective_takes_an_expression() -> None:
    x, y = mathdl.variables("x y")
    assert mathdl.second_derivative_test(x**2 - y**2, [0.0, 0.0]).kind == "saddle"
    assert mathdl.second_derivative_test(x**2 + y**4, [1.0, 0.0]).kind == "not critical"
    assert mathdl.chord(x**4 - x**2 + 0 * y, [-1.0, 0.0], [1.0, 0.0]).gap == 0
    found = mathdl.find_chord_below(x**4 - x**2, [-1.0], [1.0])
    assert found is not None
    assert found.gap > 0
