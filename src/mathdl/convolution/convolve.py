"""The convolution of two arrays (Definition 10.1.3, Remarks 10.1.4 and 10.1.5)."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from mathdl.checks import require_truth_value
from mathdl.convolution.arrays import Array, checked_array, is_exact
from mathdl.errors import InputError
from mathdl.exact.whole_numbers import over_one_denominator

FEW_PRODUCTS = 2**16  # chosen: up to so many, NumPy is done before compiled code is loaded
EXACT_FLOATS, MAX_INTEGER = 2**53, 2**63 - 1


def convolve(K: Any, A: Any, *, flip: bool = False) -> Array:
    """Return K * A, the sums of products of a kernel and every part of an array that has its size.

    In the book's order the kernel is taken as it stands, as in convolutional layers: for matrices, entry (i, j) is
    the sum of k[n, m] a[i + n, j + m] over n and m (Definition 10.1.3). Elsewhere this is called cross-correlation.

    Parameters
    ----------
    K, A : array-like of one rank, 1 to 3
        The kernel and what it slides over: for example sound, a picture, a video. Whole numbers and Fractions are
        reckoned with exactly.
    flip : bool, default False
        Whether the kernel is turned round in every direction first: the true convolution, with the sum of
        k[n, m] a[i - n, j - m].

    Returns
    -------
    ndarray, with N - D + 1 entries along an axis where A has N and K has D
        Of int64 for whole numbers (of Python's where they may be larger), of objects where there are Fractions, and of
        floats where there are floats: float32 if all of them have that precision, else float64.

    Raises
    ------
    InputError
        If the ranks differ or are not 1 to 3, the kernel is larger than the array, something is no finite real number,
        or the sums are beyond floats.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from mathdl import convolve
    >>> convolve([[-1, 1], [-1, 1]], [[0, 0, 1, 1]] * 3)
    array([[0, 2, 0],
           [0, 2, 0]])
    >>> convolve([1, 2], [1, 10, 100]), convolve([1, 2], [1, 10, 100], flip=True)
    (array([ 21, 210]), array([ 12, 120]))
    >>> convolve([Fraction(1, 3)] * 3, [1, 1, 2, 3]).tolist()
    [Fraction(4, 3), Fraction(2, 1)]
    """
    kernel, array = checked_array("K", K), checked_array("A", A)
    require_truth_value("flip", flip)
    if kernel.ndim != array.ndim:
        raise InputError(
            f"K has rank {kernel.ndim} and A has rank {array.ndim}; give arrays of one rank, such as two matrices."
        )
    if any(side > length for side, length in zip(kernel.shape, array.shape, strict=True)):
        inner, outer = (" x ".join(map(str, shape)) for shape in (kernel.shape, array.shape))
        raise InputError(f"K of {inner} does not fit into A of {outer}; give a smaller kernel, or pad A.")
    if flip:
        kernel = np.flip(kernel)
    if is_exact(kernel) and is_exact(array):
        return _exact(kernel, array)
    dtype = np.result_type(*(one.dtype for one in (kernel, array) if not is_exact(one)))
    with np.errstate(over="ignore", invalid="ignore"):
        sums = _floats(*(_as_floats(one, dtype) for one in (kernel, array)))
        if not np.isfinite(sums.sum()) and not np.isfinite(sums).all():
            raise InputError("K or A holds a number that is not finite or too large for sums of products; scale them.")
    return sums


def _as_floats(array: Array, dtype: Any) -> Array:
    """Return an array as floats of a precision; infinite where they are too large."""
    try:
        return array.astype(dtype, copy=False)
    except OverflowError:
        return np.full(array.shape, np.inf, dtype)


def _exact(kernel: Array, array: Array) -> Array:
    """Convolve whole numbers or fractions."""
    if not any(isinstance(value, Fraction) for one in (kernel, array) if one.dtype == object for value in one.flat):
        return _whole(kernel, array)
    (k, below_k), (a, below_a) = over_one_denominator(_plain(kernel)), over_one_denominator(_plain(array))
    sums = _whole(*(np.array(v, object).reshape(one.shape) for v, one in ((k, kernel), (a, array))))
    exact = np.empty(sums.shape, object)
    exact.ravel()[:] = [Fraction(value, below_k * below_a) for value in sums.ravel().tolist()]
    return exact


def _plain(array: Array) -> list[Any]:
    """Return the numbers in Python's own kinds."""
    return [value.item() if isinstance(value, np.generic) else value for value in array.ravel().tolist()]


def _whole(kernel: Array, array: Array) -> Array:
    """Convolve whole numbers: as floats where these are exact, as Python's where int64 might be too small."""
    largest = max(abs(int(array.max())), abs(int(array.min())))
    bound = largest * sum(map(abs, map(int, kernel.flat)))
    if max(bound, largest) <= EXACT_FLOATS and _products(kernel, array) > FEW_PRODUCTS:
        return _floats(kernel.astype(np.float64), array.astype(np.float64)).astype(np.int64)
    if max(bound, largest) <= MAX_INTEGER:
        return _by_shifts(kernel.astype(np.int64), array.astype(np.int64))
    whole = [np.array([int(value) for value in one.flat], object).reshape(one.shape) for one in (kernel, array)]
    return _by_shifts(*whole)


def _floats(kernel: Array, array: Array) -> Array:
    """Convolve floats, in compiled code where there are many products."""
    if _products(kernel, array) <= FEW_PRODUCTS:
        return _by_shifts(kernel, array)
    from mathdl.kernels.correlate import correlate

    sides, shape = ((1,) * (3 - one.ndim) + one.shape for one in (kernel, array))
    sums = np.empty(_shape(kernel, array), array.dtype)
    sizes = np.array([*shape, *sides], np.int64)
    correlate(np.ascontiguousarray(kernel).ravel(), np.ascontiguousarray(array).ravel(), sums.ravel(), sizes)
    return sums


def _by_shifts(kernel: Array, array: Array) -> Array:
    """Add up the array, shifted by each place of the kernel, times the number there; or place by place, if fewer."""
    sums = np.zeros(_shape(kernel, array), array.dtype)
    if sums.size < kernel.size:
        for place in np.ndindex(sums.shape):
            sums[place] = (kernel * array[_part(place, kernel.shape)]).sum()
        return sums
    for place in np.ndindex(kernel.shape):
        if weight := kernel[place]:
            sums += weight * array[_part(place, sums.shape)]
    return sums


def _part(corner: tuple[int, ...], shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Return where a part of this shape lies."""
    return tuple(slice(start, start + length) for start, length in zip(corner, shape, strict=True))


def _shape(kernel: Array, array: Array) -> tuple[int, ...]:
    """Return the shape of the convolution."""
    return tuple(n - d + 1 for n, d in zip(array.shape, kernel.shape, strict=True))


def _products(kernel: Array, array: Array) -> int:
    """Count the products."""
    return kernel.size * prod(_shape(kernel, array))
