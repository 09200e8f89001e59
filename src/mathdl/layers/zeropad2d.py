"""The padding layer of images."""

from __future__ import annotations

from mathdl.layers.padding import Padding


class ZeroPad2D(Padding):
    """A padding layer: rows and columns of zeros, or of another number, around each image (Definition 10.3.1).

    Parameters
    ----------
    size : int or four ints
        How many rows and columns to add on every side, or (top, bottom, left, right); at least 0.
    value : float, default 0
        What they hold.

    Raises
    ------
    InputError
        If a size is no whole number of at least 0, the value is not finite, or the input is no image.

    Examples
    --------
    >>> from mathdl import Network, ZeroPad2D
    >>> Network([ZeroPad2D(2)], input_shape=(1, 8, 8)).output_shape
    (1, 12, 12)
    >>> Network([ZeroPad2D((0, 1, 0, 0), value=7)], input_shape=(1, 1, 2))([[[[1, 2]]]])
    array([[[[1., 2.],
             [7., 7.]]]], dtype=float32)
    """

    axes = 2
