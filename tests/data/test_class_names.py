"""Class names and their codes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.class_names import ClassNames
from mathdl.errors import FileError, InputError


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["b", "a", "b"], ("a", "b")),
        (np.array([10, 9, 2], np.uint8), (2, 9, 10)),
        ([1.0, 0.0], (0, 1)),
        ([1.5, 0.5, 1.0], (0.5, 1.0, 1.5)),
        ([True, False], (False, True)),
        (np.array(["10", "9"], object), ("10", "9")),
    ],
)
def test_names_are_sorted_and_keep_their_type(labels: Any, names: tuple[Any, ...]) -> None:
    classes = ClassNames.of(labels)
    assert classes.names == names
    assert [type(name) for name in classes.names] == [type(name) for name in names]
    assert len(classes) == len(names)


@given(
    st.one_of(
        st.lists(st.text("abc", min_size=1), min_size=2),
        st.lists(st.integers(-5, 5), min_size=2),
        st.lists(st.booleans(), min_size=2),
        st.lists(st.floats(-1e300, 1e300), min_size=2),
    ).filter(lambda labels: len(set(labels)) > 1)
)
def test_round_trips(labels: list[Any]) -> None:
    classes = ClassNames.of(labels)
    codes = classes.encode(labels)
    assert set(codes.tolist()) == set(range(len(classes)))
    assert classes.decode(codes).tolist() == labels
    assert ClassNames.from_list(json.loads(json.dumps(classes.to_list()))) == classes


def test_part_of_a_float_target_is_encoded() -> None:
    assert ClassNames.of([0.5, 1.0]).encode([1.0]).tolist() == [1]


def test_one_class_only() -> None:
    with pytest.raises(InputError, match="at least two classes, but all labels are 'rose'"):
        ClassNames.of(["rose", "rose"])
    with pytest.raises(InputError, match="there are no labels"):
        ClassNames.of(np.array([], np.int64))


def test_unseen_label_is_named_with_its_row() -> None:
    classes = ClassNames.of(["a", "b"])
    with pytest.raises(InputError, match="label 'z' in row 2 was not seen in training; the classes are 'a', 'b'"):
        classes.encode(["b", "z", "c"])
    with pytest.raises(InputError, match="label 1 in row 1"):
        classes.encode([1])
    with pytest.raises(InputError, match="label True in row 1"):
        ClassNames.of([0, 1]).encode([True])


def test_missing_label() -> None:
    with pytest.raises(InputError, match="The list of labels has no value in row 2"):
        ClassNames.of(np.array(["a", None], object))


@pytest.mark.parametrize("record", [None, [], ["a"], ["a", "a"], [1, 1.0], ["a", None], {"a": 1}])
def test_unsound_record(record: object) -> None:
    with pytest.raises(FileError, match="class names"):
        ClassNames.from_list(record)
