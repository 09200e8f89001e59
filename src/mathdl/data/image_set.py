"""A set of labelled images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images of one size with a label each.

    Parameters
    ----------
    images
        The images, uint8 of shape (N, channels, height, width).
    labels
        One label per image: class names or numbers, shape (N,).
    name
        What the set is called in reports.
    test
        The test part, where the set comes with one.
    files
        The file each image was read from, where there is one.

    Raises
    ------
    InputError
        If the set is empty, or an array has another type or shape than described.

    Examples
    --------
    >>> len(ImageSet(np.zeros((2, 1, 8, 8), np.uint8), np.array(["a", "b"]), "letters"))
    2
    """

    images: NDArray[np.uint8]
    labels: NDArray[Any]
    name: str
    test: ImageSet | None = None
    files: tuple[str, ...] | None = None

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
