"""The layer that makes a vector of an image."""

from __future__ import annotations

from math import prod
from typing import Any

from mathdl.engine.program import Buffer, Program
from mathdl.layers.layer import Array, Layer, Shape
from mathdl.layers.pieces import Step


class Flatten(Layer):
    """An array as one vector, in row-major order; costs nothing.

    Examples
    --------
    >>> from mathdl import Flatten, Network
    >>> Network([Flatten()], input_shape=(3, 8, 6)).output_shape
    (144,)
    """

    def __init__(self) -> None:
        self.options = {}

    def shape(self, input_shape: Shape) -> Shape:
        """Return the number of entries."""
        return (prod(input_shape),)

    def pieces(self, dtype: Any) -> list[Step]:
        """Return nothing: vectors are in a row already."""
        return []

    def known_zeros(self, zeros: Array) -> Array:
        """Return the same in a row."""
        return zeros.reshape(-1)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append nothing: the numbers already lie in that order."""
        return source
