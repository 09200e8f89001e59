"""Dates as features."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from mathdl.data.column import Column, DateFormat, Kind
from mathdl.data.date_encoder import DateEncoder
from mathdl.data.encoding import MIN_GAPS


def column(*dates: str) -> Column:
    return Column("d", Kind.DATE, np.array(dates, dtype="datetime64[us]"))


def features(encoder: DateEncoder, *dates: str) -> dict[str, list[float]]:
    block = encoder.encode(column(*dates)).features
    return dict(zip(encoder.feature_names, block.T.tolist(), strict=True))


def test_what_varies_is_taken_and_what_recurs_is_a_wave() -> None:
    encoder = DateEncoder.fit(column("2024-01-01", "2024-04-01", "2024-07-01"))  # Mondays, the first
    assert encoder.parts == ["time", "month", "day of year"]
    found = features(encoder, "2024-01-01", "2024-04-01", "2024-07-01")
    assert found["d: month (sin)"] == pytest.approx([0, 1, 0], abs=1e-12)
    assert found["d: month (cos)"] == pytest.approx([1, 0, -1], abs=1e-12)
    assert np.mean(found["d: time"]) == pytest.approx(0, abs=1e-12)


def test_weekdays_years_and_hours() -> None:
    encoder = DateEncoder.fit(column("2023-01-02T00:00", "2024-01-03T06:30"))
    assert encoder.parts == ["time", "year", "weekday", "day", "day of year", "hour"]
    found = features(encoder, "2023-01-02T00:00", "2024-01-03T06:30")
    assert found["d: weekday (sin)"] == pytest.approx([0, math.sin(2 * 2 * math.pi / 7)])
    assert found["d: hour (cos)"] == pytest.approx([1, math.cos(6.5 * 2 * math.pi / 24)])
    assert found["d: year"] == pytest.approx([-1, 1])


def test_gaps_are_zero_and_many_have_a_feature() -> None:
    encoder = DateEncoder.fit(column("2024-01-01", "2025-02-03", *["NaT"] * MIN_GAPS))
    found = features(encoder, "NaT", "2024-01-01")
    assert {values[0] for name, values in found.items() if name != "d is missing"} == {0.0}
    assert found["d is missing"] == [1.0, 0.0]
    plain = DateEncoder.fit(column("2024-01-01", "2025-02-03"))
    assert plain.encode(column("NaT")).notes == ("1 gap in 'd' taken as no date",)


def test_dates_far_away() -> None:
    dates = ("0001-01-01", "1677-01-01", "9999-12-31")
    encoder = DateEncoder.fit(column(*dates))
    assert all(np.isfinite(values).all() for values in features(encoder, *dates).values())


@pytest.mark.parametrize(
    "dates", [("2024-01-01", "2025-02-03"), ("2024-01-01", *["NaT"] * MIN_GAPS), ("2024-01-01", "2024-01-01")]
)
def test_the_record_comes_back(dates: tuple[str, ...]) -> None:
    given = Column("d", Kind.DATE, column(*dates).values, DateFormat(day_first=True, has_time=True))
    encoder = DateEncoder.fit(given)
    again = DateEncoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert again == encoder
    assert again.encode(given).features.tobytes() == encoder.encode(given).features.tobytes()


@pytest.mark.parametrize(
    "change",
    [{"cyclic": ["moon"]}, {"linear": {"time": [0, 0]}}, {"linear": {"x": [0, 1]}}, {"format": {"day_first": 1}}],
)
def test_a_damaged_record_is_refused(change: dict[str, object]) -> None:
    record = DateEncoder.fit(column("2024-01-01", "2025-02-03")).to_dict() | change
    with pytest.raises((KeyError, ValueError)):
        DateEncoder.from_dict(record)
