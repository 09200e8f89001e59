"""What the layers that pad images or signals share, and the operation."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, prod
from typing import Any

import numpy as np

from mathdl.checks import is_number, require_at_least, shortened
from mathdl.engine.program import Buffer, Program
from mathdl.errors import InputError
from mathdl.kernels import zeropad2d as kernels
from mathdl.layers.layer import MAX_NUMBERS, Array, Image, Shape, Window
from mathdl.layers.pieces import Affine, Step, held
from mathdl.layers.spatial import Spatial


class Padding(Spatial):
    """A layer that puts images, or signals as images of height 1, into larger ones that hold a number elsewhere."""

    def __init__(self, size: int | Sequence[int], value: float = 0) -> None:
        kind, sides = type(self).__name__, {2: "(top, bottom, left, right)", 1: "(before, after)"}[self.axes]
        if isinstance(size, Sequence) and not isinstance(size, str):
            if len(size) != 2 * self.axes:
                raise InputError(f"{kind}: size is {shortened(size)}; give a whole number, or {sides}.")
            for place, each in enumerate(size):
                require_at_least(f"{kind}: size[{place}]", each, 0, MAX_NUMBERS)
            given = [int(each) for each in size]
        else:
            require_at_least(f"{kind}: size", size, 0, MAX_NUMBERS)
            given = [int(size)] * (2 * self.axes)
        if not is_number(value) or not isfinite(value):
            raise InputError(f"{kind}: value is {shortened(value)}; give a finite number.")
        self.above, self.below, self.left, self.right = given if self.axes == 2 else (0, 0, *given)
        self.value = float(value)
        self.options = {"size": given[0] if len(set(given)) == 1 else given, "value": self.value}

    def shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape with what is added."""
        channels, height, width = self.image_of(input_shape)
        padded = (channels, self.above + height + self.below, self.left + width + self.right)
        return self.shape_of(padded)

    def windows(self) -> tuple[Window, Window]:
        """Return single places, moved by what is added before."""
        return Window(1, 1, self.above), Window(1, 1, self.left)

    def pieces(self, dtype: Any) -> list[Step]:
        """Return the inputs at their new places, and the number elsewhere."""
        from scipy.sparse import csr_array

        (_, height, width), padded = self.images()
        places = np.arange(prod(padded)).reshape(padded)
        inside = places[:, self.above : self.above + height, self.left : self.left + width].ravel()
        matrix = csr_array((np.ones(inside.size), (inside, np.arange(inside.size))), shape=(prod(padded), inside.size))
        offset = np.full(prod(padded), held(f"{type(self).__name__}: value", self.value, dtype))
        offset[inside] = 0.0
        return [Affine(matrix, offset)]

    def known_zeros(self, zeros: Array) -> Array:
        """Return the zeros that are there, and the border where it is of zeros."""
        borders = ((0, 0), (self.above, self.below), (self.left, self.right))
        (channels, *lengths), _ = self.images()
        images = np.pad(zeros.reshape(channels, *lengths), borders, constant_values=self.value == 0)
        return images.reshape(self.output_shape)

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the padding."""
        if abs(self.value) > float(np.finfo(program.dtype).max):
            raise InputError(
                f"{type(self).__name__}: value is {self.value:g}, beyond the {program.dtype} of the network; give a "
                "smaller one, or dtype='float64'."
            )
        return emit_padding(program, source, *self.images(), (self.above, self.left), self.value)


def emit_padding(
    program: Program, source: Buffer, image: Image, padded: Image, corner: tuple[int, int], value: float = 0.0
) -> Buffer:
    """Append the padding of images, which begin at a corner of the larger ones, by a number."""
    target = program.buffer(prod(padded), gradient=source.gradient >= 0)
    (channels, in_height, in_width), (above, left), (_, height, columns) = image, corner, padded
    own: dict[str, float] = {
        "channels": channels,
        "in_height": in_height,
        "in_width": in_width,
        "above": above,
        "left": left,
    }
    own |= {"height": height, "columns": columns, "value": value}
    program.add(kernels.forward, kernels.backward, source, target, own)
    return target
