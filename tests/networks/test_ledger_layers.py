"""The book's statements about networks (section 9.5), each test named after its item.

Where the book as printed is wrong, the corrected statement is tested.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import mathdl

Array = NDArray[np.float64]
HALF = {"name": "leaky_relu", "slope": 0.5}


def network(layers: list[Any], shape: tuple[int, ...], *parameters: Any) -> mathdl.Network:
    """Make a float64 network, with its parameters where they are given."""
    net = mathdl.Network(layers, input_shape=shape, dtype="float64", seed=0)
    if parameters:
        net.parameters[:] = np.concatenate([np.ravel(part) for part in parameters])
    return net


def integers(*shape: int, seed: int = 0) -> Array:
    """Draw small integers, with which arithmetic is exact."""
    return np.random.default_rng(seed).integers(-5, 6, size=shape).astype(float)


# ------------------------------------------------------------------------------- section 9.5: backpropagation


def test_sec_9_5() -> None:
    """The flat gradient is, layer by layer, A_k row by row and then b_k, through the layers' Jacobians."""
    widths = [10, 20, 5, 7]
    net = network([mathdl.Dense(n, activation="tanh") for n in widths[1:]], (10,))
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=10), generator.normal(size=7)
    shown = net.backpropagate(x, y, "mean_square")
    assert np.allclose(shown.output_gradients[-1], 2 * (shown.outputs[-1] - y), rtol=1e-14)
    for k in range(3):
        h, dh = shown.outputs[k], shown.output_gradients[k + 1]
        dz = dh * (1 - shown.outputs[k + 1] ** 2)
        assert np.allclose(shown.output_gradients[k], dz @ net.layers[k].weights, rtol=1e-12)
        jacobian = np.hstack([np.kron(np.eye(widths[k + 1]), h), np.eye(widths[k + 1])])
        assert np.count_nonzero(jacobian) == jacobian.shape[1] == widths[k + 1] * (widths[k] + 1)
        assert np.allclose(np.ravel(shown.parameter_gradients[k]), dz @ jacobian, rtol=1e-12)
    flat = np.concatenate([np.ravel(part) for part in shown.parameter_gradients])
    assert np.allclose(net.gradient(x[None], y[None], "mean_square"), flat, rtol=1e-12)


def test_fig_9_5() -> None:
    widths = [4, 7, 2, 5]
    net = network([mathdl.Dense(n) for n in widths[1:]], (4,))
    assert net.size == sum(n * (m + 1) for m, n in pairwise(widths))


def test_exercise_9_6c() -> None:
    net = network([mathdl.Dense(2, activation="sigmoid", bias=False)], (2,))
    x = np.array([0.3, -0.7])
    for i in range(2):
        shown = net.backpropagate(x, np.zeros(2), "mean_square")
        slope = shown.outputs[1] * (1 - shown.outputs[1])
        dz = 2 * shown.outputs[1] * slope
        assert np.allclose(np.ravel(shown.parameter_gradients[0]), [dz[0] * x[0], dz[0] * x[1], *(dz[1] * x)])
        assert shown.output_gradients[0][i] == pytest.approx(dz @ net.layers[0].weights[:, i], rel=1e-14)


def test_exercise_9_7c() -> None:
    matrix, x = integers(4, 4), integers(4, seed=1)
    net = network([mathdl.Dense(4, activation="abs", bias=False)], (4,), matrix)
    assert (matrix @ x).all()
    for i in range(4):
        y = np.abs(matrix @ x) - np.eye(4)[i] / 2  # the derivative with respect to output i is 1
        shown = net.backpropagate(x, y, "mean_square")
        assert np.array_equal(shown.output_gradients[0], np.sign(matrix @ x)[i] * matrix[i])


def chain(count: int) -> tuple[mathdl.Network, list[float], list[float], float]:
    """Make exercise 9.8's chain of leaky neurons with weights a, biases b, and an input x."""
    numbers = random.Random(0)
    a, b = [numbers.random() for _ in range(count)], [numbers.random() for _ in range(count)]
    net = network([mathdl.Dense(1, activation=HALF) for _ in range(count)], (1,), np.column_stack([a, b]))
    return net, a, b, numbers.random()


def test_exercise_9_8a_ii() -> None:
    net = network([mathdl.Dense(1, activation=HALF)], (1,), [1], [0])
    assert net(np.array([[2.0], [-2.0], [0.0]])).ravel().tolist() == [2, -1, 0]
    for x, slope in [(2.0, 1), (0.0, 0.5), (-2.0, 0.5)]:
        shown = net.backpropagate(np.array([x]), net(np.array([[x]]))[0] - 0.5, "mean_square")
        assert shown.output_gradients[0].tolist() == [slope]


def test_exercise_9_8a_iii() -> None:
    net, a, b, x = chain(30)
    h = [x]
    for weight, bias in zip(a, b, strict=True):
        z = weight * h[-1] + bias
        h.append(z if z > 0 else 0.5 * z)
    shown = net.backpropagate(np.array([x]), np.zeros(1), "mean_square")
    assert len(shown.outputs) == 31
    assert np.ravel(shown.outputs) == pytest.approx(h, rel=1e-14)
    assert net.loss(np.array([[x]]), np.zeros((1, 1)), "mean_square") == pytest.approx(h[-1] ** 2, rel=1e-14)


def test_exercise_9_8a_iv() -> None:
    net, a, b, x = chain(30)
    h = [float(value) for value in np.ravel(net.backpropagate(np.array([x]), np.zeros(1), "mean_square").outputs)]
    slopes = [1.0 if w * v + c > 0 else 0.5 for w, v, c in zip(a, h, b, strict=False)]
    derivative, expected = 2 * h[-1], []
    for k in reversed(range(30)):
        expected.insert(0, [derivative * slopes[k] * h[k], derivative * slopes[k]])
        derivative *= slopes[k] * a[k]
    gradient = net.gradient(np.array([[x]]), np.zeros((1, 1)), "mean_square")
    assert gradient == pytest.approx(np.ravel(expected), rel=1e-13)


def test_exercise_9_8a_v() -> None:
    """Away from kinks the loss is a parabola in each parameter, so a forward difference's error is known."""
    net, _, _, x = chain(30)
    data = np.array([[x]]), np.zeros((1, 1)), "mean_square"
    gradient, base, output = net.gradient(*data), net.loss(*data), net(data[0]).item()
    for i, slope in enumerate(gradient):
        net.parameters[i] += 1e-3
        difference = (net.loss(*data) - base) / 1e-3
        net.parameters[i] -= 1e-3
        assert difference - slope == pytest.approx(1e-3 * (slope / (2 * output)) ** 2, rel=0, abs=3e-12)
