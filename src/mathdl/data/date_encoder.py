"""Dates as features: the time itself, and what recurs, such as the weekday, as sine and cosine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from mathdl.data.column import Column, ColumnPlan, DateFormat, Kind
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

Array = NDArray[np.float64]
# What grows, and what recurs with its period.
LINEAR: dict[str, Callable[[Any], Any]] = {
    "time": lambda dates: dates.as_unit("us").asi8 / 86_400_000_000,  # in days
    "year": lambda dates: dates.year,
}
CYCLIC: dict[str, tuple[float, Callable[[Any], Any]]] = {
    "month": (12, lambda dates: dates.month - 1),
    "weekday": (7, lambda dates: dates.day_of_week),
    "day": (31, lambda dates: dates.day - 1),
    "day of year": (366, lambda dates: dates.day_of_year - 1),
    "hour": (24, lambda dates: dates.hour + dates.minute / 60),
}


@dataclass(frozen=True)
class DateEncoder:
    """Those parts of a date that differ in training; a gap is 0 in all of them.

    ``linear`` has the mean and the scale of the time in days and of the year, ``cyclic`` the names of what recurs.
    """

    kind: ClassVar[Kind] = Kind.DATE

    name: str
    linear: dict[str, tuple[float, float]]
    cyclic: tuple[str, ...]
    indicates: bool = False
    had_gaps: bool = False
    format: DateFormat = field(default_factory=DateFormat)

    @classmethod
    def fit(cls, column: Column) -> Self:
        """Learn from a column with at least one date."""
        missing = column.missing
        dates = _index(column.values[~missing])
        gaps = int(missing.sum())
        linear = {
            part: mean_and_scale(values)
            for part, read in LINEAR.items()
            if np.ptp(values := np.asarray(read(dates), np.float64)) > 0
        }
        cyclic = tuple(part for part, (_, read) in CYCLIC.items() if np.ptp(np.asarray(read(dates))) > 0)
        format = column.format if isinstance(column.format, DateFormat) else DateFormat()
        return cls(column.name, linear, cyclic, gaps >= MIN_GAPS, gaps > 0, format)

    @property
    def parts(self) -> list[str]:
        """What is taken from the date."""
        return [*self.linear, *self.cyclic]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One feature of what grows, two of what recurs, and perhaps that the date is missing."""
        waves = [f"{self.name}: {part} ({wave})" for part in self.cyclic for wave in ("sin", "cos")]
        names = [f"{self.name}: {part}" for part in self.linear] + waves
        return (*names, *([missing_feature(self.name)] if self.indicates else []))

    @property
    def plan(self) -> ColumnPlan:
        """How the column is to be read."""
        return ColumnPlan(self.kind, self.format)

    @property
    def treatment(self) -> str:
        """What is done, in words."""
        gaps = ", gaps: 0 and an indicator" if self.indicates else ", gaps: 0" if self.had_gaps else ""
        return f"as {', '.join(self.parts)}{gaps}"

    def encode(self, column: Column) -> Block:
        """Return the parts of the dates."""
        missing = column.missing
        dates = _index(np.where(missing, np.datetime64(0, "us"), column.values))
        features: list[Any] = [
            (np.asarray(LINEAR[part](dates), np.float64) - mean) / scale for part, (mean, scale) in self.linear.items()
        ]
        for part in self.cyclic:
            period, read = CYCLIC[part]
            angles = np.asarray(read(dates), np.float64) * (2 * np.pi / period)
            features += [np.sin(angles), np.cos(angles)]
        block: Array = np.zeros((len(column), len(features)))
        for k, feature in enumerate(features):
            block[:, k] = np.where(missing, 0.0, feature)
        gaps = 0 if self.had_gaps else int(missing.sum())
        notes = (f"{counted(gaps, 'gap', 'gaps')} in {self.name!r} taken as no date",) if gaps else ()
        return Block(np.column_stack([block, missing]) if self.indicates else block, notes)

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        linear = {part: list(numbers) for part, numbers in self.linear.items()}
        gaps = {"indicates": self.indicates, "had_gaps": self.had_gaps}
        written = {"day_first": self.format.day_first, "has_time": self.format.has_time}
        parts = {"linear": linear, "cyclic": list(self.cyclic)}
        return {"name": self.name, "kind": str(self.kind), **parts, **gaps, "format": written}

    @classmethod
    def from_dict(cls, record: Any) -> Self:
        """Rebuild it; raise an error of a damaged record where it is not sound."""
        linear = {}
        for part, (mean, scale) in record["linear"].items():
            numbers = {"mean": mean, "scale": scale}
            linear[part] = (finite(numbers, "mean"), positive(numbers, "scale"))
        cyclic = tuple(record["cyclic"])
        if linear.keys() - LINEAR.keys() or set(cyclic) - CYCLIC.keys():
            raise ValueError("parts")
        if len(set(cyclic)) != len(cyclic):
            raise ValueError("cyclic")
        format = DateFormat(truth(record["format"], "day_first"), truth(record["format"], "has_time"))
        flags = truth(record, "indicates"), truth(record, "had_gaps")
        return cls(str(record["name"]), linear, cyclic, *flags, format)


def _index(values: NDArray[np.datetime64]) -> Any:
    """Return dates as pandas', which know months and weekdays."""
    import pandas as pd

    return pd.DatetimeIndex(values)
