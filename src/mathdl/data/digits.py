"""The 1,797 handwritten digits of 8 by 8 pixels that scikit-learn ships."""

from __future__ import annotations

import numpy as np

from mathdl.data.image_set import ImageSet

BRIGHTEST = 16  # the largest value of a pixel in scikit-learn's file


def read_digits() -> ImageSet:
    """Read scikit-learn's digits, their brightness stretched from 0..16 to 0..255."""
    from sklearn.datasets import load_digits  # with scikit-learn, which takes a second to import

    digits = load_digits()
    images = np.rint(digits.images * (255 / BRIGHTEST)).astype(np.uint8)
    return ImageSet(images[:, None], digits.target.astype(np.int64), "digits")
