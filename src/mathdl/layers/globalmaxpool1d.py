"""The global max pooling layer of signals."""

from __future__ import annotations

from mathdl.layers.max_pooling import MaxPooling
from mathdl.layers.pooling import GlobalPooling


class GlobalMaxPool1D(MaxPooling, GlobalPooling):
    """The largest number of each channel: signals become vectors of length ``channels``.

    At a tie the gradient goes to the first of the largest numbers.

    Raises
    ------
    InputError
        If the input is no signal.

    Examples
    --------
    >>> from mathdl import GlobalMaxPool1D, Network
    >>> Network([GlobalMaxPool1D()], input_shape=(3, 8)).output_shape
    (3,)
    """

    axes = 1
