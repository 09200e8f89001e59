"""ONNX Runtime as tests run it, and networks drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mathdl import (
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
from mathdl.layers.activation import Activation
from mathdl.layers.layer import Layer

Array = NDArray[Any]
ACTIVATIONS = ("identity", "relu", Activation("leaky_relu", slope=0.2), "sigmoid", "tanh", "abs")
TOLERANCES = {"float32": 2e-6, "float64": 1e-12}  # of sums of products in another order


def run(model: Any, inputs: dict[str, Any]) -> dict[str, Array]:
    """Run a model; return its outputs by name."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    content = model if isinstance(model, bytes) else model.SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def assert_same(found: Array, wanted: Array, dtype: str) -> None:
    """Compare outputs up to the rounding of sums."""
    assert found.shape == wanted.shape
    scale = max(1.0, float(np.abs(wanted).max(initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=8 * TOLERANCES[dtype] * scale)


def with_parameters(layers: list[Layer], shape: tuple[int, ...], dtype: str, seed: int = 0) -> Network:
    """Make a network with parameters that are no zeros, biases too."""
    net = Network(layers, shape, dtype=dtype)
    net.parameters[:] = np.random.default_rng(seed).normal(size=net.size) / 2
    return net


def objects(net: Network, count: int = 3, seed: int = 1) -> Array:
    """Draw objects for a network."""
    return np.random.default_rng(seed).normal(size=(count, *net.input_shape)).astype(net.dtype)


def random_network(seed: int) -> Network:
    """Draw a network of one to five layers of images, signals or vectors, with a dense layer behind."""
    generator = np.random.default_rng(seed)
    kind = generator.integers(3)
    shape: tuple[int, ...] = [(5,), (2, 14), (2, 9, 10)][kind]
    layers: list[Layer] = []
    now = shape
    for _ in range(generator.integers(1, 6)):
        layer = _layer(generator, now)
        layers.append(layer)
        now = layer.shape(now)
    if len(now) > 1:
        layers.append(Flatten())
    layers.append(Dense(3, "softmax" if generator.random() < 0.3 else "identity"))
    return with_parameters(layers, shape, ("float32", "float64")[generator.integers(2)], seed)


def _layer(generator: np.random.Generator, shape: tuple[int, ...]) -> Layer:
    """Draw a layer for inputs of a shape."""
    activation = ACTIVATIONS[generator.integers(len(ACTIVATIONS))]
    if len(shape) == 1:
        choices: list[Any] = [
            lambda: Dense(int(generator.integers(1, 8)), activation, bool(generator.integers(2))),
            lambda: Residual([Dense(4, activation), Dropout(0.5), Dense(shape[0])]),
            lambda: Parallel([[Dense(2, activation)], [Dense(3), Dense(2, "tanh")], [Flatten()]]),
            lambda: Dropout(0.2),
        ]
    else:
        choices = _spatial(generator, shape, activation)
    return choices[generator.integers(len(choices))]()


def _spatial(generator: np.random.Generator, shape: tuple[int, ...], activation: Any) -> list[Any]:
    """Return what makes layers for images or signals."""
    two = len(shape) == 3
    conv, pad = (Conv2D, ZeroPad2D) if two else (Conv1D, ZeroPad1D)
    pools: list[Any] = [MaxPool2D, AveragePool2D] if two else [MaxPool1D, AveragePool1D]
    wholes: list[Any] = [GlobalMaxPool2D, GlobalAveragePool2D] if two else [GlobalMaxPool1D, GlobalAveragePool1D]
    bias = (None, "channel", "position")[generator.integers(3)]
    stride, channels = int(generator.integers(1, 3)), int(generator.integers(1, 4))
    sides = [int(side) for side in generator.integers(0, 3, size=4 if two else 2)]
    choices = [
        lambda: conv(channels, int(generator.integers(1, 4)), activation, bias, stride, "same"),
        lambda: pad(sides, float(generator.integers(-1, 2))),
        lambda: Residual([conv(shape[0], 3, activation, padding="same"), conv(shape[0], 1, padding="same")]),
        lambda: Parallel([[wholes[0]()], [wholes[1](), Dense(2, activation)], [Flatten()]]),
        lambda: Flatten(),
        *wholes,
    ]
    if min(shape[1:]) >= 3:
        choices += [lambda: conv(channels, 3, activation, bias, stride)]
        choices += [lambda: pools[generator.integers(2)](*((2,), (3, 2))[generator.integers(2)], remainder="drop")]
    return choices
