"""A chain of layers while it is read from a module of PyTorch's: layers, their parameters, the shape so far."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.layers.activation import INCREASING, Activation
from mathdl.layers.convolutional import Convolutional
from mathdl.layers.dense import Dense
from mathdl.layers.dropout import Dropout
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Layer, Shape
from mathdl.layers.max_pooling import MaxPooling
from mathdl.layers.registry import layer_of

Array = NDArray[Any]
HOMOGENEOUS = ("relu", "leaky_relu", "abs")  # f(c x) = c f(x) for c >= 0, so they may come before dropout too


class Item(NamedTuple):
    """A layer and its parameter arrays in their order."""

    layer: Layer
    arrays: list[Array]


class Chain:
    """Layers one behind the other.

    ``here`` names the part of the module that is being read, for errors.
    """

    def __init__(self, shape: Shape, here: str = "") -> None:
        self.shape, self.here = shape, here
        self.items: list[Item] = []

    @property
    def layers(self) -> list[Layer]:
        """The layers."""
        return [item.layer for item in self.items]

    @property
    def arrays(self) -> list[Array]:
        """All parameter arrays in their order."""
        return [array for item in self.items for array in item.arrays]

    def add(self, layer: Layer, *parameters: Any) -> None:
        """Append a layer with its parameters, PyTorch's or arrays."""
        self.items.append(Item(layer, [_array(each) for each in parameters]))
        self._bind()

    def replace_last(self, layer: Layer) -> None:
        """Put a layer without parameters in place of the last one."""
        before = self.items.pop()
        try:
            self.shape = self._shape_before
            self.add(layer)
        except InputError:
            self.items.append(before)
            raise

    def _bind(self) -> None:
        """Find the shape of the output; raise InputError where what comes does not fit the layer or its weights."""
        self._shape_before, (layer, arrays) = self.shape, self.items[-1]
        try:
            bound = layer.bind(self.shape)
        except InputError as error:
            raise InputError(f"{self.here}: {error}") from None
        for array, shape in zip(arrays, bound.parameter_shapes(), strict=True):
            if array.shape != shape:
                raise InputError(
                    f"{self.here} has weights of shape {array.shape}, which do not fit what comes, of shape "
                    f"{self.shape}; give another input_shape."
                )
        self.shape = bound.output_shape

    def activate(self, activation: Activation) -> None:
        """Give the layer that computes last an activation: it may lie before steps that the activation may go before.

        A largest number may be taken before or after what increases; flattening only moves numbers.
        """
        for place in range(len(self.items) - 1, -1, -1):
            layer, arrays = self.items[place]
            if isinstance(layer, Dense | Convolutional):
                if layer.activation != Activation("identity"):
                    break
                described = {**layer.describe(), "activation": activation.describe()}
                self.items[place] = Item(layer_of(described), arrays)
                return
            passes = activation.name != "softmax" and (
                isinstance(layer, Flatten)
                or (isinstance(layer, MaxPooling) and activation.name in INCREASING)
                or (isinstance(layer, Dropout) and activation.name in HOMOGENEOUS)
            )
            if not passes:
                break
        raise InputError(
            f"{self.here}: {activation.name} does not follow a Linear or convolutional layer, which activations here "
            "belong to; from_torch cannot read it."
        )

    def scale_last(self, scale: Any, shift: Any) -> None:
        """Multiply what the last layer computes for each unit or channel, and add to it."""
        layer, arrays = self.items[-1] if self.items else (None, [])
        if not isinstance(layer, Dense | Convolutional) or layer.activation != Activation("identity"):
            raise InputError(
                f"{self.here}: a BatchNorm that does not follow a Linear or convolutional layer directly cannot be put "
                "into its weights; from_torch cannot read it."
            )
        weights, *biases = (array.astype(np.float64) for array in arrays)
        factors, added = (_array(each).astype(np.float64) for each in (scale, shift))
        if biases:
            shape = (-1,) + (1,) * (biases[0].ndim - 1)
            added = biases[0] * factors.reshape(shape) + added.reshape(shape)
        described = layer.describe()
        if not biases:
            described["bias"] = True if isinstance(layer, Dense) else "channel"
        folded = [weights * factors.reshape(-1, *(1,) * (weights.ndim - 1)), added]
        self.items[-1] = Item(layer_of(described), [array.astype(arrays[0].dtype) for array in folded])

    def add_position_bias(self, bias: Any) -> None:
        """Give the last layer, a convolution without bias or activation, one bias for each channel and position."""
        layer, arrays = self.items[-1] if self.items else (None, [])
        given = _array(bias)
        plain = isinstance(layer, Convolutional) and layer.activation == Activation("identity") and len(arrays) == 1
        if layer is None or not plain or given.shape != self.shape:
            raise InputError(
                f"{self.here}: numbers of shape {given.shape} are added to an array of shape {self.shape}; from_torch "
                "reads this only of a convolution without bias, one number for each of its outputs."
            )
        self.items[-1] = Item(layer_of({**layer.describe(), "bias": "position"}), [*arrays, given])


def _array(given: Any) -> Array:
    """Return numbers of PyTorch's, wherever they are."""
    return np.array(given if isinstance(given, np.ndarray) else given.detach().cpu().numpy())
