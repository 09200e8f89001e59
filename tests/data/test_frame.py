"""Columns by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mathdl.data.column import ColumnPlan, Kind
from mathdl.data.frame import columns_of_frame
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import InputError

FRAME = pd.DataFrame(
    {
        "age": pd.array([31, None], dtype="Int64"),
        "price": ["1,234.50 EUR", "7 EUR"],
        "when": pd.to_datetime(["2020-01-31", None]),
        "size": pd.Categorical(["S", "M"], categories=["S", "M", "L"], ordered=True),
        3: [True, False],
        "list": [[1], [2]],
    },
    index=pd.Index([7, 9], name="id"),
)
SIMPLE = ["age", "price", "when", "size", "3"]


def test_each_column_has_a_kind() -> None:
    columns = columns_of_frame(FRAME, "the DataFrame", names=SIMPLE)
    assert {name: column.kind.value for name, column in columns.items()} == {
        "age": "number",
        "price": "number",
        "when": "date",
        "size": "category",
        "3": "category",
    }
    assert columns["price"].values.tolist() == [1234.5, 7.0]
    assert columns["3"].values.tolist() == ["True", "False"]


def test_what_is_not_wanted_may_hold_anything() -> None:
    with pytest.raises(InputError, match="Column 'list' holds a value of type list in row 1"):
        columns_of_frame(FRAME, "the DataFrame")
    assert list(columns_of_frame(FRAME, "the DataFrame", names=["when", "gone"])) == ["when"]


def test_a_mapping_serves_as_well() -> None:
    columns = columns_of_frame({"a": [1, None], "b": np.array(["x", "y"])}, "the mapping")
    assert [column.kind for column in columns.values()] == ["number", "category"]


def test_kinds_and_plans() -> None:
    asked = columns_of_frame(FRAME, "the DataFrame", ReadingOptions(kinds={"age": "category"}), ["age"])
    assert asked["age"].values.tolist() == ["31", None]
    plans = {"3": ColumnPlan(Kind.NUMBER)}
    assert columns_of_frame(FRAME, "the DataFrame", names=["3"], plans=plans)["3"].values.tolist() == [1, 0]


def test_names_differ() -> None:
    with pytest.raises(InputError, match="the DataFrame has two columns named '1'; rename one of them"):
        columns_of_frame(pd.DataFrame([[1, 2]], columns=["1", 1]), "the DataFrame")
