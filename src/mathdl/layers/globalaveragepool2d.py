"""The global average pooling layer."""

from __future__ import annotations

from mathdl.engine.program import Buffer, Program
from mathdl.layers.averagepool2d import count_averages, emit_averages
from mathdl.layers.layer import Array, Layer, Shape, require_image
from mathdl.layers.operations import LayerOperations


class GlobalAveragePool2D(Layer):
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

    def __init__(self) -> None:
        self.options = {}

    def shape(self, input_shape: Shape) -> Shape:
        """Return (channels,)."""
        return (require_image("GlobalAveragePool2D", input_shape)[0],)

    def count(self, zeros: Array | None) -> LayerOperations:
        """Return the operations of pooling with one block per image."""
        channels, height, width = self.input_shape
        return count_averages(self.input_shape, (channels, 1, 1), (height, width), (height, width))

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append pooling with one block per image."""
        channels, height, width = self.input_shape
        return emit_averages(program, source, self.input_shape, (channels, 1, 1), (height, width), (height, width))
