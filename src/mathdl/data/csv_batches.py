"""A CSV file read a batch of rows after the other, as they come through a pipe, without holding all of them."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import IO, NamedTuple

import pyarrow as pa

from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.csv_dialect import (
    SNIFFED_BYTES,
    Dialect,
    encoding_of,
    find_dialect,
    refuse_other_files,
)
from mathdl.data.kinds import column_of_cells
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import FileError

BATCH_ROWS = 10_000  # chosen: more take more memory, fewer more time for each
NAME = "standard input"


class RowBatch(NamedTuple):
    """Columns of some rows, and how many rows came before."""

    columns: dict[str, Column]
    before: int
    rows: int


def csv_batches(
    stream: IO[bytes], plans: Mapping[str, ColumnPlan], keep: Collection[str], reading: ReadingOptions
) -> Iterator[RowBatch]:
    """Yield the columns of a stream of bytes for prediction, as many rows at a time as have come.

    Those to keep beside are texts. How the file is written is decided by what comes first, which holds its header.
    """
    lines = _Lines(stream)
    dialect = lines.dialect(header=reading.header)
    reader = csv.reader(lines, delimiter=dialect.separator, skipinitialspace=dialect.blank_quotes)
    wanted = {**dict.fromkeys(keep, ColumnPlan(Kind.CATEGORY)), **plans}
    places = {title: dialect.header.index(title) for title in wanted if title in dialect.header}
    before, rows, starts = 0, [], []
    start = dialect.line
    try:
        for row in reader:
            if lines.is_over and lines.quotation_marks % 2:
                raise FileError(
                    f"A quotation mark in the row that begins in line {start} of {NAME} is never closed; close it."
                )
            if row:
                _require_cells(row, dialect, start)
                rows.append(row)
                starts.append(start)
            start = dialect.line + reader.line_num
            if rows and (len(rows) >= BATCH_ROWS or not lines.are_waiting):
                yield RowBatch(_columns(rows, starts, places, wanted, reading, dialect), before, len(rows))
                before, rows, starts = before + len(rows), [], []
    except csv.Error as error:
        raise FileError(f"Line {start} of {NAME} is no valid CSV ({error}); correct it.") from error
    if rows:
        yield RowBatch(_columns(rows, starts, places, wanted, reading, dialect), before, len(rows))
    elif not before:
        raise FileError(f"{NAME} has a header and no rows; give at least one row below it.")


class _Lines(Iterator[str]):
    """The lines of a stream, whether it is over, and how many quotation marks there were."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._read = getattr(stream, "read1", stream.read)
        self._lines: deque[str] = deque()
        self._rest, self.is_over = "", False
        self.quotation_marks = 0
        self._decoder: codecs.IncrementalDecoder

    def dialect(self, *, header: bool) -> Dialect:
        """Find out how the stream is written, by its beginning, and go to the first row."""
        raw = b""
        while raw.count(b"\n") < 2 and (more := self._read(SNIFFED_BYTES)):
            raw += more
        refuse_other_files(raw, NAME)
        encoding = encoding_of(raw, whole=False)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
        text = self._decode(raw)
        whole_lines = text[: text.rfind("\n") + 1] or text
        dialect = find_dialect(whole_lines.encode(), NAME, whole=True, encoding=encoding, header=header)
        self._append(text.encode()[dialect.start :].decode())
        return dialect

    @property
    def are_waiting(self) -> bool:
        """Whether the next line is there."""
        return bool(self._lines)

    def __next__(self) -> str:
        while not self._lines and not self.is_over:
            raw = self._read(SNIFFED_BYTES)
            self.is_over = not raw
            self._append(self._decode(raw))
        if self._lines:
            return self._lines.popleft()
        if self._rest:
            last, self._rest = self._rest, ""
            return last
        raise StopIteration

    def _decode(self, raw: bytes) -> str:
        """Return the text of bytes; what is cut within a character waits for the rest."""
        try:
            return self._decoder.decode(raw, not raw)
        except UnicodeDecodeError as error:
            raise FileError(f"{NAME} is text of another encoding behind its beginning ({error.reason}).") from error

    def _append(self, text: str) -> None:
        """Take text in lines, the last of which may go on."""
        self.quotation_marks += text.count('"')
        *lines, self._rest = (self._rest + text).split("\n")
        self._lines += [f"{line}\n" for line in lines]


def _require_cells(row: list[str], dialect: Dialect, line: int) -> None:
    """Refuse a row that has another number of cells than the header."""
    if len(row) != len(dialect.header):
        raise FileError(
            f"Line {line} of {NAME} has {len(row)} cells and the header {len(dialect.header)}; make them equal."
        )


def _columns(
    rows: list[list[str]],
    lines: list[int],
    places: Mapping[str, int],
    plans: Mapping[str, ColumnPlan],
    reading: ReadingOptions,
    dialect: Dialect,
) -> dict[str, Column]:
    """Return the columns of some rows."""
    found = {}
    for title, place in places.items():
        cells = pa.array([row[place] for row in rows], pa.string())
        plan = plans[title]
        found[title] = column_of_cells(title, cells, reading, plan, lines=lines, separator=dialect.separator)
    return found
