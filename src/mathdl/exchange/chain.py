"""A chain of layers while it is read from another library: what can still change, as weights that take a factor in."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.activation import INCREASING, Activation
from mathdl.layers.average_pooling import AveragePooling
from mathdl.layers.conv1d import Conv1D
from mathdl.layers.conv2d import Conv2D
from mathdl.layers.dense import Dense
from mathdl.layers.dropout import Dropout
from mathdl.layers.flatten import Flatten
from mathdl.layers.globalaveragepool1d import GlobalAveragePool1D
from mathdl.layers.globalaveragepool2d import GlobalAveragePool2D
from mathdl.layers.globalmaxpool1d import GlobalMaxPool1D
from mathdl.layers.globalmaxpool2d import GlobalMaxPool2D
from mathdl.layers.layer import Layer, Shape
from mathdl.layers.max_pooling import MaxPooling
from mathdl.layers.parallel import Parallel
from mathdl.layers.pooling import Pooling
from mathdl.layers.residual import Residual
from mathdl.layers.zeropad1d import ZeroPad1D
from mathdl.layers.zeropad2d import ZeroPad2D

Array = NDArray[Any]
IDENTITY = Activation("identity")
MOST_INPUTS_OF_OWN_LAYER = 2048  # chosen: what is scaled by a layer of its own needs a square matrix
GLOBAL: dict[tuple[bool, int], Any] = {
    (True, 1): GlobalAveragePool1D,
    (True, 2): GlobalAveragePool2D,
    (False, 1): GlobalMaxPool1D,
    (False, 2): GlobalMaxPool2D,
}
NOT_NEGATIVE = ("relu", "sigmoid", "abs")
HOMOGENEOUS = ("relu", "leaky_relu", "abs")  # f(c x) = c f(x) for c >= 0, so they may come before dropout too
Ends = list[tuple[int, int]]  # for each axis of an image or signal: how much comes before it, and after it


class Unexpressed(Exception):
    """A node cannot be expressed by layers; the message is a clause that says why."""


@dataclass
class Affine:
    """A Dense, Conv1D or Conv2D to be: ``options`` are those of a convolution, None for Dense."""

    weights: Array
    bias: Array | None
    output_shape: Shape
    options: dict[str, Any] | None = None
    activation: Activation = IDENTITY

    def layer(self) -> Layer:
        """Make the layer."""
        if self.options is None:
            return Dense(len(self.weights), self.activation, self.bias is not None)
        kinds: list[Any] = [None, "channel", "position"]
        bias = kinds[0 if self.bias is None else 1 if self.bias.ndim == 1 else 2]
        kind = Conv1D if self.weights.ndim == 3 else Conv2D
        size: Any = self.weights.shape[2:] if kind is Conv2D else self.weights.shape[2]
        return kind(len(self.weights), size, self.activation, bias, **self.options)

    def arrays(self) -> list[Array]:
        """Return the parameters in their order."""
        return [self.weights] if self.bias is None else [self.weights, self.bias]

    def scale(self, factors: Array, terms: Array) -> bool:
        """Take in that outputs are multiplied and added to, each of the output's shape; False where that cannot be."""
        if factors.shape != self.output_shape:
            return False
        out = len(self.weights)
        channels = factors.reshape(out, -1)
        if (channels != channels[:, :1]).any():
            return False
        added = terms.astype(np.float64)
        if self.bias is not None:
            added = added + self.bias.reshape(-1, *(1,) * (factors.ndim - self.bias.ndim)) * factors
        dtype = self.weights.dtype
        self.weights = (self.weights * channels[:, 0].reshape(-1, *(1,) * (self.weights.ndim - 1))).astype(dtype)
        rows = added.reshape(out, -1)
        if self.bias is not None or added.any():
            self.bias = (rows[:, 0] if (rows == rows[:, :1]).all() else added).astype(dtype)
        return True


class Made(NamedTuple):
    """A layer that is finished, with the shape of its input; ``borders_max`` marks padding that no maximum sees."""

    made: Layer
    input_shape: Shape
    borders_max: bool = False

    def layer(self) -> Layer:
        """Return the layer."""
        return self.made

    def arrays(self) -> list[Array]:
        """Return its parameters: none."""
        return []


class Branches(NamedTuple):
    """A Residual, of one chain, or a Parallel."""

    chains: list[Chain]
    adds: bool

    def layer(self) -> Layer:
        """Make the layer."""
        layers = [chain.layers() for chain in self.chains]
        return Residual(layers[0]) if self.adds else Parallel(layers)

    def arrays(self) -> list[Array]:
        """Return the parameters, chain by chain."""
        return [array for chain in self.chains for array in chain.arrays()]


class Blocks(NamedTuple):
    """Numbers of an image or signal gathered block by block, before they are summed: sides and steps of the blocks."""

    sides: tuple[int, ...]
    strides: tuple[int, ...]
    places: tuple[int, ...]


@dataclass
class Chain:
    """Layers one after the other, and the shape of what they return as the graph knows it, without the objects."""

    shape: Shape
    dtype: Any = np.float32
    input_shape: Shape = ()
    drafts: list[Affine | Made | Branches] = field(default_factory=list)
    begins: bool = False  # at the graph's input, whose shape may then be another one
    bytes: bool = False  # whether they are read and not divided by 255 yet
    blocks: Blocks | None = None
    joined: bool = False  # images by channels, which a Parallel returns flat

    def __post_init__(self) -> None:
        self.input_shape = self.shape

    def layers(self) -> list[Layer]:
        """Return the layers."""
        return [draft.layer() for draft in self.drafts]

    def arrays(self) -> list[Array]:
        """Return the parameters in their order."""
        return [array for draft in self.drafts for array in draft.arrays()]

    def require_ready(self) -> None:
        """Raise Unexpressed where a step before needs another one behind it than the next."""
        if self.blocks is not None:
            raise Unexpressed("what Gather collects before it is only expressed where it is summed block by block")
        if self.joined:
            raise Unexpressed("a Concat of channels before it is only expressed where Flatten follows")
        if self.bytes:
            raise Unexpressed("it reads bytes, which are only expressed where they are divided by 255 first")

    def image(self) -> Shape:
        """Return the shape of an image or signal; raise Unexpressed where it is none."""
        if len(self.shape) not in (2, 3):
            raise Unexpressed(f"its input has shape {self.shape}, and layers take images or signals there")
        return self.shape

    def append(self, layer: Layer, *, borders_max: bool = False) -> None:
        """Append a layer without parameters."""
        self.drafts.append(Made(layer, self.shape, borders_max))
        self.shape = layer.shape(self.shape)

    def append_padding(self, ends: Ends, value: float = 0.0, *, borders_max: bool = False) -> None:
        """Append a padding layer, where there is anything to pad."""
        if any(end < 0 for pair in ends for end in pair):
            raise Unexpressed(f"it pads by {ends}, and a negative number cuts, which no layer does")
        if any(end for pair in ends for end in pair):
            kind: Any = ZeroPad2D if len(ends) == 2 else ZeroPad1D
            self.append(kind([end for pair in ends for end in pair], value), borders_max=borders_max)

    def append_padding_of_maxima(self, ends: Ends) -> None:
        """Append the padding of a max pooling, which no maximum sees: by a number that is never the largest."""
        lowest = 0.0 if self._never_negative() else -float(np.finfo(self.dtype).max)
        self.append_padding(ends, lowest, borders_max=True)

    def append_affine(self, weights: Array, bias: Array | None, options: dict[str, Any] | None = None) -> None:
        """Append a layer with weights."""
        draft = Affine(weights, bias, (), options)
        draft.output_shape = self.shape = draft.layer().shape(self.shape)
        self.drafts.append(draft)

    def append_own(self, factors: Array, terms: Array) -> Affine:
        """Append a layer that multiplies each unit or channel by a number and adds another."""
        size = self.shape[0]
        if size > MOST_INPUTS_OF_OWN_LAYER:
            raise Unexpressed(
                f"no Dense or convolutional layer just before takes it in, and a layer of its own for {size:,} numbers "
                "or channels would have a matrix as wide as high"
            )
        options: dict[str, Any] | None = None if len(self.shape) == 1 else {"stride": 1, "padding": "valid"}
        weights = np.eye(size, dtype=self.dtype).reshape(size, size, *(1,) * (len(self.shape) - 1))
        self.append_affine(weights, None, options)
        draft = self.drafts[-1]
        assert isinstance(draft, Affine)
        if not draft.scale(factors, terms):
            self.drafts.pop()
            raise Unexpressed("it multiplies the places of an image by different numbers, which no layer does")
        return draft

    def append_unknown(self, shape: Shape) -> None:
        """Go on behind something that is not expressed, so that all others like it are found, too."""
        self.blocks, self.joined, self.bytes, self.shape = None, False, False, shape
        self.drafts.append(Affine(np.zeros((shape[0], 0), self.dtype), None, shape))

    def scale(self, factors: Any, terms: Any) -> None:
        """Multiply what the chain returns and add to it, by arrays that broadcast to it."""
        full = [self._spread(each) for each in (factors, terms)]
        if self.bytes and not self.drafts and np.allclose(full[0], 1 / 255, rtol=1e-6) and not full[1].any():
            self.bytes = False  # a network divides bytes by 255
            return
        self.require_ready()
        last = self.drafts[-1] if self.drafts else None
        if isinstance(last, Affine) and last.activation == IDENTITY and last.scale(*full):
            return
        self.append_own(*full)

    def activate(self, activation: Activation) -> None:
        """Apply an activation: by the layer before that takes it, past layers that it may change places with."""
        self.require_ready()
        for draft in reversed(self.drafts):
            if isinstance(draft, Affine):
                fits = activation.name != "softmax" or draft.options is None
                if draft.activation == IDENTITY and fits and (activation.name != "softmax" or draft is self.drafts[-1]):
                    draft.activation = activation
                    return
                break
            passes = isinstance(draft, Made) and (
                isinstance(draft.made, Flatten)
                or ((draft.borders_max or isinstance(draft.made, MaxPooling)) and activation.name in INCREASING)
                or (isinstance(draft.made, Dropout) and activation.name in HOMOGENEOUS)
            )
            if not passes or activation.name == "softmax":
                break
        self.append_own(np.ones(self.shape), np.zeros(self.shape)).activation = activation

    def _never_negative(self) -> bool:
        """Tell whether what the chain returns cannot be negative, by its last layers."""
        for draft in reversed(self.drafts):
            if isinstance(draft, Affine):
                return draft.activation.name in NOT_NEGATIVE
            if not isinstance(draft, Made) or not isinstance(draft.made, MaxPooling | Flatten | Dropout):
                return False
        return False

    def reshape(self, shape: Shape) -> None:
        """Give what the chain returns another shape, where that is what Flatten does or takes back."""
        if prod(shape) != prod(self.shape):
            raise Unexpressed(f"it makes {shape} of {self.shape}, and objects stay apart")
        last = self.drafts[-1] if self.drafts else None
        if self.joined and len(shape) == 1:
            self.joined = False
        elif shape in (self.shape, ()):
            pass
        elif len(shape) == 1:
            self._flatten(last)
        elif not self.drafts and self.begins:
            self.input_shape = shape
        elif isinstance(last, Made) and isinstance(last.made, Flatten) and last.input_shape == shape:
            self.drafts.pop()
        else:
            raise Unexpressed(f"it makes {shape} of {self.shape}, and inside a network only Flatten is expressed")
        self.shape = shape or self.shape

    def _flatten(self, last: Any) -> None:
        """Append Flatten; where the last layer pools all of each channel, it becomes the layer that does both."""
        if isinstance(last, Made) and isinstance(last.made, Pooling) and last.made.sides == _whole(last.input_shape):
            kind = GLOBAL[isinstance(last.made, AveragePooling), len(last.input_shape) - 1]
            self.drafts[-1] = Made(kind(), last.input_shape)
        else:
            self.drafts.append(Made(Flatten(), self.shape))

    def _spread(self, values: Any) -> Array:
        """Return an array that broadcasts to the chain's output with the objects before it, spread out."""
        array = np.asarray(values, np.float64)
        if array.ndim > len(self.shape):
            extra = array.shape[: array.ndim - len(self.shape)]
            if extra != (1,):
                raise Unexpressed(f"it combines arrays of shape {array.shape} and {self.shape} for each object")
            array = array[0]
        try:
            return np.array(np.broadcast_to(array, self.shape))
        except ValueError:
            raise Unexpressed(f"it combines arrays of shape {array.shape} and {self.shape} for each object") from None


def _whole(shape: Shape) -> tuple[int, int]:
    """Return the sides of an image, or of a signal as an image of height 1."""
    return (1, shape[1]) if len(shape) == 2 else (shape[1], shape[2])
