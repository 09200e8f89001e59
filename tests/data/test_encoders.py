"""Encoders of single columns, and their records."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.category_encoder import CategoryEncoder
from mathdl.data.column import Column, DateFormat, Kind, NumberFormat
from mathdl.data.date_encoder import DateEncoder
from mathdl.data.encoders import Encoder, encoder_from_dict, fitted_encoder
from mathdl.data.number_encoder import NumberEncoder, mean_and_scale
from mathdl.errors import FileError, InputError

finite = st.floats(allow_nan=False, allow_infinity=False)


def numbers(*values: float) -> Column:
    return Column("age", Kind.NUMBER, np.array(values))


def texts(*values: str | None) -> Column:
    return Column("colour", Kind.CATEGORY, np.array(values, object))


def dates(*values: str, has_time: bool = False) -> Column:
    return Column("day", Kind.DATE, np.array(values, "M8[us]"), DateFormat(has_time=has_time))


def fitted(column: Column) -> Any:
    return fitted_encoder(column, np.arange(len(column)))


def features(encoder: Encoder, column: Column, dtype: str = "float64") -> np.ndarray:
    matrix = np.full((len(column), len(encoder.feature_names)), np.nan, dtype)
    encoder.encode(column, matrix, strict=False)
    return matrix


def notes(encoder: Encoder, column: Column) -> tuple[str, ...]:
    return encoder.encode(column, np.empty((len(column), len(encoder.feature_names))), strict=False)


def refuse(encoder: Encoder, column: Column, message: str) -> None:
    with pytest.raises(InputError, match=message):
        encoder.encode(column, np.empty((len(column), len(encoder.feature_names))), strict=True)


def test_numbers_are_standardised() -> None:
    encoder = fitted(numbers(1, 3))
    assert encoder.feature_names == ("age",)
    assert features(encoder, numbers(1.0, 5.0)).tolist() == [[-1.0], [3.0]]
    assert features(encoder, Column("age", Kind.NUMBER, np.array([1, 5], np.uint8))).tolist() == [[-1.0], [3.0]]


def test_a_few_gaps_are_filled_with_the_median_of_the_training_rows() -> None:
    encoder = fitted(numbers(1, math.nan, 3, 11, 3))
    assert (encoder.median, encoder.gaps, encoder.feature_names) == (3.0, 1, ("age",))
    filled = numbers(3, 3)
    assert (features(encoder, numbers(math.nan, 3)) == features(encoder, filled)).all()
    assert notes(encoder, numbers(math.nan)) == ()
    assert (encoder.mean, encoder.scale) == mean_and_scale(np.array([1, 3, 11, 3]))


def test_many_gaps_become_an_indicator() -> None:
    encoder = fitted(numbers(*[math.nan] * 5, 1, 3))
    assert encoder.feature_names == ("age", "age is missing")
    assert features(encoder, numbers(1, math.nan)).tolist() == [[-1, 0], [0, 1]]
    assert fitted(numbers(*[math.nan] * 4, 1, 3)).feature_names == ("age",)


def test_a_gap_that_training_had_not_is_counted_or_refused() -> None:
    encoder = fitted(numbers(1, 2, 4))
    gaps = numbers(1, math.nan, math.nan)
    assert notes(encoder, gaps) == ("'age': 2 missing values, filled with the median 2, since training had none",)
    refuse(encoder, gaps, "'age' has no value in row 2, and training had no gap there")


def test_numbers_far_from_those_of_training_are_named() -> None:
    encoder = fitted(numbers(1, 2))
    with pytest.raises(InputError, match="'age' holds a value too large for float32 in row 2"):
        features(encoder, numbers(1, 1e300), "float32")
    assert np.isfinite(features(encoder, numbers(1, 1e300))).all()


@given(st.lists(finite, min_size=1))
def test_finite_whatever_the_size(values: list[float]) -> None:
    encoder = fitted(numbers(*values))
    assert math.isfinite(encoder.mean)
    assert math.isfinite(encoder.median)
    assert math.isfinite(encoder.scale)
    assert encoder.scale > 0
    assert min(values) <= encoder.median <= max(values)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_agrees_with_numpy(values: list[float]) -> None:
    mean, scale = mean_and_scale(np.array(values))
    assert mean == pytest.approx(np.mean(values), rel=1e-9, abs=1e-9 * max(map(abs, values)))
    if len(set(values)) > 1 and np.std(values) > 1e-9 * max(map(abs, values)):
        assert scale == pytest.approx(np.std(values), rel=1e-6)


def test_constant_has_scale_one() -> None:
    assert mean_and_scale(np.full(7, 0.1)) == (0.1, 1.0)
    assert mean_and_scale(np.array([0, 0], np.uint8)) == (0.0, 1.0)


def test_categories_are_one_hot() -> None:
    encoder = fitted(texts("red", "blue", "red"))
    assert encoder.feature_names == ("colour=blue", "colour=red")
    assert features(encoder, texts("red", "blue")).tolist() == [[0, 1], [1, 0]]


def test_an_unseen_category_is_none_of_them_and_counted_or_refused() -> None:
    encoder = fitted(texts("red", "blue"))
    column = texts("red", "green", "grey")
    assert features(encoder, column).tolist() == [[0, 1], [0, 0], [0, 0]]
    assert notes(encoder, column) == (
        "'colour': 2 values that training did not have, the first 'green' in row 2, encoded as no category",
    )
    refuse(encoder, column, "'colour' holds 'green' in row 2, which was not seen in training; its .* are blue, red")


def test_gaps_of_training_become_a_category() -> None:
    encoder = fitted(texts("red", None, "blue"))
    assert encoder.feature_names == ("colour=blue", "colour=red", "colour is missing")
    assert features(encoder, texts(None, "red", "missing")).tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_a_gap_that_training_had_not_is_the_most_frequent_category() -> None:
    encoder = fitted(texts("red", "red", "blue"))
    assert features(encoder, texts(None, "blue")).tolist() == [[0, 1], [1, 0]]
    assert notes(encoder, texts(None)) == ("'colour': 1 missing value, filled with 'red', since training had none",)
    refuse(encoder, texts("red", None), "'colour' has no value in row 2")


def test_the_most_frequent_categories_are_features_and_the_rest_is_other() -> None:
    many = [f"word {k:02d}" for k in range(60)]
    encoder = fitted(texts(*many, *many[10:60]))
    assert encoder.categories == tuple(many[10:])
    assert encoder.feature_names[-1] == "colour: other"
    assert features(encoder, texts("word 10", "word 03", "new"))[:, [0, -1]].tolist() == [[1, 0], [0, 1], [0, 1]]
    assert not fitted(texts(*many[:50])).other


def test_a_category_seen_once_or_twice_is_a_feature_in_small_data_only() -> None:
    rows = ["a", "b", "b", "c", "c", "c"]
    assert fitted(texts(*["z"] * 993, *rows)).categories == ("a", "b", "c", "z")
    large = fitted(texts(*["z"] * 994, *rows, None, None))
    assert large.categories == ("c", "z")
    assert (large.other, large.indicator, large.gaps) == (True, False, 2)
    assert features(large, texts(None, "a")).tolist() == [[0, 1, 0], [0, 0, 1]]


def test_dates_become_the_time_and_the_parts_that_vary() -> None:
    encoder = fitted(dates("2024-01-01", "2024-01-08", "2024-01-15"))  # three Mondays
    assert encoder.parts == ("time", "day", "day of year")
    names = tuple(
        f"day: {name}" for name in ("time", "day (sin)", "day (cos)", "day of year (sin)", "day of year (cos)")
    )
    assert encoder.feature_names == names
    assert features(encoder, dates("2024-01-08"))[0, 0] == 0


def test_every_part_of_a_date() -> None:
    encoder = fitted(dates("2023-02-27T06:30", "2024-12-31T18:00", has_time=True))
    assert encoder.parts == ("time", "year", "month", "weekday", "day", "day of year", "hour")
    row = dict(zip(encoder.feature_names, features(encoder, dates("2024-12-31T18:00"))[0], strict=True))
    turns = {"month": 11 / 12, "weekday": 1 / 7, "day": 30 / 31, "day of year": 365 / 366, "hour": 18 / 24}
    for name, turn in turns.items():
        assert row[f"day: {name} (sin)"] == pytest.approx(math.sin(2 * math.pi * turn), abs=1e-12)
        assert row[f"day: {name} (cos)"] == pytest.approx(math.cos(2 * math.pi * turn), abs=1e-12)
    assert row["day: time"] == pytest.approx(1)
    assert row["day: year"] == pytest.approx(1)


def test_december_stands_beside_january() -> None:
    encoder = fitted(dates(*[f"2024-{month:02d}-01" for month in range(1, 13)]))
    place = encoder.feature_names.index("day: month (sin)")
    months = features(encoder, dates(*[f"2024-{month:02d}-01" for month in range(1, 13)]))[:, place : place + 2]
    steps = np.linalg.norm(months - np.roll(months, 1, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0])


def test_dates_before_1970_and_gaps() -> None:
    encoder = fitted(dates("1901-03-01", "NaT", "1969-12-31", "2024-02-29"))
    assert (encoder.gaps, encoder.indicator) == (1, False)
    assert (features(encoder, dates("NaT")) == features(encoder, dates("1969-12-31"))).all()
    row = dict(zip(encoder.feature_names, features(encoder, dates("1969-12-31"))[0], strict=True))
    assert row["day: weekday (sin)"] == pytest.approx(math.sin(2 * math.pi * 2 / 7))  # a Wednesday
    assert row["day: day (sin)"] == pytest.approx(math.sin(2 * math.pi * 30 / 31))
    many = fitted(dates(*["NaT"] * 5, "2024-02-28", "2024-02-29"))
    assert many.feature_names[-1] == "day is missing"
    assert features(many, dates("NaT", "2024-02-29"))[:, -1].tolist() == [1, 0]
    assert notes(fitted(dates("2024-02-28", "2024-02-29", "2024-03-01")), dates("NaT")) == (
        "'day': 1 missing value, filled with the median 2024-02-29, since training had none",
    )


ENCODERS = [
    NumberEncoder("a", 0.1, 3.7, 0.2, 7, True, NumberFormat(",", ".", "EUR")),
    CategoryEncoder("b", ("x", "y"), "y", True, 3, True),
    DateEncoder("c", ("time", "month"), (3.5,), (0.1,), -5, 2, False, DateFormat(True, True)),
]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_record_round_trip(encoder: Encoder) -> None:
    assert encoder_from_dict(json.loads(json.dumps(encoder.to_dict()))) == encoder


@pytest.mark.parametrize(
    ("encoder", "change"),
    [
        (0, {"scale": 0.0}),
        (0, {"mean": "x"}),
        (0, {"mean": math.nan}),
        (0, {"median": math.inf}),
        (0, {"gaps": -1}),
        (0, {"indicator": 1}),
        (0, {"format": None}),
        (1, {"categories": []}),
        (1, {"categories": 3}),
        (1, {"categories": ["x", "x", "y"]}),
        (1, {"categories": ["x", ["y"]]}),
        (1, {"most_frequent": "z"}),
        (2, {"parts": []}),
        (2, {"parts": ["month", "time"]}),
        (2, {"parts": ["time", "century"]}),
        (2, {"parts": ["time", "year"]}),
        (2, {"scales": [0.0]}),
        (2, {"median": 2**70}),
        (2, {"format": {"day_first": 3, "has_time": True}}),
        (0, {"kind": "other"}),
    ],
)
def test_unsound_record(encoder: int, change: dict[str, Any]) -> None:
    record = json.loads(json.dumps(ENCODERS[encoder].to_dict()))
    with pytest.raises(FileError, match="record of a column"):
        encoder_from_dict(record | change)
    for name in record:
        if name != "name":
            with pytest.raises(FileError, match="record of a column"):
                encoder_from_dict({key: value for key, value in record.items() if key != name})


@pytest.mark.parametrize("record", [None, {}, [], "number", {"kind": []}])
def test_no_record(record: object) -> None:
    with pytest.raises(FileError, match="record of a column"):
        encoder_from_dict(record)
