"""Preprocessing of tables."""

from __future__ import annotations

import json
import math
import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data import memory
from mathdl.data.column import Column, Kind
from mathdl.data.frame import columns_of_frame
from mathdl.data.preprocessing import Preprocessing
from mathdl.errors import FileError, InputError


def table(**columns: Any) -> dict[str, Column]:
    return columns_of_frame(columns, "the table")


TABLE = table(
    width=np.array([1.0, 3.0, 5.0]),
    colour=np.array(["red", "blue", "red"]),
    flag=np.array([True, False, True]),
    constant=np.array([4, 4, 4]),
)


def test_matrix() -> None:
    preprocessing = Preprocessing.fit(TABLE)
    assert preprocessing.columns == ("width", "colour", "flag")
    assert preprocessing.left_out == (("constant", "is the same in every row"),)
    assert preprocessing.feature_names == ("width", "colour=blue", "colour=red", "flag=False", "flag=True")
    assert preprocessing.blocks == [slice(0, 1), slice(1, 3), slice(3, 5)]
    assert {name: plan.kind for name, plan in preprocessing.plans.items()} == {
        "width": Kind.NUMBER,
        "colour": Kind.CATEGORY,
        "flag": Kind.CATEGORY,
    }
    matrix = preprocessing.transform(TABLE, "float64")
    scale = np.std([1, 3, 5])
    np.testing.assert_allclose(matrix, [[-2 / scale, 0, 1, 0, 1], [0, 1, 0, 1, 0], [2 / scale, 0, 1, 0, 1]])
    assert preprocessing.transform(TABLE).dtype == np.float32


def test_everything_is_learned_from_the_training_rows_alone() -> None:
    columns = table(a=[1.0, 2.0, 1000.0, math.nan], c=["x", "y", "z", None], k=[1, 1, 2, 3])
    preprocessing = Preprocessing.fit(columns, rows=np.array([0, 1]))
    assert preprocessing.feature_names == ("a", "c=x", "c=y")
    assert preprocessing.left_out == (("k", "is the same in every row"),)
    matrix, notes = preprocessing.encode(columns, "float64")
    assert matrix.tolist() == [[-1, 1, 0], [1, 0, 1], [1997, 0, 0], [0, 1, 0]]
    assert len(notes) == 3


def test_order_and_extra_columns_do_not_matter() -> None:
    preprocessing = Preprocessing.fit(TABLE)
    shuffled = {**table(extra=np.array([None, "1", "x"], object)), **dict(reversed(TABLE.items()))}
    np.testing.assert_array_equal(preprocessing.transform(shuffled), preprocessing.transform(TABLE))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (table(width=np.array(["a", "b"])), "'width' held numbers in training, but now it holds categories"),
        (table(width=np.array([1.0, 1e300])), "Column 'width' holds a value too large for float32 in row 2"),
        (table(colour=np.array(["red", "green"])), "Column 'colour' holds 'green' in row 2, which was not seen"),
        (table(colour=np.array(["red", None], object)), "Column 'colour' has no value in row 2"),
        (table(colour=np.array(["red"])), "Column 'colour' has 1 rows and column 'width' has 2"),
    ],
)
def test_what_is_refused_strictly(change: dict[str, Column], message: str) -> None:
    columns = {name: column.take(np.arange(2)) for name, column in TABLE.items()} | change
    with pytest.raises(InputError, match=message):
        Preprocessing.fit(TABLE).encode(columns, strict=True)


def test_missing_column() -> None:
    columns = {name: values for name, values in TABLE.items() if name != "flag"}
    with pytest.raises(InputError, match="Column 'flag' is missing; give all that training had: width, colour"):
        Preprocessing.fit(TABLE).transform(columns)


def test_nothing_to_learn_from() -> None:
    for columns in ({}, {"a": Column("a", Kind.NUMBER, np.array([]))}):
        with pytest.raises(InputError, match="no columns or no rows"):
            Preprocessing.fit(columns)
    with pytest.raises(InputError, match="no columns or no rows"):
        Preprocessing.fit(TABLE, rows=np.array([], np.intp))
    with pytest.raises(InputError, match=r"from the columns: 'a' has no value, 'k' is the same in every row; add a"):
        Preprocessing.fit(table(a=[math.nan, math.nan], k=["x", "x"]))


def ids_and_text(rows: int) -> dict[str, Column]:
    """An id that counts rows, a constant column, a column of free text, and a number."""
    return table(
        id=np.arange(1001, 1001 + rows),
        place=np.full(rows, "here"),
        comment=np.array([f"comment {k} of many" for k in range(rows)]),
        empty=np.full(rows, np.nan),
        value=np.arange(rows) ** 2,
    )


def test_columns_that_tell_nothing_are_left_out_and_named() -> None:
    preprocessing = Preprocessing.fit(ids_and_text(2_000))
    assert preprocessing.feature_names == ("value",)
    assert preprocessing.left_out == (
        ("id", "counts the rows"),
        ("place", "is the same in every row"),
        ("comment", "is different in every row"),
        ("empty", "has no value"),
    )
    assert preprocessing.columns_sentence() == (
        "1 number, 4 left out: 'id' counts the rows, 'place' is the same in every row, "
        "'comment' is different in every row, ..."
    )


def test_a_column_that_counts_the_rows_is_better_than_none() -> None:
    assert Preprocessing.fit(table(x=np.arange(100.0))).columns == ("x",)
    assert Preprocessing.fit(table(x=np.arange(10), y=np.arange(10) % 3)).columns == ("x", "y")
    for values in (2 * np.arange(100), np.arange(100) + 0.5, np.roll(np.arange(100), 1)):
        assert Preprocessing.fit(table(x=values, y=np.arange(100) % 3)).columns == ("x", "y")


def test_texts_that_are_nearly_all_different_are_left_out() -> None:
    names = [f"name {k}" for k in range(95)] + ["name 0"] * 5
    assert Preprocessing.fit(table(n=names, y=np.arange(100) % 3)).left_out == (
        ("n", "is different in nearly every row"),
    )
    names = [f"name {k}" for k in range(80)] + ["name 0"] * 20
    assert not Preprocessing.fit(table(n=names, y=np.arange(100) % 3)).left_out
    assert not Preprocessing.fit(table(n=names[:20], y=np.arange(20) % 3)).left_out


def test_a_constant_with_many_gaps_is_kept_for_its_gaps() -> None:
    gaps = [None] * 5 + ["x"] * 5
    columns = table(a=[math.nan] * 5 + [1.0] * 5, c=gaps, b=[math.nan] * 4 + [1.0] * 6)
    preprocessing = Preprocessing.fit(columns)
    assert preprocessing.feature_names == ("a", "a is missing", "c=x", "c is missing")
    assert preprocessing.left_out == (("b", "is the same in every row"),)


def test_words_without_number_cost_no_more_than_fifty_columns() -> None:
    words = np.array([f"word {k}" for k in np.random.default_rng(0).integers(0, 10_000, 20_000)], object)
    columns = {"word": Column("word", Kind.CATEGORY, words)}
    tracemalloc.start()
    try:
        preprocessing = Preprocessing.fit(columns)
        matrix = preprocessing.transform(columns)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert matrix.shape == (20_000, 51)
    assert peak < 3 * matrix.nbytes
    assert (matrix.sum(axis=1) == 1).all()


def test_memory_is_asked_for_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    preprocessing = Preprocessing.fit(TABLE)
    monkeypatch.setattr(memory, "available_memory", lambda: 3 * 5 * 4 - 1)
    with pytest.raises(InputError, match="3 rows of 5 features need 6e-08 GB of memory"):
        preprocessing.transform(TABLE)


GAPS = table(a=[1.0, math.nan, 3.0, 5.0], c=["x", "y", None, "y"], empty=[math.nan] * 4)


def test_rows_with_gaps_may_leave_the_training() -> None:
    preprocessing = Preprocessing.fit(GAPS, missing="drop")
    assert preprocessing.complete_rows(GAPS).tolist() == [True, False, False, True]
    assert preprocessing.feature_names == ("a", "c=x", "c=y")
    assert preprocessing.left_out == (("empty", "has no value"),)
    assert preprocessing.encoders[0].mean == 3  # type: ignore[union-attr]
    assert preprocessing.missing_sentence(GAPS) == "2 values in 2 columns, in 2 of 4 rows, which are left out"
    with pytest.raises(InputError, match="Column 'a' has no value in row 2; fill it in or remove the row"):
        preprocessing.encode(GAPS)
    with pytest.raises(InputError, match="Every row has a missing value"):
        Preprocessing.fit(table(a=[1.0, 2.0, math.nan, math.nan], b=[None, None, "x", "y"]), missing="drop")


def test_a_gap_may_be_an_error() -> None:
    with pytest.raises(InputError, match="Column 'c' has no value in row 3; fill it in or remove the row"):
        Preprocessing.fit(GAPS, np.array([0, 2, 3]), missing="error")
    assert Preprocessing.fit(GAPS, np.array([0, 3]), missing="error").columns == ("a", "c")
    with pytest.raises(InputError, match="treated by 'guess'; give impute, drop, error"):
        Preprocessing.fit(GAPS, missing="guess")


def test_the_lines_of_the_screen() -> None:
    rows = 40
    days = pd.Timestamp("2024-03-04") + pd.to_timedelta(np.arange(rows) * 11, "D")
    columns = table(
        id=[f"n{k}" for k in range(rows)],
        a=[math.nan] * 6 + [float(k) for k in range(rows - 6)],
        b=np.arange(rows) % 7,
        c=[None, *"xyz"] * 10,
        day=days,
    )
    preprocessing = Preprocessing.fit(columns)
    assert preprocessing.columns_sentence() == (
        "2 numbers, 1 category, 1 date (as time, year, month, weekday, day, day of year), "
        "1 left out: 'id' is different in every row"
    )
    assert preprocessing.missing_sentence(columns) == (
        "16 values in 2 columns, in 14 of 40 rows: median and an indicator, 'missing' as a category"
    )
    full = {name: columns[name] for name in ("b", "day")}
    assert Preprocessing.fit(full).missing_sentence(full) == ""


def test_every_column_is_described() -> None:
    found = {summary.name: summary for summary in Preprocessing.fit(GAPS).summaries(GAPS)}
    assert tuple(found["a"]) == ("a", "number", 1, 3, ("1", "3", "5"), "median for gaps, standardised")
    assert tuple(found["c"]) == ("c", "category", 1, 2, ("x", "y"), "one-hot, 2 categories, gaps as 'missing'")
    assert tuple(found["empty"]) == ("empty", "number", 4, 0, (), "left out, since it has no value")
    days = table(day=np.array(["2024-01-01", "2024-03-01"], "M8[us]"))
    (summary,) = Preprocessing.fit(days).summaries(days)
    assert summary.examples == ("2024-01-01", "2024-03-01")
    assert summary.treatment == "as time, month, weekday, day of year"


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(-1e30, 1e30)),
            st.one_of(st.none(), st.text("ab\N{SNOWMAN}", min_size=1)),
            st.datetimes(),
        ),
        min_size=2,
        max_size=40,
    )
)
def test_the_record_makes_the_same_matrix(rows: list[tuple[Any, Any, Any]]) -> None:
    numbers, words, days = zip(*rows, strict=True)
    columns = {
        "n": Column("n", Kind.NUMBER, np.array(numbers, np.float64)),
        "c": Column("c", Kind.CATEGORY, np.array(words, object)),
        "d": Column("d", Kind.DATE, np.array(days, "M8[us]")),
        "spare": Column("spare", Kind.NUMBER, np.arange(len(rows)) % 2),
    }
    preprocessing = Preprocessing.fit(columns)
    again = Preprocessing.from_dict(json.loads(json.dumps(preprocessing.to_dict())))
    assert again == preprocessing
    matrix, notes = again.encode(columns, "float64", strict=True)
    assert notes == ()
    assert np.isfinite(matrix).all()
    np.testing.assert_array_equal(matrix, preprocessing.transform(columns, "float64"))
    if "c" in preprocessing.columns:
        block = preprocessing.blocks[preprocessing.columns.index("c")]
        assert (matrix[:, block].sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    "change",
    [
        {"columns": []},
        {"columns": "ab"},
        {"columns": [{"kind": "x"}]},
        {"left_out": [["a"]]},
        {"missing": "guess"},
        {"missing": []},
    ],
)
def test_unsound_record(change: dict[str, Any]) -> None:
    record = Preprocessing.fit(TABLE).to_dict()
    with pytest.raises(FileError, match="record of"):
        Preprocessing.from_dict(record | change)
    twice = {"columns": record["columns"][:1] * 2}
    for unsound in (None, {}, record | twice):
        with pytest.raises(FileError, match="record of"):
            Preprocessing.from_dict(unsound)
