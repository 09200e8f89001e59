"""The global max pooling layer."""

from __future__ import annotations

from mathdl.layers.max_pooling import MaxPooling
from mathdl.layers.pooling import GlobalPooling


class GlobalMaxPool2D(MaxPooling, GlobalPooling):
    """The largest entry of each channel (Definition 10.4.1): images become vectors of length ``channels``.

    At a tie the gradient goes to the first of the largest entries, row by row.

    Raises
    ------
    InputError
        If the input is no image.

    Examples
    --------
    >>> from mathdl import GlobalMaxPool2D, Network
    >>> Network([GlobalMaxPool2D()], input_shape=(3, 8, 6)).output_shape
    (3,)
    """

    axes = 2
