"""The kind of a column: numbers, categories or dates, decided from all its cells."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mathdl.data.cells import Cells
from mathdl.data.cleaning import as_text, row_name
from mathdl.data.column import Column, ColumnPlan, DateFormat, Kind, NumberFormat
from mathdl.data.date_cells import date_format, has_time, have_zone, read_dates
from mathdl.data.number_cells import (
    MAX_EXACT,
    are_infinite,
    are_large_integers,
    begin_with_zero,
    describe_number_format,
    number_format,
    plain_numbers,
    read_numbers,
)
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import InputError

# Chosen: up to one cell in ten that cannot be read is a mistake in a column of numbers or dates; more are categories.
MOST = 0.9
MANY = 1000  # chosen: among more different texts nobody looks for two that are alike
_NOUNS = {Kind.NUMBER: "number", Kind.DATE: "date", Kind.CATEGORY: "text"}


class _Reading(NamedTuple):
    """The different texts of a column read as numbers or dates; NaN or NaT where one is missing or unreadable."""

    plan: ColumnPlan
    values: NDArray[Any]
    readable: NDArray[np.bool_]
    notes: tuple[str, ...]


def column_of_cells(
    name: str,
    cells: Any,
    options: ReadingOptions,
    plan: ColumnPlan | None = None,
    *,
    lines: Sequence[int] | None = None,
    separator: str = ",",
) -> Column:
    """Read a column from its cells: texts in a pyarrow array or chunked array, or numbers in a NumPy array.

    Without a plan or a kind that the user named, all cells decide. Nine in ten that read as numbers, or as dates, make
    the kind; one that does not is then an error which names the row. A cell that begins with a zero, as in 01234, makes
    the column text. An empty cell is missing in any column, and a word such as NA in numbers and dates.

    ``lines`` are the lines of the file in which the rows begin, for errors; ``separator`` is what stands between its
    cells, a hint on the meaning of 1,234 and of 01/02/2024.
    """
    if isinstance(cells, np.ndarray):
        return column_of_numbers(name, cells, options, plan, lines=lines)
    column = Cells.of(name, cells, lines)
    empty = column.are_empty(options.na)
    kind = plan.kind if plan else asked_kind(name, options)
    if kind is Kind.CATEGORY:
        return _category(column, empty)
    missing = empty | column.are_missing_words()
    if kind is None:
        return _decided(column, empty, missing, separator)
    read = _read_as_numbers if kind is Kind.NUMBER else _read_as_dates
    reading = read(column, missing, separator, plan.format if plan else None, asked=True)
    if not (reading.readable | missing).all():
        _refuse(column, kind, ~(reading.readable | missing), "in training" if plan else "as asked for")
    return _column(column, reading, missing)


def column_of_numbers(
    name: str,
    values: NDArray[Any],
    options: ReadingOptions,
    plan: ColumnPlan | None = None,
    *,
    lines: Sequence[int] | None = None,
) -> Column:
    """Read a column from numbers, of which NaN are missing; they are categories or dates if asked for."""
    kind = plan.kind if plan else asked_kind(name, options) or Kind.NUMBER
    if kind is not Kind.NUMBER:
        texts = texts_of_numbers(values)
        return column_of_cells(name, pa.array(texts, pa.string()), options, ColumnPlan(kind, plan and plan.format))
    values = _with_gaps(values, options.na)
    if values.dtype.kind == "f" and np.isinf(values).any():
        where = row_name(int(np.argmax(np.isinf(values))), lines)
        raise InputError(f"Column {name!r} holds an infinite value in {where}; give a finite number or leave it empty.")
    number = plan.format if plan and isinstance(plan.format, NumberFormat) else NumberFormat()
    notes = [f"without the unit {number.unit} that training had"] if number.unit else []
    if values.dtype.kind in "iu" and values.size and max(int(values.max()), -int(values.min())) > MAX_EXACT:
        if plan is None and len(np.unique(values)) == len(values) > 1:
            texts = np.array(values.astype(str), dtype=object)
            return Column(name, Kind.CATEGORY, texts, notes=("integers too long for a number, kept as text",))
        notes.append("integers beyond 2^53 are rounded")
    return Column(name, Kind.NUMBER, values, number, tuple(notes))


def _with_gaps(values: NDArray[Any], na: Collection[str]) -> NDArray[Any]:
    """Take as missing those numbers that the user named as a missing value, as in -999."""
    marks = [number for text in na if isinstance(number := plain_numbers(pa.array([text], pa.string())), np.ndarray)]
    found = np.isin(values, np.concatenate(marks)) if marks else np.zeros(0, bool)
    if not found.any():
        return values
    numbers = values.astype(values.dtype if values.dtype.kind == "f" else np.float64)
    numbers[found] = np.nan
    return numbers


def asked_kind(name: str, options: ReadingOptions) -> Kind | None:
    """Return the kind that the user named for a column, None where the data decide."""
    given = options.kinds.get(name)
    if given is None:
        return None
    if given not in list(Kind):
        raise InputError(f"The kind of column {name!r} is {given!r}; give number, category or date.")
    return Kind(given)


def texts_of_numbers(values: NDArray[Any]) -> NDArray[Any]:
    """Write numbers as categories are written, None where one is NaN."""
    distinct, places = np.unique(values, return_inverse=True)
    texts = np.empty(len(distinct), object)
    texts[:] = [None if value != value else as_text(value) for value in distinct]
    rows: NDArray[Any] = texts[places]
    return rows


def _decided(column: Cells, empty: NDArray[np.bool_], missing: NDArray[np.bool_], separator: str) -> Column:
    """Let all cells decide what the column is."""
    total = column.rows(~missing)
    notes: tuple[str, ...] = ()
    for kind, read in ((Kind.NUMBER, _read_as_numbers), (Kind.DATE, _read_as_dates)):
        reading = read(column, missing, separator, None, asked=False)
        rows = column.rows(reading.readable)
        unreadable = ~(reading.readable | missing)
        if kind is Kind.NUMBER and rows >= MOST * total and (reason := _code(column, reading)):
            return _category(column, empty, (reason,))
        if rows >= MOST * total:
            if unreadable.any():
                _refuse(column, kind, unreadable, "in most rows")
            return _column(column, reading, missing)
        if 2 * rows >= total:
            notes = (_half(column, kind, rows, total, unreadable),)
    return _category(column, empty, notes)


def _read_as_numbers(
    column: Cells, missing: NDArray[np.bool_], separator: str, format: Any, *, asked: bool
) -> _Reading:
    """Read the different texts as numbers, in a format that is given or decided."""
    present = ~missing
    texts = column.texts.filter(pa.array(present))
    if not isinstance(format, NumberFormat):
        format = number_format(texts, column.counts[present], column.sample(present), separator)
    numbers, read = read_numbers(texts, format)
    notes = describe_number_format(format)
    if are_large_integers(texts, numbers).any():
        notes = (*notes, "integers beyond 2^53 are rounded")
    if present.all():
        return _Reading(ColumnPlan(Kind.NUMBER, format), numbers, read, notes)
    values, readable = np.full(len(present), np.nan), np.zeros(len(present), bool)
    values[present], readable[present] = numbers, read
    return _Reading(ColumnPlan(Kind.NUMBER, format), values, readable, notes)


def _read_as_dates(column: Cells, missing: NDArray[np.bool_], separator: str, format: Any, *, asked: bool) -> _Reading:
    """Read the different texts as dates, in a format that is given or decided."""
    present = ~missing
    texts = column.texts.filter(pa.array(present))
    notes: tuple[str, ...] = ()
    decided = not isinstance(format, DateFormat)
    if decided:
        format, notes = date_format(texts, column.counts[present], separator)
    values = np.full(len(present), np.datetime64("NaT"), "datetime64[us]")
    readable = np.zeros(len(present), bool)
    values[present], readable[present] = read_dates(texts, format, compact=asked)
    if decided:
        format = DateFormat(format.day_first, has_time(values))
    if readable.any() and have_zone(texts):
        notes = (*notes, "times in UTC")
    return _Reading(ColumnPlan(Kind.DATE, format), values, readable, notes)


def _code(column: Cells, reading: _Reading) -> str:
    """Say why a column that reads as numbers holds codes, or nothing."""
    zeros = begin_with_zero(column.texts) & reading.readable
    if zeros.any():
        return f"kept as text, since {column.first(zeros)[1]!r} begins with a zero"
    large = are_large_integers(column.texts, reading.values)
    if large.any() and reading.readable.all() and 1 < len(column.codes) == len(column.texts):
        return "integers too long for a number, kept as text"
    return ""


def _column(column: Cells, reading: _Reading, missing: NDArray[np.bool_]) -> Column:
    """Spread what the different texts mean over the rows."""
    kind, format = reading.plan
    return Column(column.name, kind, reading.values[column.codes], format, reading.notes)


def _category(column: Cells, empty: NDArray[np.bool_], notes: tuple[str, ...] = ()) -> Column:
    """Keep the texts."""
    words = column.counted(column.are_missing_words() & ~empty)
    return Column(column.name, Kind.CATEGORY, column.objects(empty), None, notes + _alike(column, empty), words)


def _alike(column: Cells, empty: NDArray[np.bool_]) -> tuple[str, ...]:
    """Say which texts differ by capitals or blanks alone."""
    if len(column.texts) > MANY:
        return ()
    texts = column.texts.filter(pa.array(~empty))
    folded = pc.replace_substring_regex(pc.utf8_lower(texts), r"\s+", " ").dictionary_encode()
    if len(folded.dictionary) == len(texts):
        return ()
    codes = folded.indices.to_numpy(zero_copy_only=False)
    repeated = np.flatnonzero(np.bincount(codes) > 1)
    group = texts.filter(pa.array(codes == repeated[0])).to_pylist()
    more = f", and {len(repeated) - 1} more such groups" if len(repeated) > 1 else ""
    return (f"{group[0]!r} and {group[1]!r} look alike{more}",)


def _half(column: Cells, kind: Kind, rows: int, total: int, unreadable: NDArray[np.bool_]) -> str:
    """Say that many cells of a column of categories are numbers or dates, and how to read it so."""
    where, text = column.first(unreadable)
    advice = f"; --na {shlex.quote(text)} takes it as missing" if unreadable.sum() == 1 else ""
    return (
        f"kept as text: {rows:,} of {total:,} cells are {_NOUNS[kind]}s, and others are not, such as {text!r} in "
        f"{where}{advice}"
    )


def _refuse(column: Cells, kind: Kind, unreadable: NDArray[np.bool_], why: str) -> NoReturn:
    """Name the first cell that cannot be read."""
    where, text = column.first(unreadable)
    noun = _NOUNS[kind]
    if kind is Kind.NUMBER and are_infinite(pa.array([text], pa.large_string()))[0]:
        raise InputError(
            f"Column {column.name!r} holds an infinite value, {text!r}, in {where}; "
            "give a finite number or leave the cell empty."
        )
    holds = f"Column {column.name!r} holds {text!r} in {where}, which is no {noun}"
    if why == "in training":
        raise InputError(f"{holds} as training read them; correct it or leave the cell empty.")
    raise InputError(
        f"{holds} {'as most others are' if why == 'in most rows' else 'as was asked for'}; correct it, take it as "
        f"missing (--na {shlex.quote(text)}) or read the column as text "
        f"(--column {shlex.quote(column.name)}=category)."
    )
