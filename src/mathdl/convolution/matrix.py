"""A convolution as a matrix (section 10.2.1): the same weights in every row, each further to the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mathdl.convolution.arrays import Array

Window = tuple[int, int, int]  # along one axis: size, stride, and what is padded before


def convolution_matrix(kernels: Array, lengths: Sequence[int], places: Sequence[int], windows: Sequence[Window]) -> Any:
    """Return the sparse matrix of a convolution of images, channel by channel, row by row.

    ``kernels`` have shape (channels, input channels, rows, columns); lengths, places and windows are those down and
    across.
    """
    from scipy.sparse import coo_array

    channels, inputs = kernels.shape[:2]
    (i, r, y), (j, q, x) = (_pairs(*each) for each in zip(lengths, places, windows, strict=True))
    (height, width), (down, across) = lengths, places
    c, d = np.arange(channels)[:, None, None, None], np.arange(inputs)[:, None, None]
    outputs = (c * down + i[:, None]) * across + j + 0 * d
    entries = (d * height + y[:, None]) * width + x + 0 * c
    weights = kernels[c, d, r[:, None], q]
    shape = channels * down * across, inputs * height * width
    return coo_array((weights.ravel(), (outputs.ravel(), entries.ravel())), shape=shape).tocsr()


def used_taps(length: int, places: int, window: Window) -> tuple[int, int]:
    """Return how many pairs of a place and a tap of the kernel meet the input along an axis, and how many taps."""
    _, taps, _ = _pairs(length, places, window)
    return len(taps), len(np.unique(taps))


def _pairs(length: int, places: int, window: Window) -> tuple[Array, Array, Array]:
    """Return every place, tap and input along an axis that belong together."""
    size, stride, before = window
    place, tap = (each.ravel() for each in np.indices((places, size)))
    met = place * stride + tap - before
    inside = (met >= 0) & (met < length)
    return place[inside], tap[inside], met[inside]
