"""Every layer of the registry against the oracle; a layer without an example here fails.

A new layer is a new line in EXAMPLES and a definition in ``naive.py``.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import naive
from kernels.one_row import DTYPES
from mathdl import (
    Activation,
    AveragePool1D,
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool1D,
    GlobalAveragePool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    Network,
    Parallel,
    Residual,
    ZeroPad1D,
    ZeroPad2D,
)
from mathdl.errors import InputError
from mathdl.layers.activation import NAMES
from mathdl.layers.composite import Composite
from mathdl.layers.layer import Layer
from mathdl.layers.registry import LAYERS, layer_of

LEAKY = Activation("leaky_relu", slope=0.3)
POOLS: dict[type[Layer], list[tuple[Layer, tuple[int, ...]]]] = {
    kind: [
        (kind(3, 2), (2, 7, 5)),  # blocks that overlap
        (kind((2, 1), stride=(1, 2), remainder="drop"), (3, 4, 6)),
        (kind(2, stride=3), (1, 8, 5)),  # gaps between blocks
    ]
    for kind in (MaxPool2D, AveragePool2D)
}
EXAMPLES: dict[str, list[tuple[Layer, tuple[int, ...]]]] = {
    "Dense": [
        (Dense(1), (1,)),
        (Dense(5, activation="relu"), (3,)),
        (Dense(3, activation=LEAKY, bias=False), (17,)),
        *((Dense(4, activation=name), (5,)) for name in ("sigmoid", "tanh", "abs", "softmax")),
    ],
    "Conv2D": [
        (Conv2D(3, 2, activation="tanh"), (2, 4, 3)),
        (Conv2D(5, 3, activation=LEAKY, bias="position"), (1, 5, 4)),
        (Conv2D(2, 2, bias=None, stride=2), (3, 5, 4)),
        (Conv2D(2, 3, activation="relu", padding="same"), (1, 4, 3)),
        (Conv2D(2, 2, activation="abs", padding="same", stride=2), (2, 5, 3)),
        (Conv2D(3, (2, 4), activation="tanh", stride=(1, 2)), (2, 5, 9)),
        (Conv2D(2, [3, 1], stride=(2, 1), padding="same"), (2, 6, 3)),
    ],
    "Conv1D": [
        (Conv1D(3, 2, activation="tanh"), (2, 5)),
        (Conv1D(5, 3, activation=LEAKY, bias="position", stride=2), (1, 8)),
        (Conv1D(2, 3, bias=None, padding="same"), (3, 40)),
        (Conv1D(1, 4, activation="relu", padding="same", stride=3), (2, 7)),
    ],
    "ZeroPad2D": [
        (ZeroPad2D(0), (1, 2, 3)),
        (ZeroPad2D(2), (2, 3, 1)),
        (ZeroPad2D((1, 0, 2, 3), value=-0.3), (2, 3, 2)),
        (ZeroPad2D([0, 0, 0, 1]), (1, 2, 2)),
    ],
    "ZeroPad1D": [(ZeroPad1D(1), (2, 3)), (ZeroPad1D((0, 2), value=7), (1, 1))],
    "MaxPool1D": [(MaxPool1D(2), (2, 6)), (MaxPool1D(3, stride=2), (1, 7)), (MaxPool1D(2, 3, "drop"), (3, 6))],
    "AveragePool1D": [(AveragePool1D(2), (2, 6)), (AveragePool1D(3, stride=2), (1, 7))],
    "GlobalMaxPool1D": [(GlobalMaxPool1D(), (3, 7))],
    "GlobalAveragePool1D": [(GlobalAveragePool1D(), (3, 7)), (GlobalAveragePool1D(), (1, 1))],
    "MaxPool2D": [
        (MaxPool2D(1), (1, 2, 3)),
        (MaxPool2D(2), (2, 4, 6)),
        (MaxPool2D(2, remainder="drop"), (2, 5, 3)),
        *POOLS[MaxPool2D],
    ],
    "GlobalMaxPool2D": [(GlobalMaxPool2D(), (3, 4, 2))],
    "AveragePool2D": [
        (AveragePool2D(2), (2, 4, 6)),
        (AveragePool2D(3, remainder="drop"), (1, 8, 5)),
        *POOLS[AveragePool2D],
    ],
    "GlobalAveragePool2D": [(GlobalAveragePool2D(), (3, 4, 2)), (GlobalAveragePool2D(), (1, 1, 1))],
    "Dropout": [(Dropout(0.5), (5,)), (Dropout(0), (2, 3, 2))],
    "Residual": [
        (Residual([Dense(5, activation="relu"), Dense(4)]), (4,)),
        (Residual([Conv2D(2, 3, padding="same"), Dropout(0.5), MaxPool2D(1)]), (2, 3, 4)),
        (Residual([Residual([Dense(3, activation="tanh")]), Parallel([Dense(1), [Flatten(), Dense(2)]])]), (3,)),
        (Residual([Flatten()]), (3,)),
    ],
    "Flatten": [(Flatten(), (2, 3, 2)), (Flatten(), (4,))],
    "Parallel": [
        (Parallel([[Dense(2, activation="tanh")], Dense(3)]), (4,)),
        (Parallel([[Conv2D(2, 2), MaxPool2D(2)], [Flatten(), Dense(2)], GlobalMaxPool2D()]), (2, 3, 5)),
        (Parallel([Parallel([Dense(2), Dense(1)]), Dense(3, activation="relu")]), (3,)),
    ],
}
CASES = [
    pytest.param(layer, shape, id=f"{layer!r} of {shape}")
    for examples in EXAMPLES.values()
    for layer, shape in examples
]


def network(layer: Layer, shape: tuple[int, ...], dtype: str = "float64") -> Network:
    """Make the layer a network with vectors as outputs, and parameters with no zeros among them."""
    net = Network([layer, Flatten()], input_shape=shape, dtype=dtype)
    net.parameters[:] = np.random.default_rng(0).normal(size=net.size)
    return net


def oracle(layer: Layer) -> naive.Architecture:
    return [layer.describe(), {"layer": "Flatten"}]


def assert_close(found: Any, truth: Any, dtype: str) -> None:
    tolerance = 64 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(found, truth, rtol=tolerance, atol=tolerance * np.abs(truth).max(initial=1e-9))


@pytest.mark.parametrize("name", LAYERS)
def test_has_examples(name: str) -> None:
    assert all(type(layer).__name__ == name for layer, _ in EXAMPLES[name])


def test_every_activation_has_an_example() -> None:
    layers = [layer for examples in EXAMPLES.values() for layer, _ in examples]
    assert {layer.activation.name for layer in layers} == set(NAMES)


@pytest.mark.parametrize(("layer", "shape"), CASES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [1, 17])
def test_values_and_gradients(layer: Layer, shape: tuple[int, ...], dtype: str, count: int) -> None:
    net, generator = network(layer, shape, dtype), np.random.default_rng(1)
    a = net.parameters.astype(float)
    x = generator.normal(size=(count, *shape)).astype(dtype).astype(float)
    y = generator.normal(size=(count, *net.output_shape)).astype(dtype).astype(float)
    assert_close(net(x), naive.outputs(oracle(layer), shape, a, x), dtype)
    value, gradient = naive.loss_and_gradient(oracle(layer), shape, a, x, y, "mean_square")
    assert_close(net.loss(x, y, "mean_square"), value, dtype)
    assert_close(net.gradient(x, y, "mean_square"), gradient, dtype)


@pytest.mark.parametrize(("layer", "shape"), CASES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_gradient_with_respect_to_the_input(layer: Layer, shape: tuple[int, ...], dtype: str) -> None:
    net, generator = network(layer, shape, dtype), np.random.default_rng(2)
    x = generator.normal(size=shape).astype(dtype).astype(float)
    y = generator.normal(size=net.output_shape).astype(dtype).astype(float)
    a, h = net.parameters.astype(float), naive.outputs(oracle(layer), shape, net.parameters.astype(float), x[None])
    truth, _ = naive.backward(oracle(layer), a, x[None], 2 * (h - y))
    found = net.backpropagate(x, y, "mean_square").output_gradients
    for mine, other in zip(found, truth, strict=True):
        assert_close(mine, other[0], dtype)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_shapes(layer: Layer, shape: tuple[int, ...]) -> None:
    net = network(layer, shape)
    bound = net.layers[0]
    assert layer.shape(shape) == bound.output_shape == naive.output_shape(layer.describe(), shape)
    assert bound.input_shape == shape
    assert net(np.zeros((2, *shape))).shape == (2, int(np.prod(bound.output_shape)))
    shapes = bound.parameter_shapes()
    assert sum(int(np.prod(each)) for each in shapes) == bound.size == net.size
    assert bound.size == naive.size([layer.describe()], shape)
    assert [array.shape for array in bound.initial_parameters(np.random.default_rng(0))] == shapes
    if not isinstance(layer, Composite):
        assert [array.shape for array in (bound.weights, bound.bias) if array is not None] == shapes


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_description_makes_the_layer_again(layer: Layer, shape: tuple[int, ...]) -> None:
    described = json.loads(json.dumps(layer.describe()))
    again = layer_of(described)
    assert type(again) is type(layer)
    assert again.describe() == described == layer.describe()
    assert repr(again) == repr(layer)
    assert again.shape(shape) == layer.shape(shape)


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_an_unknown_option_is_refused(layer: Layer, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="colour"):
        layer_of({**layer.describe(), "colour": 1})
