"""Layers whose input is added to their output."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from mathdl.engine.program import Buffer, Program
from mathdl.errors import InputError
from mathdl.kernels import residual as kernels
from mathdl.layers.composite import Composite, count_chain, emit_chain, pieces_of_chain, shape_of_chain
from mathdl.layers.layer import Array, Layer, Shape, require_layer
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.pieces import Affine, Step, side_by_side


class Residual(Composite):
    """A residual block: the input of a chain of layers is added to its output.

    Parameters
    ----------
    layers : sequence of layers
        The chain; its output must have the input's shape.

    Attributes
    ----------
    layers : list of layers
        In a network, the layers with their parameters.

    Raises
    ------
    InputError
        If there is no layer, something is no layer, or the output's shape is not the input's.

    Examples
    --------
    >>> from mathdl import Conv2D, Network, Residual
    >>> block = Residual([Conv2D(4, 3, activation="relu", padding="same"), Conv2D(4, 3, padding="same")])
    >>> Network([block], input_shape=(4, 8, 8)).output_shape
    (4, 8, 8)
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        if not isinstance(layers, list | tuple) or not layers:
            raise InputError(f"Residual: layers is {layers!r}; give a list with at least one layer.")
        for place, layer in enumerate(layers):
            require_layer(f"Residual: layers[{place}]", layer)
        self.chains = [list(layers)]
        self.options = {"layers": [layer.describe() for layer in layers]}

    @property
    def layers(self) -> list[Layer]:
        """The chain; in a network, with its parameters."""
        return self.chains[0]

    def __repr__(self) -> str:
        return f"Residual({self.layers!r})"

    def shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape; raise InputError unless the chain keeps it."""
        shape = shape_of_chain(self.layers, input_shape)
        if shape != input_shape:
            raise InputError(
                f"Residual: its layers make shape {shape} of an input of shape {input_shape}, so the two cannot be "
                "added; choose as many units or channels as the input has, and padding='same' for a Conv2D."
            )
        return shape

    def pieces(self, dtype: Any) -> list[Step]:
        """Return the input beside the chain, and their sum."""
        from scipy.sparse import eye_array, hstack

        size = prod(self.input_shape)
        both = hstack([eye_array(size)] * 2, format="csr")
        return [*side_by_side([[], pieces_of_chain(self.layers, dtype)], size), Affine(both, np.zeros(size))]

    def operations(self, zeros: Array | None, first: bool = False) -> LayerOperations:
        """Return the chain's operations, and the sums of its output and the input, forward and backward."""
        sums = operations(additions=prod(self.input_shape))
        own = LayerOperations(forward=sums, input_gradient=operations() if first else sums)
        return count_chain(self.layers, zeros, first).plus(own)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the chain and the sum."""
        program.settle()
        size, joined, inner = source.size, program.buffer(source.size), source
        if source.gradient >= 0:
            inner = Buffer(source.values, program.allocate(size), size)
            own = {"width": size, "other": joined.gradient}
            program.add(kernels.branch, kernels.join_gradients, source, inner, own)
        output, _ = emit_chain(self.layers, program, inner, first)
        both = Buffer(source.values, output.gradient, size)  # the sum's gradient goes to the chain's output
        program.add(
            kernels.join, kernels.join_back, both, joined, {"width": size, "other": output.values}, operations=size
        )
        return joined
