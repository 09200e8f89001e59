"""The kernels of activations, each alone: against the definition, at kinks, at the ends of the range, at NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import naive
from kernels.one_row import COUNTS, DTYPES, INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT, Areas, flat, run
from mathdl.engine.executable import PADDING_NUMBERS
from mathdl.kernels import activations
from mathdl.kernels.jit import JIT_OFF

KERNELS = {
    "relu": (activations.relu, activations.relu_backward),
    "leaky_relu": (activations.leaky_relu, activations.leaky_relu_backward),
    "sigmoid": (activations.sigmoid, activations.sigmoid_backward),
    "tanh": (activations.tanh, activations.tanh_backward),
    "abs": (activations.absolute, activations.absolute_backward),
    "softmax": (activations.softmax, activations.softmax_backward),
}
SLOPE = 0.25


def sizes(width: int) -> list[float]:
    return [width, SLOPE]


def forward(name: str, x: Any, dtype: str = "float64") -> Any:
    x = np.asarray(x, float)
    return run(KERNELS[name][0], len(x), dtype, sizes(x.shape[1]), {INPUT: x}, {OUTPUT: x.shape[1]})[OUTPUT]


def backward(name: str, x: Any, dy: Any, dtype: str = "float64") -> Any:
    x, dy = np.asarray(x, float), np.asarray(dy, float)
    given = {INPUT: x, OUTPUT: forward(name, x, dtype), OUTPUT_GRADIENT: dy}
    found = run(KERNELS[name][1], len(x), dtype, sizes(x.shape[1]), given, {INPUT_GRADIENT: x.shape[1]})
    return found[INPUT_GRADIENT]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("name", KERNELS)
def test_equals_the_definition(dtype: str, n: int, name: str) -> None:
    generator = np.random.default_rng(n)
    x, dy = 3 * generator.normal(size=(2, n, 7)).astype(dtype).astype(float)
    described = {"name": "leaky_relu", "slope": SLOPE} if name == "leaky_relu" else name
    # Softmax rounds the difference to the largest number before the exponential.
    spread = np.ptp(x, axis=1).max() if name == "softmax" else 0
    tolerance = (8 + spread) * np.finfo(dtype).eps
    y, dx = naive.activate(described, x), naive.activation_gradient(described, x, dy)
    np.testing.assert_allclose(forward(name, x, dtype), y, rtol=tolerance, atol=0)
    np.testing.assert_allclose(backward(name, x, dy, dtype), dx, rtol=tolerance, atol=4 * tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "sigmoid", "tanh", "softmax"])
def test_input_and_output_may_share_memory(dtype: str, name: str) -> None:
    generator = np.random.default_rng(0)
    x, dy = generator.normal(size=(2, 17, 5)).astype(dtype)
    areas = Areas(KERNELS[name][0], sizes(5), {INPUT: 5, INPUT_GRADIENT: 5}, -1, -1)
    areas.row.output, areas.row.output_gradient = areas.row.input, areas.row.input_gradient
    workspace = np.zeros(areas.size * 17 + PADDING_NUMBERS, dtype)
    areas.of(workspace, INPUT, 17)[:], areas.of(workspace, INPUT_GRADIENT, 17)[:] = x.T.ravel(), dy.T.ravel()
    for kernel in KERNELS[name]:
        kernel(areas.row, np.zeros(0, dtype), workspace, 17)
    for column, truth in [(INPUT, forward(name, x, dtype)), (INPUT_GRADIENT, backward(name, x, dy, dtype))]:
        assert np.array_equal(areas.of(workspace, column, 17).reshape(5, 17).T, truth)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "at_zero"), [("relu", 0), ("leaky_relu", SLOPE), ("abs", 0)])
def test_derivative_at_zero(dtype: str, name: str, at_zero: float) -> None:
    assert backward(name, [[0.0, -0.0]], [[8.0, 8.0]], dtype).tolist() == [[8 * at_zero, 8 * at_zero]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", KERNELS)
def test_nan_passes(dtype: str, name: str) -> None:
    y = forward(name, [[1.0, np.nan], [2.0, 3.0]], dtype)
    assert np.isnan(y[0, 1])
    assert np.isfinite(y[1]).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_numbers_do_not_overflow(dtype: str) -> None:
    largest = float(np.finfo(dtype).max)
    x = [[-largest, -1000.0, 1000.0, largest]]
    assert forward("sigmoid", x, dtype).tolist() == [[0, 0, 1, 1]]
    assert forward("tanh", x, dtype).tolist() == [[-1, -1, 1, 1]]
    assert forward("softmax", [[1000.0, 1000.0, -1000.0]], dtype).tolist() == [[0.5, 0.5, 0]]
    for name in ("sigmoid", "tanh"):
        assert backward(name, x, [[1.0, 1.0, 1.0, 1.0]], dtype).tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_infinities(dtype: str) -> None:
    x = [[-np.inf, np.inf]]
    assert forward("relu", x, dtype).tolist() == [[0, np.inf]]
    assert forward("leaky_relu", x, dtype).tolist() == x
    assert forward("abs", x, dtype).tolist() == [[np.inf, np.inf]]


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def softplus_derivative(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize("dtype", DTYPES)
def test_own_function(dtype: str) -> None:
    generator = np.random.default_rng(0)
    x, dy = generator.normal(size=(2, 5, 3))
    own_forward, own_backward = activations.own(softplus, softplus_derivative)
    y = run(own_forward, 5, dtype, [3], {INPUT: x}, {OUTPUT: 3})[OUTPUT]
    given = {INPUT: x, OUTPUT_GRADIENT: dy}
    dx = run(own_backward, 5, dtype, [3], given, {INPUT_GRADIENT: 3})[INPUT_GRADIENT]
    tolerance = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(y, np.logaddexp(0, x), rtol=tolerance)
    np.testing.assert_allclose(dx, naive.sigmoid(x) * dy, rtol=tolerance)


def test_an_exception_reaches_python() -> None:
    def refuse(x: float) -> float:
        if x > 0:
            raise ValueError("above zero")
        return x

    own_forward, _ = activations.own(refuse, refuse)
    assert flat(run(own_forward, 1, "float64", [1], {INPUT: np.array([[-1.0]])}, {OUTPUT: 1})[OUTPUT])[0] == -1
    with pytest.raises(ValueError, match="above zero"):
        run(own_forward, 1, "float64", [1], {INPUT: np.array([[1.0]])}, {OUTPUT: 1})


def test_the_mode_is_the_one_asked_for() -> None:
    """Guards the rest of this folder: without the JIT, kernels are plain functions."""
    assert hasattr(activations.relu, "py_func") is not JIT_OFF
