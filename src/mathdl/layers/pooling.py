"""What the layers that pool images or signals share: their options and their shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from mathdl.checks import require_choice
from mathdl.convolution.matrix import convolution_matrix
from mathdl.errors import InputError
from mathdl.layers.layer import Image, Shape, Window
from mathdl.layers.sides import Sides, described, sides_of
from mathdl.layers.spatial import Spatial


class Pooling(Spatial):
    """A layer that replaces blocks of images, or of signals as images of height 1, by one number each."""

    def __init__(
        self,
        size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        remainder: Literal["error", "drop"] = "error",
    ) -> None:
        kind = type(self).__name__
        self.sides = sides_of(f"{kind}: size", size, self.axes)
        self.strides = self.sides if stride is None else sides_of(f"{kind}: stride", stride, self.axes)
        require_choice(f"{kind}: remainder", remainder, ("error", "drop"))
        self.remainder = remainder
        self.options = {"size": described(self.sides, self.axes), "remainder": remainder}
        if self.strides != self.sides:
            self.options["stride"] = described(self.strides, self.axes)

    def shape(self, input_shape: Shape) -> Shape:
        """Return the channels and how many blocks there are, down and across."""
        kind = type(self).__name__
        channels, *lengths = self.image_of(input_shape)
        image, block = (" x ".join(map(str, pair[2 - self.axes :])) for pair in (lengths, self.sides))
        if any(side > length for side, length in zip(self.sides, lengths, strict=True)):
            raise InputError(f"{kind}: blocks of {block} do not fit into an input of {image}; give a smaller size.")
        ways = list(zip(lengths, self.sides, self.strides, strict=True))
        if self.remainder == "error" and any((length - side) % stride for length, side, stride in ways):
            size, stride = described(self.sides, self.axes), described(self.strides, self.axes)
            misses = "does not divide" if stride == size else f"and stride {stride} do not end at the edges of"
            raise InputError(
                f"{kind}: size {size} {misses} the input's {image}; give another size or set remainder='drop'."
            )
        down, across = ((length - side) // stride + 1 for length, side, stride in ways)
        return self.shape_of((channels, down, across))

    def windows(self) -> tuple[Window, Window]:
        """Return the blocks' sides and steps."""
        down, across = zip(self.sides, self.strides, strict=True)
        return Window(*down, 0), Window(*across, 0)


def blocks(image: Image, pooled: Image, windows: tuple[Window, Window]) -> Any:
    """Return the sparse matrix of ones whose rows are the blocks, channel by channel."""
    from scipy.sparse import eye_array, kron

    sides = [window.size for window in windows]
    return kron(eye_array(image[0]), convolution_matrix(np.ones((1, 1, *sides)), image[1:], pooled[1:], windows), "csr")


class GlobalPooling(Spatial):
    """A layer that replaces each channel of images or signals by one number."""

    def __init__(self) -> None:
        self.options = {}

    def shape(self, input_shape: Shape) -> Shape:
        """Return (channels,)."""
        return (self.image_of(input_shape)[0],)

    def block(self) -> tuple[Image, Image, Sides]:
        """Return channels, height and width of the input and of the output, and the sides of the one block."""
        channels, height, width = self.image_of(self.input_shape)
        return (channels, height, width), (channels, 1, 1), (height, width)

    def windows(self) -> tuple[Window, Window]:
        """Return the whole image."""
        _, height, width = self.image_of(self.input_shape)
        return Window(height, 1, 0), Window(width, 1, 0)
