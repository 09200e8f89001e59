"""Checks of finite point sets that are given."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import NOT_NUMBERS, require_unmasked, shortened
from mathdl.errors import InputError

Vector = tuple[Fraction, ...]


def checked_points(name: str, points: Any) -> NDArray[np.float64]:
    """Return points as float64, one a row; raise InputError where they are none, or float64 cannot hold a number."""
    require_unmasked(name, points)
    try:
        given = points.toarray() if hasattr(points, "toarray") else np.asarray(points)
        if given.dtype.kind not in "biufO":
            raise TypeError
        with np.errstate(over="ignore"):
            values = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} is no table of numbers; give a list of points of equal length.") from None
    if values.ndim != 2 or 0 in values.shape:
        raise InputError(
            f"{name} has shape {values.shape}; give at least one point, one a row, of at least one number."
        )
    if not np.isfinite(values).all():
        raise InputError(f"{name} holds a number that is NaN or infinite; leave that point out.")
    if (given.dtype.kind in "iuO" or given.dtype.itemsize > 8) and any(
        a != b for a, b in zip(given.ravel().tolist(), values.ravel().tolist(), strict=True)
    ):
        raise InputError(
            f"{name} holds a number that is not a binary floating-point number, such as 1/3; multiply all points by a "
            "common denominator."
        )
    return values


def fractions(values: Any) -> NDArray[Any]:
    """Return numbers as fractions, exactly, in an array of objects."""
    array = np.asarray(values)
    exact = np.empty(array.shape, dtype=object)
    exact.ravel()[:] = [Fraction(value) for value in array.ravel().tolist()]
    return exact


def exact_point(name: str, values: Any) -> Vector:
    """Return a point's numbers as fractions, exactly; raise InputError where they are no finite real numbers."""
    require_unmasked(name, values)
    try:
        given = np.asarray(values)
        if given.ndim != 1 or not given.size or given.dtype.kind not in "iufO":
            raise TypeError
        if any(isinstance(value, NOT_NUMBERS | str) for value in given.tolist()):
            raise TypeError
        return tuple(fractions(given).tolist())
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} is {shortened(values)}; give a list of finite numbers.") from None


def exact_number(name: str, value: Any) -> Fraction:
    """Return a number as a fraction, exactly; raise InputError where it is no finite real number."""
    try:
        return exact_point(name, [value])[0]
    except InputError:
        raise InputError(f"{name} is {shortened(value)}; give a finite number.") from None


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Return a.b."""
    return sum(map(mul, a, b), Fraction(0))
