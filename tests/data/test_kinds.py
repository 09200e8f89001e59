"""The rule that decides a column's kind."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.data.column import Column, ColumnPlan, DateFormat, Kind, NumberFormat
from mathdl.data.kinds import column_of_cells
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import InputError


def column(cells: object, plan: ColumnPlan | None = None, **options: object) -> Column:
    given = pa.array(cells, pa.string()) if isinstance(cells, list) else cells
    return column_of_cells("x", given, ReadingOptions(**options), plan)  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["", "  ", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?", "-", "#N/A"])
def test_missing_in_numbers_and_dates(word: str) -> None:
    for cells, kind in ((["1", "2.5"], "number"), (["2024-01-31", "2024-02-01"], "date")):
        read = column([cells[0], word, cells[1]])
        assert read.kind == kind
        assert read.missing.tolist() == [False, True, False]


def test_missing_in_text_is_empty_alone() -> None:
    cells = ["NA", "None", "?", "de", "", " "]
    assert column(cells).values.tolist() == ["NA", "None", "?", "de", None, None]
    assert column(cells, na=["NA", " ?"]).values.tolist() == [None, "None", None, "de", None, None]


def test_named_as_missing() -> None:
    read = column(["1", "unknown", "2"], na=["unknown"])
    assert read.kind is Kind.NUMBER
    assert read.missing.tolist() == [False, True, False]


def test_nothing_but_gaps() -> None:
    for cells in (["", ""], ["NA", "-"], []):
        read = column(cells)
        assert read.kind is Kind.NUMBER
        assert len(read) == len(cells)
        assert read.missing.all()


def test_blanks_around_do_not_count() -> None:
    assert column([" a", "a ", "a\xa0"]).values.tolist() == ["a", "a", "a"]
    assert column([" 1", "2 "]).values.tolist() == [1, 2]


def test_truth_values_are_categories_and_alike_ones_named() -> None:
    cells = ["True", "False", "true", "yes"]
    read = column(cells)
    assert read.kind is Kind.CATEGORY
    assert read.values.tolist() == cells
    assert read.notes == ("'True' and 'true' look alike",)
    assert column(["a", "A", "b c", "b  C"]).notes == ("'a' and 'A' look alike, and 1 more such groups",)
    assert column(["True", "False"]).notes == ()


def test_few_cells_that_are_none_are_an_error() -> None:
    cells = ["1", "2"] * 10 + ["old", "3", "new"]
    message = (
        r"Column 'x' holds 'old' in row 21, which is no number as most others are; correct it, take it as missing "
        r"\(--na old\) or read the column as text \(--column x=category\)\."
    )
    with pytest.raises(InputError, match=message):
        column(cells)
    with pytest.raises(InputError, match=r"in row 21 \(line 43 of the file\)"):
        column_of_cells("x", pa.array(cells), ReadingOptions(), lines=range(3, 100, 2))
    assert column(cells, na=["old", "new"]).kind is Kind.NUMBER
    assert column(cells, kinds={"x": "category"}).values.tolist() == cells
    with pytest.raises(InputError, match="--na 'not known'"):
        column(["1"] * 20 + ["not known"])


def test_half_numbers_are_categories_and_that_is_said() -> None:
    read = column(["1", "2", "3", "old"])
    assert read.kind is Kind.CATEGORY
    assert read.notes == (
        "kept as text: 3 of 4 cells are numbers, and others are not, such as 'old' in row 4; "
        "--na old takes it as missing",
    )
    assert column(["a", "b", "3"]).notes == ()
    assert "3 of 5 cells are dates" in column(["2024-01-01"] * 3 + ["x", "y"]).notes[0]


def test_asked_kinds() -> None:
    assert column(["1", "2"], kinds={"x": "category"}).values.tolist() == ["1", "2"]
    assert column(["01", "NA"], kinds={"x": "category"}).values.tolist() == ["01", "NA"]
    assert column(["01", "NA"], kinds={"x": "number"}).values[0] == 1
    with pytest.raises(InputError, match="holds 'a' in row 1, which is no number as was asked for"):
        column(["a", "1"], kinds={"x": "number"})
    with pytest.raises(InputError, match="The kind of column 'x' is 'text'; give number, category or date"):
        column(["a"], kinds={"x": "text"})
    assert column(["1"], kinds={"y": "category"}).kind is Kind.NUMBER


def test_prediction_reads_as_training_did() -> None:
    plan = column(["1.234,5 EUR", "7 EUR"]).plan
    assert plan == ColumnPlan(Kind.NUMBER, NumberFormat(",", ".", "EUR"))
    assert column(["1.234 EUR", "NA", ""], plan).values[0] == 1234
    with pytest.raises(InputError, match=r"'1.5 EUR' in row 2, which is no number as training read them; correct it"):
        column(["2 EUR", "1.5 EUR"], plan)
    assert column(["7", "0101", "NA", ""], ColumnPlan(Kind.CATEGORY)).values.tolist() == ["7", "0101", "NA", None]
    # The plan goes before what is asked for.
    assert column(["7"], ColumnPlan(Kind.CATEGORY), kinds={"x": "number"}).kind is Kind.CATEGORY
    assert column([""], ColumnPlan(Kind.DATE, DateFormat(True))).values.dtype == "datetime64[us]"


def test_numbers_that_come_as_numbers() -> None:
    read = column(np.array([1.5, np.nan]))
    assert (read.kind, read.missing.tolist()) == (Kind.NUMBER, [False, True])
    assert column(np.array([3, 1, 3]), kinds={"x": "category"}).values.tolist() == ["3", "1", "3"]
    assert column(np.array([3.0, np.nan]), ColumnPlan(Kind.CATEGORY)).values.tolist() == ["3", None]
    assert str(column(np.array([20240131]), kinds={"x": "date"}).values[0])[:10] == "2024-01-31"
    with pytest.raises(InputError, match="infinite value in row 2; give a finite number or leave it empty"):
        column(np.array([1.0, np.inf]))
    different = column(np.array([10**18, 10**18 + 1]))
    assert different.values.tolist() == [str(10**18), str(10**18 + 1)]
    assert column(np.array([10**18, 10**18])).notes == ("integers beyond 2^53 are rounded",)
    with_unit = column(np.array([5]), ColumnPlan(Kind.NUMBER, NumberFormat(unit="%")))
    assert with_unit.notes == ("without the unit % that training had",)


def test_chunks_are_one_column() -> None:
    chunks = pa.chunked_array([["1", "2"], ["x"], ["2", ""]])
    assert column(chunks).values.tolist() == ["1", "2", "x", "2", None]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=6),
            st.text("0123456789.,-+ %$'/:eE", max_size=8),
            st.sampled_from(["1", "2024-01-31", "NA", "inf", "1,234", "0101", "3 km", "Jan 3, 2020"]),
        ),
        max_size=12,
    )
)
def test_every_column_has_a_kind_or_an_error(cells: list[str]) -> None:
    try:
        read = column(cells)
    except InputError:
        return
    assert len(read) == len(cells)
    if read.kind is Kind.CATEGORY:
        assert all(value is None or value in cell for value, cell in zip(read.values, cells, strict=True))
    elif read.kind is Kind.NUMBER:
        assert not np.isinf(read.values).any()
    # Whatever was read reads again, as the model reads it.
    again = column(cells, read.plan)
    np.testing.assert_array_equal(again.values, read.values)


def test_a_long_column_is_decided_by_all_cells() -> None:
    rows = np.arange(100_000)
    cells = [f"{row},5 EUR" for row in rows]
    assert column(cells).values[-1] == 99_999.5
    cells[77_777] = "x"
    with pytest.raises(InputError, match="holds 'x' in row 77778"):
        column(cells)
    assert column([f"the {row}th word" for row in rows]).kind is Kind.CATEGORY
