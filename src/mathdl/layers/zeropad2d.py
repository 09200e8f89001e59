"""The padding layer."""

from __future__ import annotations

import numpy as np

from mathdl.checks import require_at_least
from mathdl.engine.program import Buffer, Program
from mathdl.kernels import zeropad2d as kernels
from mathdl.layers.layer import MAX_NUMBERS, Array, Layer, Shape, require_image


class ZeroPad2D(Layer):
    """A padding layer: ``size`` rows and columns of zeros on every side of each image (Definition 10.3.1).

    Parameters
    ----------
    size : int
        How many zeros to add on each side; at least 0.

    Raises
    ------
    InputError
        If ``size`` is no whole number of at least 0, or the input is no image.

    Examples
    --------
    >>> from mathdl import Network, ZeroPad2D
    >>> Network([ZeroPad2D(2)], input_shape=(1, 8, 8)).output_shape
    (1, 12, 12)
    """

    def __init__(self, size: int) -> None:
        require_at_least("ZeroPad2D: size", size, 0, MAX_NUMBERS)
        self.padding = int(size)
        self.options = {"size": self.padding}

    def shape(self, input_shape: Shape) -> Shape:
        """Return (channels, height + 2 size, width + 2 size)."""
        channels, height, width = require_image("ZeroPad2D", input_shape)
        return (channels, height + 2 * self.padding, width + 2 * self.padding)

    def known_zeros(self, zeros: Array) -> Array:
        """Return the zeros that are there, and the border."""
        border = self.padding
        return np.pad(zeros, ((0, 0), (border, border), (border, border)), constant_values=True)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the padding."""
        _, height, width = self.output_shape
        return emit_padding(program, source, self.input_shape, self.padding, self.padding, height, width)


def emit_padding(
    program: Program, source: Buffer, image: Shape, above: int, left: int, height: int, width: int
) -> Buffer:
    """Append the padding of images to (height, width), with so many zeros above and to the left."""
    target = program.buffer(image[0] * height * width)
    program.add(kernels.forward, kernels.backward, source, target, [*image, above, left, height, width])
    return target
