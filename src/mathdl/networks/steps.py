"""A network as the plain steps that certificates and exact computations know (``certificates/responses.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from mathdl.certificates.data import Data
from mathdl.certificates.rationals import text_of
from mathdl.errors import InputError
from mathdl.layers.activation import Activation
from mathdl.layers.convolutional import Convolutional
from mathdl.layers.dense import Dense
from mathdl.layers.dropout import Dropout
from mathdl.layers.flatten import Flatten
from mathdl.layers.globalmaxpool1d import GlobalMaxPool1D
from mathdl.layers.globalmaxpool2d import GlobalMaxPool2D
from mathdl.layers.layer import Layer
from mathdl.layers.maxpool1d import MaxPool1D
from mathdl.layers.maxpool2d import MaxPool2D
from mathdl.layers.padding import Padding
from mathdl.layers.parallel import Parallel
from mathdl.layers.pooling import GlobalPooling, Pooling
from mathdl.layers.residual import Residual
from mathdl.networks.network import Network

Step = list[Any]


class Steps(NamedTuple):
    """A network's steps, the number of the layer that each belongs to, its parameters and shapes."""

    steps: list[Step]
    places: list[int]
    names: list[str]
    parameters: Any
    input_shape: tuple[int, int, int]
    output_shape: tuple[int, ...]

    @property
    def data(self) -> Data:
        """The row of numbers that a certificate of these steps speaks about."""
        return Data([[*map(float, self.input_shape), *self.parameters.tolist()]])


def steps_of(network: Network | Layer) -> Steps:
    """Return the steps of a network or of one layer of a network.

    Signals are pictures of height 1; vectors are pictures of one column, which are flattened first.
    """
    if isinstance(network, Layer):
        if not hasattr(network, "input_shape"):
            raise InputError(
                f"{network!r} is in no network, so it has no shapes and weights; give network.layers[i], or "
                "Network([layer], input_shape)."
            )
        layers: Sequence[Layer] = [network]
    elif isinstance(network, Network):
        layers = network.layers
    else:
        raise InputError(f"network is a {type(network).__name__}; give a Network, or a layer of one.")
    shape = layers[0].input_shape
    own: list[Any] = []
    parts = [_of_layer(layer, own) for layer in layers]
    if len(shape) == 1:
        parts[0] = [["flatten"], *parts[0]]
    shape = {1: (*shape, 1, 1), 2: (shape[0], 1, shape[-1])}.get(len(shape), shape)
    steps = [step for part in parts for step in part]
    places = [number for number, part in enumerate(parts) for _ in part]
    parameters = [array.ravel() for layer in layers for array in _arrays(layer)]
    flat = np.concatenate([np.zeros(0), *parameters]).astype(np.float64)
    if not np.isfinite(flat).all():
        raise InputError("The network has a parameter that is NaN or infinite; train it again with a smaller rate.")
    names = [type(layer).__name__ for layer in layers]
    return Steps(steps, places, names, flat, (shape[0], shape[1], shape[2]), layers[-1].output_shape)


def _arrays(layer: Layer) -> list[Any]:
    """Return a layer's parameter arrays in their order."""
    if isinstance(layer, Parallel | Residual):
        return [array for chain in layer.chains for inner in chain for array in _arrays(inner)]
    return [array for array in (layer.weights, layer.bias) if array is not None]


def _of_layer(layer: Layer, own: list[Any]) -> list[Step]:
    """Return the steps of a layer; ``own`` collects the user's own activation functions."""
    if isinstance(layer, Parallel):
        return [["join", [[step for inner in chain for step in _of_layer(inner, own)] for chain in layer.chains]]]
    if isinstance(layer, Residual):
        return [["add", [[], [step for inner in layer.layers for step in _of_layer(inner, own)]]]]
    if isinstance(layer, Flatten):
        return [["flatten"]]
    if isinstance(layer, Dropout):
        return []
    if isinstance(layer, Padding):
        return [["pad", layer.above, layer.below, layer.left, layer.right, text_of(layer.exact_value())]]
    kind = "max" if isinstance(layer, MaxPool1D | MaxPool2D | GlobalMaxPool1D | GlobalMaxPool2D) else "mean"
    if isinstance(layer, Pooling):
        return [["pool", kind, *layer.sides, *layer.strides]]
    if isinstance(layer, GlobalPooling):
        *_, sides = layer.block()
        return [["pool", kind, *sides, *sides], ["flatten"]]
    if isinstance(layer, Dense):
        return [["dense", layer.units, layer.has_bias], *_of_activation(layer, own)]
    if isinstance(layer, Convolutional):
        bias = layer.bias_kind or "none"
        step = ["convolve", layer.channels, *layer.sides, *layer.strides, bias]
        return [*_same_padding(layer), step, *_of_activation(layer, own)]
    raise InputError(f"Nothing is known about {type(layer).__name__}; give a network or a layer without it.")


def _same_padding(layer: Convolutional) -> list[Step]:
    """Return the padding that a convolution with padding='same' does itself."""
    (above, left), (rows, columns) = layer.padded()
    return [["pad", above, rows - above, left, columns - left, "0"]] if rows or columns else []


def _of_activation(layer: Layer, own: list[Any]) -> list[Step]:
    """Return the step of a layer's activation function."""
    activation: Activation = layer.activation
    if activation.is_own:
        if activation.at_zero is None:
            raise InputError(
                f"{type(layer).__name__} has the activation {activation.name!r} of your own, of which no exact value "
                "is known; declare that at 0, as Activation(..., at_zero=0.0)."
            )
        if activation.function not in own:
            own.append(activation.function)
        return [["apply", "own", text_of(float(activation.at_zero)), own.index(activation.function)]]
    if activation.name == "identity":
        return []
    if activation.name == "softmax":
        return [["softmax"]]
    slope = None
    if activation.name == "leaky_relu":
        dtype = np.float64 if layer.weights is None else layer.weights.dtype.type
        slope = text_of(float(dtype(activation.slope)))
    return [["apply", activation.name, slope, 0]]


def number_of_outputs(steps: Steps) -> int:
    """Return how many numbers an answer has."""
    return prod(steps.output_shape)
