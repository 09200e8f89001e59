"""What the layers that pool blocks of images share: their options and their shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mathdl.checks import require_choice
from mathdl.errors import InputError
from mathdl.layers.layer import Layer, Shape, require_image
from mathdl.layers.sides import described, sides_of


class Pooling(Layer):
    """A layer that replaces blocks of images by one number each."""

    def __init__(
        self,
        size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        remainder: Literal["error", "drop"] = "error",
    ) -> None:
        kind = type(self).__name__
        self.sides = sides_of(f"{kind}: size", size)
        self.strides = self.sides if stride is None else sides_of(f"{kind}: stride", stride)
        require_choice(f"{kind}: remainder", remainder, ("error", "drop"))
        self.remainder = remainder
        self.options = {"size": described(self.sides), "remainder": remainder}
        if self.strides != self.sides:
            self.options["stride"] = described(self.strides)

    def shape(self, input_shape: Shape) -> Shape:
        """Return the channels and how many blocks there are, down and across."""
        kind = type(self).__name__
        channels, *lengths = require_image(kind, input_shape)
        image, block = (" x ".join(map(str, pair)) for pair in (lengths, self.sides))
        if any(side > length for side, length in zip(self.sides, lengths, strict=True)):
            raise InputError(f"{kind}: blocks of {block} do not fit into an input of {image}; give a smaller size.")
        ways = list(zip(lengths, self.sides, self.strides, strict=True))
        if self.remainder == "error" and any((length - side) % stride for length, side, stride in ways):
            size, stride = described(self.sides), described(self.strides)
            misses = "does not divide" if stride == size else f"and stride {stride} do not end at the edges of"
            raise InputError(
                f"{kind}: size {size} {misses} the input's {image}; give another size or set remainder='drop'."
            )
        return (channels, *((length - side) // stride + 1 for length, side, stride in ways))
