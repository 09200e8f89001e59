"""Preprocessing of tables."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data import mapped_arrays, memory
from mathdl.data.column import Column, Kind
from mathdl.data.mapped_arrays import is_memory_mapped
from mathdl.data.preprocessing import Preprocessing, complete_rows
from mathdl.data.reading_options import AS_THEY_COME
from mathdl.data.values import column_of_values
from mathdl.errors import FileError, InputError


def table(**columns: Any) -> dict[str, Column]:
    return {name: column_of_values(name, list(values), AS_THEY_COME) for name, values in columns.items()}


TABLE = table(width=[1.0, 3.0, 5.0], colour=["red", "blue", "red"], flag=[True, False, True], constant=[4, 4, 4])


def test_matrix() -> None:
    preprocessing = Preprocessing.fit(TABLE)
    assert preprocessing.columns == ("width", "colour", "flag")
    assert preprocessing.left_out == (("constant", "is 4 in every row"),)
    assert preprocessing.feature_names == ("width", "colour=blue", "colour=red", "flag=False", "flag=True")
    assert preprocessing.blocks == [slice(0, 1), slice(1, 3), slice(3, 5)]
    matrix = preprocessing.transform(TABLE, "float64")
    scale = np.std([1, 3, 5])
    np.testing.assert_allclose(matrix, [[-2 / scale, 0, 1, 0, 1], [0, 1, 0, 1, 0], [2 / scale, 0, 1, 0, 1]])
    assert preprocessing.transform(TABLE).dtype == np.float32


def test_all_is_learned_from_the_training_rows() -> None:
    columns = table(a=[1.0, 2.0, 1000.0], c=["x", "y", "z"])
    preprocessing = Preprocessing.fit(columns, np.array([0, 1]))
    assert preprocessing.feature_names == ("a", "c=x", "c=y")
    encoded = preprocessing.encode(columns)
    assert encoded.matrix[:, 0].tolist() == [-1.0, 1.0, 1997.0]
    assert encoded.matrix[2, 1:].tolist() == [0.0, 0.0]
    assert encoded.notes == ("1 value of 'c' not seen in training, taken as none",)


def test_order_and_extra_columns_do_not_matter() -> None:
    preprocessing = Preprocessing.fit(TABLE)
    shuffled = {"extra": TABLE["constant"], **dict(reversed(TABLE.items()))}
    np.testing.assert_array_equal(preprocessing.transform(shuffled), preprocessing.transform(TABLE))


def test_what_is_said_of_the_columns() -> None:
    columns = table(
        age=[31.0, None, *range(18, 27), 40.0],
        weight=[50.0, 60.0, 90.0] * 4,
        plan=["a", "b", "c", "a"] * 3,
        when=np.arange("2024-01-01", "2024-01-13", dtype="datetime64[D]"),
        key=[f"k{n}" for n in range(12)],
        same=["x"] * 12,
    )
    preprocessing = Preprocessing.fit(columns)
    assert preprocessing.columns_sentence() == (
        "2 numbers, 1 category, 1 date (as time, weekday, day, day of year), 2 left out: 'key' is different in every "
        "row; 'same' is 'x' in every row"
    )
    assert preprocessing.missing_sentence(columns) == "1 value in 1 column, in 1 of 12 rows: median"
    assert preprocessing.missing_sentence({**columns, "age": columns["weight"]}) == ""
    summaries = {row.name: row for row in preprocessing.summaries(columns)}
    assert summaries["age"][1:4] == ("number", 1, 11)
    assert summaries["plan"].examples == "a, b, c"
    assert summaries["plan"].treatment == "one-hot, 3 categories"
    assert summaries["key"].treatment == "left out: is different in every row"
    assert summaries["when"].examples == "2024-01-01, 2024-01-02, 2024-01-03, ..."


def test_many_gaps_are_said_with_their_indicator() -> None:
    columns = table(a=[None] * 6 + [1.0, 2.0, 3.0], b=[None, *"xyxyxyxy"])
    preprocessing = Preprocessing.fit(columns)
    said = preprocessing.missing_sentence(columns)
    assert said == "7 values in 2 columns, in 6 of 9 rows: median and an indicator, no category"


def test_rows_with_gaps_are_dropped() -> None:
    columns = table(a=[1.0, None, 3.0, 100.0], b=[1.0, 2.0, 5.0, None])
    preprocessing = Preprocessing.fit(columns, missing="drop")
    assert complete_rows(columns).tolist() == [True, False, True, False]
    np.testing.assert_allclose(preprocessing.transform(table(a=[2.0], b=[3.0])), [[0.0, 0.0]])
    with pytest.raises(InputError, match="Column 'a' has no value in row 2; fill it in: the model was trained without"):
        preprocessing.encode(table(a=[1.0, None], b=[1.0, 1.0]))
    with pytest.raises(InputError, match="Every row has a gap"):
        Preprocessing.fit(table(a=[1.0, None, 2.0, None], b=[None, 2.0, None, 3.0]), missing="drop")


@pytest.mark.parametrize(("gaps", "indicators"), [(4, 0), (5, 3)])
def test_five_gaps_are_a_feature(gaps: int, indicators: int) -> None:
    columns = table(
        n=[None] * gaps + [1.0, 2.0, 4.0],
        c=[None] * gaps + ["x", "y", "x"],
        d=np.array(["NaT"] * gaps + ["2024-01-01", "2024-02-03", "2025-03-04"], "datetime64[D]"),
    )
    names = Preprocessing.fit(columns).feature_names
    assert sum(name.endswith(" is missing") for name in names) == indicators


def test_ten_thousand_words_and_a_number_are_fifty_two_features() -> None:
    words = np.array([f"word {k % 10_000}" for k in range(20_000)], dtype=object)
    columns = {"w": Column("w", Kind.CATEGORY, words), **table(n=np.arange(20_000.0) ** 2)}
    tracemalloc.start()
    matrix = Preprocessing.fit(columns).transform(columns)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert matrix.shape == (20_000, 52)
    assert peak < 100e6


def test_what_the_dropped_rows_alone_told_is_left_out() -> None:
    columns = table(
        when=np.array(["2024-01-01"] * 4 + ["2025-05-05"], "datetime64[D]"),
        level=[1.0, 1.0, 1.0, 1.0, 9.0],
        size=[2.0, 5.0, 7.0, 8.0, None],
    )
    preprocessing = Preprocessing.fit(columns, missing="drop")
    assert preprocessing.feature_names == ("size",)
    assert preprocessing.left_out == (
        ("when", "is 2024-01-01 00:00:00 in every row"),
        ("level", "is 1 in every row"),
    )
    assert Preprocessing.fit(columns).columns == ("when", "level", "size")
    with pytest.raises(InputError, match="No column can be learned from"):
        Preprocessing.fit(table(a=[1.0, 1.0, 2.0, None], b=["x", "x", None, "y"]), missing="drop")


def test_a_column_without_values_drops_no_row() -> None:
    preprocessing = Preprocessing.fit(table(a=[1.0, 3.0, 5.0], none=[None] * 3), missing="drop")
    assert preprocessing.left_out == (("none", "is missing in every row"),)
    np.testing.assert_allclose(preprocessing.transform(table(a=[3.0])), [[0.0]])


def test_what_is_said_of_dropped_rows_and_of_dates() -> None:
    columns = table(
        a=[1.0, None, 3.0, 100.0, 7.0],
        when=np.array(["2024-01-01", "2024-02-03", "2025-03-04", "2024-01-09", "NaT"], "datetime64[D]"),
    )
    said = "2 values in 2 columns, in 2 of 5 rows"
    assert Preprocessing.fit(columns).missing_sentence(columns) == f"{said}: median, no date"
    assert Preprocessing.fit(columns, missing="drop").missing_sentence(columns) == f"{said}: these rows are left out"


def test_a_long_list_of_columns_left_out_is_cut() -> None:
    columns = table(a=[1.0, 2.0, 4.0], **{f"c{k}": [k] * 3 for k in range(12)})
    said = Preprocessing.fit(columns).columns_sentence()
    assert said.startswith("1 number, 12 left out: 'c0' is 0 in every row; 'c1'")
    assert said.endswith("'c9' is 9 in every row; ...")


def test_strictness_takes_the_rows_of_training() -> None:
    columns = table(c=["once", *["x", "y"] * 600])
    assert Preprocessing.fit(columns).encode(columns, strict=True).notes == ()


def test_gaps_are_refused_where_that_is_wished() -> None:
    with pytest.raises(InputError, match="Column 'b' has no value in row 2; choose --missing impute or drop"):
        Preprocessing.fit(table(a=[1.0, 2.0, 3.0], b=["x", None, "y"]), missing="error")
    with pytest.raises(InputError, match="missing"):
        Preprocessing.fit(TABLE, missing="guess")


def test_strict_refuses_what_training_did_not_have() -> None:
    preprocessing = Preprocessing.fit(table(a=[1.0, 2.0, 4.0], c=["x", "y", "x"]))
    assert preprocessing.encode(table(a=[1.0], c=["x"]), strict=True).notes == ()
    with pytest.raises(InputError, match="'c' holds 'z' in row 2, which was not seen in training; its categories"):
        preprocessing.encode(table(a=[1.0, 1.0], c=["x", "z"]), strict=True)
    with pytest.raises(InputError, match="Column 'a' has no value in row 1; fill it in: training had a value"):
        preprocessing.encode(table(a=[None], c=["x"]), strict=True)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"width": ["a", "b"]}, "Column 'width' held numbers in training and holds categories; give numbers."),
        ({"colour": [1.0, 2.0]}, "Column 'colour' held categories in training and holds numbers; give categories."),
        (
            {"width": np.array(["2024-01-01", "2024-01-02"], "datetime64[D]")},
            "Column 'width' held numbers in training and holds dates; give numbers.",
        ),
        ({"width": [1.0, 1e39]}, "Column 'width' holds a value too large for float32 in row 2"),
        ({"colour": ["red"]}, "Column 'colour' has 1 rows and column 'width' has 2; make them equally long"),
    ],
)
def test_bad_values(changed: dict[str, Any], message: str) -> None:
    good = {"width": [1.0, 2.0], "colour": ["red", "blue"], "flag": [True, False]}
    with pytest.raises(InputError) as error:
        Preprocessing.fit(TABLE).transform(table(**{**good, **changed}))
    assert str(error.value).startswith(message)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="Column 'colour' is missing; give all that training had: width, colour, flag"):
        Preprocessing.fit(TABLE).transform({"width": TABLE["width"]})


def test_nothing_to_learn_from() -> None:
    with pytest.raises(InputError, match="no columns or no rows"):
        Preprocessing.fit({})
    with pytest.raises(InputError, match="no columns or no rows"):
        Preprocessing.fit(TABLE, np.zeros(0, np.intp))
    with pytest.raises(InputError, match="No column can be learned from: 'constant' is 4 in every row; add a column"):
        Preprocessing.fit({"constant": TABLE["constant"]})


def test_a_matrix_beyond_the_memory_is_refused_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    preprocessing = Preprocessing.fit(TABLE)
    monkeypatch.setattr(memory, "available_memory", lambda: 3 * 5 * 4 - 1)
    with pytest.raises(InputError, match=r"3 rows of 5 features need .* of memory"):
        preprocessing.transform(TABLE)


@given(st.lists(st.tuples(st.floats(-1e30, 1e30), st.sampled_from("abc"), st.booleans()), min_size=2, max_size=9))
def test_the_record_makes_the_same_matrix(rows: list[tuple[float, str, bool]]) -> None:
    numbers, letters, flags = zip(*rows, strict=True)
    columns = table(n=numbers, c=letters, f=flags, always=[0.5 * k * k for k in range(len(rows))])
    preprocessing = Preprocessing.fit(columns)
    again = Preprocessing.from_dict(json.loads(json.dumps(preprocessing.to_dict())))
    assert again == preprocessing
    assert again.transform(columns).tobytes() == preprocessing.transform(columns).tobytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: None,
        lambda record: {},
        lambda record: {**record, "columns": []},
        lambda record: {**record, "columns": [3]},
        lambda record: {**record, "columns": [{"kind": "moon"}]},
        lambda record: {**record, "columns": [{**record["columns"][0], "scale": 0}]},
        lambda record: {**record, "left_out": 3},
        lambda record: {**record, "missing": "guess"},
    ],
)
def test_a_damaged_record(damage: Any) -> None:
    with pytest.raises(FileError, match="save the model again"):
        Preprocessing.from_dict(damage(Preprocessing.fit(TABLE).to_dict()))


def test_names_of_features_are_unambiguous() -> None:
    """A column may be called as a feature of another one is, and as the number that would tell the two apart."""
    flags = ["b", "c", "b", "c", None, None, None, None, None]
    names = {"a": flags, "a=b": range(9), "a is missing": [k * k for k in range(9)], "a=b (2)": range(1, 10)}
    preprocessing = Preprocessing.fit(table(**names))
    assert preprocessing.feature_names == (
        *("a=b", "a=c", "a is missing"),
        *("a=b (3)", "a is missing (2)", "a=b (2)"),
    )
    texts = Preprocessing.fit(table(**{"a": ["b=c", "d"], "a=b": ["c", "d"]}))
    assert texts.feature_names == ("a=b=c", "a=d", "a=b=c (2)", "a=b=d")


def test_a_large_table_is_encoded_block_by_block_into_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    widths = np.linspace(0, 1, 50)
    columns = table(width=widths, colour=["red", "blue"] * 25, flag=[True, False] * 25)
    preprocessing = Preprocessing.fit(columns)
    expected = preprocessing.transform(columns)
    monkeypatch.setattr(mapped_arrays, "MAX_BYTES_IN_MEMORY", 100)
    monkeypatch.setattr(mapped_arrays, "BLOCK_BYTES", 120)
    found = preprocessing.transform(columns)
    assert is_memory_mapped(found)
    assert np.array_equal(found, expected)
    widths[40] = 1e39
    with pytest.raises(InputError, match="Column 'width' holds a value too large for float32 in row 41"):
        preprocessing.transform(table(width=widths, colour=["red", "blue"] * 25, flag=[True, False] * 25))
