"""Arrays of numbers as they are given: whole numbers, fractions or floats."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import NOT_NUMBERS, require_numbers
from mathdl.errors import InputError

Array = NDArray[Any]
MAX_RANK = 3  # audio, pictures, video


def checked_array(name: str, values: Any) -> Array:
    """Return whole numbers or fractions as objects of Python, floats as float32 or float64.

    Raises InputError where there is no number, or something else.
    """
    array = np.asarray(require_numbers(name, values))
    if array.dtype == object:
        kinds = {type(value) for value in array.flat}
        if any(issubclass(kind, NOT_NUMBERS) or not issubclass(kind, _NUMBERS) for kind in kinds):
            raise InputError(f"{name} holds something that is no real number; give numbers or fractions.")
        if any(issubclass(kind, float | np.floating) for kind in kinds):
            array = _rounded(name, array)
    if array.dtype.kind not in "biufO":
        raise InputError(f"{name} is of type {array.dtype}; give real numbers.")
    if not 1 <= array.ndim <= MAX_RANK or not array.size:
        raise InputError(f"{name} has shape {array.shape}; give an array of rank 1 to {MAX_RANK} with some numbers.")
    if array.dtype.kind == "f":
        single = array.dtype.itemsize <= 4
        with np.errstate(over="ignore"):
            return array.astype(np.float32 if single else np.float64, copy=False)
    return array


def is_exact(array: Array) -> bool:
    """Tell whether an array holds whole numbers or fractions."""
    return array.dtype.kind != "f"


def as_floats(name: str, array: Array) -> Array:
    """Return the nearest floats of float64; raise InputError where one is not finite."""
    values = _rounded(name, array) if array.dtype == object else array.astype(np.float64)
    if not np.isfinite(values).all():
        raise InputError(f"{name} holds a number that is NaN or infinite; give finite numbers.")
    return values


def _rounded(name: str, array: Array) -> Array:
    """Return objects as float64."""
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise InputError(f"{name} holds a number beyond all floats; scale the numbers.") from None


_NUMBERS = int | float | Fraction | np.integer | np.floating
