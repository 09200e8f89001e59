"""The max pooling layer."""

from __future__ import annotations

from math import prod
from typing import Literal

from mathdl.checks import require_at_least, require_choice
from mathdl.engine.program import Buffer, Program
from mathdl.errors import InputError
from mathdl.kernels import maxpool2d as kernels
from mathdl.layers.layer import MAX_NUMBERS, Layer, Shape, require_image


class MaxPool2D(Layer):
    """Max pooling: each block of size x size entries is replaced by its largest (Definitions 10.4.2 and 10.5.2).

    At a tie the gradient goes to the first of the largest entries, row by row.

    Parameters
    ----------
    size : int
        Side of a block.
    remainder : {"error", "drop"}, default "error"
        What to do where ``size`` does not divide the height or the width: refuse, or leave out the last ones.

    Raises
    ------
    InputError
        If ``size`` is no whole number of at least 1, is larger than a side, or (with ``"error"``) does not divide it.

    Examples
    --------
    >>> from mathdl import MaxPool2D, Network
    >>> Network([MaxPool2D(2)], input_shape=(3, 8, 6)).output_shape
    (3, 4, 3)
    """

    def __init__(self, size: int, remainder: Literal["error", "drop"] = "error") -> None:
        require_at_least("MaxPool2D: size", size, 1, MAX_NUMBERS)
        require_choice("MaxPool2D: remainder", remainder, ("error", "drop"))
        self.side, self.remainder = int(size), remainder
        self.options = {"size": self.side, "remainder": remainder}

    def shape(self, input_shape: Shape) -> Shape:
        """Return (channels, height // size, width // size)."""
        channels, height, width = require_image("MaxPool2D", input_shape)
        if self.side > min(height, width):
            raise InputError(
                f"MaxPool2D: blocks of {self.side} x {self.side} do not fit into an input of {height} x {width}; "
                "give a smaller size."
            )
        if self.remainder == "error" and (height % self.side or width % self.side):
            raise InputError(
                f"MaxPool2D: size {self.side} does not divide the input's {height} x {width}; "
                "give another size or set remainder='drop'."
            )
        return (channels, height // self.side, width // self.side)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the pooling."""
        return emit_pooling(program, source, self.input_shape, self.output_shape, self.side, self.side)


def emit_pooling(program: Program, source: Buffer, image: Shape, pooled: Shape, rows: int, columns: int) -> Buffer:
    """Append max pooling in blocks of rows x columns; an increasing activation just before it moves behind it."""
    activation = program.take_back(source)
    target = program.buffer(prod(pooled))
    forward, backward = kernels.pooling(rows, columns)
    program.add(forward, backward, source, target, [*image, *pooled[1:]], operations=source.size)
    return activation.emit(program, target) if activation is not None else target
