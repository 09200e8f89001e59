"""Encoders of single columns."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mathdl.data.encoders import Category, Number, encoder_from_dict
from mathdl.errors import FileError, InputError


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
