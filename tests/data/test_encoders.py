"""Encoders of single columns."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mathdl.data.encoders import Category, Number, encoder_from_dict, mean_and_scale

from mathdl.errors import FileError, InputError

finite = st.floats(allow_nan=False, allow_infinity=False)


def test_number() -> None:
    encoder = Number.fit("age", np.array([1, 3]))
    assert encoder.feature_names == ("age",)
    np.testing.assert_array_equal(encoder.encode(np.array([1.0, 5.0])), [[-1.0], [3.0]])
    with pytest.raises(InputError, match="'age' held numbers in training, but row 1 holds 'x'"):
        encoder.encode(np.array(["x"], object))


def test_category() -> None:
    encoder = Category.fit("colour", np.array(["red", "blue"], object))
    assert encoder.feature_names == ("colour=blue", "colour=red")
    np.testing.assert_array_equal(encoder.encode(np.array(["red", "blue"], object)), [[0, 1], [1, 0]])
    with pytest.raises(InputError, match=r"'colour' holds 'green' in row 2, which was not seen.*are blue, red"):
        encoder.encode(np.array(["red", "green"], object))


def test_booleans_and_numbers_as_categories() -> None:
    assert Category.fit("flag", np.array([True, False])).categories == ("False", "True")
    np.testing.assert_array_equal(Category("size", ("10", "9")).encode(np.array([9.0])), [[0, 1]])


@pytest.mark.parametrize("encoder", [Number("a", 0.1, 3.7), Category("b", ("x", "y"))])
def test_record_round_trip(encoder: Number | Category) -> None:
    assert encoder_from_dict(json.loads(json.dumps(encoder.to_dict()))) == encoder


@pytest.mark.parametrize(
    "record",
    [
        None,
        {},
        {"kind": "number", "name": "a", "mean": 0.0},
        {"kind": "number", "name": "a", "mean": 0.0, "scale": 0.0},
        {"kind": "number", "name": "a", "mean": "x", "scale": 1.0},
        {"kind": "number", "name": "a", "mean": float("nan"), "scale": 1.0},
        {"kind": "category", "name": "a", "categories": []},
        {"kind": "category", "name": "a", "categories": 3},
        {"kind": "other", "name": "a"},
    ],
)
def test_unsound_record(record: object) -> None:
    with pytest.raises(FileError, match="record of a column"):
        encoder_from_dict(record)


@given(st.lists(finite, min_size=1))
def test_finite_whatever_the_size(values: list[float]) -> None:
    mean, scale = mean_and_scale(np.array(values))
    assert math.isfinite(mean)
    assert math.isfinite(scale)
    assert scale > 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_agrees_with_numpy(values: list[float]) -> None:
    mean, scale = mean_and_scale(np.array(values))
    assert mean == pytest.approx(np.mean(values), rel=1e-9, abs=1e-9 * max(map(abs, values)))
    if len(set(values)) > 1 and np.std(values) > 1e-9 * max(map(abs, values)):
        assert scale == pytest.approx(np.std(values), rel=1e-6)


def test_constant_has_scale_one() -> None:
    assert mean_and_scale(np.full(7, 0.1)) == (0.1, 1.0)
    assert mean_and_scale(np.array([0, 0], np.uint8)) == (0.0, 1.0)


def test_a_column_of_names_is_refused_before_memory_is_taken() -> None:
    names = np.array([f"customer {k}" for k in range(20_000)], object)
    with pytest.raises(InputError, match=r"'id' holds 20,000 different texts in 20,000 rows, .*; drop the column"):
        Category.fit("id", names)
    assert len(Category.fit("id", names[:5_000]).categories) == 5_000
