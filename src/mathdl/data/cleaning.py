"""Cleaning: a column becomes numbers, booleans or texts without a gap, or an error names the row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.errors import InputError

_MISSING, _NUMBER, _TEXT, _TRUTH, _OTHER = range(5)


def clean_values(what: str, values: ArrayLike, lines: Sequence[int] | None = None) -> NDArray[Any]:
    """Return a column as finite numbers, as booleans or as texts (an object array of str).

    None, NaN and blank text count as missing. Numbers keep their type; those that come as Python objects become
    float64. ``what`` names the column in errors, ``lines`` the line of the file in which each row begins.
    """
    array = np.asarray(values)
    if array.ndim != 1:
        raise InputError(f"{what} has shape {array.shape}; give one value per row, in one axis.")
    if array.dtype.kind in "biu":
        return array
    if array.dtype.kind == "f":
        _require_finite(what, array, lines)
        return array
    if array.dtype.kind in "UTO":
        return _clean_objects(what, array.astype(object), lines)
    raise InputError(f"{what} holds values of type {array.dtype}; turn them into numbers or text first.")


def as_text(value: object) -> str:
    """Write a category as text, so that 3, 3.0 and '3' are the same category."""
    if isinstance(value, str):
        return value
    if isinstance(value, Integral):  # of any length; True is one, too
        return str(value)
    is_number = isinstance(value, Real) and not isinstance(value, np.bool_)
    if is_number and (number := float(value)).is_integer():  # type: ignore[arg-type]
        return str(int(number))
    return str(value)


def utf8_text(text: str) -> str:
    r"""Return a text that UTF-8 can hold: bytes of a file name that are none become escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def row_name(row: int, lines: Sequence[int] | None = None) -> str:
    """Name a row as a user counts: the first is row 1; with its line where it comes from a text file."""
    return f"row {row + 1}" if lines is None else f"row {row + 1} (line {lines[row]} of the file)"


def _clean_objects(what: str, array: NDArray[Any], lines: Sequence[int] | None) -> NDArray[Any]:
    """Clean a column of Python objects."""
    kinds = np.fromiter(map(_kind, array), np.uint8, len(array))
    present = set(np.unique(kinds).tolist())
    if _MISSING in present:
        row = row_name(int(np.argmax(kinds == _MISSING)), lines)
        raise InputError(f"{what} has no value in {row}; fill it in or remove the row.")
    if _OTHER in present:
        first = int(np.argmax(kinds == _OTHER))
        kind = type(array[first]).__name__
        raise InputError(
            f"{what} holds a value of type {kind} in {row_name(first, lines)}; turn it into a number or text."
        )
    if _NUMBER in present and len(present) > 1:
        raise InputError(_mixture(what, array, kinds, lines))
    if present == {_NUMBER}:
        numbers = array.astype(np.float64)
        _require_finite(what, numbers, lines)
        return numbers
    if present == {_TRUTH}:
        return array.astype(np.bool_)
    texts = np.empty(len(array), dtype=object)
    texts[:] = [str(value) for value in array]
    return texts


def _kind(value: object) -> int:
    """Say what a single value is."""
    if isinstance(value, str):
        return _TEXT if value and not value.isspace() else _MISSING
    if isinstance(value, bool | np.bool_):
        return _TRUTH
    if isinstance(value, Real | Decimal):
        return _NUMBER if value == value else _MISSING
    # pandas marks what is missing with these two, which have no truth value to compare by.
    return _MISSING if value is None or type(value).__name__ in ("NAType", "NaTType") else _OTHER


def _mixture(what: str, array: NDArray[Any], kinds: NDArray[np.uint8], lines: Sequence[int] | None) -> str:
    """Say which row first departs from what most rows hold."""
    is_number = kinds == _NUMBER
    numbers_rule = 2 * int(is_number.sum()) >= len(array)
    first = int(np.argmax(is_number != numbers_rule))
    value = repr(array[first]) if isinstance(array[first], str) else as_text(array[first])
    # A number in quotation marks is still a number to a CSV reader; a letter makes it text anywhere.
    rule, repair = ("numbers", "correct it") if numbers_rule else ("text", f"write it as text, as in 'n{value}',")
    return (
        f"{what} mixes numbers and text: {row_name(first, lines)} holds {value} where most rows hold {rule}; "
        f"{repair} or remove the column."
    )


def _require_finite(what: str, numbers: NDArray[Any], lines: Sequence[int] | None) -> None:
    """Refuse NaN and infinite values."""
    bad = ~np.isfinite(numbers)
    if not bad.any():
        return
    first = int(np.argmax(bad))
    if np.isnan(numbers[first]):
        raise InputError(f"{what} has no value (NaN) in {row_name(first, lines)}; fill it in or remove the row.")
    raise InputError(
        f"{what} holds an infinite value in {row_name(first, lines)}; give a finite number or remove the row."
    )
