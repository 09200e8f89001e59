"""Layers that are made of other layers: chains that each read the composite layer's input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from mathdl.engine.program import Buffer, Program
from mathdl.layers.layer import Array, Layer, Shape
from mathdl.layers.operations import LayerOperations
from mathdl.layers.pieces import Step


class Composite(Layer):
    """A layer of chains of layers. Parameters are ordered chain by chain."""

    chains: list[list[Layer]]

    def bind(self, input_shape: Shape) -> Self:
        """Bind the chains' layers too."""
        bound = super().bind(input_shape)
        bound.chains = []
        for chain in self.chains:
            shape, layers = input_shape, []
            for layer in chain:
                layers.append(layer.bind(shape))
                shape = layers[-1].output_shape
            bound.chains.append(layers)
        return bound

    def parameter_shapes(self) -> list[Shape]:
        """Return the shapes of all layers' parameters, chain by chain."""
        return [shape for layer in self._layers() for shape in layer.parameter_shapes()]

    def initial_parameters(self, generator: np.random.Generator) -> list[Array]:
        """Draw all layers' parameters."""
        return [array for layer in self._layers() for array in layer.initial_parameters(generator)]

    def attach(self, arrays: list[Array]) -> None:
        """Hand each layer its views."""
        for layer in self._layers():
            count = len(layer.parameter_shapes())
            layer.attach(arrays[:count])
            arrays = arrays[count:]

    def _layers(self) -> list[Layer]:
        """All chains' layers in order."""
        return [layer for chain in self.chains for layer in chain]


def shape_of_chain(chain: Sequence[Layer], shape: Shape) -> Shape:
    """Return the shape of a chain's output."""
    for layer in chain:
        shape = layer.shape(shape)
    return shape


def emit_chain(chain: Sequence[Layer], program: Program, source: Buffer, first: int) -> tuple[Buffer, int]:
    """Append a chain's operations; return its output and where the parameters behind its own start."""
    for layer in chain:
        source = layer.emit(program, source, first)
        first += layer.size
    return source, first


def pieces_of_chain(chain: Sequence[Layer], dtype: Any) -> list[Step]:
    """Return what a chain's layers are made of."""
    return [piece for layer in chain for piece in layer.pieces(dtype)]


def count_chain(chain: Sequence[Layer], zeros: Array | None, first: bool) -> LayerOperations:
    """Return the operations of a chain of layers, step by step."""
    counted = LayerOperations()
    for layer in chain:
        counted = counted.plus(layer.operations(zeros, first))
        zeros = None if zeros is None else layer.known_zeros(zeros)
        first = first and layer.size == 0
    return counted
