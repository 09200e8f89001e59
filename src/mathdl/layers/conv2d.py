"""The two-dimensional convolutional layer."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Literal

import numpy as np

from mathdl.checks import require_at_least, require_choice
from mathdl.engine.program import Buffer, Gradient, Program
from mathdl.errors import InputError
from mathdl.kernels import conv2d as kernels
from mathdl.layers.activation import Activation
from mathdl.layers.layer import MAX_NUMBERS, Array, Layer, Shape, draw_weights, require_image
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.sides import described, sides_of
from mathdl.layers.zeropad2d import emit_padding


class Conv2D(Layer):
    """A convolutional layer function c(X) = lambda(sum over i of K_ij * X_i + b_j) (Definitions 10.2.1 and 10.5.1).

    K * X is the book's convolution, the sum over r, q of K[r, q] X[h + r, v + q]: the kernel is not flipped.

    Parameters
    ----------
    channels : int
        Number of output channels.
    kernel_size : int or two ints
        Side of the kernels, or their rows and columns.
    activation : str, dict or Activation, default "identity"
        The activation function lambda; ``"softmax"`` is not possible here.
    bias : {"channel", "position", None}, default "channel"
        One bias for each output channel, one for each channel and position (the book's matrix), or none.
    stride : int or two ints, default 1
        Step between the positions of the kernel, or the steps down and across.
    padding : {"valid", "same"}, default "valid"
        ``"valid"``: positions where the kernel lies inside the image, (n - k) // stride + 1 of them for k rows.
        ``"same"``: zeros are added around the image, the smaller half before, so that there are ceil(n / stride)
        positions.

    Attributes
    ----------
    weights : ndarray of shape (channels, input channels, rows, columns)
        The kernels, a view of the network's parameters.
    bias : ndarray of shape (channels,) or (channels, height, width), or None
        A view of the network's parameters.

    Raises
    ------
    InputError
        If an option is not one of those above, the input is no image, or the kernel is larger than its input.

    Examples
    --------
    >>> from mathdl import Conv2D, Network
    >>> net = Network([Conv2D(8, 5, activation="relu")], input_shape=(1, 28, 28), seed=0)
    >>> net.output_shape, net.layers[0].weights.shape
    ((8, 24, 24), (8, 1, 5, 5))
    """

    def __init__(
        self,
        channels: int,
        kernel_size: int | Sequence[int],
        activation: Activation | str | dict[str, Any] = "identity",
        bias: Literal["channel", "position"] | None = "channel",
        stride: int | Sequence[int] = 1,
        padding: Literal["valid", "same"] = "valid",
    ) -> None:
        require_at_least("Conv2D: channels", channels, 1, MAX_NUMBERS)
        self.sides, self.strides = sides_of("Conv2D: kernel_size", kernel_size), sides_of("Conv2D: stride", stride)
        require_choice("Conv2D: bias", bias, ("channel", "position", None))
        require_choice("Conv2D: padding", padding, ("valid", "same"))
        self.activation = Activation.of(activation)
        if self.activation.name == "softmax" and not self.activation.is_own:
            raise InputError("Conv2D: softmax acts on a vector of classes; use it in a final Dense layer.")
        self.channels, self.bias_kind, self.padding = int(channels), bias, padding
        self.options = {
            "channels": self.channels,
            "kernel_size": described(self.sides),
            "activation": self.activation.describe(),
            "bias": bias,
            "stride": described(self.strides),
            "padding": padding,
        }

    def shape(self, input_shape: Shape) -> Shape:
        """Return (channels, height, width)."""
        _, height, width = require_image("Conv2D", input_shape)
        (rows, columns), (down, across) = self.sides, self.strides
        if self.padding == "same":
            return (self.channels, -(-height // down), -(-width // across))
        if rows > height or columns > width:
            raise InputError(
                f"Conv2D: a kernel of {rows} x {columns} does not fit into an input of {height} x {width}; "
                "make it smaller or set padding='same'."
            )
        return (self.channels, (height - rows) // down + 1, (width - columns) // across + 1)

    def parameter_shapes(self) -> list[Shape]:
        """Return the shapes of the kernels and the bias."""
        weights = (self.channels, self.input_shape[0], *self.sides)
        if self.bias_kind is None:
            return [weights]
        return [weights, (self.channels,) if self.bias_kind == "channel" else self.output_shape]

    def initial_parameters(self, generator: np.random.Generator) -> list[Array]:
        """Draw the kernels by the activation's rule; the bias is zero."""
        weights, *bias = self.parameter_shapes()
        taps = prod(self.sides)
        kernel = draw_weights(generator, weights, weights[1] * taps, self.channels * taps, self.activation)
        return [kernel, *(np.zeros(shape) for shape in bias)]

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the products of kernels and inputs that are no padded zeros, each with its sum, in every step.

        A product of an entry of the output and an entry of the input belongs to one tap of the kernels, so the taps
        are gone through: to each belongs a part of the input.
        """
        above, left, height, width = self._padding()
        down, across = self.output_shape[1:]
        there = np.full((self.input_shape[0], height, width), zeros is None)
        inside = np.s_[:, above : above + self.input_shape[1], left : left + self.input_shape[2]]
        there[inside] = True if zeros is None else ~zeros
        of_outputs, of_inputs, of_taps = np.zeros((down, across), int), np.zeros(there.shape, int), []
        for row, column in np.ndindex(*self.sides):
            part = np.s_[:, row :: self.strides[0], column :: self.strides[1]]
            taken = there[part][:, :down, :across]
            of_outputs += taken.sum(axis=0)
            of_inputs[part][:, :down, :across] += taken
            of_taps.append(taken.sum(axis=(1, 2)))
        out, biased = self.channels, self.bias_kind is not None
        products = out * int(of_outputs.sum())
        ones = (down * across - 1) * out if self.bias_kind == "channel" else 0
        value, slope = self.activation.count(prod(self.output_shape))
        return LayerOperations(
            operations(multiplications=products, additions=out * _sums(of_outputs + biased)) + value,
            operations(multiplications=products, additions=_sums(out * of_inputs)),
            slope,
            operations(multiplications=products, additions=out * _sums(np.array(of_taps)) + ones),
        )

    def _padding(self) -> tuple[int, int, int, int]:
        """Return the zeros above and to the left, and the padded height and width."""
        _, height, width = self.input_shape
        _, down, across = self.output_shape
        rows = columns = 0
        if self.padding == "same":
            rows = max((down - 1) * self.strides[0] + self.sides[0] - height, 0)
            columns = max((across - 1) * self.strides[1] + self.sides[1] - width, 0)
        return rows // 2, columns // 2, height + rows, width + columns

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the padding, the convolution and the activation."""
        channels, _, down, across = self.input_shape[0], *self.output_shape
        above, left, height, width = self._padding()
        if (height, width) != self.input_shape[1:]:
            source = emit_padding(program, source, self.input_shape, above, left, height, width)
        target, loops = program.buffer(prod(self.output_shape)), kernels.convolution(*self.sides, *self.strides)
        taps = channels * prod(self.sides)
        bias = first + self.channels * taps if self.bias_kind else -1
        per_position = self.bias_kind == "position"
        row = program.add(
            loops.forward,
            loops.backward,
            source,
            target,
            [channels, height, width, self.channels, down, across, per_position],
            weights=first,
            bias=bias,
            operations=2 * taps * target.size,
        )
        image = down * across
        out = self.channels
        filters = Gradient(
            loops.weights_gradient,
            row,
            start=first,
            count=out,
            size=taps,
            operations=2 * taps * image,
            most=2,
            together=2,
        )
        program.add_gradient(filters)
        if self.bias_kind == "channel":
            ones = Gradient(kernels.channel_bias_gradient, row, bias, count=out, size=1, operations=image, most=out)
            program.add_gradient(ones)
        elif per_position:
            n = target.size
            ones = Gradient(kernels.position_bias_gradient, row, bias, count=n, size=1, operations=1, most=n)
            program.add_gradient(ones)
        return self.activation.emit(program, target)


def _sums(terms: Array) -> int:
    """Return how many sums add so many terms up, one number each."""
    return int(np.maximum(terms - 1, 0).sum())
