"""The padding layer of signals."""

from __future__ import annotations

from mathdl.layers.padding import Padding


class ZeroPad1D(Padding):
    """A padding layer of signals: zeros, or another number, before and after each of them.

    Parameters
    ----------
    size : int or two ints
        How many numbers to add at both ends, or (before, after); at least 0.
    value : float, default 0
        What they are.

    Raises
    ------
    InputError
        If a size is no whole number of at least 0, the value is not finite, or the input is no signal.

    Examples
    --------
    >>> from mathdl import Network, ZeroPad1D
    >>> Network([ZeroPad1D((2, 0))], input_shape=(1, 8)).output_shape
    (1, 10)
    """

    axes = 1
