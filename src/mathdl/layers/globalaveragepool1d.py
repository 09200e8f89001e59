"""The global average pooling layer of signals."""

from __future__ import annotations

from mathdl.layers.average_pooling import AveragePooling
from mathdl.layers.pooling import GlobalPooling


class GlobalAveragePool1D(AveragePooling, GlobalPooling):
    """The mean of each channel: signals become vectors of length ``channels``.

    Raises
    ------
    InputError
        If the input is no signal.

    Examples
    --------
    >>> from mathdl import GlobalAveragePool1D, Network
    >>> Network([GlobalAveragePool1D()], input_shape=(3, 8)).output_shape
    (3,)
    """

    axes = 1
