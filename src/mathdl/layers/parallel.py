"""Layers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Self

import numpy as np

from mathdl.engine.program import Buffer, Program
from mathdl.errors import InputError
from mathdl.kernels import parallel as kernels
from mathdl.layers.layer import Array, Layer, Shape, require_layer


class Parallel(Layer):
    """Branches that all read the same input; their outputs are flattened and joined into one vector.

    So the channels of a convolution may have kernels and pools of different sizes (Definitions 10.5.1 and 10.5.2).

    Parameters
    ----------
    branches : sequence of sequences of layers
        The layers of each branch; a single layer may stand for a branch of one.

    Attributes
    ----------
    branches : list of lists of layers
        In a network, the layers with their parameters. Parameters are ordered branch by branch.

    Raises
    ------
    InputError
        If there is no branch, or a branch is empty or holds something that is no layer.

    Examples
    --------
    >>> from mathdl import Conv2D, GlobalMaxPool2D, Network, Parallel
    >>> both = Parallel([[Conv2D(2, 3), GlobalMaxPool2D()], [Conv2D(4, 5), GlobalMaxPool2D()]])
    >>> Network([both], input_shape=(1, 8, 8)).output_shape
    (6,)
    """

    def __init__(self, branches: Sequence[Sequence[Layer] | Layer]) -> None:
        if not isinstance(branches, list | tuple):
            raise InputError(
                f"Parallel: branches is {branches!r}; give a list with one list of layers for each branch."
            )
        self.branches = [list(branch) if isinstance(branch, list | tuple) else [branch] for branch in branches]
        if not self.branches or not all(self.branches):
            raise InputError("Parallel has no branch, or an empty one; give one list of layers for each branch.")
        for number, branch in enumerate(self.branches):
            for place, layer in enumerate(branch):
                require_layer(f"Parallel: branches[{number}][{place}]", layer)
        self.options = {"branches": [[layer.describe() for layer in branch] for branch in self.branches]}

    def __repr__(self) -> str:
        return f"Parallel({self.branches!r})"

    def shape(self, input_shape: Shape) -> Shape:
        """Return the sum of the branches' output sizes."""
        size = 0
        for branch in self.branches:
            shape = input_shape
            for layer in branch:
                shape = layer.shape(shape)
            size += prod(shape)
        return (size,)

    def bind(self, input_shape: Shape) -> Self:
        """Bind the branches' layers too."""
        bound = super().bind(input_shape)
        bound.branches = []
        for branch in self.branches:
            shape, layers = input_shape, []
            for layer in branch:
                layers.append(layer.bind(shape))
                shape = layers[-1].output_shape
            bound.branches.append(layers)
        return bound

    def parameter_shapes(self) -> list[Shape]:
        """Return the shapes of all branches' parameters, branch by branch."""
        return [shape for layer in self._layers() for shape in layer.parameter_shapes()]

    def initial_parameters(self, generator: np.random.Generator) -> list[Array]:
        """Draw all branches' parameters."""
        return [array for layer in self._layers() for array in layer.initial_parameters(generator)]

    def attach(self, arrays: list[Array]) -> None:
        """Hand each layer its views."""
        for layer in self._layers():
            count = len(layer.parameter_shapes())
            layer.attach(arrays[:count])
            arrays = arrays[count:]

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the branches one after the other, each copied to its place in the joined output."""
        program.settle()
        inputs = [source] * len(self.branches)
        if source.gradient >= 0:
            start = program.allocate(len(self.branches) * source.size)
            inputs = [
                Buffer(source.values, start + branch * source.size, source.size) for branch in range(len(self.branches))
            ]
            gradients = Buffer(source.values, start, source.size)
            sizes = [source.size, len(self.branches)]
            program.add(kernels.fan_out, kernels.add_gradients, source, gradients, sizes)
        joined = program.buffer(prod(self.output_shape))
        place = 0
        for branch, output in zip(self.branches, inputs, strict=True):
            for layer in branch:
                output = layer.emit(program, output, first)
                first += layer.size
            gradient = joined.gradient + place if joined.gradient >= 0 else -1
            part = Buffer(joined.values + place, gradient, output.size)
            program.add(kernels.copy, kernels.copy_back, output, part, [output.size])
            place += output.size
        return joined

    def _layers(self) -> list[Layer]:
        """All branches' layers in order."""
        return [layer for branch in self.branches for layer in branch]
