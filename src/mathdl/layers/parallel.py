"""Layers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from mathdl.engine.program import Buffer, Program
from mathdl.errors import InputError
from mathdl.kernels import parallel as kernels
from mathdl.layers.composite import Composite, count_chain, emit_chain, pieces_of_chain, shape_of_chain
from mathdl.layers.layer import Array, Layer, Shape, require_layer
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.pieces import Step, side_by_side


class Parallel(Composite):
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
        self.chains = [list(branch) if isinstance(branch, list | tuple) else [branch] for branch in branches]
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
        return (sum(prod(shape_of_chain(branch, input_shape)) for branch in self.branches),)

    @property
    def branches(self) -> list[list[Layer]]:
        """The layers of each branch; in a network, with their parameters."""
        return self.chains

    def pieces(self, dtype: Any) -> list[Step]:
        """Return the branches side by side."""
        return side_by_side([pieces_of_chain(branch, dtype) for branch in self.branches], prod(self.input_shape))

    def operations(self, zeros: Array | None, first: bool = False) -> LayerOperations:
        """Return the branches' operations, and the sums of their dl/dx."""
        counted = LayerOperations()
        for branch in self.branches:
            counted = counted.plus(count_chain(branch, zeros, first))
        sums = 0 if first else (len(self.branches) - 1) * prod(self.input_shape)
        return counted.plus(LayerOperations(input_gradient=operations(additions=sums)))

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
            own = {"width": source.size, "branches": len(self.branches)}
            program.add(kernels.fan_out, kernels.add_gradients, source, gradients, own)
        joined = program.buffer(prod(self.output_shape))
        place = 0
        for branch, each in zip(self.branches, inputs, strict=True):
            output, first = emit_chain(branch, program, each, first)
            gradient = joined.gradient + place if joined.gradient >= 0 else -1
            part = Buffer(joined.values + place, gradient, output.size)
            program.add(kernels.copy, kernels.copy_back, output, part, {"width": output.size})
            place += output.size
        return joined
