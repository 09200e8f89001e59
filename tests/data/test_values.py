"""Columns in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.data.column import Column, ColumnPlan, DateFormat, Kind
from mathdl.data.reading_options import ReadingOptions
from mathdl.data.values import column_of_values
from mathdl.errors import InputError

NAN = float("nan")


def column(values: Any, plan: ColumnPlan | None = None, **options: Any) -> Column:
    return column_of_values("x", values, ReadingOptions(**options), plan)


def arrow(values: list[Any], type_: pa.DataType) -> Any:
    return pd.Series(values, dtype=pd.ArrowDtype(type_))


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ([1, 2], [1, 2]),
        ([1, None], [1, NAN]),
        ((1.5, 2), [1.5, 2]),
        (np.array([1, 2], np.uint8), [1, 2]),
        (np.array([1.5, np.nan], np.float32), [1.5, NAN]),
        (pd.Series([1, 2], index=["a", "b"]), [1, 2]),
        (pd.array([1, None], dtype="Int64"), [1, NAN]),
        (pd.Series([1, None], dtype="Float32"), [1, NAN]),
        (pd.Series([0, 1], dtype="Sparse[int]"), [0, 1]),
        ([Decimal("1.5"), None], [1.5, NAN]),
        (np.array([1, 2.5, Decimal("3")], object), [1, 2.5, 3]),
        (arrow([1, None], pa.int64()), [1, NAN]),
        (arrow([Decimal("1.5"), None], pa.decimal128(5, 2)), [1.5, NAN]),
        ([1, "?", "2"], [1, NAN, 2]),
        (["1,234.50", "7"], [1234.5, 7]),
        ([None, None], [NAN, NAN]),
    ],
)
def test_numbers(values: Any, numbers: list[float]) -> None:
    read = column(values)
    assert read.kind is Kind.NUMBER
    assert read.values.dtype.kind in "iuf"
    np.testing.assert_array_equal(read.values, numbers)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([True, False], ["True", "False"]),
        (np.array([True, False]), ["True", "False"]),
        (pd.array([True, None], dtype="boolean"), ["True", None]),
        ([True, None], ["True", None]),
        (arrow([True, None], pa.bool_()), ["True", None]),
        (["a", None, NAN, "NA"], ["a", None, None, "NA"]),
        (np.array(["a", "b"]), ["a", "b"]),
        (pd.Series(["a", None], dtype="string"), ["a", None]),
        (arrow(["a", None], pa.string()), ["a", None]),
        (arrow(["a", None], pa.dictionary(pa.int32(), pa.string())), ["a", None]),
        (pd.Categorical(["hi", "lo", None], categories=["lo", "hi"], ordered=True), ["hi", "lo", None]),
        (pd.Categorical([2, 1, 2.0]), ["2", "1", "2"]),
        (pd.Categorical(["2020-01-01"]), ["2020-01-01"]),
        (["1", "2"], ["1", "2"]),
        (["01", "2"], ["01", "2"]),
        ([True, "x"], ["True", "x"]),
        (["a", 1.0], ["a", "1"]),
        ([time(7, 30)], ["07:30:00"]),
        (pd.interval_range(0, 2), ["(0, 1]", "(1, 2]"]),
        (["\ud800", "a"], ["\\ud800", "a"]),
        ([10**25, 1], [str(10**25), "1"]),
    ],
)
def test_categories(values: Any, texts: list[str | None]) -> None:
    read = column(values)
    assert read.kind is Kind.CATEGORY
    assert read.values.tolist() == texts


@pytest.mark.parametrize(
    "values",
    [
        np.array(["2020-01-31T07:00", "NaT"], "datetime64[m]"),
        [datetime(2020, 1, 31, 7), None],
        [datetime(2020, 1, 31, 7, tzinfo=UTC), None],
        pd.Series(pd.to_datetime(["2020-01-31 08:00", None]).tz_localize("Europe/Berlin")),
        arrow([pd.Timestamp("2020-01-31 07:00", tz="UTC"), None], pa.timestamp("ns", "Asia/Tokyo")),
        pd.PeriodIndex(["2020-01-31 07:00", None], freq="h"),
        ["2020-01-31 07:00", None],
    ],
)
def test_dates(values: Any) -> None:
    read = column(values)
    assert read.kind is Kind.DATE
    assert read.format == DateFormat(has_time=True)
    assert read.values.dtype == "datetime64[us]"
    assert read.values.tolist() == [datetime(2020, 1, 31, 7), None]


def test_days_have_no_time() -> None:
    for values in ([date(2020, 1, 31)], arrow([date(2020, 1, 31)], pa.date32()), pd.to_datetime(["2020-01-31"])):
        assert column(values).format == DateFormat()


def test_zones_are_said() -> None:
    moments = pd.to_datetime(["2020-01-31 08:00"])
    assert column(moments.tz_localize("Asia/Tokyo")).notes == ("times in UTC",)
    assert column(moments.tz_localize("UTC")).notes == column(moments).notes == ()


def test_durations_are_seconds() -> None:
    for values in (
        pd.to_timedelta(["1 day", None]),
        [timedelta(days=1), None],
        arrow([pd.Timedelta(1, "D"), None], pa.duration("s")),
        np.array([1, "NaT"], "timedelta64[D]"),
    ):
        read = column(values)
        np.testing.assert_array_equal(read.values, [86400, np.nan])
        assert read.notes == ("durations in seconds",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1j], "holds values of type complex128; turn them into numbers or text"),
        (np.array([b"x"]), "holds values of type .S1"),
        ([b"x"], "holds a value of type bytes in row 1; turn it into a number or text"),
        ([None, [1], [2]], "holds a value of type list in row 2"),
        ([{"a": 1}], "holds a value of type dict in row 1"),
        ([1, 2, {3}], "holds a value of type set in row 3"),
        (arrow([[1], [2]], pa.list_(pa.int64())), "holds a value of type ndarray in row 1"),
        (np.ones((2, 2)), r"has shape \(2, 2\); give one value per row, in one axis"),
        (np.array(3.0), "is of type ndarray; give one value for each row|has shape"),
        (5, "is of type int; give one value for each row"),
        ("abc", "is of type str"),
        ({1: 2}, "is of type dict"),
        ([1.5, np.inf], "holds an infinite value in row 2"),
        ([1, 2] * 10 + ["old"], "holds 'old' in row 21, which is no number as most others are"),
    ],
)
def test_bad_values(values: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^Column 'x' {message}"):
        column(values)


def test_asked_kinds() -> None:
    assert column(["1", "2"], kinds={"x": "number"}).values.tolist() == [1, 2]
    assert column([True, None], kinds={"x": "number"}).values.tolist()[0] == 1
    assert column(pd.Categorical(["1", "2"]), kinds={"x": "number"}).values.tolist() == [1, 2]
    assert column([1, 2], kinds={"x": "category"}).values.tolist() == ["1", "2"]
    assert column([date(2020, 1, 31)], kinds={"x": "category"}).values.tolist() == ["2020-01-31"]
    with pytest.raises(InputError, match="holds dates where numbers were asked for"):
        column([date(2020, 1, 31)], kinds={"x": "number"})
    with pytest.raises(InputError, match="The kind of column 'x' is 'bool'"):
        column([True], kinds={"x": "bool"})


def test_numbers_as_categories_are_written_as_in_files() -> None:
    for values in ([1.1, 3], np.array([1.1, 3], np.float32)):
        assert column(values, kinds={"x": "category"}).values.tolist() == ["1.1", "3"]


def test_plans() -> None:
    assert column([1, 2.0], ColumnPlan(Kind.CATEGORY)).values.tolist() == ["1", "2"]
    assert column(["1", ""], ColumnPlan(Kind.NUMBER)).values.tolist()[0] == 1
    with pytest.raises(InputError, match="holds dates where numbers were in training"):
        column([date(2020, 1, 31)], ColumnPlan(Kind.NUMBER))
    with pytest.raises(InputError, match="holds 'a' in row 1, which is no number as training read them"):
        column(["a"], ColumnPlan(Kind.NUMBER))
    with pytest.raises(InputError, match=r"holds '1.5' in row 1, which is no date"):
        column([1.5], ColumnPlan(Kind.DATE, DateFormat()))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.floats(),
            st.integers(),
            st.text(max_size=3),
            st.booleans(),
            st.dates(),
            st.decimals(allow_nan=False),
            st.times(),
        ),
        max_size=8,
    )
)
def test_a_column_or_an_error(values: list[object]) -> None:
    try:
        read = column(values)
    except InputError:
        return
    assert len(read) == len(values)
    if read.kind is Kind.NUMBER:
        assert not np.isinf(read.values).any()
    elif read.kind is Kind.CATEGORY:
        assert all(value is None or isinstance(value, str) for value in read.values)
