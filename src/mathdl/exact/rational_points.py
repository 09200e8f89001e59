"""Points given as numbers of any kind that stands for a rational number."""

from __future__ import annotations

from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_unmasked
from mathdl.errors import InputError

Array = NDArray[Any]


def rational_points(name: str, points: Any) -> Array:
    """Return points as fractions in an array of objects, one a row; numbers alone are points of the line.

    Raises InputError unless they are finite real numbers: whole, floating-point (taken as the binary number that each
    is) or fractions.
    """
    require_unmasked(name, points)
    try:
        given = points.toarray() if hasattr(points, "toarray") else np.asarray(points)
        if given.dtype.kind not in "iufO":
            raise TypeError
        exact = np.empty(given.shape, dtype=object)
        exact.ravel()[:] = [_fraction(value) for value in given.ravel().tolist()]
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} holds something that is no finite real number; give a table of numbers.") from None
    if exact.ndim == 1:
        exact = exact[:, None]
    if exact.ndim != 2 or 0 in exact.shape:
        raise InputError(f"{name} has shape {given.shape}; give at least one point, one a row, or numbers.")
    return exact


def _fraction(value: Any) -> Fraction:
    """Return a number as a fraction; raise an error for what is no finite real number."""
    if isinstance(value, bool) or not isinstance(value, Rational | float | np.floating):
        raise TypeError
    return Fraction(value) if isinstance(value, Rational) else Fraction(*value.as_integer_ratio())
