"""Seeded small networks of pictures or of signals with whole weights, and questions about shifts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import mathdl as m


class Asked(NamedTuple):
    """A network and what is asked about it; ``to`` is the shift of the answer, None where it should stay.

    Signals are pictures of height 1 here; ``decided`` asks as their user does.
    """

    network: m.Network
    shift: tuple[int, int]
    cyclic: bool
    border: tuple[int, int, int, int]
    to: tuple[int, int] | None

    @property
    def axes(self) -> int:
        return len(self.network.input_shape) - 1

    @property
    def image_shape(self) -> tuple[int, int, int]:
        channels, *sides = self.network.input_shape
        return (channels, sides[0], sides[1]) if self.axes == 2 else (channels, 1, sides[0])

    def decided(self) -> Any:
        mode: Any = "cyclic" if self.cyclic else "zeros"
        shift: Any = self.shift if self.axes == 2 else self.shift[1]
        border = self.border if self.axes == 2 else self.border[2:]
        if self.to is None:
            return m.decide_invariance(self.network, shift, mode, border)
        to: Any = self.to if self.axes == 2 else self.to[1]
        return m.decide_equivariance(self.network, shift, mode, border, to)


def drawn(seed: int, axes: int = 2) -> Asked:
    """Draw a network of one to three layers before perhaps a head, and a question that may well be answered yes."""
    generator = np.random.default_rng(seed)
    shape = (int(generator.integers(1, 3)), int(generator.integers(3, 7)), int(generator.integers(3, 7)))
    if axes == 1:
        shape = (shape[0], 1, shape[1] + shape[2])
    layers: list[Any] = []
    channels = shape[0]
    for _ in range(int(generator.integers(1, 4))):
        channels = _body(generator, layers, channels, axes)
    invariance = bool(generator.random() < 0.6)
    if invariance:
        _head(generator, layers, axes)
    try:
        network = m.Network(layers, shape if axes == 2 else (shape[0], shape[2]), dtype="float64")
    except m.errors.InputError:  # something did not fit
        return drawn(seed + 100_000, axes)
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


def _body(generator: Any, layers: list[Any], channels: int, axes: int) -> int:
    """Append a convolution, perhaps padded, or pooling; return the channels behind it."""
    kind = generator.choice(["conv", "conv", "padded", "padded", "padded", "same", "pool", "residual"])
    activation = str(generator.choice(["identity", "relu", "relu", "abs", "half", "tanh", "sigmoid"]))
    function: Any = m.Activation("leaky_relu", slope=0.5) if activation == "half" else activation
    bias: Any = [None, "channel", "channel", "position"][int(generator.integers(4))]
    side, stride = int(generator.integers(1, 4)), int(generator.choice([1, 1, 1, 2]))
    convolution: Any = m.Conv2D if axes == 2 else m.Conv1D
    if kind == "pool":
        largest = generator.random() < 0.6
        block: Any = [int(generator.integers(1, 3)) for _ in range(2)]
        pool: Any = m.MaxPool2D if largest else m.AveragePool2D
        if axes == 1:
            pool, block = m.MaxPool1D if largest else m.AveragePool1D, block[1]
        layers.append(pool(block, stride=stride if generator.random() < 0.5 else None, remainder="drop"))
        return channels
    if kind == "residual":
        layers.append(m.Residual([convolution(channels, side, activation=function, bias=bias, padding="same")]))
        return channels
    if kind == "padded":
        border = int(max(side - generator.integers(0, 3), 0))
        uneven = generator.random() < 0.3
        sides: Any = [int(generator.integers(0, border + 1)) for _ in range(2 * axes)] if uneven else border
        padding: Any = m.ZeroPad2D if axes == 2 else m.ZeroPad1D
        layers.append(padding(sides, value=int(generator.choice([0, 0, 0, 1, -2]))))
    channels = int(generator.integers(1, 3))
    how: Any = "same" if kind == "same" else "valid"
    layers.append(convolution(channels, side, activation=function, bias=bias, stride=stride, padding=how))
    return channels


def _head(generator: Any, layers: list[Any], axes: int) -> None:
    """Append what makes a vector."""
    kind = str(generator.choice(["max", "max", "mean", "flat"]))
    largest: Any = m.GlobalMaxPool2D if axes == 2 else m.GlobalMaxPool1D
    mean: Any = m.GlobalAveragePool2D if axes == 2 else m.GlobalAveragePool1D
    layers.append({"max": largest, "mean": mean, "flat": m.Flatten}[kind]())
    if kind == "flat" or generator.random() < 0.5:
        activation = str(generator.choice(["identity", "softmax", "relu"]))
        layers.append(m.Dense(2, activation=activation, bias=bool(generator.random() < 0.7)))


def _strides(layer: Any) -> tuple[int, int]:
    strides: tuple[int, int] = getattr(layer, "strides", (1, 1))
    return strides
