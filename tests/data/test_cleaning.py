"""Cleaning of single columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.cleaning import as_text, clean_values, row_name
from mathdl.errors import InputError


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "i"),
        ([1.5, 2.0], "f"),
        (np.array([1, 2], np.uint8), "u"),
        ([True, False], "b"),
        (["a", "b"], "O"),
        (np.array([1, 2.5, Decimal("3")], object), "f"),
        (np.array([True, False], object), "b"),
        (np.array([True, "x"], object), "O"),
        (pd.Series(["a", "b"]), "O"),
        (np.array([], object), "O"),
    ],
)
def test_kinds(values: Any, kind: str) -> None:
    assert clean_values("y", values).dtype.kind == kind


def test_texts_are_str() -> None:
    assert clean_values("y", np.array(["a", "b"])).tolist() == ["a", "b"]
    assert clean_values("y", np.array([True, "x"], object)).tolist() == ["True", "x"]


@pytest.mark.parametrize("gap", [None, float("nan"), "", "  ", pd.NA, pd.NaT])
def test_missing_value_names_the_row(gap: object) -> None:
    with pytest.raises(InputError, match=r"Column 'age' has no value in row 2 \(line 7 of the file\)"):
        clean_values("Column 'age'", np.array(["x", gap, "z"], object), [5, 7, 8])


def test_nan_and_infinity_name_the_row() -> None:
    with pytest.raises(InputError, match=r"has no value .NaN. in row 2"):
        clean_values("y", [1.0, np.nan])
    with pytest.raises(InputError, match="infinite value in row 3"):
        clean_values("y", [1.0, 2.0, -np.inf])
    with pytest.raises(InputError, match="infinite value in row 1"):
        clean_values("y", np.array([float("inf"), 2], object))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 2, "old", 4], "mixes numbers and text: row 3 holds 'old' where most rows hold numbers"),
        (["red", 7, "blue", 8.5, "red"], "mixes numbers and text: row 2 holds 7 where most rows hold text"),
        (["a", 1.0], "row 1 holds 'a' where most rows hold numbers"),
        ([1, 2, True], "row 3 holds True"),
    ],
)
def test_mixture_names_the_first_row_that_departs(values: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        clean_values("y", np.array(values, object))


def test_other_types_are_refused() -> None:
    with pytest.raises(InputError, match="value of type date in row 2"):
        clean_values("y", np.array([1, date(2020, 1, 1)], object))
    with pytest.raises(InputError, match="type datetime64"):
        clean_values("y", np.array(["2020-01-01"], "datetime64[D]"))
    with pytest.raises(InputError, match=r"shape \(2, 1\)"):
        clean_values("y", [[1], [2]])


def test_as_text_joins_numbers_and_their_text() -> None:
    assert [as_text(value) for value in (3, 3.0, "3", 2.5, True, np.True_)] == [
        "3",
        "3",
        "3",
        "2.5",
        "True",
        "True",
    ]


def test_row_name() -> None:
    assert row_name(0) == "row 1"
    assert row_name(1, [2, 5]) == "row 2 (line 5 of the file)"


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers(), st.text(max_size=3), st.booleans()), max_size=8))
def test_a_column_is_clean_or_refused(values: list[object]) -> None:
    column = np.empty(len(values), object)
    column[:] = values
    try:
        cleaned = clean_values("y", column)
    except InputError:
        return
    assert len(cleaned) == len(values)
    if cleaned.dtype.kind == "f":
        assert np.isfinite(cleaned).all()
    else:
        assert all(isinstance(value, str | bool | np.bool_) for value in cleaned)
