"""Dates in text, in every form that people write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.data.column import Column, DateFormat, Kind
from mathdl.data.kinds import column_of_cells
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import InputError


def column(cells: list[str], separator: str = ",", **options: object) -> Column:
    return column_of_cells("x", pa.array(cells), ReadingOptions(**options), separator=separator)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2024-01-31", "2024-01-31"),
        ("2024-1-5", "2024-01-05"),
        ("2024/1/31", "2024-01-31"),
        ("2024.01.31", "2024-01-31"),
        ("31.1.2024", "2024-01-31"),
        ("31/01/2024", "2024-01-31"),
        ("01/31/2024", "2024-01-31"),
        ("31-01-2024", "2024-01-31"),
        ("31.01.24", "2024-01-31"),
        ("31/1/68", "2068-01-31"),
        ("31/1/69", "1969-01-31"),
        ("31 Jan 2024", "2024-01-31"),
        ("1st February 2024", "2024-02-01"),
        ("31-JAN-24", "2024-01-31"),
        ("31. dec. 2024", "2024-12-31"),
        ("Jan 31, 2024", "2024-01-31"),
        ("March 3rd 2024", "2024-03-03"),
        ("Mon, 29 Jan 2024 07:00:00 GMT", "2024-01-29T07:00"),
        ("Sept 2024", "2024-09-01"),
        ("2024-02", "2024-02-01"),
        ("2020-01-01 07:00", "2020-01-01T07:00"),
        ("2020-01-01T07:00:01.25", "2020-01-01T07:00:01.25"),
        ("2020-01-01 7:05:01,5", "2020-01-01T07:05:01.5"),
        ("2020-01-01T07:00Z", "2020-01-01T07:00"),
        ("2020-01-01T07:00:00+02:00", "2020-01-01T05:00"),
        ("2020-01-01 07:00:00 -0330", "2020-01-01T10:30"),
        ("12/31/1999 11:59 PM", "1999-12-31T23:59"),
        ("31/12/1999, 12:00:01 am", "1999-12-31T00:00:01"),
    ],
)
def test_forms(cell: str, moment: str) -> None:
    read = column([cell, "", "NA"])
    assert read.kind is Kind.DATE
    assert read.values.dtype == "datetime64[us]"
    assert read.values[0] == np.datetime64(moment)
    assert read.missing.tolist() == [False, True, True]
    assert isinstance(read.format, DateFormat)
    assert read.format.has_time == (np.datetime64(moment, "D") != np.datetime64(moment, "us"))


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-02-30"],
        ["2024-13-01"],
        ["31/31/2024"],
        ["3.11.7", "3.12.10"],
        ["10-20-30"],
        ["2024-01-31x"],
        ["7:30"],
        ["May", "June"],
        ["1234-56"],
    ],
)
def test_no_dates(cells: list[str]) -> None:
    assert column(cells).kind is Kind.CATEGORY


def test_one_cell_decides_what_stands_first() -> None:
    first = column(["01/02/2024", "13/02/2024"])
    assert first.values.astype("datetime64[D]").astype(str).tolist() == ["2024-02-01", "2024-02-13"]
    assert first.notes == ("day first",)
    second = column(["01/02/2024", "02/13/2024"])
    assert second.values.astype("datetime64[D]").astype(str).tolist() == ["2024-01-02", "2024-02-13"]
    assert second.notes == ("month first",)


@pytest.mark.parametrize(
    ("cell", "separator", "first"), [("01/02/2024", ",", "month"), ("01/02/2024", ";", "day"), ("1.2.2024", ",", "day")]
)
def test_a_guess_is_said(cell: str, separator: str, first: str) -> None:
    read = column([cell], separator)
    assert read.notes == (f"{first} first, a guess since no number is above 12",)
    assert str(read.values[0])[:10] == ("2024-01-02" if first == "month" else "2024-02-01")


def test_prediction_reads_days_as_training_did() -> None:
    plan = column(["13/02/2024"]).plan
    read = column_of_cells("x", pa.array(["01/02/2024"]), ReadingOptions(), plan)
    assert str(read.values[0])[:10] == "2024-02-01"
    with pytest.raises(InputError, match=r"'02/13/2024' in row 1, which is no date as training read them; correct it"):
        column_of_cells("x", pa.array(["02/13/2024"]), ReadingOptions(), plan)


def test_a_date_that_is_none() -> None:
    message = r"Column 'x' holds '2024-02-30' in row 21, which is no date as most others are; correct it, take it as "
    with pytest.raises(InputError, match=message):
        column(["2024-01-01"] * 20 + ["2024-02-30"])
    with pytest.raises(InputError, match="holds 'soon' in row 2, which is no date as was asked for"):
        column(["2024-01-01", "soon"], kinds={"x": "date"})


def test_compact_dates_if_asked_for() -> None:
    assert column(["20240131", "20231231"]).kind is Kind.NUMBER
    read = column(["20240131", "20231231"], kinds={"x": "date"})
    assert read.values.astype("datetime64[D]").astype(str).tolist() == ["2024-01-31", "2023-12-31"]
    assert str(column(["1999"], kinds={"x": "date"}).values[0])[:10] == "1999-01-01"


def test_zones_are_said() -> None:
    assert column(["2020-01-01T07:00+02:00"]).notes == ("times in UTC",)
    assert column(["2020-01-01T07:00"]).notes == ()


MOMENTS = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %B %Y", "%b %d, %Y", "%d-%b-%Y"]
TIMES = {"": "day", " %H:%M": "minute", " %H:%M:%S": "second", " %I:%M:%S %p": "second"}


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(MOMENTS, min_size=1), st.sampled_from(FORMATS), st.sampled_from(sorted(TIMES)))
def test_dates_read_back(moments: list[datetime], day: str, time: str) -> None:
    moments = [datetime(2000, 1, 31), *moments]  # which decides what stands first
    read = column([moment.strftime(day + time) for moment in moments])
    assert read.kind is Kind.DATE
    kept = {"day": {"hour": 0, "minute": 0, "second": 0}, "minute": {"second": 0}, "second": {}}[TIMES[time]]
    assert read.values.tolist() == [moment.replace(**kept) for moment in moments]  # type: ignore[arg-type]


@settings(derandomize=True, deadline=None)
@given(st.lists(MOMENTS, min_size=1), st.integers(-14 * 60, 14 * 60))
def test_zones_read_back(moments: list[datetime], minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    read = column([moment.replace(tzinfo=zone).isoformat() for moment in moments])
    expected = [moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) for moment in moments]
    assert read.values.tolist() == expected
