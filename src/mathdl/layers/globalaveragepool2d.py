"""The global average pooling layer."""

from __future__ import annotations

from mathdl.layers.average_pooling import AveragePooling
from mathdl.layers.pooling import GlobalPooling


class GlobalAveragePool2D(AveragePooling, GlobalPooling):
    """The mean of each channel: images become vectors of length ``channels``.

    Raises
    ------
    InputError
        If the input is no image.

    Examples
    --------
    >>> from mathdl import GlobalAveragePool2D, Network
    >>> Network([GlobalAveragePool2D()], input_shape=(3, 8, 6)).output_shape
    (3,)
    """

    axes = 2
