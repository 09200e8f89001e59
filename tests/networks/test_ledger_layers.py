"""The book's statements about layers and networks (chapters 4 and 9.5), each test named after its item.

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
from mathdl.errors import InputError

Array = NDArray[np.float64]


def network(layers: list[Any], shape: tuple[int, ...], *parameters: Any) -> mathdl.Network:
    """Make a float64 network, with its parameters where they are given."""
    net = mathdl.Network(layers, input_shape=shape, dtype="float64", seed=0)
    if parameters:
        net.parameters[:] = np.concatenate([np.ravel(part) for part in parameters])
    return net


def relu_network(x: Any, *matrices: Any) -> list[list[float]]:
    """Evaluate a ReLU network without biases on several points."""
    layers = [mathdl.Dense(len(matrix), activation="relu", bias=False) for matrix in matrices]
    return network(layers, (len(matrices[0][0]),), *matrices)(np.array(x, dtype=float)).tolist()


def integers(*shape: int, seed: int = 0) -> Array:
    """Draw small integers, with which arithmetic is exact."""
    return np.random.default_rng(seed).integers(-5, 6, size=shape).astype(float)


# ------------------------------------------------------------------------------ chapter 4: neurons and layers


def test_def_4_1_1() -> None:
    for weights, bias, value in [((4, 2, -5), -2, 0), ((5, 4, 6), 3, 44)]:
        neuron = network([mathdl.Dense(1, activation="relu")], (3,), weights, [bias])
        assert neuron(np.array([[1.0, 0.0, 6.0]])).tolist() == [[value]]
    for bias in (3.0, -3.0):
        x = np.linspace(-6, 6, 25)[:, None]
        neuron = network([mathdl.Dense(1, activation="relu")], (1,), [1.0], [bias])
        assert np.array_equal(neuron(x), np.where(x <= -bias, 0.0, x + bias))


def test_def_4_1_2() -> None:
    matrix, bias, x = integers(4, 3), integers(4, seed=1), integers(10, 3, seed=2)
    layer = network([mathdl.Dense(4, activation="relu")], (3,), matrix, bias)
    neurons = [network([mathdl.Dense(1, activation="relu")], (3,), matrix[j], bias[j : j + 1]) for j in range(4)]
    assert np.array_equal(layer(x), np.hstack([neuron(x) for neuron in neurons]))
    assert layer.layers[0].weights.shape == (4, 3)
    assert layer.layers[0].bias.shape == (4,)
    with pytest.raises(InputError):
        layer(np.zeros((10, 4)))


def test_eq_4_6() -> None:
    layer = network([mathdl.Dense(4)], (3,))
    for i in range(3):
        for j in range(4):
            layer.parameters[:] = 0
            layer.layers[0].weights[j, i] = 7
            answer = layer(np.eye(3)[i : i + 1])
            assert np.array_equal(answer[0], 7 * np.eye(4)[j])


def test_remark_4_1_1() -> None:
    assert network([mathdl.Dense(1)], (5,)).size == 6


def test_remark_4_1_2() -> None:
    net = network([mathdl.Dense(6, activation="relu"), mathdl.Dense(3)], (4,))
    shown = net.backpropagate(np.zeros(4), np.zeros(3), "mean_square")
    assert len(shown.outputs) == len(net.layers) + 1 == 3


def test_def_4_1_3() -> None:
    net = network([mathdl.Dense(6, activation="relu"), mathdl.Dense(3, activation="relu")], (4,))
    assert net.size == 42 + 9
    first = network([mathdl.Dense(6, activation="relu")], (4,), net.parameters[:30])
    second = network([mathdl.Dense(3, activation="relu")], (6,), net.parameters[30:])
    x = np.random.default_rng(0).normal(size=(20, 4))
    assert np.array_equal(net(x), second(first(x)))


def test_fig_4_3() -> None:
    layer = network([mathdl.Dense(4, activation="relu")], (3,))
    assert layer.layers[0].weights.shape == (4, 3)
    assert layer.size == 16


def test_example_4_2_1() -> None:
    first = [[4, 2, -5], [5, 4, 6], [0, 3, 2], [2, 2, -3], [-7, 1, -4]], [-2, 3, 5, -2, 7]
    second = [[-2, 6, 2, -5, 0], [-3, 0, 6, 1, 2]], [-3, -1]
    layers = [mathdl.Dense(5, activation="relu"), mathdl.Dense(2, activation="relu")]
    net = network(layers, (3,), *first, *second)
    assert net.size == 32
    assert net(np.array([[1.0, 0.0, 6.0]])).tolist() == [[295, 101]]
    shown = net.backpropagate(np.array([1.0, 0.0, 6.0]), np.zeros(2), "mean_square")
    assert [h.tolist() for h in shown.outputs] == [[1, 0, 6], [0, 44, 17, 0, 0], [295, 101]]
    products = network([mathdl.Dense(5, bias=False)], (3,), first[0])(np.array([[1.0, 0.0, 6.0]]))
    assert products.tolist() == [[-26, 41, 12, -16, -31]]


def softmax(y: Any) -> Array:
    """Apply a network's softmax to each row."""
    y = np.atleast_2d(np.array(y, dtype=float))
    n = y.shape[1]
    return network([mathdl.Dense(n, activation="softmax", bias=False)], (n,), np.eye(n))(y)


def test_def_4_2_1() -> None:
    assert softmax((295, 101))[0] == pytest.approx([1, 5.583040430390e-85], rel=1e-10)
    y = np.random.default_rng(0).normal(size=(50, 4))
    assert np.allclose(softmax(y + 100), softmax(y), rtol=1e-12, atol=0)
    assert np.array_equal(np.argsort(softmax(y)), np.argsort(y))
    assert softmax((1000, 0, 0)).tolist() == [[1, 0, 0]]
    identity = network([mathdl.Dense(3, bias=False)], (3,), np.eye(3))
    assert identity.predict_proba(np.array([[1000.0, 0, 0]])).tolist() == [[1, 0, 0]]


def test_eq_4_9() -> None:
    p = softmax(np.random.default_rng(1).normal(size=(50, 5)))
    assert (p > 0).all()
    assert np.abs(p.sum(axis=1) - 1).max() < 1e-15 * 5


def test_eq_4_36() -> None:
    widths = [3, 5, 2, 4, 3, 2]
    x = integers(6, 3, seed=9)
    for depth in range(1, 6):
        matrices = [integers(widths[k + 1], widths[k], seed=k) for k in range(depth)]
        biases = [integers(widths[k + 1], seed=10 + k) for k in range(depth)]
        product, constant = np.eye(3), np.zeros(3)
        for matrix, bias in zip(matrices, biases, strict=True):
            product, constant = matrix @ product, matrix @ constant + bias
        parts = [part for pair in zip(matrices, biases, strict=True) for part in pair]
        for activation in ("identity", "relu"):
            layers = [mathdl.Dense(width, activation=activation) for width in widths[1 : depth + 1]]
            same = np.array_equal(network(layers, (3,), *parts)(x), x @ product.T + constant)
            assert same == (activation == "identity")


def test_exercise_4_2a() -> None:
    assert softmax((1, 0, -1))[0] == pytest.approx(
        [0.665240955774822, 0.244728471054798, 0.090030573170380], rel=0, abs=1e-15
    )


def test_exercise_4_2b() -> None:
    values = [softmax((t, 0, 0))[0, 0] for t in range(37)]
    assert all(a < b < 1 for a, b in pairwise(values))
    assert softmax((38, 0, 0))[0, 0] == 1  # rounding: the exact value is below 1


def test_exercise_4_2c() -> None:
    p = softmax((0.3, 0.3, -1))[0]
    assert p[0] == p[1]


A3, B3 = [[1, 2, 3], [3, 4, 5]], [[1, 1], [2, 2], [1, 1], [2, 2]]


def test_exercise_4_3a() -> None:
    layers = [mathdl.Dense(2, activation="relu", bias=False), mathdl.Dense(4, activation="relu", bias=False)]
    net = network(layers, (3,), A3, B3)
    assert (net.input_shape, net.layers[0].output_shape, net.output_shape) == ((3,), (2,), (4,))
    assert net.size == 14


def test_exercise_4_3b() -> None:
    points = [(1, 0, 0), (1, 1, 1), (1, -1, 0), (-1, 1, 0), (-2, 0, 1), (-3, 1, 1)]
    values = [[4, 8] * 2, [18, 36] * 2, [0] * 4, [2, 4] * 2, [1, 2] * 2, [2, 4] * 2]
    assert relu_network(points, A3, B3) == values


def test_exercise_4_3c() -> None:
    for inputs in range(1, 5):
        for hidden in range(1, 5):
            net = network([mathdl.Dense(hidden, bias=False), mathdl.Dense(2, bias=False)], (inputs,))
            assert [layer.weights.shape for layer in net.layers] == [(hidden, inputs), (2, hidden)]


def test_exercise_4_4a() -> None:
    x = integers(40, 1) / 4
    assert relu_network(x, [[1], [-1]], [[1, 1]]) == np.abs(x).tolist()


def test_exercise_4_4b() -> None:
    for n in range(1, 7):
        x = integers(10, n, seed=n)
        stacked, pairs = np.vstack([np.eye(n), -np.eye(n)]), np.hstack([np.eye(n), np.eye(n)])
        assert relu_network(x, stacked, pairs) == np.abs(x).tolist()


def test_exercise_4_4c_i() -> None:
    matrices = integers(7, 1, seed=1), integers(5, 7, seed=2), integers(1, 5, seed=3)
    x = integers(20, 1, seed=4)
    for t in (0, 1, 2, 8):
        assert relu_network(t * x, *matrices) == (t * np.array(relu_network(x, *matrices))).tolist()
    assert relu_network([[-1]], [[1]]) != relu_network([[1]], [[1]])  # but not for a negative factor


def test_exercise_4_4c_ii() -> None:
    tents: list[Any] = []
    for _ in range(3):
        tents += [mathdl.Dense(2, activation="relu"), mathdl.Dense(1, activation="relu", bias=False)]
    net = network(tents, (1,), *([[1, 1], [0, -0.5], [2, -4]] * 3))
    assert net(np.arange(9)[:, None] / 8).ravel().tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0]


def test_exercise_4_4d() -> None:
    layers = [mathdl.Dense(3, activation="relu"), mathdl.Dense(1, activation="relu", bias=False)]
    hat = network(layers, (1,), [1, 1, 1], [0, -1, -2], [1, -2, 1])
    assert hat(np.arange(-1, 6)[:, None] / 2).ravel().tolist() == [0, 0, 0.5, 1, 0.5, 0, 0]


def test_exercise_4_5a() -> None:
    alpha, beta = np.array([3.0, -2.0, 1.0]), 1.0
    net = network([mathdl.Dense(2, activation="relu")], (3,), [-alpha, alpha], [-beta, beta])
    x = integers(50, 3)
    side = x @ alpha + beta
    assert np.array_equal(np.sign(net(x) @ [-1, 1]), np.sign(side))


def test_exercise_4_5b() -> None:
    u, v = np.array([3.0, -2.0, 1.0]), np.array([1.0, 4.0, -2.0])  # the last entries are biases
    rows = np.array([-u - v, u - v, -u + v, u + v])
    net = network([mathdl.Dense(4, activation="relu")], (2,), rows[:, :2], rows[:, 2])
    x = integers(50, 2)
    a, b = x @ u[:2] + u[2], x @ v[:2] + v[2]
    ordered = np.sort(net(x), axis=1)
    away = (a != 0) & (b != 0)
    assert np.array_equal(net(x).argmax(axis=1)[away], ((a > 0) + 2 * (b > 0))[away])
    assert (ordered[:, -1] - ordered[:, -2] >= 2 * np.minimum(np.abs(a), np.abs(b))).all()


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
