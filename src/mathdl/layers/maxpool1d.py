"""The max pooling layer of signals."""

from __future__ import annotations

from mathdl.layers.max_pooling import MaxPooling
from mathdl.layers.pooling import Pooling


class MaxPool1D(MaxPooling, Pooling):
    """Max pooling of signals: each block of numbers is replaced by its largest (Definition 10.4.2).

    At a tie the gradient goes to the first of the largest numbers.

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
    >>> from mathdl import MaxPool1D, Network
    >>> Network([MaxPool1D(2)], input_shape=(3, 8)).output_shape
    (3, 4)
    """

    axes = 1
