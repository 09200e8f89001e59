"""The global average pooling layer."""

from __future__ import annotations

from mathdl.engine.program import Buffer, Program
from mathdl.layers.averagepool2d import count_averages, emit_averages, mean_of_blocks
from mathdl.layers.layer import Array
from mathdl.layers.operations import LayerOperations
from mathdl.layers.pieces import Step
from mathdl.layers.pooling import GlobalPooling, blocks


class GlobalAveragePool2D(GlobalPooling):
    """The mean of each channel: images become vectors of length ``channels``.

    Raises
    ------
    InputError
        If the input is no image.

    Examples
    --------
    >>> from mathdl import GlobalAveragePool2D, Network
    >>> Network([GlobalAveragePool2D()], input_shape=(3, 8, 6)).output_shape
    (3,)
    """

    axes = 2

    def pieces(self) -> list[Step]:
        """Return the means of the channels."""
        image, pooled, _ = self.block()
        return mean_of_blocks(blocks(image, pooled, self.windows()))

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the operations of pooling with one block per image."""
        image, pooled, sides = self.block()
        return count_averages(image, pooled, sides, sides)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append pooling with one block per image."""
        image, pooled, sides = self.block()
        return emit_averages(program, source, image, pooled, sides, sides)
