"""A set of labelled images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.picture_format import PADS, RESIZED
from mathdl.errors import InputError


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images of one size, bytes of shape (N, channels, height, width), with a label each.

    ``name`` is what the set is called in reports; ``test`` is the test part and ``files`` the file that each image was
    read from, where there are any. Images from the place ``validation_from`` on are a validation part that came with
    the data. ``pad`` is the border that pictures of other shapes get, ``resize`` says which of them are resized, and
    ``notes`` what was made of them.
    """

    images: NDArray[np.uint8]
    labels: NDArray[Any]
    name: str
    test: ImageSet | None = None
    files: tuple[str, ...] | None = None
    validation_from: int | None = None
    pad: str = PADS[0]
    resize: str = RESIZED[0]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        images, labels = self.images, self.labels
        if images.dtype != np.uint8 or images.ndim != 4:
            raise InputError(
                f"Images of {self.name} have type {images.dtype} and shape {images.shape}; "
                "give uint8 (0 to 255) of shape (N, channels, height, width)."
            )
        if images.size == 0:
            raise InputError(f"{self.name} holds no images (shape {images.shape}); give at least one.")
        if labels.shape != (len(images),):
            raise InputError(
                f"{self.name} holds {len(images)} images and labels of shape {labels.shape}; give one label per image."
            )
        if self.test is not None and self.test.images.shape[1:] != images.shape[1:]:
            raise InputError(
                f"The test images of {self.name} have shape {self.test.images.shape[1:]}, the training "
                f"images {images.shape[1:]}; make them alike."
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def target(self) -> NDArray[Any]:
        """The labels."""
        return self.labels

    @property
    def target_name(self) -> str:
        """Empty: labels of images have no name."""
        return ""
