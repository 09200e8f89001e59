"""The average pooling layer of signals."""

from __future__ import annotations

from mathdl.engine.program import Buffer, Program
from mathdl.layers.averagepool2d import count_averages, emit_averages, mean_of_blocks
from mathdl.layers.layer import Array
from mathdl.layers.operations import LayerOperations
from mathdl.layers.pieces import Step
from mathdl.layers.pooling import Pooling, blocks


class AveragePool1D(Pooling):
    """Average pooling of signals: each block of numbers is replaced by its mean.

    Parameters
    ----------
    size : int
        Length of a block.
    stride : int, optional
        How far apart the blocks begin; by default ``size``, so that they lie side by side. They overlap where it is
        smaller.
    remainder : {"error", "drop"}, default "error"
        What to do where the blocks do not end at the last number: refuse, or leave out the last ones.

    Raises
    ------
    InputError
        If a number is no whole one of at least 1, a block is longer than the signal, or (with ``"error"``) numbers are
        left over.

    Examples
    --------
    >>> from mathdl import AveragePool1D, Network
    >>> Network([AveragePool1D(2)], input_shape=(3, 8)).output_shape
    (3, 4)
    """

    axes = 1

    def pieces(self) -> list[Step]:
        """Return the means of the blocks."""
        return mean_of_blocks(blocks(*self.images(), self.windows()))

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the sums and the division of each block, as :func:`count_averages` does."""
        return count_averages(*self.images(), self.sides, self.strides)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the pooling."""
        return emit_averages(program, source, *self.images(), self.sides, self.strides)
