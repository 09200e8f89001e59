"""The dense (fully connected) layer."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from mathdl.checks import require_at_least
from mathdl.engine.program import Buffer, Gradient, Program
from mathdl.errors import InputError
from mathdl.kernels import dense as kernels
from mathdl.kernels.narrow import MIN_VECTOR_INPUTS
from mathdl.layers.activation import Activation
from mathdl.layers.layer import MAX_NUMBERS, Array, Layer, Shape, draw_weights
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.pieces import Affine, Step


class Dense(Layer):
    """A layer function h(x) = lambda(A x + b) (Definition 4.1.2).

    Parameters
    ----------
    units : int
        Number m of neurons, the length of the output.
    activation : str, dict or Activation, default "identity"
        The activation function lambda.
    bias : bool, default True
        Whether there is a bias vector b.

    Attributes
    ----------
    weights : ndarray of shape (units, inputs)
        The matrix A, a view of the network's parameters.
    bias : ndarray of shape (units,) or None
        The vector b, a view of the network's parameters.

    Raises
    ------
    InputError
        If ``units`` is no whole number of at least 1, or the input is not flat (put Flatten before it).

    Examples
    --------
    >>> from mathdl import Dense, Network
    >>> net = Network([Dense(3, activation="relu"), Dense(2)], input_shape=(4,), seed=0)
    >>> net.layers[0].weights.shape, net.layers[1].bias.shape
    ((3, 4), (2,))
    """

    def __init__(
        self, units: int, activation: Activation | str | dict[str, Any] = "identity", bias: bool = True
    ) -> None:
        require_at_least("Dense: units", units, 1, MAX_NUMBERS)
        if not isinstance(bias, bool):
            raise InputError(f"Dense: bias is {bias!r}; give True or False.")
        self.units, self.activation, self.has_bias = int(units), Activation.of(activation), bias
        self.options = {"units": self.units, "activation": self.activation.describe(), "bias": bias}

    def shape(self, input_shape: Shape) -> Shape:
        """Return (units,)."""
        if len(input_shape) != 1:
            raise InputError(
                f"Dense needs flat inputs, but its input has shape {input_shape}; put Flatten() before it."
            )
        return (self.units,)

    def parameter_shapes(self) -> list[Shape]:
        """Return the shapes of A and b."""
        weights = (self.units, prod(self.input_shape))
        return [weights, (self.units,)] if self.has_bias else [weights]

    def initial_parameters(self, generator: np.random.Generator) -> list[Array]:
        """Draw A by the activation's rule; b is zero."""
        (units, inputs), *_ = shapes = self.parameter_shapes()
        weights = draw_weights(generator, (units, inputs), inputs, units, self.activation)
        return [weights, *(np.zeros(shape) for shape in shapes[1:])]

    def pieces(self, dtype: Any) -> list[Step]:
        """Return A x + b, then the activation's kinks."""
        assert self.weights is not None
        offset = np.zeros(self.units) if self.bias is None else self.bias.astype(np.float64)
        affine = Affine(self.weights.astype(np.float64), offset)
        return [affine, *self.activation.pieces("Dense", self.units, dtype)]

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return n m products and as many sums for n units and m inputs that are no padded zeros, each way."""
        inputs = prod(self.input_shape) if zeros is None else int(np.count_nonzero(~zeros))
        products = self.units * inputs
        sums = self.units * max(inputs + self.has_bias - 1, 0)
        value, slope = self.activation.count(self.units)
        return LayerOperations(
            operations(multiplications=products, additions=sums) + value,
            operations(multiplications=products, additions=products - inputs),
            slope,
            operations(multiplications=products),
        )

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append A x + b, then the activation."""
        target = program.buffer(self.units)
        units, inputs = self.units, source.size
        bias = first + units * inputs if self.has_bias else -1
        panels, makes_panels = program.panels(source) if program.training else (-1, False)
        row = program.add(
            kernels.forward if inputs >= MIN_VECTOR_INPUTS else kernels.narrow_forward(inputs),
            kernels.backward,
            source,
            target,
            {"inputs": inputs, "units": units, "makes_copy": makes_panels},
            weights=first,
            bias=bias,
            operations=2 * units * inputs,
            units=units,
            panels=panels,
        )
        weights = Gradient(
            kernels.weights_gradient,
            row,
            start=first,
            count=units,
            size=inputs,
            operations=2 * inputs,
            most=units,
            together=4,
            width=inputs,
        )
        program.add_gradient(weights)
        if self.has_bias:
            ones = Gradient(
                kernels.bias_gradient, row, start=bias, count=units, size=1, operations=1, most=units, width=0
            )
            program.add_gradient(ones)
        return self.activation.emit(program, target)
