"""Seeded small networks of pictures with whole weights, and questions about shifts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import mathdl as m


class Asked(NamedTuple):
    """A network and what is asked about it; ``to`` is the shift of the answer, None where it should stay."""

    network: m.Network
    shift: tuple[int, int]
    cyclic: bool
    border: tuple[int, int, int, int]
    to: tuple[int, int] | None


def drawn(seed: int) -> Asked:
    """Draw a network of one to three layers before perhaps a head, and a question that may well be answered yes."""
    generator = np.random.default_rng(seed)
    shape = (int(generator.integers(1, 3)), int(generator.integers(3, 7)), int(generator.integers(3, 7)))
    layers: list[Any] = []
    size, channels = list(shape[1:]), shape[0]
    for _ in range(int(generator.integers(1, 4))):
        size, channels = _body(generator, layers, size, channels)
    invariance = bool(generator.random() < 0.6)
    if invariance:
        _head(generator, layers)
    try:
        network = m.Network(layers, shape, dtype="float64")
    except m.errors.InputError:  # something did not fit
        return drawn(seed + 100_000)
    top = int(generator.choice([1, 1, 2, 3]))
    network.parameters[:] = generator.integers(-top, top + 1, network.size)
    if generator.random() < 0.4:
        for layer in network.layers:
            if layer.bias is not None:
                layer.bias[...] = 0
    shift = [int(generator.integers(-2, 3)), int(generator.integers(-2, 3))]
    if generator.random() < 0.6:
        shift[int(generator.integers(2))] = 0
    down, right = (int(np.clip(amount, 1 - side, side - 1)) for amount, side in zip(shift, shape[1:], strict=True))
    border = (max(-down, 0), max(down, 0), max(-right, 0), max(right, 0))
    if generator.random() < 0.3:
        border = (0, 0, 0, 0)
    elif generator.random() < 0.3:
        more = generator.integers(0, 2, 4)
        border = tuple(int(side + extra) for side, extra in zip(border, more, strict=True))
        border = border if border[0] + border[1] < shape[1] and border[2] + border[3] < shape[2] else (0, 0, 0, 0)
    to = None
    if not invariance:
        strides = np.prod([_strides(layer) for layer in network.layers], axis=0)
        to = (int(down // strides[0]), int(right // strides[1])) if generator.random() < 0.5 else (down, right)
    return Asked(network, (down, right), bool(generator.random() < 0.5), border, to)


def _body(generator: Any, layers: list[Any], size: list[int], channels: int) -> tuple[list[int], int]:
    """Append a convolution, perhaps padded, or pooling."""
    kind = generator.choice(["conv", "conv", "padded", "padded", "padded", "same", "pool", "residual"])
    activation = str(generator.choice(["identity", "relu", "relu", "abs", "half", "tanh", "sigmoid"]))
    function: Any = m.Activation("leaky_relu", slope=0.5) if activation == "half" else activation
    bias: Any = [None, "channel", "channel", "position"][int(generator.integers(4))]
    side, stride = int(generator.integers(1, 4)), int(generator.choice([1, 1, 1, 2]))
    if kind == "pool":
        pool = m.MaxPool2D if generator.random() < 0.6 else m.AveragePool2D
        block = [int(generator.integers(1, 3)) for _ in range(2)]
        layers.append(pool(block, stride=stride if generator.random() < 0.5 else None, remainder="drop"))
        return size, channels
    if kind == "residual":
        layers.append(m.Residual([m.Conv2D(channels, side, activation=function, bias=bias, padding="same")]))
        return size, channels
    if kind == "padded":
        border = int(max(side - generator.integers(0, 3), 0))
        uneven = generator.random() < 0.3
        sides: Any = [int(generator.integers(0, border + 1)) for _ in range(4)] if uneven else border
        layers.append(m.ZeroPad2D(sides, value=int(generator.choice([0, 0, 0, 1, -2]))))
    channels = int(generator.integers(1, 3))
    padding: Any = "same" if kind == "same" else "valid"
    layers.append(m.Conv2D(channels, side, activation=function, bias=bias, stride=stride, padding=padding))
    return size, channels


def _head(generator: Any, layers: list[Any]) -> None:
    """Append what makes a vector."""
    kind = generator.choice(["max", "max", "mean", "flat"])
    layers += {"max": [m.GlobalMaxPool2D()], "mean": [m.GlobalAveragePool2D()], "flat": [m.Flatten()]}[str(kind)]
    if kind == "flat" or generator.random() < 0.5:
        activation = str(generator.choice(["identity", "softmax", "relu"]))
        layers.append(m.Dense(2, activation=activation, bias=bool(generator.random() < 0.7)))


def _strides(layer: Any) -> tuple[int, int]:
    strides: tuple[int, int] = getattr(layer, "strides", (1, 1))
    return strides
