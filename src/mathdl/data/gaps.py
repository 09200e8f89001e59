"""Gaps in a column that is encoded: what fills them, and when they become a feature."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import row_name
from mathdl.errors import InputError

Missing = Literal["impute", "drop", "error"]
MISSING: tuple[str, ...] = get_args(Missing)
INDICATOR_ROWS = 5  # chosen: in fewer training rows a gap is an accident that nothing can be learned from


def gap_name(column: str) -> str:
    """Return the name of the feature that is 1 where a column has a gap."""
    return f"{column} is missing"


def gap_note(column: str, gaps: NDArray[np.bool_], filled: str, *, known: bool, strict: bool) -> tuple[str, ...]:
    """Say how many gaps were filled where training had none; refuse them where that is wanted."""
    if known or not gaps.any():
        return ()
    if strict:
        raise InputError(
            f"Column {column!r} has no value in {row_name(int(np.argmax(gaps)))}, and training had no gap there; "
            "fill it in or remove the row."
        )
    count = int(gaps.sum())
    values = f"{count:,} missing value{'s' if count > 1 else ''}"
    return (f"{column!r}: {values}, filled with {filled}, since training had none",)


def counted(record: dict[str, Any], name: str) -> int:
    """Return a count of a record, which may be damaged."""
    count = record[name]
    if type(count) is not int or count < 0:
        raise ValueError
    return count


def truth(record: dict[str, Any], name: str) -> bool:
    """Return a truth value of a record, which may be damaged."""
    value = record[name]
    if type(value) is not bool:
        raise ValueError
    return value
