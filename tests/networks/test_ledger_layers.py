"""The book's statements about layers and networks (chapters 9.5 and 10), each test named after its item.

Where the book as printed is wrong, the corrected statement is tested.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import convolve2d, correlate2d

import mathdl
from mathdl.errors import InputError

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


def image_map(layer: Any, matrix: Any, *parameters: Any) -> Array:
    """Apply a layer to one matrix."""
    image = np.array(matrix, dtype=float)[None, None]
    return network([layer], image.shape[1:], *parameters)(image)[0, 0]


def convolve(kernel: Any, matrix: Any) -> Array:
    """Return the book's K * A."""
    kernel = np.array(kernel, dtype=float)
    return image_map(mathdl.Conv2D(1, len(kernel), bias=None), matrix, kernel)


def pooled(matrix: Any, size: int) -> Array:
    """Return the book's p(A)."""
    return image_map(mathdl.MaxPool2D(size), matrix)


def padded(matrix: Any, size: int) -> Array:
    """Return the book's P(A)."""
    return image_map(mathdl.ZeroPad2D(size), matrix)


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


# ---------------------------------------------------------------------------------- section 10.1: convolution

FEATURE = [[0, 1, 0], [1, 2, 1], [0, 1, 0]]
PATTERN = [[0, 1, 0, 1, 0], [1, 2, 1, 2, 1]] * 2 + [[0, 1, 0, 1, 0]]
EDGE = [[0, 0, 1, 1, 1]] * 5


@pytest.mark.parametrize(("rows", "columns", "d"), [(5, 7, 3), (4, 4, 4), (6, 3, 2), (8, 9, 5), (3, 5, 1)])
def test_def_10_1_3(rows: int, columns: int, d: int) -> None:
    matrix, kernel = integers(rows, columns), integers(d, d, seed=1)
    answer = convolve(kernel, matrix)
    assert answer.shape == (rows - d + 1, columns - d + 1)
    assert np.array_equal(answer, correlate2d(matrix, kernel, mode="valid"))
    assert np.array_equal(answer, convolve2d(matrix, kernel[::-1, ::-1], mode="valid"))


def test_rem_10_1_3() -> None:
    matrix, kernel = integers(5, 6), integers(3, 3, seed=1)
    assert convolve(kernel, matrix)[0, 0] == (kernel * matrix[:3, :3]).sum()


def test_rem_10_1_4() -> None:
    flipped = np.array([[1, -1], [1, -1]])
    assert np.array_equal(convolve([[-1, 1], [-1, 1]], EDGE), -convolve(flipped, EDGE))


def test_ex_10_1_2() -> None:
    assert convolve(FEATURE, PATTERN).tolist() == [[8, 6, 8], [6, 4, 6], [8, 6, 8]]


def test_def_10_1_6() -> None:
    matrix, kernel = integers(6, 5), integers(3, 3, seed=1)
    answer = convolve(kernel, matrix)
    for i in range(4):
        for j in range(3):
            assert answer[i, j] == (kernel * matrix[i : i + 3, j : j + 3]).sum()


def test_ex_10_1_3() -> None:
    answer = convolve(FEATURE, PATTERN)
    assert np.argwhere(answer == answer.max()).tolist() == [[0, 0], [0, 2], [2, 0], [2, 2]]
    norms = np.sqrt(convolve(np.ones((3, 3)), np.square(PATTERN)) * np.square(FEATURE).sum())
    assert np.allclose(answer / norms, [[1, 0.5883, 1], [0.5883, 0.3162, 0.5883], [1, 0.5883, 1]], atol=5e-5)
    assert convolve(FEATURE, np.full((3, 3), 3)).tolist() == [[18]]  # a large answer without a match


def test_ex_10_1_4() -> None:
    kernel = [[-1, 1], [-1, 1]]
    assert convolve(kernel, EDGE).tolist() == [[0, 2, 0, 0]] * 4
    a, b, c, d = 3, 7, -2, 11
    assert convolve(kernel, [[a, b], [c, d]]).tolist() == [[b - a + d - c]]


# ------------------------------------------------------------------------- sections 10.2 to 10.4: the layers


@pytest.mark.parametrize(("bias", "count"), [("channel", 10), ("position", 9 + 4 * 5), (None, 9)])
def test_def_10_2_1(bias: str | None, count: int) -> None:
    net = network([mathdl.Conv2D(1, 3, activation="relu", bias=bias)], (1, 6, 7))
    assert net.size == count
    assert net.output_shape == (1, 4, 5)
    net.parameters[:] = integers(count)
    matrix = integers(6, 7, seed=1)
    b = 0 if bias is None else net.layers[0].bias.reshape((1, 1) if bias == "channel" else (4, 5))
    affine = correlate2d(matrix, net.layers[0].weights[0, 0], mode="valid") + b
    assert np.array_equal(net(matrix[None, None])[0, 0], np.maximum(affine, 0))


def test_def_10_2_2() -> None:
    matrix, kernel, bias = integers(5, 5), integers(3, 3, seed=1), integers(3, 3, seed=2)
    layer = mathdl.Conv2D(1, 3, activation="relu", bias="position")
    answer = image_map(layer, matrix, kernel, bias)
    for i in range(3):
        for j in range(3):
            window = matrix[i : i + 3, j : j + 3].reshape(1, 9)
            neuron = network([mathdl.Dense(1, activation="relu")], (9,), kernel, bias[i, j])
            assert neuron(window).item() == answer[i, j]


def test_rem_10_2_1() -> None:
    net = network([mathdl.Conv2D(1, d) for d in (3, 2, 5)], (1, 12, 15))
    assert [layer.output_shape for layer in net.layers] == [(1, 10, 13), (1, 9, 12), (1, 5, 8)]


def test_ex_10_2_1() -> None:
    a, b, c, d = 2.0, 3.0, 5.0, 7.0
    net = network([mathdl.Conv2D(1, 2, bias=None), mathdl.Flatten()], (1, 3, 3), [a, b, c, d])
    unrolled = net(np.eye(9).reshape(9, 1, 3, 3)).T
    assert unrolled.tolist() == [
        [a, b, 0, c, d, 0, 0, 0, 0],
        [0, a, b, 0, c, d, 0, 0, 0],
        [0, 0, 0, a, b, 0, c, d, 0],
        [0, 0, 0, 0, a, b, 0, c, d],
    ]
    assert np.count_nonzero(unrolled) == 16
    assert net.size == 4
    x = np.arange(1.0, 10.0)
    assert np.array_equal(net(x.reshape(1, 1, 3, 3))[0], unrolled @ x)


@pytest.mark.parametrize(("rows", "columns", "d"), [(5, 6, 3), (7, 7, 2), (4, 7, 4), (3, 3, 2)])
def test_sec_10_3(rows: int, columns: int, d: int) -> None:
    def uses(size: int) -> list[int]:
        return [min(i, d, size - i + 1, size - d + 1) for i in range(1, size + 1)]

    pixels = np.eye(rows * columns).reshape(-1, 1, rows, columns)
    counting = network([mathdl.Conv2D(1, d, bias=None)], (1, rows, columns), np.ones(d * d))
    counts = counting(pixels).sum(axis=(1, 2, 3)).reshape(rows, columns)
    assert np.array_equal(counts, np.outer(uses(rows), uses(columns)))
    layers = [mathdl.ZeroPad2D(d - 1), mathdl.Conv2D(1, d, bias=None)]
    counting = network(layers, (1, rows, columns), np.ones(d * d))
    assert (counting(pixels).sum(axis=(1, 2, 3)) == d * d).all()


def test_def_10_3_1() -> None:
    matrix = integers(3, 5)
    for s in (1, 2, 3):
        assert np.array_equal(padded(matrix, s), np.pad(matrix, s))


def test_def_10_4_1() -> None:
    matrix = integers(4, 5)
    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(matrix.ravel()).reshape(1, 1, 4, 5)
        assert network([mathdl.GlobalMaxPool2D()], (1, 4, 5))(shuffled).tolist() == [[matrix.max()]]


def test_def_10_4_2() -> None:
    matrix = integers(6, 9)
    assert np.array_equal(pooled(matrix, 3), matrix.reshape(2, 3, 3, 3).max(axis=(1, 3)))
    with pytest.raises(InputError):
        mathdl.Network([mathdl.MaxPool2D(2)], input_shape=(1, 6, 9))


def test_ex_10_4_1() -> None:
    assert pooled([[0, 2, 0, 0]] * 4, 2).tolist() == [[2, 0], [2, 0]]


# ------------------------------------------------------------------------------- section 10.5: whole networks


def test_sec_10_5() -> None:
    first = [mathdl.Conv2D(4, 5, activation="relu"), mathdl.MaxPool2D(2)]
    second = [mathdl.Conv2D(4, 5, activation="relu"), mathdl.MaxPool2D(2)]
    net = network([*first, *second, mathdl.Flatten(), mathdl.Dense(10)], (1, 28, 28))
    shapes = [layer.output_shape for layer in net.layers]
    assert shapes == [(4, 24, 24), (4, 12, 12), (4, 8, 8), (4, 4, 4), (64,), (10,)]


def test_fig_10_4() -> None:
    layers = [mathdl.Conv2D(1, 2), mathdl.MaxPool2D(2), mathdl.Flatten(), mathdl.Dense(2)]
    net = network(layers, (1, 9, 9))
    shapes = [layer.output_shape for layer in net.layers]
    assert shapes == [(1, 8, 8), (1, 4, 4), (16,), (2,)]


def test_def_10_5_1() -> None:
    """Output channels with kernels of different sizes are the branches of a Parallel."""
    x, sizes = integers(3, 6, 7), (1, 2, 4)
    kernels = [integers(3, d, d, seed=d) for d in sizes]
    branches = [[mathdl.Conv2D(1, d, activation="relu", bias=None)] for d in sizes]
    net = network([mathdl.Parallel(branches)], x.shape, *kernels)
    expected = [np.maximum(sum(correlate2d(x[i], kernel[i], mode="valid") for i in range(3)), 0) for kernel in kernels]
    assert np.array_equal(net(x[None])[0], np.concatenate([part.ravel() for part in expected]))
    assert [part.shape for part in expected] == [(7 - d, 8 - d) for d in sizes]


def test_def_10_5_2() -> None:
    """Channels with blocks of different sizes are the branches of a Parallel."""
    x, sizes, pools = integers(2, 6, 6), (1, 2, 3), (3, 1, 2)
    kernels = [integers(2, d, d, seed=d) for d in sizes]
    branches, expected = [], []
    for kernel, d, p in zip(kernels, sizes, pools, strict=True):
        branches.append([mathdl.Conv2D(1, d, bias=None, padding="same"), mathdl.MaxPool2D(p)])
        wide = np.pad(x, ((0, 0), ((d - 1) // 2, d // 2), ((d - 1) // 2, d // 2)))
        channel = sum(correlate2d(wide[i], kernel[i], mode="valid") for i in range(2))
        expected.append(channel.reshape(6 // p, p, 6 // p, p).max(axis=(1, 3)).ravel())
    net = network([mathdl.Parallel(branches)], (2, 6, 6), *kernels)
    assert np.array_equal(net(x[None])[0], np.concatenate(expected))


# -------------------------------------------------------------------------------------- section 10.6: shifts


def horizontal(x: Array) -> Array:
    """Shift by one column, the last coming first."""
    return np.roll(x, 1, axis=-1)


def vertical(x: Array) -> Array:
    """Shift by one row, the last coming first."""
    return np.roll(x, 1, axis=-2)


def test_sec_10_6() -> None:
    x, kernel, place_bias = integers(6, 7), integers(3, 3, seed=1), integers(4, 5, seed=2)

    def c(image: Array) -> Array:
        return image_map(mathdl.Conv2D(1, 3, activation="relu"), image, kernel, [2.0])

    assert np.array_equal(c(horizontal(x))[:, 1:], horizontal(c(x))[:, 1:])
    assert np.array_equal(c(vertical(x))[1:], vertical(c(x))[1:])
    assert not np.array_equal(c(horizontal(x)), horizontal(c(x)))

    def placed(image: Array) -> Array:
        return image_map(mathdl.Conv2D(1, 3, bias="position"), image, kernel, place_bias)

    assert not np.array_equal(placed(horizontal(x))[:, 1:], horizontal(placed(x))[:, 1:])


def test_ex_10_6_1() -> None:
    x = np.array([[2, 2, 0, 1]] * 4)
    assert pooled(x, 2).tolist() == [[2, 1], [2, 1]]
    assert pooled(horizontal(x), 2).tolist() == [[2, 2], [2, 2]]
    assert horizontal(pooled(x, 2)).tolist() == [[1, 2], [1, 2]]


def test_ex_10_6_2() -> None:
    net = network([mathdl.Dense(3, bias=False)], (3,), np.diag([1, 2, 3]))
    v = np.array([[1.0, 0.0, 0.0]])
    assert net(v).tolist() == [[1, 0, 0]]
    assert net(np.roll(v, 1, axis=1)).tolist() == [[0, 2, 0]]
    assert np.roll(net(v), 1, axis=1).tolist() == [[0, 1, 0]]


def test_fig_10_5() -> None:
    picture, moved_picture = np.zeros((8, 16)), np.zeros((8, 16))
    for step in range(4):  # a slanted bar, here and five columns further
        picture[2 + step, 2 + step] = moved_picture[2 + step, 7 + step] = 1
    kernel = integers(3, 3)
    assert np.array_equal(convolve(kernel, moved_picture)[:, 5:], convolve(kernel, picture)[:, :-5])
    net = network([mathdl.Flatten(), mathdl.Dense(5)], (1, 8, 16))
    assert not np.allclose(net(picture[None, None]), net(moved_picture[None, None]))


def invariant(sizes: tuple[int, ...], channels: int, activation: Any) -> list[Any]:
    """List the layers of Example 10.6.3: padding by D - 1, convolution, ..., global maximum."""
    layers: list[Any] = []
    for k, d in enumerate(sizes):
        count = channels if k == len(sizes) - 1 else 3
        layers += [mathdl.ZeroPad2D(d - 1), mathdl.Conv2D(count, d, activation=activation, bias=None)]
    return [*layers, mathdl.GlobalMaxPool2D()]


@pytest.mark.parametrize("activation", ["relu", "tanh", "abs", HALF], ids=str)
@pytest.mark.parametrize("sizes", [(3, 3), (2, 4, 3)])
def test_ex_10_6_3(sizes: tuple[int, ...], activation: Any) -> None:
    net = network(invariant(sizes, 2, activation), (1, 6, 6))
    side = 6 + 2 * sum(d - 1 for d in sizes) - sum(sizes) + len(sizes)
    assert net.layers[-2].output_shape == (2, side, side)
    images = np.random.default_rng(0).normal(size=(20, 1, 6, 6))
    images[..., -1] = 0
    assert np.abs(net.predict_proba(horizontal(images)) - net.predict_proba(images)).max() < 1e-12


def moved(layers: list[Any], matrix: Any, *parameters: Any) -> list[float]:
    """Return the largest response to an image and to its shift."""
    image = np.array(matrix, dtype=float)[None, None]
    net = network([*layers, mathdl.GlobalMaxPool2D()], image.shape[1:], *parameters)
    return [net(image).item(), net(horizontal(image)).item()]


def test_ex_10_6_3_needs_its_assumptions() -> None:
    corner = [[1, 0], [0, 0]]
    assert moved([mathdl.Conv2D(1, 2, bias=None)], corner, [0, 1, 0, 0]) == [0, 1]
    assert moved([mathdl.ZeroPad2D(1), mathdl.Conv2D(1, 2, bias=None)], corner, [0, 1, 0, 0]) == [1, 1]
    first, second = np.eye(9)[0], [1, 0, -1, 0, 0, 0, 0, 0, 0]
    for activation, bias, answers in [("relu", 1, [1, 2]), ("sigmoid", 0, [0.622459, 0.675038])]:
        layers: list[Any] = []
        for _ in range(2):
            layers += [mathdl.ZeroPad2D(3), mathdl.Conv2D(1, 3, activation=activation)]
        found = moved(layers, corner, first, [bias], second, [0])
        assert found == pytest.approx(answers, abs=5e-7)
    placed = [mathdl.ZeroPad2D(1), mathdl.Conv2D(1, 2, bias="position")]
    peak = np.zeros((3, 3))
    peak[0, 0] = 5
    before, after = moved(placed, corner, [0, 0, 0, 1], peak)
    assert before != after
    row = np.zeros((3, 3))
    row[1] = [0, 1, 1]
    assert moved([mathdl.ZeroPad2D(2), mathdl.Conv2D(1, 2, bias=None)], row, [1, 1, 0, 0]) == [2, 1]


def test_fig_10_7() -> None:
    layers = [mathdl.ZeroPad2D(2), mathdl.Conv2D(4, 3, activation="relu")]
    layers += [mathdl.ZeroPad2D(2), mathdl.Conv2D(2, 3), mathdl.GlobalMaxPool2D()]
    net = network(layers, (1, 6, 6))
    shapes = [layer.output_shape for layer in net.layers]
    assert shapes == [(1, 10, 10), (4, 8, 8), (4, 12, 12), (2, 10, 10), (2,)]
    assert net.predict_proba(integers(1, 1, 6, 6)).sum() == pytest.approx(1, rel=1e-15)


# -------------------------------------------------------------------------------------------- section 10.8


def test_exercise_10_1() -> None:
    assert convolve(integers(3, 3), integers(3, 5)).shape == (1, 3)
    for shape in [(1, 2, 5), (1, 5, 2)]:
        with pytest.raises(InputError):
            mathdl.Network([mathdl.Conv2D(1, 3)], input_shape=shape)


def test_exercise_10_2a() -> None:
    assert convolve([[1, -1], [-1, 1]], [[2, 2, -2], [2, 2, -2], [-2, -2, -2]]).tolist() == [[0, 0], [0, 4]]


def test_exercise_10_2b() -> None:
    matrix = [[2, 2, 2, -2, -2], [2, 2, 2, 2, -2], [2] * 5, [100] * 5]
    assert convolve([[2, -1, -1], [-2, 1, 1], [0, 0, 0]], matrix).tolist() == [[0, 4, 4], [0, 0, 4]]


def test_exercise_10_3a() -> None:
    k, other, a, b = integers(3, 3), integers(3, 3, seed=1), integers(5, 6, seed=2), integers(5, 6, seed=3)
    assert np.array_equal(convolve(k + other, a), convolve(k, a) + convolve(other, a))
    assert np.array_equal(convolve(k, a + b), convolve(k, a) + convolve(k, b))


def test_exercise_10_3b() -> None:
    k, a = integers(3, 3), integers(5, 6, seed=1)
    assert np.array_equal(convolve(-7 * k, a), -7 * convolve(k, a))
    assert np.array_equal(convolve(k, -7 * a), -7 * convolve(k, a))


def test_exercise_10_4b() -> None:
    assert convolve(np.ones((3, 3)), np.ones((3, 3))).shape == (1, 1)
    assert convolve(np.ones((2, 2)), np.ones((3, 3))).shape == (2, 2)
    with pytest.raises(InputError):
        convolve(np.ones((3, 3)), np.ones((2, 2)))


def test_exercise_10_4c() -> None:
    a, b = integers(4, 4), integers(4, 4, seed=1)
    assert convolve(a, b).tolist() == convolve(b, a).tolist() == [[(a * b).sum()]]


def test_exercise_10_5i() -> None:
    assert np.array_equal(convolve([[3]], integers(4, 4)), 3 * integers(4, 4))


def test_exercise_10_5ii() -> None:
    assert np.array_equal(convolve([[1]], integers(4, 4)), integers(4, 4))
    assert all(convolve(np.eye(d), integers(4, 4)).shape != (4, 4) for d in (2, 3, 4))


def test_exercise_10_5iii() -> None:
    assert np.array_equal(convolve([[1, 0], [0, 0]], integers(5, 5)), integers(5, 5)[:-1, :-1])


def test_exercise_10_6() -> None:
    matrix = integers(5, 6)
    answer = convolve(np.eye(3), matrix)
    assert np.array_equal(answer, sum(matrix[n : n + 3, n : n + 4] for n in range(3)))
    assert answer.shape != matrix.shape


def test_exercise_10_7() -> None:
    a, b = integers(4, 4), integers(4, 4, seed=1)
    assert np.array_equal(padded(a - 3 * b, 2), padded(a, 2) - 3 * padded(b, 2))


def test_exercise_10_8i() -> None:
    for position in range(16):
        matrix = np.eye(16)[position].reshape(4, 4)
        assert pooled(matrix, 2).max() == 1


def test_exercise_10_8ii() -> None:
    matrix = np.zeros((6, 6))
    matrix[0, 0] = -1
    assert not pooled(matrix, 2).any()


def test_exercise_10_9i() -> None:
    matrix = integers(6, 6)
    for factor in (0, 1, 3):
        assert np.array_equal(pooled(factor * matrix, 3), factor * pooled(matrix, 3))
    assert pooled([[0, -1], [0, 0]], 2).tolist() == [[0]]


def test_exercise_10_9ii() -> None:
    for matrix in (integers(4, 4), np.array([[-3.0, 1.0], [0.0, 3.0]])):
        size = len(matrix)
        same = pooled(-matrix, size) == pooled(matrix, size)
        assert same == (matrix.min() == -matrix.max())


def test_exercise_10_9iii() -> None:
    a, b = np.zeros((4, 4)), np.zeros((4, 4))
    a[0, 0] = b[0, 1] = 1
    assert pooled(a + b, 2)[0, 0] == 1
    assert (pooled(a, 2) + pooled(b, 2))[0, 0] == 2


def test_exercise_10_10i() -> None:
    for s in range(1, 6):
        assert convolve(np.ones((s, s)), np.ones((5, 5))).shape == (6 - s, 6 - s)


def test_exercise_10_10ii() -> None:
    for t in (1, 2, 3):
        assert padded(np.ones((4, 4)), t).shape == (4 + 2 * t, 4 + 2 * t)


def test_exercise_10_10iii() -> None:
    big = padded(integers(2, 3), 2)
    for k in range(-2, 3):
        for j in range(-2, 3):
            assert np.array_equal(translated(big, (k, j)), np.roll(big, (k, j), axis=(0, 1)))


def test_exercise_10_10iv() -> None:
    """With s <= t + 1 the convolution of a padded image moves with it; a larger kernel need not."""

    def commutes(kernel: Array, image: Array, t: int) -> bool:
        shifts = [(k, j) for k in range(-t, t + 1) for j in range(-t, t + 1)]
        big = padded(image, t)
        return all(
            np.array_equal(convolve(kernel, np.roll(big, shift, axis=(0, 1))), translated(convolve(kernel, big), shift))
            for shift in shifts
        )

    for t in (1, 2):
        for s in range(1, t + 2):
            assert commutes(integers(s, s), integers(2, 2, seed=1), t)
    assert not commutes(np.ones((3, 3)), np.ones((1, 1)), 1)


def translated(matrix: Array, shift: tuple[int, int]) -> Array:
    """Shift by rows and columns, zeros coming in."""
    (rows, columns), answer = matrix.shape, np.zeros_like(matrix)
    k, j = shift
    for r in range(max(0, k), min(rows, rows + k)):
        for c in range(max(0, j), min(columns, columns + j)):
            answer[r, c] = matrix[r - k, c - j]
    return answer
