"""Categories as features."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

from mathdl.data.category_encoder import MANY_ROWS, MAX_CATEGORIES, CategoryEncoder
from mathdl.data.column import Column, Kind
from mathdl.data.encoding import MIN_GAPS


def column(*values: str | None) -> Column:
    return Column("c", Kind.CATEGORY, np.array(values, dtype=object))


def test_each_category_has_a_feature_in_order() -> None:
    encoder = CategoryEncoder.fit(column("red", "blue", "red"))
    assert encoder.feature_names == ("c=blue", "c=red")
    assert encoder.encode(column("red", "blue")).features.tolist() == [[0, 1], [1, 0]]


def test_what_training_did_not_have_is_nothing_and_counted() -> None:
    block = CategoryEncoder.fit(column("red", "blue")).encode(column("green", None, "red", "green"))
    assert block.features.tolist() == [[0, 0], [0, 0], [0, 1], [0, 0]]
    assert block.notes == (
        "2 values of 'c' not seen in training, taken as none",
        "1 gap in 'c' taken as none of the categories",
    )


def test_many_gaps_are_a_category_of_their_own() -> None:
    encoder = CategoryEncoder.fit(column("a", "b", *[None] * MIN_GAPS))
    assert encoder.feature_names == ("c=a", "c=b", "c is missing")
    block = encoder.encode(column(None, "b"))
    assert block.features.tolist() == [[0, 0, 1], [0, 1, 0]]
    assert block.notes == ()


def test_the_most_frequent_have_features_and_the_rest_one() -> None:
    words = [f"w{k:03}" for k in range(200) for _ in range(200 - k)]
    encoder = CategoryEncoder.fit(column(*words))
    assert encoder.categories == tuple(f"w{k:03}" for k in range(MAX_CATEGORIES))
    assert encoder.feature_names[-1] == "c: other"
    block = encoder.encode(column("w199", "w000", "new"))
    assert block.features[:, -1].tolist() == [1, 0, 1]
    assert block.features[1, 0] == 1
    assert block.notes == ("2 values of 'c' not among its most frequent ones, taken as other",)


def test_where_there_are_others_no_text_is_known_to_be_new() -> None:
    encoder = CategoryEncoder.fit(column(*[f"w{k:03}" for k in range(60) for _ in range(3)]))
    assert not encoder.unknown(column("w059", "new", None)).any()
    few = CategoryEncoder.fit(column("a", "b"))
    assert few.unknown(column("a", "new", None)).tolist() == [False, True, False]


def test_in_large_data_a_category_of_one_row_is_no_feature() -> None:
    common = ["a"] * MANY_ROWS + ["b"] * MANY_ROWS
    assert CategoryEncoder.fit(column(*common, "once")).feature_names == ("c=a", "c=b")
    rare = CategoryEncoder.fit(column(*common, *(f"once {k}" for k in range(MIN_GAPS))))
    assert rare.feature_names == ("c=a", "c=b", "c: other")
    assert "c=once" in CategoryEncoder.fit(column("a", "a", "once")).feature_names


@pytest.mark.parametrize(
    ("texts", "rare"),
    [
        (["a", "b"] * MANY_ROWS + ["once"], ("once",)),
        ([f"w{k:02}" for k in range(MAX_CATEGORIES)] * 2 + ["x", "y"], ("x", "y")),
    ],
)
def test_a_text_of_training_without_a_feature_is_not_new(texts: list[str], rare: tuple[str, ...]) -> None:
    encoder = CategoryEncoder.fit(column(*texts))
    assert not encoder.other
    assert encoder.rare == rare
    assert not encoder.unknown(column(*texts)).any()
    assert encoder.encode(column(*texts)).notes == ()
    block = encoder.encode(column(rare[0], "new", None))
    assert (block.features == 0).all()
    assert encoder.unknown(column(rare[0], "new", None)).tolist() == [False, True, False]
    assert block.notes[0] == "1 value of 'c' not seen in training, taken as none"
    assert CategoryEncoder.from_dict(json.loads(json.dumps(encoder.to_dict()))) == encoder


def test_ten_thousand_words_take_the_memory_of_fifty() -> None:
    words = np.array([f"word {k % 10_000}" for k in range(20_000)], dtype=object)
    given = Column("c", Kind.CATEGORY, words)
    tracemalloc.start()
    encoder = CategoryEncoder.fit(given)
    features = encoder.encode(given).features
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert features.shape == (20_000, MAX_CATEGORIES + 1)
    assert (features.sum(axis=1) == 1).all()
    assert peak < 50e6


def test_the_record_comes_back() -> None:
    encoder = CategoryEncoder.fit(column("é", "b", *[None] * 9))
    assert CategoryEncoder.from_dict(json.loads(json.dumps(encoder.to_dict()))) == encoder


@pytest.mark.parametrize(
    "change", [{"categories": []}, {"categories": ["a", "a"]}, {"other": 0}, {"categories": None}, {"rare": None}]
)
def test_a_damaged_record_is_refused(change: dict[str, object]) -> None:
    record = CategoryEncoder.fit(column("a", "b")).to_dict() | change
    with pytest.raises((TypeError, ValueError)):
        CategoryEncoder.from_dict(record)
