"""What average pooling is, whatever the blocks: its steps, its operations and its kernels."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from mathdl.engine.program import Buffer, Program
from mathdl.kernels import averagepool2d as kernels
from mathdl.layers.layer import Array
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.pieces import Affine, Step
from mathdl.layers.pooling import BlockPooling


class AveragePooling(BlockPooling):
    """A layer that replaces each block by its mean."""

    def pieces(self, dtype: Any) -> list[Step]:
        """Return the means of the blocks."""
        matrix = self.block_matrix()
        return [Affine(matrix, np.zeros(matrix.shape[0]), divisor=matrix.nnz // matrix.shape[0])]

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return a block's sums and its division; backward a division each, and sums where blocks overlap."""
        image, pooled, sides, strides = self.blocks()
        blocks, covering = prod(pooled), np.zeros(image[1:], int)
        for row, column in np.ndindex(*pooled[1:]):
            top, left = row * strides[0], column * strides[1]
            covering[top : top + sides[0], left : left + sides[1]] += 1
        sums = image[0] * int(np.maximum(covering - 1, 0).sum())
        return LayerOperations(
            operations(additions=blocks * (prod(sides) - 1), divisions=blocks),
            operations(divisions=blocks, additions=sums),
        )

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the pooling."""
        image, pooled, sides, strides = self.blocks()
        target = program.buffer(prod(pooled), gradient=source.gradient >= 0)
        own = dict(zip(("channels", "in_height", "in_width"), image, strict=True))
        own |= dict(zip(("height", "width", "rows", "columns"), (*pooled[1:], *sides), strict=True))
        own |= dict(zip(("down", "across"), strides, strict=True))
        program.add(kernels.forward, kernels.backward, source, target, own, operations=prod(pooled) * prod(sides))
        return target
