"""What the layers that pool images or signals share: their options, their shapes and their blocks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from mathdl.checks import require_choice
from mathdl.convolution.matrix import convolution_matrix
from mathdl.errors import InputError
from mathdl.layers.layer import Image, Shape, Window
from mathdl.layers.sides import Sides, described, sides_of
from mathdl.layers.spatial import Spatial


class Blocks(NamedTuple):
    """The image that is pooled and what it becomes, the sides of a block, and how far apart blocks begin."""

    image: Image
    pooled: Image
    sides: Sides
    strides: Sides


class BlockPooling(Spatial):
    """A layer that makes one number of each block."""

    @abstractmethod
    def blocks(self) -> Blocks:
        """Return the blocks."""

    def windows(self) -> tuple[Window, Window]:
        """Return the blocks' sides and steps."""
        _, _, sides, strides = self.blocks()
        down, across = zip(sides, strides, strict=True)
        return Window(*down, 0), Window(*across, 0)

    def block_matrix(self) -> Any:
        """Return the sparse matrix of ones whose rows are the blocks, channel by channel."""
        from scipy.sparse import eye_array, kron

        image, pooled, sides, _ = self.blocks()
        ones = np.ones((1, 1, *sides))
        return kron(eye_array(image[0]), convolution_matrix(ones, image[1:], pooled[1:], self.windows()), "csr")


class Pooling(BlockPooling):
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

    def blocks(self) -> Blocks:
        """Return the blocks of this size."""
        return Blocks(*self.images(), self.sides, self.strides)


class GlobalPooling(BlockPooling):
    """A layer that replaces each channel of images or signals by one number."""

    def __init__(self) -> None:
        self.options = {}

    def shape(self, input_shape: Shape) -> Shape:
        """Return (channels,)."""
        return (self.image_of(input_shape)[0],)

    def blocks(self) -> Blocks:
        """Return one block for each channel."""
        channels, height, width = self.image_of(self.input_shape)
        return Blocks((channels, height, width), (channels, 1, 1), (height, width), (height, width))
