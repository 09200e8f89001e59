"""The average pooling layer."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from mathdl.engine.program import Buffer, Program
from mathdl.kernels import averagepool2d as kernels
from mathdl.layers.layer import Array, Image
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.pieces import Affine, Step
from mathdl.layers.pooling import Pooling, blocks
from mathdl.layers.sides import Sides


class AveragePool2D(Pooling):
    """Average pooling: each block of entries is replaced by its mean.

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
    >>> from mathdl import AveragePool2D, Network
    >>> Network([AveragePool2D(2)], input_shape=(3, 8, 6)).output_shape
    (3, 4, 3)
    >>> Network([AveragePool2D(3, stride=(1, 2))], input_shape=(3, 8, 7)).output_shape
    (3, 6, 3)
    """

    axes = 2

    def pieces(self) -> list[Step]:
        """Return the means of the blocks."""
        return mean_of_blocks(blocks(*self.images(), self.windows()))

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the sums and the division of each block, as :func:`count_averages` does."""
        return count_averages(*self.images(), self.sides, self.strides)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the pooling."""
        return emit_averages(program, source, *self.images(), self.sides, self.strides)


def emit_averages(
    program: Program, source: Buffer, image: Image, pooled: Image, sides: Sides, strides: Sides
) -> Buffer:
    """Append average pooling."""
    target = program.buffer(prod(pooled), gradient=source.gradient >= 0)
    (channels, in_height, in_width), (_, height, width), (rows, columns), (down, across) = image, pooled, sides, strides
    own = {"channels": channels, "in_height": in_height, "in_width": in_width, "height": height, "width": width}
    own |= {"rows": rows, "columns": columns, "down": down, "across": across}
    program.add(kernels.forward, kernels.backward, source, target, own, operations=prod(pooled) * prod(sides))
    return target


def mean_of_blocks(matrix: Any) -> list[Step]:
    """Return the means of the blocks that are a matrix's rows of ones."""
    return [Affine(matrix, np.zeros(matrix.shape[0]), divisor=matrix.nnz // matrix.shape[0])]


def count_averages(image: Image, pooled: Image, sides: Sides, strides: Sides) -> LayerOperations:
    """Return a block's sums and its division; backward a division each, and sums where blocks overlap."""
    blocks = prod(pooled)
    covering = np.zeros(image[1:], int)
    for row, column in np.ndindex(*pooled[1:]):
        top, left = row * strides[0], column * strides[1]
        covering[top : top + sides[0], left : left + sides[1]] += 1
    sums = image[0] * int(np.maximum(covering - 1, 0).sum())
    return LayerOperations(
        operations(additions=blocks * (prod(sides) - 1), divisions=blocks), operations(divisions=blocks, additions=sums)
    )
