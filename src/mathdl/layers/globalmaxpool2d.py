"""The global max pooling layer."""

from __future__ import annotations

from mathdl.engine.program import Buffer, Program
from mathdl.layers.layer import Array, Layer, Shape, require_image
from mathdl.layers.maxpool2d import count_pooling, emit_pooling
from mathdl.layers.operations import LayerOperations


class GlobalMaxPool2D(Layer):
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

    def __init__(self) -> None:
        self.options = {}

    def shape(self, input_shape: Shape) -> Shape:
        """Return (channels,)."""
        return (require_image("GlobalMaxPool2D", input_shape)[0],)

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the operations of pooling with one block per image."""
        channels, height, width = self.input_shape
        return count_pooling((channels, 1, 1), (height, width), (height, width))

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append pooling with one block per image."""
        channels, height, width = self.input_shape
        return emit_pooling(program, source, self.input_shape, (channels, 1, 1), (height, width), (height, width))
