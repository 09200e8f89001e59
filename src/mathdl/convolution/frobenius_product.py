"""The scalar product of two arrays, which the book calls the Hadamard product (Definition 10.1.4)."""

from __future__ import annotations

from typing import Any

from mathdl.convolution.arrays import checked_array
from mathdl.convolution.convolve import convolve
from mathdl.errors import InputError


def frobenius_product(A: Any, B: Any) -> Any:
    """Return the sum of a[i, j] b[i, j] over all entries of two arrays of one shape.

    It is the scalar product of the two, written as vectors. The book calls it the Hadamard product, which elsewhere
    means the array of the products.

    Parameters
    ----------
    A, B : array-like of one shape, of rank 1 to 3
        Whole numbers and Fractions are reckoned with exactly.

    Returns
    -------
    int, Fraction or float

    Raises
    ------
    InputError
        If the shapes differ, something is no finite real number, or the sum is beyond floats.

    Examples
    --------
    >>> from mathdl import frobenius_product
    >>> frobenius_product([[1, 2], [3, 4]], [[5, 6], [7, 8]])
    70
    """
    first, second = checked_array("A", A), checked_array("B", B)
    if first.shape != second.shape:
        raise InputError(f"A has shape {first.shape} and B has shape {second.shape}; give arrays of one shape.")
    return convolve(first, second).item()
