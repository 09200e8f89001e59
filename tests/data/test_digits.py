"""The digits of scikit-learn."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from mathdl.data.digits import read_digits


def test_agrees_with_scikit_learn() -> None:
    ours, theirs = read_digits(), load_digits()
    np.testing.assert_array_equal(ours.images[:, 0], np.rint(theirs.images * 255 / 16))
    np.testing.assert_array_equal(ours.labels, theirs.target)
    assert ours.images.max() == 255
    assert ours.images.flags.writeable
    assert ours.images.flags.c_contiguous
