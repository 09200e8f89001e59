"""The check of gradients: NumPy functions, expressions and PyTorch; right, wrong by a little, and at kinks."""

from __future__ import annotations

import math
import sys
from types import SimpleNamespace
from typing import Any

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


def test_a_module_of_pytorch_in_single_precision() -> None:
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))

    def gradient(x: torch.Tensor) -> torch.Tensor:
        return torch.autograd.functional.jacobian(lambda v: module(v)[0], x)  # type: ignore[no-untyped-call,no-any-return]

    good = mathdl.check_gradient(module, gradient, POINTS[0])
    assert good, good
    assert not mathdl.check_gradient(module, lambda x: 1.05 * gradient(x), POINTS[0])


class Tensor:
    """What a library may hand out in place of NumPy's arrays: only its own functions take it."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values, np.complex64 if np.iscomplexobj(values) else np.float32)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.values.astype(dtype or self.values.dtype)

    def set(self, place: int, value: float) -> Tensor:
        made = self.values.copy()
        made[place] = value
        return Tensor(made)


def test_a_library_that_is_loaded_gives_its_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    def cubes(x: Any) -> Any:
        return Tensor((x.set(0, 1.0).values ** 3).sum())

    def slopes_of_cubes(x: Any) -> Any:
        return Tensor(3 * x.values**2).set(0, 0.0)

    with pytest.raises(mathdl.errors.InputError, match=r"f does not take an array like x \(.*'set'"):
        mathdl.check_gradient(cubes, slopes_of_cubes, POINTS[0])
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(numpy=SimpleNamespace(asarray=Tensor)))
    found = mathdl.check_gradient(cubes, slopes_of_cubes, POINTS[0])
    assert found, found
    assert not mathdl.check_gradient(cubes, lambda x: slopes_of_cubes(x).set(0, 0.1), POINTS[0])
    assert not mathdl.check_gradient(cubes, 1.01 * np.asarray(slopes_of_cubes(Tensor(POINTS[0]))), POINTS[0])


@pytest.mark.parametrize("seed", range(5))
def test_jax(seed: int) -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy

    def smooth(x: Any) -> Any:
        return jnp.sum(jnp.sin(x) * jnp.exp(x[0])) / (1 + x @ x)

    def kinked(x: Any) -> Any:
        return jnp.sum(jnp.maximum(x.at[0].set(1.0), 0.0) ** 2)

    for f in (smooth, jax.jit(smooth), kinked, jax.jit(kinked)):
        x = POINTS[seed] * [1, -1, 1, 1] * np.sign(POINTS[seed])
        good = mathdl.check_gradient(f, jax.grad(f), x)
        assert good, good
        wrong = np.array(jax.grad(f)(x))
        wrong[2] += 0.05 * abs(wrong).max()
        found = mathdl.check_gradient(f, wrong, x)
        assert [component.place for component in found.wrong] == [(2,)], found


ANALYTIC = [
    (lambda x: np.sin(x) @ x, lambda x: np.sin(x) + x * np.cos(x)),
    (lambda x: np.log(np.exp(x).sum()), lambda x: np.exp(x) / np.exp(x).sum()),
    (lambda x: (x @ x) ** 0.5, lambda x: x / np.linalg.norm(x)),
    (lambda x: np.maximum(x, 0).sum(), lambda x: (x > 0) * 1.0),
    (lambda x: np.where(x > 0, x * x, -x).sum(), lambda x: np.where(x > 0, 2 * x, -1.0)),
    (lambda x: 1e-9 * (x**3).sum(), lambda x: 3e-9 * x**2),
]
OTHER = [
    (lambda x: float(x @ x), lambda x: 2 * x),
    (lambda x: np.abs(x).sum(), np.sign),
    (np.linalg.norm, lambda x: x / np.linalg.norm(x)),
    (lambda x: (x.real**2).sum(), lambda x: 2 * x),
    (lambda x: (x.conj() * x).sum(), lambda x: 2 * x),
    (lambda x: x @ x + 1e-7 * np.abs(x).sum(), lambda x: 2 * x + 1e-7 * np.sign(x)),  # a trace of what is not analytic
    (lambda x: math.sin(x[0]) + sum(x), lambda x: np.array([math.cos(x[0]) + 1, 1, 1, 1])),
]


@pytest.mark.parametrize("k", range(5))
@pytest.mark.parametrize(("f", "gradient"), ANALYTIC)
def test_a_complex_step_shows_small_mistakes(f: Any, gradient: Any, k: int) -> None:
    x = abs(POINTS[k]) + 0.1  # away from kinks
    x[0] *= -1
    good = mathdl.check_gradient(f, gradient, x)
    assert good, good
    assert {component.method for component in good.components} == {"complex step"}
    wrong = gradient(x)
    wrong[k % 4] += 1e-7 * abs(wrong).max()
    found = mathdl.check_gradient(f, wrong, x)
    assert [component.place for component in found.wrong] == [(k % 4,)]
    assert "by complex step it is" in str(found)


@pytest.mark.parametrize("k", range(5))
@pytest.mark.parametrize(("f", "gradient"), OTHER)
def test_a_complex_step_is_not_taken_where_it_would_mislead(f: Any, gradient: Any, k: int) -> None:
    good = mathdl.check_gradient(f, gradient, POINTS[k])
    assert good, good
    assert good.components[0].method == "differences"
    assert not mathdl.check_gradient(f, 1.001 * gradient(POINTS[k]), POINTS[k])


def test_the_scale_of_a_function_does_not_hide_a_mistake() -> None:
    for scale in (1e-12, 1.0, 1e12):
        assert mathdl.check_gradient(lambda x, s=scale: float(s * (x @ x)), 2 * scale * POINTS[0], POINTS[0])
        assert not mathdl.check_gradient(lambda x, s=scale: float(s * (x @ x)), 2.001 * scale * POINTS[0], POINTS[0])


@pytest.mark.parametrize("k", range(4))
def test_rounding_of_large_values_is_no_disagreement(k: int) -> None:
    for constant in (1e6, 1e9, 1e12):
        assert mathdl.check_gradient(lambda x, c=constant: c + float(x @ x), lambda x: 2 * x, POINTS[k])
        single = lambda x, c=constant: np.float32(c) + np.float32(float(x @ x))  # noqa: E731
        assert mathdl.check_gradient(single, lambda x: 2 * x, POINTS[k])


def test_a_network() -> None:
    net = Network([Dense(4, "relu"), Dense(2)], (3,), "float64", seed=0)
    X, y = POINTS[:5, :3], POINTS[:5, :2]
    loss = net.objective(X, y, "mean_square")
    assert mathdl.check_gradient(loss, None, net.parameters)
    assert not mathdl.check_gradient(loss, np.zeros(net.size), net.parameters)
    assert mathdl.check_gradient(
        lambda a: loss.value_and_gradient(a)[0], net.gradient(X, y, "mean_square"), net.parameters
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_network_in_single_precision(seed: int) -> None:
    net = Network([Dense(4, "tanh"), Dense(2)], (3,), "float32", seed=seed)
    loss = net.objective(POINTS[:5, :3], POINTS[:5, :2], "mean_square")
    own = loss.value_and_gradient(net.parameters)[1]
    assert mathdl.check_gradient(loss, None, net.parameters), mathdl.check_gradient(loss, None, net.parameters)
    wrong = mathdl.check_gradient(loss, own + 0.05 * abs(own).max() * (np.arange(net.size) == 3), net.parameters).wrong
    assert [component.place for component in wrong] == [(3,)]


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
    assert mathdl.find_chord_below(-abs(x), [-1.0], [1.0]) is not None  # a kink has a value
    assert mathdl.find_chord_below(abs(x), [-1.0], [1.0]) is None
    hat, box = mathdl.CompactFunction(1 - abs(x), (-1, 1), 1), mathdl.CompactFunction(1 + 0 * x, (-1, 1), 0)
    assert hat.convolve(box, 0.0).value == pytest.approx(1, abs=1e-3)
    assert hat.convolve(hat, 0.5).value == pytest.approx(23 / 48, abs=1e-3)
    paraboloid = mathdl.CompactFunction(x**2 + y**2, [(0, 1), (0, 1)], 3)
    unit = mathdl.CompactFunction(1 + 0 * x * y, [(-1, 0), (-1, 0)], 0)
    assert paraboloid.convolve(unit, [0.0, 0.0], tolerance=1e-2).value == pytest.approx(2 / 3, abs=1e-2)


def test_what_an_expression_says_of_a_kink_is_said_by_descent() -> None:
    x = mathdl.variables("x")
    assert mathdl.gradient_descent(abs(x), [1.0], mathdl.SGD(0.25), steps=3).point == pytest.approx([0.25])
    with pytest.raises(mathdl.errors.InputError, match=r"^There is no derivative with respect to x: .* node abs\(x\)"):
        mathdl.gradient_descent(abs(x), [0.0], mathdl.SGD(0.25))
