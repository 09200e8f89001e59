"""Dates as features: the time as a number, and the parts of the calendar that vary."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.data.column import Column, ColumnPlan, DateFormat, Kind
from mathdl.data.gaps import INDICATOR_ROWS, counted, gap_name, gap_note, truth
from mathdl.data.number_encoder import mean_and_scale

Numbers = NDArray[np.float64]
Dates = NDArray[np.datetime64]


class _Part(NamedTuple):
    """A part of a date: how it is computed, and after which it begins anew; 0 where it goes on for ever."""

    compute: Callable[[Dates], NDArray[Any]]
    period: float


def _since(dates: Dates, unit: str) -> NDArray[np.int64]:
    """Return the days since the month or year began."""
    days: NDArray[np.int64] = (dates.astype("M8[D]") - dates.astype(f"M8[{unit}]").astype("M8[D]")).astype(np.int64)
    return days


PARTS: dict[str, _Part] = {
    "time": _Part(lambda dates: dates.astype("M8[us]").astype(np.int64) / 86_400e6, 0),  # in days since 1970
    "year": _Part(lambda dates: dates.astype("M8[Y]").astype(np.int64) + 1970, 0),
    "month": _Part(lambda dates: dates.astype("M8[M]").astype(np.int64) % 12, 12),
    "weekday": _Part(lambda dates: (dates.astype("M8[D]").astype(np.int64) + 3) % 7, 7),  # Monday is 0
    "day": _Part(lambda dates: _since(dates, "M"), 31),
    "day of year": _Part(lambda dates: _since(dates, "Y"), 366),
    "hour": _Part(lambda dates: (dates - dates.astype("M8[D]")).astype("m8[us]").astype(np.int64) / 3_600e6, 24),
}


@dataclass(frozen=True)
class DateEncoder:
    """A column of dates: ``parts`` are those that varied in training.

    Time and year are standardised, by their ``means`` and ``scales``; those that begin anew, such as the month, are a
    sine and a cosine, so that December stands beside January. A gap is filled with the date in the middle, ``median``,
    in microseconds since 1970; where ``indicator`` is set, a last feature is 1 there.
    """

    name: str
    parts: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    median: int
    gaps: int = 0
    indicator: bool = False
    format: DateFormat = field(default_factory=DateFormat)

    @classmethod
    def fit(cls, column: Column, rows: NDArray[np.intp]) -> DateEncoder:
        """Learn from the rows of a column, of which one at least has a value."""
        values = column.values[rows].astype("M8[us]")
        present = values[~np.isnat(values)]
        middle = np.partition(present.astype(np.int64), (len(present) - 1) // 2)[(len(present) - 1) // 2]
        parts, means, scales = ["time"], [], []
        for name, part in PARTS.items():
            numbers = part.compute(present)
            if name != "time" and numbers.min() == numbers.max():
                continue
            if name != "time":
                parts.append(name)
            if not part.period:
                mean, scale = mean_and_scale(numbers)
                means.append(mean)
                scales.append(scale)
        gaps = len(values) - len(present)
        format = column.format if isinstance(column.format, DateFormat) else DateFormat()
        learned = (tuple(parts), tuple(means), tuple(scales), int(middle))
        return cls(column.name, *learned, gaps, gaps >= INDICATOR_ROWS, format)

    @property
    def plan(self) -> ColumnPlan:
        """How a column of this name is to be read."""
        return ColumnPlan(Kind.DATE, self.format)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features of each part, and perhaps the indicator."""
        names = []
        for part in self.parts:
            functions = (" (sin)", " (cos)") if PARTS[part].period else ("",)
            names += [f"{self.name}: {part}{function}" for function in functions]
        return (*names, *([gap_name(self.name)] if self.indicator else []))

    @property
    def treatment(self) -> str:
        """What is done with the column, in a few words."""
        filled = ", median and an indicator for gaps" if self.indicator else ", median for gaps" if self.gaps else ""
        return f"as {', '.join(self.parts)}{filled}"

    def encode(self, column: Column, features: NDArray[Any], *, strict: bool) -> tuple[str, ...]:
        """Write the features of a column into a matrix of shape (rows, features), and return what is to be noted."""
        dates = column.values.astype("M8[us]")
        gaps = np.isnat(dates)
        dates[gaps] = np.datetime64(self.median, "us")
        place, straight = 0, iter(zip(self.means, self.scales, strict=True))
        for name in self.parts:
            part = PARTS[name]
            numbers = part.compute(dates)
            if part.period:
                angle = (2 * math.pi / part.period) * numbers
                features[:, place], features[:, place + 1] = np.sin(angle), np.cos(angle)
                place += 2
            else:
                mean, scale = next(straight)
                features[:, place] = (numbers - mean) / scale
                place += 1
        if self.indicator:
            features[:, place] = gaps
        filled = np.datetime64(self.median, "us").astype("M8[D]" if not self.format.has_time else "M8[s]")
        return gap_note(self.name, gaps, f"the median {filled}", known=self.gaps > 0, strict=strict)

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        lists = {name: list(getattr(self, name)) for name in ("parts", "means", "scales")}
        return {"kind": "date", **asdict(self), **lists}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> DateEncoder:
        """Rebuild an encoder; a ValueError, KeyError or TypeError tells that the record is not sound."""
        parts = _ordered(record["parts"])
        means, scales = (tuple(map(float, record[name])) for name in ("means", "scales"))
        if not len(means) == len(scales) == sum(not PARTS[part].period for part in parts):
            raise ValueError
        if not all(map(math.isfinite, means + scales)) or any(scale <= 0 for scale in scales):
            raise ValueError
        median = record["median"]
        if type(median) is not int or abs(median) >= 2**63:
            raise ValueError
        format = DateFormat(*(truth(record["format"], name) for name in ("day_first", "has_time")))
        gaps, indicator = counted(record, "gaps"), truth(record, "indicator")
        return cls(str(record["name"]), parts, means, scales, median, gaps, indicator, format)


def _ordered(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the names of parts, which must be known and stand in their order."""
    places = [list(PARTS).index(part) for part in parts]
    if not places or any(first >= second for first, second in pairwise(places)):
        raise ValueError
    return tuple(parts)
