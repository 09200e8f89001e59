"""Numbers in text, in every format that people write."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mathdl.data.column import Column, Kind, NumberFormat
from mathdl.data.kinds import column_of_cells
from mathdl.data.number_cells import describe_number_format
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import InputError


def column(cells: list[str], separator: str = ",", **options: object) -> Column:
    return column_of_cells("x", pa.array(cells), ReadingOptions(**options), separator=separator)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cells", "values", "format"),
    [
        (["1", "-2", "+3"], [1, -2, 3], NumberFormat()),
        (["1.5", ".5", "2.", "-1e-3", "3E5"], [1.5, 0.5, 2.0, -0.001, 3e5], NumberFormat()),
        (["\N{MINUS SIGN}5", "3"], [-5, 3], NumberFormat()),
        (["1,171", "-0,821"], [1.171, -0.821], NumberFormat(",")),
        (["0,5", "1234,25"], [0.5, 1234.25], NumberFormat(",")),
        (["1,234.50", "835.31", "12,345,678"], [1234.5, 835.31, 12345678.0], NumberFormat(".", ",")),
        (["1.234,50", "0,99"], [1234.5, 0.99], NumberFormat(",", ".")),
        (["1.234.567", "12.345"], [1234567, 12345], NumberFormat(",", ".")),
        (["1 234", "12 500,5"], [1234.0, 12500.5], NumberFormat(",", " ")),
        (["1\xa0234", "12\u202f500"], [1234, 12500], NumberFormat(".", " ")),
        (["1'234.5", "7"], [1234.5, 7.0], NumberFormat(".", "'")),
        (["12,34,567.5", "1,00,000"], [1234567.5, 100000.0], NumberFormat(".", ",")),
        (["$12.50", "$3", "-$1"], [12.5, 3.0, -1.0], NumberFormat(unit="$")),
        (["$-2", "$ 3"], [-2, 3], NumberFormat(unit="$")),
        (["CHF 1'234.50", "CHF 12"], [1234.5, 12.0], NumberFormat(".", "'", "CHF")),
        (["12.5%", "3 %"], [12.5, 3.0], NumberFormat(unit="%")),
        (["1.234,50 EUR", "5,00 EUR"], [1234.5, 5.0], NumberFormat(",", ".", "EUR")),
        (["5€", "€ 7"], [5, 7], NumberFormat(unit="€")),
        (["£1,000.25", "£7"], [1000.25, 7.0], NumberFormat(".", ",", "£")),
        (["12 km", "3 km"], [12, 3], NumberFormat(unit="km")),
        (["12km/h", "3.5km/h"], [12.0, 3.5], NumberFormat(unit="km/h")),
        (["20 °C", "-3.5 °C"], [20.0, -3.5], NumberFormat(unit="°C")),
        (["7 m²", "8 m²"], [7, 8], NumberFormat(unit="m²")),
    ],
)
def test_formats(cells: list[str], values: list[float], format: NumberFormat) -> None:
    read = column(cells)
    assert read.kind is Kind.NUMBER
    assert read.values.tolist() == values
    assert read.format == format
    assert read.notes == describe_number_format(format)


def test_notes_name_the_unit_and_the_marks() -> None:
    assert column(["1.234,50 EUR", "5,00 EUR"]).notes == ("decimal comma", "points between thousands", "unit EUR")
    assert column(["12.5%"]).notes == ("unit %",)


def test_a_comma_that_may_be_both() -> None:
    cells = ["1,234", "12,500", "999"]
    assert column(cells).values.tolist() == [1234, 12500, 999]
    assert column(cells, ";").values.tolist() == [1.234, 12.5, 999.0]
    # One cell decides for all.
    assert column([*cells, "0,5"]).values.tolist() == [1.234, 12.5, 999.0, 0.5]
    assert column([*cells, "1,234.5"], ";").values.tolist() == [1234.0, 12500.0, 999.0, 1234.5]
    # A point alone is a decimal mark.
    assert column(["1.234", "12.500"]).values.tolist() == [1.234, 12.5]


@pytest.mark.parametrize(
    "cells",
    [
        ["0101", "101"],
        ["01234", "98765"],
        ["$05", "$7"],
        ["3973e42320041052", "93f1", "abc"],
        ["3973e42320041052"],
        ["0x10", "0x20"],
        ["0x1F", "7"],
        ["1_000", "2_000"],
        ["12 km", "5 mi"],
        ["12%", "0.12"],
        ["1,23", "1.234.5", "1,2,3"],
        ["10.0.0.1", "192.168.1.1"],
        ["18-25", "26-35"],
        ["Q1", "Q2"],
        ["٣", "٤"],
        ["inf", "nan beer"],
    ],
)
def test_no_numbers(cells: list[str]) -> None:
    read = column(cells)
    assert read.kind is Kind.CATEGORY
    assert read.values.tolist() == cells


def test_leading_zeros_are_said() -> None:
    assert column(["7", "0101"]).notes == ("kept as text, since '0101' begins with a zero",)
    assert column(["0", "0.5", "-0.25"]).kind is Kind.NUMBER
    assert column(["007", "8"], kinds={"x": "number"}).values.tolist() == [7, 8]


def test_large_integers() -> None:
    different = [str(10**18 + number) for number in range(5)]
    read = column(different)
    assert read.values.tolist() == different
    assert read.notes == ("integers too long for a number, kept as text",)
    assert column([str(10**30), str(10**30 + 1)]).kind is Kind.CATEGORY
    repeated = column([str(4 * 10**18)] * 2 + ["7"])
    assert repeated.values.tolist() == [4 * 10**18, 4 * 10**18, 7]
    assert repeated.notes == ("integers beyond 2^53 are rounded",)
    assert column([str(2**53), "1"]).notes == ()


def test_infinity_is_refused_among_numbers() -> None:
    for word in ("inf", "-Infinity", "∞"):
        with pytest.raises(InputError, match=f"infinite value, '{word}', in row 21; give a finite number"):
            column(["1"] * 20 + [word])
    with pytest.raises(InputError, match="holds '1e999' in row 21, which is no number"):
        column(["1"] * 20 + ["1e999"])


THOUSANDS = {"", ",", ".", " ", "'"}
FORMATS = st.builds(
    NumberFormat,
    st.sampled_from(".,"),
    st.sampled_from(sorted(THOUSANDS)),
    st.sampled_from(["", "$", "EUR", "%", "km"]),
).filter(lambda format: format.decimal != format.thousands)


def write(number: float, format: NumberFormat, before: bool) -> str:
    """Write a number so that it reads back exactly."""
    text = f"{number!r}" if "e" in repr(number) and not format.thousands else f"{number:,.30f}".rstrip("0")
    if float(text.replace(",", "")) != number:
        text = repr(number)
    text = text.translate(str.maketrans({",": format.thousands or None, ".": format.decimal}))
    if not format.unit:
        return text
    return f"{format.unit}{text}" if before and format.unit in "$EUR" else f"{text} {format.unit}"


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.lists(st.floats(-1e15, 1e15).filter(lambda number: number == 0 or abs(number) > 1e-12), min_size=1),
    FORMATS,
    st.booleans(),
)
def test_numbers_read_back_exactly(numbers: list[float], format: NumberFormat, before: bool) -> None:
    decided = [0.5, 1234567.25]  # with which the format is unambiguous
    cells = [write(number, format, before) for number in [*decided, *numbers]]
    read = column(cells)
    assert read.kind is Kind.NUMBER
    assert [math.copysign(1, value) * abs(value) for value in read.values.tolist()] == [*decided, *numbers]
    again = column_of_cells("x", pa.array(cells[1:]), ReadingOptions(), read.plan)
    assert again.values.tolist() == [1234567.25, *numbers]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_integers_read_back_exactly(numbers: list[int]) -> None:
    assume(len(set(numbers)) < len(numbers) or max(map(abs, numbers)) <= 2**53)
    read = column([str(number) for number in numbers])
    assert read.values.dtype.kind == "i"
    assert read.values.tolist() == numbers
