"""Numbers as features: gaps filled with the median, then standardised."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import row_name
from mathdl.data.column import Column, ColumnPlan, Kind, NumberFormat
from mathdl.data.gaps import INDICATOR_ROWS, counted, gap_name, gap_note, truth
from mathdl.errors import InputError


@dataclass(frozen=True)
class NumberEncoder:
    """A column of numbers, standardised: the mean is subtracted, and the rest divided by the scale.

    A gap is filled with the median of the training rows. Where ``indicator`` is set, a second feature is 1 there, and 0
    elsewhere. ``gaps`` counts those of the training rows.
    """

    name: str
    mean: float
    scale: float
    median: float
    gaps: int = 0
    indicator: bool = False
    format: NumberFormat = field(default_factory=NumberFormat)

    @classmethod
    def fit(cls, column: Column, rows: NDArray[np.intp]) -> NumberEncoder:
        """Learn from the rows of a column, of which one at least has a value."""
        values = column.values[rows].astype(np.float64)
        present = values[~np.isnan(values)]
        gaps = len(values) - len(present)
        mean, scale = mean_and_scale(present)
        format = column.format if isinstance(column.format, NumberFormat) else NumberFormat()
        return cls(column.name, mean, scale, _median(present), gaps, gaps >= INDICATOR_ROWS, format)

    @property
    def plan(self) -> ColumnPlan:
        """How a column of this name is to be read."""
        return ColumnPlan(Kind.NUMBER, self.format)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The feature called as the column, and perhaps its indicator."""
        return (self.name, gap_name(self.name)) if self.indicator else (self.name,)

    @property
    def treatment(self) -> str:
        """What is done with the column, in a few words."""
        filled = "median and an indicator for gaps, " if self.indicator else "median for gaps, " if self.gaps else ""
        return f"{filled}standardised"

    def encode(self, column: Column, features: NDArray[Any], *, strict: bool) -> tuple[str, ...]:
        """Write the features of a column into a matrix of shape (rows, features), and return what is to be noted."""
        values = column.values.astype(np.float64)
        gaps = np.isnan(values)
        values[gaps] = self.median
        with np.errstate(over="ignore"):  # what overflows is refused with its row
            values = (values - self.mean) / self.scale
        large = ~(np.abs(values) <= np.finfo(features.dtype).max)
        if large.any():
            raise InputError(
                f"Column {self.name!r} holds a value too large for {features.dtype} in "
                f"{row_name(int(np.argmax(large)))}, far from anything seen in training; check it."
            )
        features[:, 0] = values
        if self.indicator:
            features[:, 1] = gaps
        return gap_note(self.name, gaps, f"the median {self.median:g}", known=self.gaps > 0, strict=strict)

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        return {"kind": "number", **asdict(self)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> NumberEncoder:
        """Rebuild an encoder; a ValueError, KeyError or TypeError tells that the record is not sound."""
        mean, scale, median = (float(record[name]) for name in ("mean", "scale", "median"))
        if not (math.isfinite(mean) and math.isfinite(scale) and math.isfinite(median) and scale > 0):
            raise ValueError
        marks = {name: str(record["format"][name]) for name in ("decimal", "thousands", "unit")}
        gaps, indicator = counted(record, "gaps"), truth(record, "indicator")
        return cls(str(record["name"]), mean, scale, median, gaps, indicator, NumberFormat(**marks))


def mean_and_scale(values: NDArray[Any]) -> tuple[float, float]:
    """Return the mean and the standard deviation of finite values; the scale is 1 where all are equal."""
    values = values.astype(np.float64)
    if values.min() == values.max():
        return float(values[0]), 1.0
    # Relative to the largest value, so that neither the sum nor the squares overflow.
    largest = float(np.abs(values).max())
    relative = values / largest
    scale = largest * float(relative.std())
    return largest * float(relative.mean()), scale if scale > 0 else 1.0


def _median(values: NDArray[np.float64]) -> float:
    """Return the median, halving first where the sum of the two in the middle overflows."""
    with np.errstate(over="ignore"):
        median = float(np.median(values))
    return median if math.isfinite(median) else 2 * float(np.median(values / 2))
