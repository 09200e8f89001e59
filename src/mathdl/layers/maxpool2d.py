"""The max pooling layer."""

from __future__ import annotations

from math import prod
from typing import Any

from mathdl.engine.program import Buffer, Program
from mathdl.kernels import maxpool2d as kernels
from mathdl.layers.layer import Array, Image
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.pieces import Largest, Step
from mathdl.layers.pooling import Pooling, blocks
from mathdl.layers.sides import Sides


class MaxPool2D(Pooling):
    """Max pooling: each block of entries is replaced by its largest (Definitions 10.4.2 and 10.5.2).

    At a tie the gradient goes to the first of the largest entries, row by row.

    Parameters
    ----------
    size : int or two ints
        Side of a block, or its rows and columns.
    stride : int or two ints, optional
        How far apart the blocks begin, down and across; by default ``size``, so that they lie side by side. They
        overlap where it is smaller.
    remainder : {"error", "drop"}, default "error"
        What to do where the blocks do not end at the last row and column: refuse, or leave out the last ones.

    Raises
    ------
    InputError
        If a number is no whole one of at least 1, a block is larger than the image, or (with ``"error"``) rows or
        columns are left over.

    Examples
    --------
    >>> from mathdl import MaxPool2D, Network
    >>> Network([MaxPool2D(2)], input_shape=(3, 8, 6)).output_shape
    (3, 4, 3)
    >>> Network([MaxPool2D(3, stride=(1, 2))], input_shape=(3, 8, 7)).output_shape
    (3, 6, 3)
    """

    axes = 2

    def pieces(self) -> list[Step]:
        """Return the largest entries of the blocks."""
        return largest_of_blocks(blocks(*self.images(), self.windows()))

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the comparisons of each block, as :func:`count_pooling` does."""
        return count_pooling(self.images()[1], self.sides, self.strides)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the pooling."""
        return emit_pooling(program, source, *self.images(), self.sides, self.strides)


def emit_pooling(program: Program, source: Buffer, image: Image, pooled: Image, sides: Sides, strides: Sides) -> Buffer:
    """Append max pooling; an increasing activation just before it moves behind it."""
    activation = program.take_back(source)
    fills = all(n * side == length for n, side, length in zip(pooled[1:], sides, image[1:], strict=True))
    if activation is not None and sides == strides and fills:
        source = program.overwrite(source)
    target = program.buffer(prod(pooled), gradient=source.gradient >= 0)
    forward, backward = kernels.pooling(*sides, *strides)
    operations, (channels, in_height, in_width), (_, height, width) = prod(pooled) * prod(sides), image, pooled
    own = {"channels": channels, "in_height": in_height, "in_width": in_width, "height": height, "width": width}
    program.add(forward, backward, source, target, own, operations=operations)
    return activation.emit(program, target) if activation is not None else target


def largest_of_blocks(matrix: Any) -> list[Step]:
    """Return the largest entries of the blocks that are a matrix's rows."""
    return [Largest(matrix.indices.reshape(matrix.shape[0], -1), matrix.shape[1])]


def count_pooling(pooled: Image, sides: Sides, strides: Sides) -> LayerOperations:
    """Return a block's comparisons, one less than its entries; backward a sum for each block where blocks overlap.

    Forward remembers where the largest entries are. Each gradient is added at its place where several may come.
    """
    blocks = prod(pooled)
    overlap = any(n > 1 and stride < side for n, side, stride in zip(pooled[1:], sides, strides, strict=True))
    sums = operations(additions=blocks) if overlap else operations()
    return LayerOperations(operations(comparisons=blocks * (prod(sides) - 1)), sums)
