"""The average pooling layer."""

from __future__ import annotations

from mathdl.layers.average_pooling import AveragePooling
from mathdl.layers.pooling import Pooling


class AveragePool2D(AveragePooling, Pooling):
    """Average pooling: each block of entries is replaced by its mean.

    Parameters
    ----------
    size : int or two ints
        Side of a block, or its rows and columns.
    stride : int or two ints, optional
        How far apart the blocks begin, down and across; by default ``size``, so that they lie side by side. They
        overlap where it is smaller.
    remainder : {"error", "drop"}, default "error"
        What to do where the blocks do not end at the last row and column: refuse, or leave out the last ones.

    Raises
    ------
    InputError
        If a number is no whole one of at least 1, a block is larger than the image, or (with ``"error"``) rows or
        columns are left over.

    Examples
    --------
    >>> from mathdl import AveragePool2D, Network
    >>> Network([AveragePool2D(2)], input_shape=(3, 8, 6)).output_shape
    (3, 4, 3)
    >>> Network([AveragePool2D(3, stride=(1, 2))], input_shape=(3, 8, 7)).output_shape
    (3, 6, 3)
    """

    axes = 2
