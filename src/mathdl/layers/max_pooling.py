"""What max pooling is, whatever the blocks: its steps, its operations and its kernels."""

from __future__ import annotations

from math import prod
from typing import Any

from mathdl.engine.program import Buffer, Program
from mathdl.kernels import maxpool2d as kernels
from mathdl.layers.layer import Array
from mathdl.layers.operations import LayerOperations, operations
from mathdl.layers.pieces import Largest, Step
from mathdl.layers.pooling import BlockPooling


class MaxPooling(BlockPooling):
    """A layer that replaces each block by its largest entry."""

    def pieces(self, dtype: Any) -> list[Step]:
        """Return the largest entries of the blocks."""
        matrix = self.block_matrix()
        return [Largest(matrix.indices.reshape(matrix.shape[0], -1), matrix.shape[1])]

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return a block's comparisons, one less than its entries; backward a sum for each block where blocks overlap.

        Forward remembers where the largest entries are. Each gradient is added at its place where several may come.
        """
        _, pooled, sides, strides = self.blocks()
        blocks = prod(pooled)
        overlap = any(n > 1 and stride < side for n, side, stride in zip(pooled[1:], sides, strides, strict=True))
        sums = operations(additions=blocks) if overlap else operations()
        return LayerOperations(operations(comparisons=blocks * (prod(sides) - 1)), sums)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append max pooling; an increasing activation just before it moves behind it."""
        image, pooled, sides, strides = self.blocks()
        activation = program.take_back(source)
        fills = all(n * side == length for n, side, length in zip(pooled[1:], sides, image[1:], strict=True))
        if activation is not None and sides == strides and fills:
            source = program.overwrite(source)
        target = program.buffer(prod(pooled), gradient=source.gradient >= 0)
        forward, backward = kernels.pooling(*sides, *strides)
        own = dict(zip(("channels", "in_height", "in_width"), image, strict=True))
        own |= dict(zip(("height", "width"), pooled[1:], strict=True))
        program.add(forward, backward, source, target, own, operations=prod(pooled) * prod(sides))
        return activation.emit(program, target) if activation is not None else target
