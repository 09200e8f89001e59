"""A column of a table: values of one kind, where they are missing, and how they stood in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written: decimal mark, mark between thousands, and the unit that stands beside them."""

    decimal: str = "."
    thousands: str = ""
    unit: str = ""  # a currency, a percent sign or a word; stripped, and the number kept as written


@dataclass(frozen=True)
class DateFormat:
    """How dates are written: whether 01/02 is the first of February, and whether a time of day stands beside."""

    day_first: bool = False
    has_time: bool = False


@dataclass(frozen=True, eq=False)
class Column:
    """Values of one kind.

    Those of a number column are integers, or floats with NaN where one is missing; of a category column texts in an
    object array, with None; of a date column datetime64[us] in UTC, with NaT. ``notes`` are clauses that say what a
    user should know of how it was read, such as "decimal comma". ``missing_words`` counts the texts of a category
    column that elsewhere stand for a missing value, as NA does.
    """

    name: str
    kind: Kind
    values: NDArray[Any]
    format: NumberFormat | DateFormat | None = None
    notes: tuple[str, ...] = ()
    missing_words: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where a value is missing."""
        import pandas as pd

        mask: NDArray[np.bool_] = pd.isna(self.values)
        return mask

    @property
    def plan(self) -> ColumnPlan:
        """How another table's column of this name is to be read."""
        return ColumnPlan(self.kind, self.format)

    def take(self, rows: NDArray[np.intp]) -> Column:
        """Return some rows."""
        return replace(self, values=self.values[rows])


class ColumnPlan(NamedTuple):
    """How a column was read in training, so that prediction reads it alike."""

    kind: Kind
    format: NumberFormat | DateFormat | None = None
