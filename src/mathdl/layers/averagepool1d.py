"""The average pooling layer of signals."""

from __future__ import annotations

from mathdl.layers.average_pooling import AveragePooling
from mathdl.layers.pooling import Pooling


class AveragePool1D(AveragePooling, Pooling):
    """Average pooling of signals: each block of numbers is replaced by its mean.

    Parameters
    ----------
    size : int
        Length of a block.
    stride : int, optional
        How far apart the blocks begin; by default ``size``, so that they lie side by side. They overlap where it is
        smaller.
    remainder : {"error", "drop"}, default "error"
        What to do where the blocks do not end at the last number: refuse, or leave out the last ones.

    Raises
    ------
    InputError
        If a number is no whole one of at least 1, a block is longer than the signal, or (with ``"error"``) numbers are
        left over.

    Examples
    --------
    >>> from mathdl import AveragePool1D, Network
    >>> Network([AveragePool1D(2)], input_shape=(3, 8)).output_shape
    (3, 4)
    """

    axes = 1
