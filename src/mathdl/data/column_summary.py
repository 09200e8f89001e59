"""A column in a few words, for a report: its kind, gaps, examples, and what is done with it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mathdl.data.cleaning import as_text
from mathdl.data.column import Column, DateFormat, Kind

EXAMPLES = 3


class ColumnSummary(NamedTuple):
    """What a user should know of a column; ``examples`` are the first different values."""

    name: str
    kind: Kind
    missing: int
    distinct: int
    examples: tuple[str, ...]
    treatment: str


def summary_of_column(column: Column, treatment: str) -> ColumnSummary:
    """Look through a column."""
    import pandas as pd

    missing = column.missing
    found = np.asarray(pd.unique(column.values[~missing]))
    examples = found[:EXAMPLES]
    if column.kind is Kind.DATE:
        has_time = isinstance(column.format, DateFormat) and column.format.has_time
        texts = [str(value).replace("T", " ") for value in examples.astype("M8[s]" if has_time else "M8[D]")]
    else:
        texts = [_short(value) for value in examples.tolist()]
    return ColumnSummary(column.name, column.kind, int(missing.sum()), len(found), tuple(texts), treatment)


def _short(value: object) -> str:
    """Write a value with no more digits than a reader takes in."""
    return as_text(value) if not isinstance(value, float) or value.is_integer() else f"{value:.6g}"
