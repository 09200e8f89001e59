"""Sets of images."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl.data.image_set import ImageSet
from mathdl.errors import InputError


def test_length_and_parts() -> None:
    test = ImageSet(np.zeros((1, 1, 2, 2), np.uint8), np.array([0]), "test")
    images = ImageSet(np.zeros((3, 1, 2, 2), np.uint8), np.array([0, 1, 0]), "all", test=test)
    assert len(images) == 3
    assert images.files is None


@pytest.mark.parametrize(
    ("shape", "dtype", "labels", "message"),
    [
        ((2, 1, 4, 4), np.float32, 2, "type float32"),
        ((2, 4, 4), np.uint8, 2, r"shape \(2, 4, 4\)"),
        ((0, 1, 4, 4), np.uint8, 0, "holds no images"),
        ((2, 1, 0, 4), np.uint8, 2, "holds no images"),
        ((2, 1, 4, 4), np.uint8, 3, r"2 images and labels of shape \(3,\)"),
    ],
)
def test_bad_arrays(shape: tuple[int, ...], dtype: type, labels: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ImageSet(np.zeros(shape, dtype), np.zeros(labels, np.int64), "set")


def test_test_part_of_another_size() -> None:
    test = ImageSet(np.zeros((1, 1, 3, 2), np.uint8), np.array([0]), "test")
    with pytest.raises(InputError, match=r"test images of set have shape \(1, 3, 2\)"):
        ImageSet(np.zeros((1, 1, 2, 2), np.uint8), np.array([0]), "set", test=test)
