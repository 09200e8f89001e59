"""Derivatives where others give nan or one of several: cases from public reports, each with the value that is right."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

import mathdl
from mathdl import Dense, Network, chain
from mathdl.errors import InputError


def total(x: Any) -> Any:
    return chain.total(x)


def test_the_branch_that_is_not_taken_does_not_exist() -> None:
    x = mathdl.variables("x", 2)
    f = total(chain.where(x > 0, chain.sqrt(x), x))
    assert mathdl.gradient(f, [-1.0, -4.0]) == [1, 1]
    assert mathdl.gradient(f, [4.0, -4.0]) == [0.25, 1]
    assert mathdl.gradient(total(chain.where(x < 1, chain.cos(x), 0)), [0.0, math.inf]) == [0, 0]
    y = mathdl.variables("y", 3)
    found = mathdl.gradient(total(chain.where(y > 2, chain.log2(y), 2 * y)), [0.0, 2.0, 3.0])
    assert found[:2] == [2, 2]
    assert found[2] == pytest.approx(1 / (3 * math.log(2)), rel=1e-15)


def test_pytorchs_answer_to_the_branch() -> None:
    x = torch.tensor([-1.0, -4.0], requires_grad=True)
    torch.where(x > 0, torch.sqrt(x), x).sum().backward()
    assert x.grad is not None
    assert torch.isnan(x.grad).all()


def test_the_square_of_a_norm_is_a_polynomial() -> None:
    x = mathdl.variables("x", 2)
    assert mathdl.gradient(chain.norm(x) ** 2, [0.0, 0.0]) == [0, 0]
    assert mathdl.gradient(chain.norm(x) ** 2, [3.0, 4.0]) == pytest.approx([6, 8], rel=1e-15)
    with pytest.raises(InputError, match=r"left and the right it is -1 and 1.*norm\(x\[0\], x\[1\]\)"):
        mathdl.gradient(chain.norm(x), [0.0, 0.0])
    for direction in ([1.0, 0.0], [3.0, 4.0], [-3.0, 4.0]):
        found = chain.directional_derivative(chain.norm(x), [0.0, 0.0], direction)
        assert found == pytest.approx(math.hypot(*direction), rel=1e-15)


def test_powers_at_zero() -> None:
    x = mathdl.variables("x")
    assert mathdl.gradient(x * x**0.5, [0.0]) == [0]
    assert mathdl.gradient(x**1.5, [0.0]) == [0]
    assert mathdl.gradient(x**2, [0.0]) == [0]
    assert mathdl.gradient(x**1, [0.0]) == [1]
    assert mathdl.gradient(x**0, [0.0]) == [0]
    with pytest.raises(InputError, match="infinite"):
        mathdl.gradient(x**0.5, [0.0])
    a, b = mathdl.variables("a b")
    assert mathdl.gradient(a**b, {a: 0.0, b: 1.0})[1] == 0
    assert mathdl.gradient(a**b, {a: 2.0, b: 1.0})[1] == pytest.approx(2 * math.log(2), rel=1e-15)


def test_kinks_are_accepted_with_what_lies_between() -> None:
    for slope in (0.0, 0.5, 1.0):
        found = mathdl.check_gradient(lambda x: max(x[0], 0.0), lambda x, slope=slope: [slope], [0.0])
        assert found.agrees
        assert len(found.kinks) == 1
        assert "kink: one-sided derivatives 0 and 1, any value between is a subgradient" in str(found)
    assert not mathdl.check_gradient(lambda x: max(x[0], 0.0), [1.5], [0.0])
    ties = np.array([1.0, 1.0, 1.0, 8.0])

    def pooled(x: Any) -> float:
        return float(max(x[0], x[1]) + max(x[2], x[3]))

    first = mathdl.check_gradient(pooled, [1.0, 0.0, 0.0, 1.0], ties)
    assert first.agrees
    assert [component.place for component in first.kinks] == [(0,), (1,)]
    assert not mathdl.check_gradient(pooled, [1.0, 0.0, 1.0, 1.0], ties)


def test_logsumexp_far_out() -> None:
    x = mathdl.variables("x", 2)
    f = chain.logsumexp(x)
    assert chain.evaluate(f, [-1e308, -1e308]) == -1e308 + math.log(2)
    assert mathdl.gradient(f, [-1e308, -1e308]) == [0.5, 0.5]
    assert mathdl.gradient(f, [1000.0, 0.0]) == [1, 0]
    with pytest.raises(InputError, match="logsumexp has no value at -inf, -inf"):
        chain.evaluate(f, [-math.inf, -math.inf])


@pytest.mark.parametrize(
    ("f", "at", "sides"),
    [
        (lambda x: abs(x), 0.0, (-1, 1)),
        (lambda x: chain.maximum(x, 2 * x), 0.0, (1, 2)),
        (lambda x: chain.minimum(x, 2 * x), 0.0, (2, 1)),
        (lambda x: abs(chain.sin(x)), 0.0, (-1, 1)),
        (lambda x: chain.maximum(x, Fraction(1)), 1.0, (0, 1)),
    ],
)
def test_one_sided_derivatives(f: Any, at: float, sides: tuple[int, int]) -> None:
    x = mathdl.variables("x")
    assert -chain.directional_derivative(f(x), [at], [-1.0]) == pytest.approx(sides[0])
    assert chain.directional_derivative(f(x), [at], [1.0]) == pytest.approx(sides[1])
    with pytest.raises(InputError, match=f"left and the right it is {sides[0]} and {sides[1]}"):
        mathdl.gradient(f(x), [at])


def test_kinks_that_cancel_have_a_gradient() -> None:
    x = mathdl.variables("x")
    assert mathdl.gradient(abs(x) * x, [0.0]) == [0]
    assert mathdl.gradient(chain.maximum(x, 0) - chain.maximum(-x, 0), [0.0]) == [1]
    assert mathdl.gradient(abs(x) - abs(-x), [0.0]) == [0]


def outputs(weights: Any) -> Network:
    net = Network([Dense(len(weights), bias=False)], (len(weights),), "float64")
    net.parameters[:] = np.eye(len(weights)).reshape(-1)
    return net


def test_losses_far_out() -> None:
    three = outputs([0, 0, 0])
    assert three.loss([[300.0, 100.0, 100.0], [-100.0, 200.0, 500.0]], [0, 1], "cross_entropy") == pytest.approx(150)
    assert mathdl.softmax([[-1047.0, -981.0, 1891.0]]).tolist() == [[0, 0, 1]]
    one = outputs([0])
    assert one.loss([[-100.0]], [[0.0]], "binary_cross_entropy") == pytest.approx(3.72e-44, rel=1e-3)
    assert one.loss([[8e7]], [[0.0]], "binary_cross_entropy") == 8e7
    seen = one.backpropagate([-50.0], [1.0], "binary_cross_entropy").output_gradients[-1]
    assert seen / 8 == pytest.approx(-0.125, rel=1e-12)
    assert one.backpropagate([0.0], [0.0], "binary_cross_entropy").output_gradients[-1] == 0.5


def test_second_derivatives_of_logsumexp() -> None:
    x = mathdl.variables("x", 2)
    assert mathdl.hessian(chain.logsumexp(x), [3.0, 3.0]) == pytest.approx(np.array([[0.25, -0.25], [-0.25, 0.25]]))
    assert mathdl.hessian(chain.logsumexp(x), [1000.0, 0.0]) == pytest.approx(np.zeros((2, 2)))


SMOOTH = ("exp", "log", "log2", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "relu")


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("at", [0.3, 1.2])
def test_one_sided_derivatives_of_smooth_functions_are_derivatives(name: str, at: float) -> None:
    x = mathdl.variables("x")
    f = getattr(chain, name)(x)
    for direction in (1.0, -2.0):
        found = chain.directional_derivative(f, [at], [direction])
        assert found == pytest.approx(direction * mathdl.gradient(f, [at])[0], rel=1e-13)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: chain.norm([x, y, 1]),
        lambda x, y: chain.logsumexp([x, 2 * y, 0]),
        lambda x, y: chain.minimum(x, y) * chain.maximum(x, y),
        lambda x, y: abs(x - y) / (x + y),
        lambda x, y: x**y - chain.total([x, y, x]),
        lambda x, y: chain.where(x > y, x * x, y),
    ],
)
def test_one_sided_derivatives_of_two_variables_are_products_with_the_gradient(f: Any) -> None:
    x, y = mathdl.variables("x y")
    slopes = mathdl.gradient(f(x, y), [0.7, 0.4])
    found = chain.directional_derivative(f(x, y), [0.7, 0.4], [2.0, -3.0])
    assert found == pytest.approx(2 * slopes[0] - 3 * slopes[1], rel=1e-13)
