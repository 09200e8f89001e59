"""Networks and their gradients against the oracle, PyTorch and central differences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import mathdl
import naive
import peers
from peers import (
    ARCHITECTURES,
    CASES,
    DROPOUT,
    FLATTEN,
    GLOBAL_POOL,
    LOSSES,
    conv,
    dense,
    pad,
    parallel,
    pool,
    residual,
)

SMALL = {
    "dense": ([dense(3, "tanh"), dense(2)], (2,)),
    "conv": ([conv(2, 2, "relu"), pool(2), FLATTEN, dense(2)], (1, 5, 3)),
    "position bias and stride": (
        [pad(1), conv(3, 2, "tanh", bias="position", stride=3), GLOBAL_POOL, dense(2)],
        (1, 3, 2),
    ),
    "parallel": ([parallel([conv(1, 2, "abs"), GLOBAL_POOL], [conv(5, 3)], [FLATTEN]), dense(2)], (2, 3, 3)),
}


def build(
    architecture: naive.Architecture,
    shape: tuple[int, ...],
    parameters: naive.Array,
    dtype: str = "float64",
) -> mathdl.Network:
    """Make a network with given parameters."""
    net = mathdl.Network.from_architecture(architecture, shape, dtype=dtype)
    net.parameters[:] = parameters
    return net


def assert_near(value: NDArray[Any], truth: NDArray[Any], tolerance: float) -> None:
    """Hold a difference against the norm of the truth."""
    assert value.shape == truth.shape
    assert np.linalg.norm(value - truth) <= tolerance * np.linalg.norm(truth)


# ---------------------------------------------------------------------------------------------- the oracle


@pytest.mark.parametrize(("name", "loss"), CASES)
def test_value_and_gradient_equal_the_oracle(name: str, loss: str) -> None:
    architecture, shape = ARCHITECTURES[name]
    a, x, y, weights = peers.problem(architecture, shape, loss, 5)
    net = build(architecture, shape, a)
    assert_near(net(x), naive.outputs(architecture, shape, a, x), 1e-11)
    for w in (None, weights):
        value, gradient = naive.loss_and_gradient(architecture, shape, a, x, y, loss, w)
        assert net.loss(x, y, loss, sample_weight=w) == pytest.approx(value, rel=1e-11)
        assert_near(net.gradient(x, y, loss, sample_weight=w), gradient, 1e-11)


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 33, 70, 1100])
@pytest.mark.parametrize("name", SMALL)
def test_every_batch_size_equals_the_oracle(name: str, count: int) -> None:
    architecture, shape = SMALL[name]
    a, x, y, weights = peers.problem(architecture, shape, "cross_entropy", count)
    net = build(architecture, shape, a)
    value, gradient = naive.loss_and_gradient(architecture, shape, a, x, y, "cross_entropy", weights)
    assert_near(net(x), naive.outputs(architecture, shape, a, x), 1e-11)
    assert net.loss(x, y, "cross_entropy", sample_weight=weights) == pytest.approx(value, rel=1e-11)
    assert_near(net.gradient(x, y, "cross_entropy", sample_weight=weights), gradient, 1e-11)


@pytest.mark.parametrize(
    "name", ["pool drops", "zero padding between", "conv before strides", "dense wide", "parallel nested"]
)
def test_blocks_share_memory_unseen(name: str) -> None:
    """Over 1,024 objects go through in blocks: what one leaves behind in memory must not reach the next."""
    architecture, shape = ARCHITECTURES[name]
    a, x, y, _ = peers.problem(architecture, shape, "mean_square", 1100)
    net = build(architecture, shape, a)
    value, gradient = naive.loss_and_gradient(architecture, shape, a, x, y, "mean_square")
    assert net.loss(x, y, "mean_square") == pytest.approx(value, rel=1e-11)
    assert_near(net.gradient(x, y, "mean_square"), gradient, 1e-11)
    few = naive.loss_and_gradient(architecture, shape, a, x[:3], y[:3], "mean_square")[1]
    assert_near(net.gradient(x[:3], y[:3], "mean_square"), few, 1e-11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ties_and_kinks_equal_the_oracle_exactly(dtype: str) -> None:
    """Small integers make ties and zeros everywhere, and arithmetic without rounding."""
    leaky = {"name": "leaky_relu", "slope": 0.25}
    architecture = [
        conv(3, 2, "relu"),
        pool(2),
        parallel([conv(2, 2, leaky), GLOBAL_POOL], [conv(3, 1, "abs"), pool(3)]),
        dense(4, leaky),
        dense(2),
    ]
    generator = np.random.default_rng(1)
    a = generator.integers(-1, 2, size=naive.size(architecture, (1, 7, 7))).astype(float)
    x = generator.integers(-1, 2, size=(16, 1, 7, 7)).astype(dtype)
    y = generator.choice([-1, 1], size=(16, 2))
    for loss in ("mean_square", "hinge"):  # dividing by 16 is exact
        value, gradient = naive.loss_and_gradient(architecture, (1, 7, 7), a, x, y, loss)
        net = build(architecture, (1, 7, 7), a, dtype)
        assert net.loss(x, y, loss) == value
        assert np.array_equal(net.gradient(x, y, loss), gradient.astype(dtype))


def test_bytes_are_scaled() -> None:
    architecture, shape = SMALL["conv"]
    a, _, y, _ = peers.problem(architecture, shape, "cross_entropy", 40)
    x = np.random.default_rng(2).integers(256, size=(40, *shape), dtype=np.uint8)
    net = build(architecture, shape, a)
    assert_near(net(x), naive.outputs(architecture, shape, a, x), 1e-11)
    truth = naive.loss_and_gradient(architecture, shape, a, x, y, "cross_entropy")[1]
    assert_near(net.gradient(x, y, "cross_entropy"), truth, 1e-11)


@pytest.mark.parametrize("last", ["identity", "softmax", "sigmoid"])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_entropies_after_a_final_activation(last: str, loss: str) -> None:
    """The loss takes the layer's value before a softmax or sigmoid of its own kind, and after any other."""
    architecture, shape = [dense(4, "tanh"), dense(3, last)], (3,)
    a, x, y, weights = peers.problem(architecture, shape, loss, 20)
    value, gradient = naive.loss_and_gradient(architecture, shape, a, x, y, loss, weights)
    net = build(architecture, shape, a)
    assert net.loss(x, y, loss, sample_weight=weights) == pytest.approx(value, rel=1e-12)
    assert_near(net.gradient(x, y, loss, sample_weight=weights), gradient, 1e-11)
    assert_near(net(x), naive.outputs(architecture, shape, a, x), 1e-12)


@pytest.mark.parametrize("last", ["identity", "softmax"])
def test_probabilities_of_several_classes(last: str) -> None:
    architecture, shape = [dense(4, "tanh"), dense(3, last)], (3,)
    a, x, _, _ = peers.problem(architecture, shape, "cross_entropy", 20)
    truth = naive.outputs([architecture[0], dense(3, "softmax")], shape, a, x)
    assert_near(build(architecture, shape, a).predict_proba(x), truth, 1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_own_activation_equals_the_oracle(dtype: str) -> None:
    own = mathdl.Activation("own", function=lambda x: math.tanh(x), derivative=lambda x: 1 - math.tanh(x) ** 2)
    layers = [mathdl.Conv2D(3, 2, activation=own), mathdl.Flatten(), mathdl.Dense(2, activation=own)]
    architecture, shape = [conv(3, 2, "tanh"), FLATTEN, dense(2, "tanh")], (1, 4, 4)
    a, x, y, _ = peers.problem(architecture, shape, "mean_square", 20)
    net = mathdl.Network(layers, input_shape=shape, dtype=dtype)
    net.parameters[:] = a
    tolerance = 300 * 2**-24 if dtype == "float32" else 1e-11
    assert_near(net(x), naive.outputs(architecture, shape, a, x), tolerance)
    truth = naive.loss_and_gradient(architecture, shape, a, x, y, "mean_square")[1]
    assert_near(net.gradient(x, y, "mean_square"), truth, tolerance)


# ---------------------------------------------------------------------------------------------------- peers


@pytest.mark.parametrize(("name", "loss"), CASES)
def test_gradient_equals_torch(name: str, loss: str) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    architecture, shape = ARCHITECTURES[name]
    a, x, y, weights = peers.problem(architecture, shape, loss, 7, seed=1)
    value, gradient = peers.torch_loss_and_gradient(architecture, shape, a, x, y, loss, weights)
    net = build(architecture, shape, a)
    assert net.loss(x, y, loss, sample_weight=weights) == pytest.approx(value, rel=1e-10)
    assert_near(net.gradient(x, y, loss, sample_weight=weights), gradient, 1e-10)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_gradient_equals_central_differences(name: str) -> None:
    architecture, shape = ARCHITECTURES[name]
    losses = [loss for case, loss in CASES if case == name]
    place = list(ARCHITECTURES).index(name)
    for loss in losses if name.startswith("dense") else [losses[place % len(losses)]]:
        a, x, y, weights = peers.problem(architecture, shape, loss, 3, seed=2)
        net = build(architecture, shape, a)
        gradient = net.gradient(x, y, loss, sample_weight=weights)
        some = np.random.default_rng(3).permutation(len(a))[:60]  # of many parameters some are enough
        truth = np.empty(len(some))
        for k, i in enumerate(some):
            net.parameters[i] = a[i] + 1e-5
            above = net.loss(x, y, loss, sample_weight=weights)
            net.parameters[i] = a[i] - 1e-5
            truth[k] = (above - net.loss(x, y, loss, sample_weight=weights)) / 2e-5
            net.parameters[i] = a[i]
        assert np.linalg.norm(gradient[some] - truth) <= 1e-7 * max(np.linalg.norm(gradient), 1e-3)


@pytest.mark.parametrize(("name", "loss"), CASES)
def test_float32_follows_float64(name: str, loss: str) -> None:
    """Every number is a few sums of at most 131 products, each rounded by 2^-24 of its own size.

    Rounding errors of either sign grow like the root of the number of terms, and cancellation in a sum makes
    them count for more: 300 units of 2^-24 leave room for both. No kink is so near that rounding crosses it.
    """
    architecture, shape = ARCHITECTURES[name]
    a, x, y, weights = peers.problem(architecture, shape, loss, 17, seed=4)
    single = build(architecture, shape, a, "float32")
    value, gradient = naive.loss_and_gradient(architecture, shape, a, x, y, loss, weights)
    found = single.gradient(x, y, loss, sample_weight=weights)
    assert single(x).dtype == found.dtype == np.float32
    assert single.loss(x, y, loss, sample_weight=weights) == pytest.approx(value, rel=300 * 2**-24)
    assert_near(found, gradient, 300 * 2**-24)


# ------------------------------------------------------------------------------------- shapes and inspection


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_shapes_parameters_and_architecture(name: str) -> None:
    architecture, shape = ARCHITECTURES[name]
    net = mathdl.Network.from_architecture(architecture, shape, dtype="float64", seed=3)
    assert net.size == len(net.parameters) == naive.size(architecture, shape)
    assert net.output_shape == naive.network_shape(architecture, shape)
    assert naive.size(net.architecture, shape) == net.size
    net.parameters[:] = np.arange(net.size)
    for k, (layer, own) in enumerate(zip(architecture, net.layers, strict=True)):
        before = naive.network_shape(architecture[:k], shape)
        assert own.output_shape == naive.output_shape(layer, before)
        if layer["layer"] in ("Dense", "Conv1D", "Conv2D"):
            piece = naive.layer_pieces(architecture, shape, np.arange(float(net.size)))[k]
            weights, bias = naive.weights_and_bias(layer, before, piece)
            assert np.array_equal(own.weights, weights)
            assert own.bias is None if bias is None else np.array_equal(own.bias, bias)
            own.weights[...] = 0
            assert not net.parameters[int(piece[0]) : int(piece[0]) + weights.size].any()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_architecture_makes_the_same_network_again(name: str) -> None:
    architecture, shape = ARCHITECTURES[name]
    net = mathdl.Network.from_architecture(architecture, shape, seed=3)
    again = mathdl.Network.from_architecture(net.architecture, shape, seed=3)
    assert np.array_equal(net.parameters, again.parameters)
    x = np.random.default_rng(5).normal(size=(3, *shape))
    assert np.array_equal(net(x), again(x))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_backpropagation_shows_every_derivative(name: str) -> None:
    architecture, shape = ARCHITECTURES[name]
    a, x, y, _ = peers.problem(architecture, shape, "mean_square", 1, seed=6)
    shown = build(architecture, shape, a).backpropagate(x[0], y[0], "mean_square")
    h = naive.forward(architecture, a, x)
    doutputs, dparameters = naive.backward(architecture, a, x, naive.object_gradients("mean_square", h[-1], y))
    for found, truth in [(shown.outputs, h), (shown.output_gradients, doutputs)]:
        assert len(found) == len(truth)
        for one, other in zip(found, truth, strict=True):
            assert_near(one, other[0], 1e-11)
    for one, other in zip(shown.parameter_gradients, dparameters, strict=True):
        assert_near(np.ravel(one), other, 1e-11)


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_backpropagation_shows_a_final_activation_that_the_loss_contains(loss: str) -> None:
    last = "softmax" if loss == "cross_entropy" else "sigmoid"
    architecture, shape = [dense(4, "tanh"), dense(3, last)], (3,)
    a, x, y, _ = peers.problem(architecture, shape, loss, 1)
    shown = build(architecture, shape, a).backpropagate(x[0], y[0], loss)
    p = naive.outputs(architecture, shape, a, x)
    dp = -np.eye(3)[y] / p if loss == "cross_entropy" else (1 - y) / (1 - p) - y / p
    doutputs, dparameters = naive.backward(architecture, a, x, dp)
    assert_near(shown.outputs[-1], p[0], 1e-12)
    for found, truth in zip(shown.output_gradients, doutputs, strict=True):
        assert_near(found, truth[0], 1e-11)
    for found, truth in zip(shown.parameter_gradients, dparameters, strict=True):
        assert_near(found, truth, 1e-11)


# ------------------------------------------------------------------------------------------ random networks

CONVOLUTIONS = [(1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (3, 2), (2, 3)]  # kernel size and stride, as in ARCHITECTURES
POOLS = [(1, 1), (2, 2), (3, 3), (3, 2), (1, 2)]  # size and stride
ACTIVATION = st.sampled_from([a for a in peers.ACTIVATIONS if a != "softmax"])


@st.composite
def networks(draw: st.DrawFn) -> tuple[naive.Architecture, tuple[int, ...]]:
    """Draw a small network of images: up to three layers of images, then vectors."""
    shape: tuple[int, ...] = (
        draw(st.integers(1, 3)),
        draw(st.integers(2, 8)),
        draw(st.integers(2, 8)),
    )
    architecture: naive.Architecture = []
    for _ in range(draw(st.integers(0, 3))):
        layer = draw(image_layer(naive.network_shape(architecture, shape)))
        architecture.append(layer)
    if draw(st.booleans()):
        rest = naive.network_shape(architecture, shape)
        branches = [[draw(image_layer(rest))] for _ in range(draw(st.integers(1, 3)))]
        architecture.append(parallel(*branches))
    else:
        architecture.append(draw(st.sampled_from([FLATTEN, GLOBAL_POOL])))
    for _ in range(draw(st.integers(0, 2))):
        architecture.append(dense(draw(st.integers(1, 6)), draw(ACTIVATION), draw(st.booleans())))
    return [*architecture, dense(draw(st.integers(1, 4)))], shape


@st.composite
def image_layer(draw: st.DrawFn, shape: tuple[int, ...]) -> naive.Layer:
    """Draw a layer that takes images of the given shape to images."""
    kind, smallest = draw(st.sampled_from(["pad", "pool", "average", "residual", "conv", "conv"])), min(shape[1:])
    if kind == "pad":
        return pad(draw(st.integers(1, 2)))
    if kind == "pool":
        size, stride = draw(st.sampled_from([pair for pair in POOLS if pair[0] <= smallest]))
        return pool(size, "drop", stride=stride)
    if kind == "average":
        size = [draw(st.integers(1, side)) for side in shape[1:]]
        return pool(size, "drop", layer="AveragePool2D", stride=[draw(st.integers(1, 3)) for _ in size])
    if kind == "residual":
        options = {"bias": draw(st.sampled_from(["channel", "position", None])), "padding": "same"}
        return residual(conv(shape[0], draw(st.sampled_from([2, 3])), draw(ACTIVATION), **options), DROPOUT)
    kernel_size, stride = draw(st.sampled_from([pair for pair in CONVOLUTIONS if pair[0] <= smallest]))
    return conv(
        draw(st.integers(1, 6)),
        kernel_size,
        draw(ACTIVATION),
        bias=draw(st.sampled_from(["channel", "position", None])),
        stride=stride,
        padding=draw(st.sampled_from(["valid", "same"])),
    )


@given(networks(), st.integers(1, 40), st.sampled_from(LOSSES), st.integers(0, 99))
@settings(max_examples=60)
def test_random_networks_equal_the_oracle(
    network: tuple[naive.Architecture, tuple[int, ...]], count: int, loss: str, seed: int
) -> None:
    architecture, shape = network
    generator = np.random.default_rng(seed)
    a = generator.normal(size=naive.size(architecture, shape)) / 2
    x = generator.normal(size=(count, *shape))
    assume(peers.suits(loss, architecture, shape))
    y = peers.targets(loss, naive.network_shape(architecture, shape)[0], count, generator)
    assume(naive.kink_distances(architecture, a, x).min() > 1e-9)
    value, gradient = naive.loss_and_gradient(architecture, shape, a, x, y, loss)
    net = build(architecture, shape, a)
    assert net.loss(x, y, loss) == pytest.approx(value, rel=1e-11, abs=1e-14)
    assert np.linalg.norm(net.gradient(x, y, loss) - gradient) <= 1e-11 * max(1e-3, np.linalg.norm(gradient))


# ---------------------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    "options",
    [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"momentum": 0.5, "weight_decay": 0.1}],
    ids=str,
)
def test_full_batches_of_sgd_equal_the_oracle(options: dict[str, Any]) -> None:
    architecture, shape = SMALL["conv"]
    a, x, y, _ = peers.problem(architecture, shape, "cross_entropy", 20)
    net = build(architecture, shape, a)
    rule = mathdl.SGD(learning_rate=0.1, **options)
    net.fit(x, y, loss="cross_entropy", rule=rule, batch_size=20, epochs=4, seed=0)
    velocity = np.zeros_like(a)
    for _ in range(4):
        gradient = naive.loss_and_gradient(architecture, shape, a, x, y, "cross_entropy")[1]
        a, velocity = naive.sgd_step(a, gradient, velocity, 0.1, **options)
    assert_near(net.parameters, a, 1e-11)


def test_full_batches_of_adam_equal_the_oracle() -> None:
    architecture, shape = SMALL["parallel"]
    a, x, y, _ = peers.problem(architecture, shape, "mean_square", 20)
    net = build(architecture, shape, a)
    rule = mathdl.Adam(learning_rate=0.01)
    net.fit(x, y, loss="mean_square", rule=rule, batch_size=20, epochs=4, seed=0)
    mean, square = np.zeros_like(a), np.zeros_like(a)
    for step in range(1, 5):
        gradient = naive.loss_and_gradient(architecture, shape, a, x, y, "mean_square")[1]
        a, mean, square = naive.adam_step(a, gradient, mean, square, step, 0.01)
    assert_near(net.parameters, a, 1e-10)
