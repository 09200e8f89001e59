"""Layers of images, and of signals, which are images of height 1."""

from __future__ import annotations

from abc import abstractmethod

from mathdl.errors import InputError
from mathdl.layers.layer import Image, Layer, Shape


class Spatial(Layer):
    """A layer of images of shape (channels, height, width), or of signals of shape (channels, length)."""

    @property
    @abstractmethod
    def axes(self) -> int:
        """2 for images, 1 for signals."""

    def image_of(self, shape: Shape) -> Image:
        """Return channels, height and width of an input or output; raise InputError where it is none."""
        if len(shape) != self.axes + 1:
            what, count = "images of shape (channels, height, width)", "three"
            if self.axes == 1:
                what, count = "signals of shape (channels, length)", "two"
            raise InputError(
                f"{type(self).__name__} needs {what}, but its input has shape {shape}; "
                f"give the network an input_shape of {count} numbers and put the layer before Flatten and Dense."
            )
        channels, *sides = shape
        return (channels, sides[0], sides[1]) if self.axes == 2 else (channels, 1, sides[0])

    def shape_of(self, image: Image) -> Shape:
        """Return the shape of an image, or of the signal that it stands for."""
        return image if self.axes == 2 else (image[0], image[2])

    def images(self) -> tuple[Image, Image]:
        """Return channels, height and width of the input and of the output."""
        return self.image_of(self.input_shape), self.image_of(self.output_shape)
