"""A network as the plain steps that certificates and exact computations know (``certificates/responses.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
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
from mathdl.layers.layer import Layer, Shape
from mathdl.layers.max_pooling import MaxPooling
from mathdl.layers.padding import Padding
from mathdl.layers.parallel import Parallel
from mathdl.layers.pieces import Step as Piece
from mathdl.layers.pieces import held
from mathdl.layers.pooling import BlockPooling, GlobalPooling
from mathdl.layers.residual import Residual
from mathdl.networks.network import Network

Step = list[Any]


class Steps(NamedTuple):
    """A network's steps, the number of the layer that each belongs to, the layers, their dtype, parameters, shapes.

    Signals are pictures of height 1, in the shapes too; ``axes`` is then 1, and 2 for pictures.
    """

    steps: list[Step]
    places: list[int]
    layers: Sequence[Layer]
    dtype: Any
    parameters: Any
    input_shape: tuple[int, int, int]
    output_shape: tuple[int, ...]
    axes: int

    @property
    def shape_of_answers(self) -> tuple[int, ...]:
        """The shape of an answer as the network returns it."""
        shape = self.output_shape
        return (shape[0], shape[2]) if self.axes == 1 and len(shape) == 3 else shape

    def pieces(self) -> list[list[Piece] | None]:
        """Return what each step is made of, on vectors; None of a convolution's own padding, which belongs to that."""
        of_layers = [iter(layer.pieces(self.dtype)) for layer in self.layers]
        found: list[list[Piece] | None] = []
        for (kind, *_), place in zip(self.steps, self.places, strict=True):
            if kind == "pad" and not isinstance(self.layers[place], Padding):
                found.append(None)
            elif kind == "flatten":
                found.append([])
            else:
                found.append(list(islice(of_layers[place], None if kind in ("join", "add") else 1)))
        return found

    def shapes(self) -> list[tuple[int, ...]]:
        """Return the shape behind each step; behind a convolution's own padding that of the convolution."""
        shape: tuple[int, ...] = self.input_shape
        found = []
        for (kind, *_), place in zip(self.steps, self.places, strict=True):
            shape = (prod(shape),) if kind == "flatten" else _image(self.layers[place].output_shape, self.axes)
            shape = (*shape, 1, 1) if kind == "pool" and len(shape) == 1 else shape
            found.append(shape)
        return found

    @property
    def data(self) -> Data:
        """The row of numbers that a certificate of these steps speaks about."""
        return Data([[*map(float, self.input_shape), *self.parameters.tolist()]])


def steps_of(network: Network | Layer) -> Steps:
    """Return the steps of a network or of one layer of a network.

    A network of signals is taken as one of pictures of height 1, one of vectors as one of pictures of one pixel with
    many channels, which are flattened first.
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
    arrays = [array for layer in layers for array in _arrays(layer)]
    flat = np.concatenate([np.zeros(0), *(array.ravel() for array in arrays)]).astype(np.float64)
    if not np.isfinite(flat).all():
        raise InputError("The network has a parameter that is NaN or infinite; train it again with a smaller rate.")
    known = [np.dtype(network.dtype)] if isinstance(network, Network) else [array.dtype for array in arrays]
    context = _Context([], known[0] if known else None)
    parts = [_of_layer(layer, context) for layer in layers]
    if len(shape) == 1:
        parts[0], shape = [["flatten"], *parts[0]], (*shape, 1, 1)
    steps = [step for part in parts for step in part]
    places = [number for number, part in enumerate(parts) for _ in part]
    axes = len(shape) - 1
    channels, height, width = _image(shape, axes)
    return Steps(
        steps,
        places,
        layers,
        context.dtype,
        flat,
        (channels, height, width),
        _image(layers[-1].output_shape, axes),
        axes,
    )


def _image(shape: Shape, axes: int) -> Shape:
    """Return the shape of a picture, where the shape is that of a signal, and else as it is."""
    return (shape[0], 1, shape[1]) if axes == 1 and len(shape) == 2 else shape


class _Context(NamedTuple):
    """The user's own activation functions so far, and the dtype of the network, None where it is not known."""

    own: list[Any]
    dtype: Any


def _arrays(layer: Layer) -> list[Any]:
    """Return a layer's parameter arrays in their order."""
    if isinstance(layer, Parallel | Residual):
        return [array for chain in layer.chains for inner in chain for array in _arrays(inner)]
    return [array for array in (layer.weights, layer.bias) if array is not None]


def _of_layer(layer: Layer, context: _Context) -> list[Step]:
    """Return the steps of a layer."""
    if isinstance(layer, Parallel):
        return [["join", [_of_chain(chain, context) for chain in layer.chains]]]
    if isinstance(layer, Residual):
        return [["add", [[], _of_chain(layer.layers, context)]]]
    if isinstance(layer, Flatten):
        return [["flatten"]]
    if isinstance(layer, Dropout):
        return []
    if isinstance(layer, Padding):
        value = held(f"{type(layer).__name__}: value", layer.value, context.dtype)
        return [["pad", layer.above, layer.below, layer.left, layer.right, text_of(value)]]
    if isinstance(layer, BlockPooling):
        _, _, sides, strides = layer.blocks()
        step = ["pool", "max" if isinstance(layer, MaxPooling) else "mean", *sides, *strides]
        return [step, ["flatten"]] if isinstance(layer, GlobalPooling) else [step]
    if isinstance(layer, Dense):
        return [["dense", layer.units, layer.has_bias], *_of_activation(layer, context)]
    if isinstance(layer, Convolutional):
        step = ["convolve", layer.channels, *layer.sides, *layer.strides, layer.bias_kind or "none"]
        return [*_same_padding(layer), step, *_of_activation(layer, context)]
    raise InputError(f"Nothing is known about {type(layer).__name__} and shifts; decide about the layers around it.")


def _of_chain(layers: Sequence[Layer], context: _Context) -> list[Step]:
    """Return the steps of layers one behind the other."""
    return [step for layer in layers for step in _of_layer(layer, context)]


def _same_padding(layer: Convolutional) -> list[Step]:
    """Return the padding that a convolution with padding='same' does itself."""
    if layer.padding != "same":
        return []
    (_, *lengths), (_, *counts) = layer.images()
    sides = []
    for length, count, side, stride in zip(lengths, counts, layer.sides, layer.strides, strict=True):
        zeros = max((count - 1) * stride + side - length, 0)
        sides += [zeros // 2, zeros - zeros // 2]
    return [["pad", *sides, "0"]] if any(sides) else []


def _of_activation(layer: Layer, context: _Context) -> list[Step]:
    """Return the step of a layer's activation function."""
    activation: Activation = layer.activation
    if activation.is_own:
        if activation.at_zero is None:
            raise InputError(
                f"{type(layer).__name__} has the activation {activation.name!r} of your own, of which no exact value "
                "is known; declare that at 0, as Activation(..., at_zero=0.0)."
            )
        if activation.function not in context.own:
            context.own.append(activation.function)
        value = text_of(float(activation.at_zero))
        return [["apply", "own", value, context.own.index(activation.function)]]
    if activation.name == "identity":
        return []
    if activation.name == "softmax":
        return [["softmax"]]
    slope = text_of(held("The slope", activation.slope, context.dtype)) if activation.name == "leaky_relu" else None
    return [["apply", activation.name, slope, 0]]
