"""Numbers as features: standardised, gaps filled with the median."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from mathdl.data.column import Column, ColumnPlan, Kind, NumberFormat
from mathdl.data.encoding import (
    MIN_GAPS,
    Block,
    counted,
    finite,
    mean_and_scale,
    missing_feature,
    positive,
    truth,
)


@dataclass(frozen=True)
class NumberEncoder:
    """The mean is subtracted, and the rest divided by the scale; a gap counts as the median.

    ``indicates`` says whether one more feature is 1 where the value is missing, and ``had_gaps`` whether any was in
    training.
    """

    kind: ClassVar[Kind] = Kind.NUMBER

    name: str
    mean: float
    scale: float
    median: float
    indicates: bool = False
    had_gaps: bool = False
    format: NumberFormat = field(default_factory=NumberFormat)

    @classmethod
    def fit(cls, column: Column) -> Self:
        """Learn from a column with at least one value."""
        missing = column.missing
        values = column.values[~missing] if missing.any() else column.values
        gaps = len(column) - len(values)
        format = column.format if isinstance(column.format, NumberFormat) else NumberFormat()
        with np.errstate(over="ignore"):  # the mean of two huge middle values
            median = float(np.median(values))
        median = median if np.isfinite(median) else float(values[0])
        return cls(column.name, *mean_and_scale(values), median, gaps >= MIN_GAPS, gaps > 0, format)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The number, called as the column, and perhaps that it is missing."""
        return (self.name, missing_feature(self.name)) if self.indicates else (self.name,)

    @property
    def plan(self) -> ColumnPlan:
        """How the column is to be read."""
        return ColumnPlan(self.kind, self.format)

    @property
    def treatment(self) -> str:
        """What is done, in words."""
        filled = ", gaps: the median" if self.had_gaps else ""
        return f"standardised{filled}{' and an indicator' if self.indicates else ''}"

    def encode(self, column: Column) -> Block:
        """Return the standardised numbers."""
        missing = column.missing
        values: NDArray[np.float64] = column.values.astype(np.float64)
        gaps = int(missing.sum())
        if gaps:
            values[missing] = self.median
        with np.errstate(over="ignore"):  # what overflows is refused with its row
            standardised = (values - self.mean) / self.scale
        features = np.column_stack([standardised, missing]) if self.indicates else standardised[:, None]
        noted = gaps and not self.had_gaps
        notes = (f"{counted(gaps, 'gap', 'gaps')} in {self.name!r} filled with the median",) if noted else ()
        return Block(features, notes)

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        written = {"decimal": self.format.decimal, "thousands": self.format.thousands, "unit": self.format.unit}
        learned = {"mean": self.mean, "scale": self.scale, "median": self.median}
        gaps = {"indicates": self.indicates, "had_gaps": self.had_gaps}
        return {"name": self.name, "kind": str(self.kind), **learned, **gaps, "format": written}

    @classmethod
    def from_dict(cls, record: Any) -> Self:
        """Rebuild it; raise an error of a damaged record where it is not sound."""
        written = record["format"]
        format = NumberFormat(*(str(written[name]) for name in ("decimal", "thousands", "unit")))
        learned = finite(record, "mean"), positive(record, "scale"), finite(record, "median")
        return cls(str(record["name"]), *learned, truth(record, "indicates"), truth(record, "had_gaps"), format)
