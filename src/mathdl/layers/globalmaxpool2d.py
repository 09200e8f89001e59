"""The global max pooling layer."""

from __future__ import annotations

from mathdl.engine.program import Buffer, Program
from mathdl.layers.layer import Array
from mathdl.layers.maxpool2d import count_pooling, emit_pooling, largest_of_blocks
from mathdl.layers.operations import LayerOperations
from mathdl.layers.pieces import Step
from mathdl.layers.pooling import GlobalPooling, blocks


class GlobalMaxPool2D(GlobalPooling):
    """The largest entry of each channel (Definition 10.4.1): images become vectors of length ``channels``.

    At a tie the gradient goes to the first of the largest entries, row by row.

    Raises
    ------
    InputError
        If the input is no image.

    Examples
    --------
    >>> from mathdl import GlobalMaxPool2D, Network
    >>> Network([GlobalMaxPool2D()], input_shape=(3, 8, 6)).output_shape
    (3,)
    """

    axes = 2

    def pieces(self) -> list[Step]:
        """Return the largest entries of the channels."""
        image, pooled, _ = self.block()
        return largest_of_blocks(blocks(image, pooled, self.windows()))

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the operations of pooling with one block per image."""
        _, pooled, sides = self.block()
        return count_pooling(pooled, sides, sides)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append pooling with one block per image."""
        image, pooled, sides = self.block()
        return emit_pooling(program, source, image, pooled, sides, sides)
