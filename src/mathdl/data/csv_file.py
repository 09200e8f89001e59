"""CSV files: a header, then rows; every cell is text until its whole column is known."""

from __future__ import annotations

import csv
import re
import sys
from array import array
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import clean_values
from mathdl.errors import FileError, InputError

# Rows read at a time: numbers leave the text behind chunk by chunk, so that a long table fits in memory.
_CHUNK = 10_000


def read_csv(path: Path, names: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read the columns of a CSV file in UTF-8, those of ``names`` alone where given; others may hold anything.

    Commas, semicolons or tabs separate the cells, whichever the header has most of. A column whose cells all read as
    numbers is numeric; a column without any number is text.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            return _read_columns(stream, path.name, names)
    except UnicodeDecodeError as error:
        raise FileError(f"{path.name} is not text in UTF-8 ({error.reason}); save it as UTF-8.") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror or error}); check the path.") from error


def _read_columns(stream: TextIO, name: str, wanted: Collection[str] | None) -> dict[str, NDArray[Any]]:
    """Read an open file chunk by chunk and clean each column."""
    unquoted = re.sub('"[^"]*"', "", stream.readline())
    stream.seek(0)
    separator = max(",;\t", key=unquoted.count)
    reader = csv.reader(stream, delimiter=separator, skipinitialspace=True, strict=True)
    records = _records(reader, name)
    header = _check_header(next(records, (0, []))[1], name)
    kept = [(position, title) for position, title in enumerate(header) if wanted is None or title in wanted]
    chunks: dict[str, list[NDArray[Any]]] = {title: [] for _, title in kept}
    lines = array("q")
    while chunk := list(islice(records, _CHUNK)):
        for line, row in chunk:
            if len(row) != len(header):
                raise FileError(
                    f"Line {line} of {name} has {len(row)} cells and the header {len(header)}; make them equal."
                )
        lines.extend(line for line, _ in chunk)
        columns = list(zip(*(row for _, row in chunk), strict=True))
        for position, title in kept:
            chunks[title].append(_parse(columns[position]))
    if not lines:
        raise FileError(f"{name} has a header and no rows; give at least one row below it.")
    return {title: clean_values(f"Column {title!r}", np.concatenate(parts), lines) for title, parts in chunks.items()}


def _check_header(row: list[str], name: str) -> list[str]:
    """Return the names of the columns, which must exist and differ."""
    if not row:
        raise FileError(f"{name} is empty; give a header with the names of the columns and rows below it.")
    header = [title.strip() for title in row]
    if "" in header:
        number = header.index("") + 1
        raise InputError(f"Column {number} of {name} has no name in the header; name or remove it.")
    repeated = [title for title, times in Counter(header).items() if times > 1]
    if repeated:
        raise InputError(f"{name} has two columns named {repeated[0]!r}; rename one of them.")
    return header


def _records(reader: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the line in which it begins."""
    start = 1
    try:
        for row in reader:
            if row:
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise FileError(f"{name} is no valid CSV from line {start} on ({error}); check its quotation marks.") from error


def _parse(cells: tuple[str, ...]) -> NDArray[Any]:
    """Turn cells into float64 where all are numbers, otherwise into objects: numbers, texts and None."""
    if not any("_" in cell for cell in cells):
        try:
            return np.fromiter(map(float, cells), np.float64, len(cells))
        except ValueError:
            pass
    meanings = {cell: _meaning(cell) for cell in set(cells)}
    parsed = np.empty(len(cells), dtype=object)
    parsed[:] = [meanings[cell] for cell in cells]
    return parsed


def _meaning(cell: str) -> float | str | None:
    """Read one cell: a number, a text, or None where it is blank."""
    text = cell.strip()
    # Python takes 1_2 for the number 12; in a table it is a text.
    if text and "_" not in text:
        try:
            return float(text)
        except ValueError:
            pass
    return sys.intern(text) or None
