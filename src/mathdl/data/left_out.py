"""Columns that are left out, since nothing can be learned from them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.data.category_encoder import counted_texts, min_rows
from mathdl.data.column import Column, Kind
from mathdl.data.gaps import INDICATOR_ROWS

# Chosen: in a table of more rows, texts that are different in nine of ten rows are names or sentences, and whole
# numbers that count the rows are no measurement.
SMALL_TABLE, NEARLY_ALL = 20, 0.9
COUNTS_ROWS = "counts the rows"


class LeftOut(NamedTuple):
    """A column that is left out, and why, as a clause: "is different in every row"."""

    name: str
    reason: str


def reason_to_leave_out(column: Column, rows: NDArray[np.intp]) -> str:
    """Say why the training rows of a column tell nothing, or nothing."""
    if column.kind is Kind.CATEGORY:
        return _reason_of_texts(column, rows)
    values = column.values[rows]
    missing = values != values
    present = values[~missing]
    if not len(present):
        return "has no value"
    if present.min() == present.max() and missing.sum() < INDICATOR_ROWS:
        return "is the same in every row"
    return COUNTS_ROWS if column.kind is Kind.NUMBER and _counts_rows(column.values) else ""


def _reason_of_texts(column: Column, rows: NDArray[np.intp]) -> str:
    """Say why texts tell nothing."""
    texts, counts = counted_texts(column, rows)
    if not len(texts):
        return "has no value"
    present, least = int(counts.sum()), min_rows(len(rows))
    if len(texts) == 1 and len(rows) - present < least:
        return "is the same in every row"
    if present > SMALL_TABLE and len(texts) >= NEARLY_ALL * present:
        return f"is different in {'' if len(texts) == present else 'nearly '}every row"
    return f"has no text that stands in at least {least} rows" if counts[0] < least else ""


def _counts_rows(values: NDArray[Any]) -> bool:
    """Whether numbers go up by one from row to row, and so are an id."""
    if len(values) <= SMALL_TABLE or float(values[-1]) - float(values[0]) != len(values) - 1:
        return False
    return bool((np.diff(values.astype(np.float64)) == 1).all()) and float(values[0]).is_integer()
