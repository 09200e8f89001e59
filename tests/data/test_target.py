"""The target: classes and their codes, or numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.cleaning import clean_values
from mathdl.data.column import Column
from mathdl.data.reading_options import ReadingOptions
from mathdl.data.target import class_labels, classes_of, codes_of, decide_task, known_values, quantities
from mathdl.data.values import column_of_values
from mathdl.errors import InputError


def labels_of(values: Any, *, as_text: bool = False) -> np.ndarray:
    return class_labels(clean_values("The target", values), "The target", as_text=as_text)


def column(values: Any) -> Column:
    return column_of_values("y", values, ReadingOptions())


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        (np.arange(20), "classification"),
        (np.arange(20.0), "classification"),
        (np.arange(21), "regression"),
        ([0.5, 1.0], "regression"),
        (np.array(["1", "2"]), "classification"),
    ],
)
def test_the_task(y: Any, task: str) -> None:
    y = list(y) * 2
    assert decide_task(clean_values("The target", y)).task == task
    values, rows = known_values(column([None, *y]), "The target")
    assert decide_task(values).task == task
    assert rows.tolist() == list(range(1, len(y) + 1))


NUMBERS = np.arange(60) / 4


CLASSES = "whole numbers; --task regression takes them as a quantity"
QUANTITY = "whole numbers; --task classification takes them as classes"


@pytest.mark.parametrize(
    ("y", "options", "task", "hint"),
    [
        (["a", "b", "c"] * 2, {}, "classification", ""),
        ([0, 1, 0, 0], {}, "classification", ""),
        ([1, 2, 3, 4, 5] * 2, {}, "classification", CLASSES),
        ([-4.0, 3.0, 1.0] * 2, {}, "classification", CLASSES),
        (list(range(1950, 1980)), {}, "regression", QUANTITY),
        (list(range(1000)), {}, "regression", ""),
        (NUMBERS, {}, "regression", ""),
        ([1, 2, 3] * 2, {"asked": "classification"}, "classification", ""),
        ([1, 2, 3] * 2, {"asked": "regression"}, "regression", ""),
        ([1, 2, 3] * 2, {"tasks": ["classification"]}, "classification", ""),
        ([1, 2, 3] * 2, {"tasks": ["regression"]}, "regression", ""),
        ([True, False], {"tasks": ["regression"]}, "regression", ""),
        ([1.5, 2.5] * 2, {"tasks": ["classification"], "asked": "classification"}, "classification", ""),
        ([1.5, 1.5], {"tasks": ["clustering"]}, "clustering", ""),
    ],
)
def test_the_decision_and_how_to_change_it(y: Any, options: dict[str, Any], task: str, hint: str) -> None:
    assert decide_task(column(y).values, **options) == (task, hint)


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        ([], {}, "The target 'y' is empty"),
        ([None, None], {}, "The target 'y' is missing in every row; give a column with values"),
        (np.array(["2024-01-01", "2024-01-02"], "M8[us]"), {}, "The target 'y' holds dates; choose a column"),
        (np.full(30, 2.5), {}, "'y' is 2.5 in every row, so there is nothing to learn"),
        (["rose"] * 30, {}, "'y' is 'rose' in every row, so there is nothing to learn"),
        ([True, True], {}, "'y' is 'True' in every row, so there is nothing to learn"),
        ([f"n{k}" for k in range(30)], {}, "'y' is different in all 30 rows, so no class can be learned"),
        (
            NUMBERS,
            {"tasks": ["classification"]},
            r"'y' holds quantities such as 0.25 and no classes \(60 different numbers\); choose a model for "
            r"regression, or take each number as a class \(--task classification\)",
        ),
        (np.arange(214) % 107, {"tasks": ["classification"]}, "'y' holds quantities such as 0 and no classes"),
    ],
)
def test_a_target_that_nothing_can_be_learned_from(y: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        decide_task(known_values(column(y), "The target 'y'")[0], title="The target 'y'", **options)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["b", "a", "b"], ["a", "b"]),
        (np.array([10, 9, 2], np.uint8), [2, 9, 10]),
        ([1.0, 0.0], [0, 1]),
        ([True, False], [False, True]),
        (np.array(["10", "9"], object), ["10", "9"]),
    ],
)
def test_classes_are_sorted_and_keep_their_type(values: Any, names: list[Any]) -> None:
    classes = classes_of(labels_of(values)).tolist()
    assert classes == names
    assert [type(name) for name in classes] == [type(name) for name in names]


@given(
    st.one_of(
        st.lists(st.text("abc", min_size=1), min_size=2),
        st.lists(st.integers(-5, 5), min_size=2),
        st.lists(st.booleans(), min_size=2),
    ).filter(lambda labels: len(set(labels)) > 1)
)
def test_codes_are_places_among_the_classes(values: list[Any]) -> None:
    labels = labels_of(values)
    classes = classes_of(labels)
    codes = codes_of(labels, classes)
    assert set(codes.tolist()) == set(range(len(classes)))
    assert classes[codes].tolist() == values


def test_quantities_are_classes_only_where_that_is_wanted() -> None:
    with pytest.raises(InputError, match=r"The target holds quantities such as 0\.5 and no classes; choose a model"):
        labels_of([0.5, 1.0])
    assert classes_of(labels_of([0.5, 1.5, 0.5], as_text=True)).tolist() == ["0.5", "1.5"]
    assert labels_of([1e300, 2e300], as_text=True).dtype.kind == "U"  # beyond what a whole number can be told by


def test_text_is_no_quantity() -> None:
    with pytest.raises(InputError, match="it holds text such as 'u'"):
        quantities(clean_values("The target", ["u", "v"]))
    for truths in (np.array([True, False]), np.array(["True", "False"], object)):
        assert quantities(truths).tolist() == [1.0, 0.0]


def test_one_class_only() -> None:
    with pytest.raises(InputError, match="at least two classes, but all labels are 'rose'"):
        classes_of(labels_of(["rose", "rose"]))
    with pytest.raises(InputError, match="there are no labels"):
        classes_of(np.array([], np.int64))


def test_an_unseen_label_is_named_with_its_row() -> None:
    classes = classes_of(labels_of(["a", "b"]))
    with pytest.raises(InputError, match="label 'z' in row 2 was not seen in training; the classes are 'a', 'b'"):
        codes_of(labels_of(["b", "z", "c"]), classes)
    with pytest.raises(InputError, match="label 1 in row 1"):
        codes_of(labels_of([1]), classes)
