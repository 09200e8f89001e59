"""The global max pooling layer of signals."""

from __future__ import annotations

from mathdl.engine.program import Buffer, Program
from mathdl.layers.layer import Array
from mathdl.layers.maxpool2d import count_pooling, emit_pooling
from mathdl.layers.operations import LayerOperations
from mathdl.layers.pooling import GlobalPooling


class GlobalMaxPool1D(GlobalPooling):
    """The largest number of each channel: signals become vectors of length ``channels``.

    At a tie the gradient goes to the first of the largest numbers.

    Raises
    ------
    InputError
        If the input is no signal.

    Examples
    --------
    >>> from mathdl import GlobalMaxPool1D, Network
    >>> Network([GlobalMaxPool1D()], input_shape=(3, 8)).output_shape
    (3,)
    """

    axes = 1

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the operations of pooling with one block per signal."""
        _, pooled, sides = self.block()
        return count_pooling(pooled, sides, sides)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append pooling with one block per signal."""
        image, pooled, sides = self.block()
        return emit_pooling(program, source, image, pooled, sides, sides)
