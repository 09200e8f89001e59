"""How much each part of an array looks like a kernel (Example 10.1.3, corrected)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.convolution.arrays import Array, as_floats, checked_array
from mathdl.convolution.convolve import convolve
from mathdl.errors import InputError


def cosine_scores(K: Any, A: Any) -> Array:
    """Return the cosine of the angle between a kernel and each part of an array, both written as vectors.

    An entry of :func:`mathdl.convolve` is |K| |part| cos(angle), so that a bright part can exceed one that looks like
    the kernel. The cosine is 1 exactly where the part is a positive multiple of the kernel, and never larger.

    Parameters
    ----------
    K, A : array-like of one rank, 1 to 3
        The kernel, not only of zeros, and what it slides over.

    Returns
    -------
    ndarray of float64, of the shape of ``convolve(K, A)``
        Numbers from -1 to 1; 0 for a part of zeros.

    Raises
    ------
    InputError
        If the kernel holds only zeros, and as for :func:`mathdl.convolve`.

    Examples
    --------
    >>> from mathdl import convolve, cosine_scores
    >>> convolve([1, 2, 1], [1, 2, 1, 9, 9, 9])
    array([ 6, 13, 28, 36])
    >>> cosine_scores([1, 2, 1], [1, 2, 1, 9, 9, 9]).round(2)
    array([1.  , 0.57, 0.9 , 0.94])
    """
    kernel, array = (as_floats(name, checked_array(name, value)) for name, value in (("K", K), ("A", A)))
    if not kernel.any():
        raise InputError("K holds only zeros, which make no angle with anything; give a kernel with another number.")
    kernel, array = _scaled(kernel), _scaled(array)
    lengths = np.sqrt(np.square(kernel).sum() * convolve(np.ones_like(kernel), np.square(array)))
    products = convolve(kernel, array)
    cosines: Array = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return cosines.clip(-1.0, 1.0)


def _scaled(array: Array) -> Array:
    """Return the numbers times a power of two, below 1, so that their squares are no larger."""
    scaled: Array = np.ldexp(array, -int(np.frexp(np.abs(array).max())[1]))
    return scaled
