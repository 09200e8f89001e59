"""Checks of the objects that are given to a network, with advice that is right when followed."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import reals, require_unmasked
from mathdl.data.mapped_arrays import as_type, is_memory_mapped
from mathdl.errors import InputError

Array = NDArray[Any]
CHECKED_ROWS = 4096  # objects checked at a time, so that the check needs little memory


def checked_inputs(X: Any, shape: tuple[int, ...], dtype: str) -> Array:
    """Return objects as a contiguous array of ``dtype``, or of bytes; raise InputError where they do not fit."""
    require_unmasked("X", X)
    try:
        given = np.asarray(X)
        if is_memory_mapped(given) and given.dtype.kind in "biuf" and given.dtype != np.uint8:
            given = as_type(given, dtype)
        values = given if given.dtype == np.uint8 else reals(given, dtype)
    except (TypeError, ValueError):
        raise InputError("X holds something that is no number; give an array of numbers.") from None
    if values.ndim == 0 or values.shape[1:] != shape:
        lengths = ", ".join(map(str, shape))
        raise InputError(
            f"X has shape {given.shape}, but the network takes (N, {lengths}); {shape_advice(given.shape, shape)}."
        )
    if values.dtype != np.uint8:
        for start in range(0, len(values), CHECKED_ROWS):
            finite = np.isfinite(values[start : start + CHECKED_ROWS])
            if not finite.all():
                row, *rest = (int(i) for i in np.unravel_index(int(np.argmin(finite)), finite.shape))
                index = (start + row, *rest)
                raise InputError(
                    f"X[{', '.join(map(str, index))}] is {given[index]}; every number must be finite as {dtype}."
                )
    return np.ascontiguousarray(values)


def shape_advice(given: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """Say how an array of objects becomes one of the shape that the network takes, or that it cannot."""
    if given == shape:
        return "for a single object give X[None]"
    if len(shape) == 3:
        channels, height, width = shape
        if given[1:] == (height, width, channels):
            return "the channels come first: give X.transpose(0, 3, 1, 2)"
        if channels == 1 and given[1:] == (height, width):
            return "give X[:, None]"
        if channels == 1 and given == (height, width):
            return "for a single object give X[None, None]"
    if len(shape) == 2:
        channels, length = shape
        if given[1:] == (length, channels):
            return "the channels come first: give X.transpose(0, 2, 1)"
    if len(given) > 1 and prod(given[1:]) == prod(shape):
        return f"give X.reshape(-1, {', '.join(map(str, shape))})"
    if len(given) == 1 and shape == (1,):
        return "give X[:, None]"
    count = prod(given[1:])
    numbers = f"{count:,} number{'' if count == 1 else 's'}"
    return (
        f"an object of X has {numbers} where the network takes {prod(shape):,}, so give other data or another network"
    )
