"""The network for those who name none."""

from __future__ import annotations

from mathdl.layers.conv2d import Conv2D
from mathdl.layers.dense import Dense
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Layer, Shape
from mathdl.layers.maxpool2d import MaxPool2D
from mathdl.networks.network import Network

LEAST, MOST = 8, 64  # channels of a convolution


def default_network(input_shape: Shape, outputs: int, seed: int) -> Network:
    """Make a small network: of convolutions and pooling for images, dense for tables.

    Parameters
    ----------
    input_shape : tuple of int
        The shape of one object.
    outputs : int
        The number of classes, or 1.
    seed : int
        Seed of the initial parameters.

    Returns
    -------
    Network

    Examples
    --------
    >>> default_network((1, 8, 8), 10, seed=0).output_shape, default_network((4,), 3, seed=0).size
    ((10,), 4675)
    """
    before = _dense() if len(input_shape) == 1 else _convolutional(min(input_shape[1:]))
    return Network([*before, Dense(outputs)], input_shape, seed=seed)


def _dense() -> list[Layer]:
    """Layers for the columns of a table."""
    return [Dense(64, activation="relu"), Dense(64, activation="relu")]


def _convolutional(side: int) -> list[Layer]:
    """Layers for images whose shorter side has so many pixels: pooled until it has two or three.

    Each convolution has twice the channels of the one before, so that all take about the same time.
    """
    if side == 1:  # nothing lies beside anything
        return [Flatten(), *_dense()]
    if side < 4:  # nothing to pool
        return [Conv2D(MOST, 3, activation="relu", padding="same"), Flatten()]
    blocks = side.bit_length() - 2
    layers: list[Layer] = []
    for block in range(blocks):
        channels = max(LEAST, MOST >> (blocks - 1 - block))
        layers += [Conv2D(channels, 3, activation="relu", padding="same"), MaxPool2D(2, remainder="drop")]
    return [*layers, Flatten()]
