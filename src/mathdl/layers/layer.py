"""What every layer is: a function of one sample's array that knows its shapes, parameters and operations.

A layer as the user writes it is a description. ``bind`` makes the copy that a network owns, with its input shape
known; the network then sets ``weights`` and ``bias`` to views of its parameter vector.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from copy import copy
from inspect import signature
from math import prod
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.program import Buffer, Program
from mathdl.errors import InputError
from mathdl.layers.activation import NAMES, Activation
from mathdl.layers.operations import LayerOperations
from mathdl.layers.pieces import Step

Array = NDArray[Any]
Shape = tuple[int, ...]
Image = tuple[int, int, int]  # channels, height, width
MAX_NUMBERS = 2**28  # in an object, a layer's output or all parameters: chosen, about a gigabyte


class Window(NamedTuple):
    """What an output sees along one axis: ``size`` inputs, from ``stride`` times its place minus ``before`` on."""

    size: int
    stride: int
    before: int


class Layer(ABC):
    """A layer of a network."""

    options: dict[str, Any]  # the constructor's arguments, as JSON and TOML can hold them
    activation = Activation("identity")
    input_shape: Shape
    output_shape: Shape
    weights: Array | None = None
    bias: Array | None = None

    @abstractmethod
    def shape(self, input_shape: Shape) -> Shape:
        """Return the output's shape, without samples; raise InputError where the input does not fit."""

    @abstractmethod
    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append this layer's operations to a program; its parameters start at ``first``. Return the output."""

    def pieces(self, dtype: Any) -> list[Step]:
        """Return the affine functions, kinks, maxima and other functions that the layer is made of, on vectors.

        A layer that is in a network of this dtype, which rounds numbers, None where that is not known; dropout does
        nothing, as in predictions. Raises InputError where nothing is known.
        """
        raise InputError(f"Nothing is known about values of {type(self).__name__}; give a network without it.")

    def parameter_shapes(self) -> list[Shape]:
        """Return the shapes of the parameter arrays in their order in the parameter vector."""
        return []

    def initial_parameters(self, generator: np.random.Generator) -> list[Array]:
        """Draw the parameter arrays."""
        return []

    def windows(self) -> tuple[Window, Window] | None:
        """Return what each output of a layer of images sees, down and across; None where it has no such window."""
        return None

    def attach(self, arrays: list[Array]) -> None:
        """Keep views of the network's parameter vector: weights, then the bias where there is one."""
        self.weights = arrays[0] if arrays else None
        self.bias = arrays[1] if len(arrays) > 1 else None

    def bind(self, input_shape: Shape) -> Self:
        """Return a copy of this layer for inputs of this shape."""
        bound = copy(self)
        bound.input_shape = input_shape
        bound.output_shape = self.shape(input_shape)
        if (size := prod(bound.output_shape)) > MAX_NUMBERS:
            kind = type(self).__name__
            raise InputError(
                f"{kind} would return {size:.3g} numbers for an object, more than {MAX_NUMBERS:,}; make it smaller."
            )
        return bound

    def operations(self, zeros: Array | None, first: bool = False) -> LayerOperations:
        """Return what it does for one object; ``first`` tells that nobody needs dl/dx.

        ``zeros`` marks entries of the input that are padded zeros: products with them are not counted. Without it all
        are, those with the layer's own padding too.
        """
        counted = self.count(zeros)
        return counted._replace(input_gradient=Counter()) if first else counted

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the operations of all steps: of a layer that only moves numbers none."""
        return LayerOperations()

    def known_zeros(self, zeros: Array) -> Array:
        """Return which entries of the output are padded zeros."""
        return np.zeros(self.output_shape, bool)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum(prod(shape) for shape in self.parameter_shapes())

    def describe(self) -> dict[str, Any]:
        """Return the layer as a dictionary that JSON and TOML can hold."""
        return {"layer": type(self).__name__, **self.options}

    def __repr__(self) -> str:
        defaults = {name: option.default for name, option in signature(type(self)).parameters.items()}
        given = [f"{name}={value!r}" for name, value in self.options.items() if value != defaults[name]]
        return f"{type(self).__name__}({', '.join(given)})"


def require_layer(name: str, value: object) -> None:
    """Raise InputError unless ``value`` is a layer."""
    if isinstance(value, Layer):
        return
    advice = "give a layer, as Dense(3)"
    if isinstance(value, type) and issubclass(value, Layer):
        advice = f"make one of the class, as {value.__name__}(...)"
    elif isinstance(value, Activation) or (isinstance(value, str) and value in NAMES):
        activation = value.name if isinstance(value, Activation) else value
        advice = f"give the activation to the layer before it, as Dense(3, activation={activation!r})"
    raise InputError(f"{name} is {value!r}, which is no layer; {advice}.")


def draw_weights(
    generator: np.random.Generator, shape: Shape, fan_in: int, fan_out: int, activation: Activation
) -> Array:
    """Draw weights: He's normal distribution before a rectifier, Glorot's uniform one otherwise."""
    if activation.is_rectifier:
        return generator.normal(0.0, np.sqrt(2 / fan_in), shape)
    bound = np.sqrt(6 / (fan_in + fan_out))
    return generator.uniform(-bound, bound, shape)
