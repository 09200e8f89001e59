"""Columns that are no features: of one value, of no value, or different in every row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.data.column import Column, Kind
from mathdl.data.encoding import MIN_GAPS

# Chosen: a text column is a list of names where so many rows, and this share of them, hold a text of their own.
MIN_NAMES, SHARE_OF_NAMES = 10, 0.9
MIN_COUNTED = 10  # chosen: rows that are numbered one after the other from 0 or 1


class LeftOut(NamedTuple):
    """A column that is not learned from, and why: a clause that goes on after its name."""

    name: str
    reason: str


def columns_left_out(columns: Mapping[str, Column], rows: NDArray[np.intp] | None = None) -> list[LeftOut]:
    """Return the columns that are no features by what the training rows hold; ``rows`` of None are all.

    A column that numbers the rows is left out only where others remain.
    """
    found, counting = [], []
    for name, column in columns.items():
        if reason := _reason(column if rows is None else column.take(rows)):
            found.append(LeftOut(name, reason))
        elif _counts_rows(column):
            counting.append(LeftOut(name, "numbers the rows"))
    return found + (counting if len(found) + len(counting) < len(columns) else [])


def _reason(column: Column) -> str:
    """Say why a column tells nothing, or nothing where it does."""
    import pandas as pd

    values = pd.Series(column.values)
    present = int(values.count())
    if not present:
        return "is missing in every row"
    distinct = values.nunique()
    if distinct == 1 and len(column) - present < MIN_GAPS and len(column) > 1:
        where = "in every row" if present == len(column) else "in every row that has a value"
        return f"is {_short(values.dropna().iloc[0])} {where}"
    if column.kind is Kind.CATEGORY and present >= MIN_NAMES and distinct >= SHARE_OF_NAMES * present:
        return "is different in every row" if distinct == present else "is different in nearly every row"
    named = re.search(r"(?i:(?:^|[ _.-])(?:id|uuid|guid)$)|[a-z]I[dD]$", column.name)
    if column.kind is Kind.NUMBER and named and present >= MIN_NAMES and distinct == present:
        return "is different in every row" if bool((values.dropna() % 1 == 0).all()) else ""
    return ""


def _counts_rows(column: Column) -> bool:
    """Tell whether a column numbers the rows of the file from 0 or 1 on."""
    values = column.values
    if column.kind is not Kind.NUMBER or len(values) < MIN_COUNTED or values[0] not in (0, 1):
        return False
    return bool((np.diff(values.astype(np.float64)) == 1).all())


def _short(value: object) -> str:
    """Write the one value of a column."""
    text = repr(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, int | float) else str(value)
    return text if len(text) <= 40 else text[:39] + "\N{HORIZONTAL ELLIPSIS}"
