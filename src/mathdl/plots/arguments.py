"""Checks of what the plots are given: each raises InputError in one sentence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import shortened
from mathdl.errors import InputError


def numbers(name: str, values: Any) -> NDArray[np.float64]:
    """Return numbers as float64; None becomes NaN."""
    array = _array(name, values)
    try:
        if array.dtype.kind in "cMm":
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} holds something that is no real number; give an array of numbers.") from None


def vector(name: str, values: Any) -> NDArray[Any]:
    """Return an array of one axis, such as labels."""
    array = _array(name, values)
    if array.ndim != 1 or array.dtype.kind == "V":
        raise InputError(f"{name} has shape {array.shape} and type {array.dtype}; give one value for each object.")
    return array


def increasing(name: str, values: Any) -> NDArray[np.float64]:
    """Return finite numbers each of which is larger than the one before."""
    array = numbers(name, values)
    if array.ndim != 1 or not len(array) or not np.isfinite(array).all() or (np.diff(array) <= 0).any():
        raise InputError(f"{name} is {shortened(values)}; give finite numbers in increasing order.")
    return array


def names(name: str, values: Any, count: int | None = None) -> list[object]:
    """Return a list of what things are called, of a given length."""
    try:
        found = list(values)
    except TypeError:
        raise InputError(f"{name} is {shortened(values)}; give a sequence of names.") from None
    if count is not None and len(found) != count:
        raise InputError(f"{name} holds {len(found)} names; give {count}.")
    return found


def require_attributes(name: str, value: object, attributes: Collection[str], what: str) -> None:
    """Refuse what does not have some attributes."""
    if not all(hasattr(value, attribute) for attribute in attributes):
        raise InputError(f"{name} is {shortened(value)}; give {what}.")


def _array(name: str, values: Any) -> NDArray[Any]:
    """Return an array of whatever was given."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError):
        raise InputError(f"{name} is no array: its rows differ in length; give rows of one length.") from None
