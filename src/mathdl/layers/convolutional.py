"""What convolutional layers of images and of signals share: options, shapes, parameters, operations, the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np

from mathdl.checks import require_at_least, require_choice
from mathdl.convolution.matrix import convolution_matrix, used_taps
from mathdl.engine.program import Buffer, Gradient, Program
from mathdl.errors import InputError
from mathdl.kernels import conv2d as kernels
from mathdl.kernels.tiles import LEFT
from mathdl.layers.activation import Activation
from mathdl.layers.layer import MAX_NUMBERS, Array, Shape, Window, draw_weights
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.padding import emit_padding
from mathdl.layers.pieces import Affine, Step
from mathdl.layers.sides import described, sides_of
from mathdl.layers.spatial import Spatial


class Connections(NamedTuple):
    """How many connections a layer has, how many weights they share, and how many each a dense layer would have."""

    entries: int
    weights: int
    dense: int


class Convolutional(Spatial):
    """A layer that convolves images, or signals as images of height 1."""

    def __init__(
        self,
        channels: int,
        kernel_size: int | Sequence[int],
        activation: Activation | str | dict[str, Any] = "identity",
        bias: Literal["channel", "position"] | None = "channel",
        stride: int | Sequence[int] = 1,
        padding: Literal["valid", "same"] = "valid",
    ) -> None:
        kind = type(self).__name__
        require_at_least(f"{kind}: channels", channels, 1, MAX_NUMBERS)
        self.sides = sides_of(f"{kind}: kernel_size", kernel_size, self.axes)
        self.strides = sides_of(f"{kind}: stride", stride, self.axes)
        require_choice(f"{kind}: bias", bias, ("channel", "position", None))
        require_choice(f"{kind}: padding", padding, ("valid", "same"))
        self.activation = Activation.of(activation)
        if self.activation.name == "softmax" and not self.activation.is_own:
            raise InputError(f"{kind}: softmax acts on a vector of classes; use it in a final Dense layer.")
        self.channels, self.bias_kind, self.padding = int(channels), bias, padding
        self.options = {
            "channels": self.channels,
            "kernel_size": described(self.sides, self.axes),
            "activation": self.activation.describe(),
            "bias": bias,
            "stride": described(self.strides, self.axes),
            "padding": padding,
        }

    def shape(self, input_shape: Shape) -> Shape:
        """Return the channels and the number of positions, down and across."""
        kind = type(self).__name__
        _, height, width = self.image_of(input_shape)
        (rows, columns), (down, across) = self.sides, self.strides
        if self.padding == "same":
            return self.shape_of((self.channels, -(-height // down), -(-width // across)))
        if rows > height or columns > width:
            kernel, image = (f"{height} x {width}" for height, width in (self.sides, (height, width)))
            if self.axes == 1:
                kernel, image = f"{columns} numbers", f"length {width}"
            raise InputError(
                f"{kind}: a kernel of {kernel} does not fit into an input of {image}; "
                "make it smaller or set padding='same'."
            )
        return self.shape_of((self.channels, (height - rows) // down + 1, (width - columns) // across + 1))

    def padded(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return how many zeros come before the input, down and across, and how many there are in all."""
        if self.padding == "valid":
            return (0, 0), (0, 0)
        before, after = self.images()
        rows, columns = (
            max((places - 1) * stride + side - length, 0)
            for places, stride, side, length in zip(after[1:], self.strides, self.sides, before[1:], strict=True)
        )
        return (rows // 2, columns // 2), (rows, columns)

    def windows(self) -> tuple[Window, Window]:
        """Return the kernel's sides and steps."""
        down, across = zip(self.sides, self.strides, self.padded()[0], strict=True)
        return Window(*down), Window(*across)

    def parameter_shapes(self) -> list[Shape]:
        """Return the shapes of the kernels and the bias."""
        weights = (self.channels, self.input_shape[0], *self.sides[2 - self.axes :])
        if self.bias_kind is None:
            return [weights]
        return [weights, (self.channels,) if self.bias_kind == "channel" else self.output_shape]

    def initial_parameters(self, generator: np.random.Generator) -> list[Array]:
        """Draw the kernels by the activation's rule; the bias is zero."""
        weights, *bias = self.parameter_shapes()
        taps = prod(self.sides)
        kernel = draw_weights(generator, weights, weights[1] * taps, self.channels * taps, self.activation)
        return [kernel, *(np.zeros(shape) for shape in bias)]

    def pieces(self, dtype: Any) -> list[Step]:
        """Return the convolution as a matrix, then the activation's kinks."""
        assert self.weights is not None
        size = prod(self.output_shape)
        offset = np.zeros(size) if self.bias is None else self.bias.astype(np.float64).ravel()
        affine = Affine(self.matrix().astype(np.float64), np.repeat(offset, size // len(offset)))
        return [affine, *self.activation.pieces(type(self).__name__, size, dtype)]

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the products of kernels and inputs that are no padded zeros, each with its sum, in every step.

        A product of an entry of the output and an entry of the input belongs to one tap of the kernels, so the taps
        are gone through: to each belongs a part of the input.
        """
        (channels, height, width), (_, down, across) = self.images()
        (above, left), (rows, columns) = self.padded()
        there = np.full((channels, height + rows, width + columns), zeros is None)
        inside = np.s_[:, above : above + height, left : left + width]
        there[inside] = True if zeros is None else ~zeros.reshape(channels, height, width)
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

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the padding, the convolution and the activation."""
        (channels, height, width), (_, down, across) = self.images()
        corner, (rows, columns) = self.padded()
        if rows or columns:
            image, height, width = (channels, height, width), height + rows, width + columns
            source = emit_padding(program, source, image, (channels, height, width), corner)
        target = program.buffer(prod(self.output_shape))
        taps = channels * prod(self.sides)
        bias = first + self.channels * taps if self.bias_kind else -1
        per_position = self.bias_kind == "position"
        row = program.add(
            kernels.forward,
            kernels.backward,
            source,
            target,
            {
                "in_channels": channels,
                "in_height": height,
                "in_width": width,
                "channels": self.channels,
                "height": down,
                "width": across,
                "per_position": per_position,
                "kernel_rows": self.sides[0],
                "kernel_columns": self.sides[1],
                "down": self.strides[0],
                "across": self.strides[1],
            },
            weights=first,
            bias=bias,
            operations=2 * taps * target.size,
        )
        positions, out = down * across, self.channels
        filters = Gradient(
            kernels.weights_gradient,
            row,
            start=first,
            count=out,
            size=taps,
            operations=2 * taps * positions,
            most=LEFT,
            together=LEFT,
        )
        program.add_gradient(filters)
        if self.bias_kind == "channel":
            ones = Gradient(
                kernels.channel_bias_gradient, row, bias, count=out, size=1, operations=positions, most=LEFT
            )
            program.add_gradient(ones)
        elif per_position:
            n = target.size
            ones = Gradient(kernels.position_bias_gradient, row, bias, count=n, size=1, operations=1, most=n)
            program.add_gradient(ones)
        return self.activation.emit(program, target)

    def matrix(self) -> Any:
        """Return the matrix M of the convolution: the layer is lambda(M x + b) for its input x as a vector.

        Rows are the entries of the output and columns those of the input, channel by channel, row by row. Zeros of the
        padding are no entries of the input and have no column.

        Returns
        -------
        scipy.sparse.csr_array of shape (numbers of the output, numbers of the input)
            An entry for each connection, also where its weight is 0.

        Raises
        ------
        InputError
            If the layer is in no network and has no weights.

        Examples
        --------
        >>> from mathdl import Conv1D, Network
        >>> net = Network([Conv1D(1, 2, bias=None)], input_shape=(1, 4))
        >>> net.parameters[:] = [5, 7]
        >>> net.layers[0].matrix().toarray().astype(int)
        array([[5, 7, 0, 0],
               [0, 5, 7, 0],
               [0, 0, 5, 7]])
        """
        if self.weights is None:
            raise InputError(
                f"{type(self).__name__} has no weights yet; put it into a Network and take it from its layers."
            )
        (channels, *lengths), (_, *places) = self.images()
        kernels = self.weights.reshape(self.channels, channels, *self.sides)
        return convolution_matrix(kernels, lengths, places, self.windows())

    def connections(self) -> Connections:
        """Return the number of entries of the matrix, of distinct weights in it, and of entries of a dense one.

        Returns
        -------
        Connections
            ``entries``, ``weights`` and ``dense``; without bias.

        Raises
        ------
        InputError
            If the layer is in no network.

        Examples
        --------
        >>> from mathdl import Conv1D, Network
        >>> Network([Conv1D(1, 4)], input_shape=(1, 6)).layers[0].connections()
        Connections(entries=12, weights=4, dense=18)
        """
        if not hasattr(self, "output_shape"):
            raise InputError(
                f"{type(self).__name__} has no input yet; put it into a Network and take it from its layers."
            )
        (channels, *lengths), (_, *places) = self.images()
        pairs = channels * self.channels
        met = [used_taps(*each) for each in zip(lengths, places, self.windows(), strict=True)]
        entries, weights = (pairs * prod(counts) for counts in zip(*met, strict=True))
        return Connections(entries, weights, prod(self.input_shape) * prod(self.output_shape))


def _sums(terms: Array) -> int:
    """Return how many sums add so many terms up, one number each."""
    return int(np.maximum(terms - 1, 0).sum())
