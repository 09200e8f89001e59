"""CSV files: read block by block, each column as text until all of it is known to be numbers."""

from __future__ import annotations

import csv
import io
import os
import sys
import threading
import time
import weakref
import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.csv_dialect import (
    WESTERN,
    Dialect,
    beginning,
    encoding_of,
    find_dialect,
    open_bytes,
    refuse_other_files,
    rows_of,
    text_lines,
    utf8_stream,
    without_blanks,
)
from mathdl.data.kinds import column_of_cells
from mathdl.data.memory import require_memory
from mathdl.data.number_cells import plain_numbers
from mathdl.data.reading_options import AS_THEY_COME, ReadingOptions, ReadingProgress, require_known
from mathdl.errors import FileError, InputError

BLOCK_BYTES = 3 * 2**20  # chosen: larger blocks take more memory, smaller ones more time
ROOM = 1.1  # times the rows that the beginning lets expect; chosen
SECONDS_BETWEEN_REPORTS = 0.2
SECONDS_TO_LET_GO = 5.0  # chosen: it takes milliseconds
STANDARD_INPUT = "-"
AN_INDEX = "The first column has no name and numbers the rows, so it was left out."


class TextColumns(NamedTuple):
    """Columns of a text file, and sentences about how the file was read."""

    columns: dict[str, Column]
    notes: tuple[str, ...]


def read_csv(
    path: Path,
    options: ReadingOptions = AS_THEY_COME,
    names: Collection[str] | None = None,
    plans: Mapping[str, ColumnPlan] | None = None,
) -> TextColumns:
    """Read a file of separated cells, of any usual encoding and separator; those of ``names`` alone where given.

    ``-`` is the standard input. A column is numbers where every block of it reads as plain numbers; any other is
    decided from its texts.
    """
    file = _File.at(path)
    kinds = {**options.kinds, **{name: str(plan.kind) for name, plan in (plans or {}).items()}}
    texts = {name for name, kind in kinds.items() if kind != Kind.NUMBER}
    dialect, cells = _decoded_cells(file, options, names, texts)
    if cells and not len(next(iter(cells.values()))):
        raise FileError(f"{file.name} has a header and no rows; give at least one row below it.")
    notes = [dialect.note] if dialect.note else []
    if dropped := _without_name(dialect, cells):
        notes += dropped
    lines = _Lines(file, dialect)
    columns = {}
    for title in list(cells):
        plan = (plans or {}).get(title)
        columns[title] = column_of_cells(
            title, cells.pop(title), options, plan, lines=lines, separator=dialect.separator
        )
    return TextColumns(columns, tuple(notes))


class _File(NamedTuple):
    """A file on disk, or the standard input, which is kept since it cannot be read twice."""

    path: Path
    name: str
    content: bytes | None = None

    @classmethod
    def at(cls, path: Path) -> _File:
        if str(path) == STANDARD_INPUT:
            return cls(path, "standard input", sys.stdin.buffer.read())
        return cls(path, path.name)

    def open(self) -> IO[bytes]:
        """Open it from the beginning."""
        return open_bytes(self.path) if self.content is None else io.BytesIO(self.content)

    @property
    def size(self) -> int:
        """Bytes, as they lie on disk."""
        return len(self.content) if self.content is not None else os.path.getsize(self.path)

    @property
    def unpacked_size(self) -> int:
        """Bytes of the text, at least."""
        if self.path.suffix.lower() != ".gz":
            return self.size
        with self.path.open("rb") as stream:  # gzip ends with it, but for multiples of 4 GB
            stream.seek(max(0, self.size - 4))
            return max(self.size, int.from_bytes(stream.read(4), "little"))

    def dialect(self, options: ReadingOptions, encoding: str = "") -> Dialect:
        """Find out how it is written."""
        try:
            with self.open() as stream:
                raw, whole = beginning(stream)
            refuse_other_files(raw, self.name)
            encoding = encoding or encoding_of(raw, whole=whole)
            with self.open() as stream:
                text, whole = beginning(utf8_stream(stream, encoding))
        except (OSError, EOFError, zlib.error) as error:
            raise FileError(f"{self.name} cannot be read ({error}); check or write it again.") from error
        text += b"\n" if whole and not text.endswith(b"\n") else b""
        return find_dialect(text, self.name, whole=whole, encoding=encoding, header=options.header)


class _Lines(Sequence[int]):
    """The line in which each row begins, found by reading the file again where an error needs it."""

    def __init__(self, file: _File, dialect: Dialect) -> None:
        self._file, self._dialect = file, dialect

    def __len__(self) -> int:
        return sys.maxsize

    def __getitem__(self, row: Any) -> Any:
        for number, (line, _) in enumerate(_records(self._file, self._dialect)):
            if number == row:
                return line
        raise IndexError(row)


def _records(file: _File, dialect: Dialect, *, strict: bool = False) -> Iterator[tuple[int, int]]:
    """Read the rows again, slowly: yield the line in which each begins, and its number of cells."""
    start = 1
    with file.open() as raw, text_lines(rows_of(raw, dialect)) as lines:
        reader = csv.reader(lines, delimiter=dialect.separator, skipinitialspace=dialect.blank_quotes, strict=strict)
        try:
            for row in reader:
                if row:
                    yield dialect.line + start - 1, len(row)
                start = reader.line_num + 1
        except csv.Error as error:
            line = dialect.line + start - 1
            if "unexpected end" in str(error):
                raise FileError(
                    f"A quotation mark in the row that begins in line {line} of {file.name} is never closed; close it."
                ) from error
            if not strict:
                raise FileError(f"Line {line} of {file.name} is no valid CSV ({error}); correct it.") from error


class _Reading:
    """What is known of a source whoever holds it, and that pyarrow's threads have let go of it."""

    def __init__(self) -> None:
        self.quotation_marks = 0
        self.ended = False
        self.let_go = threading.Event()

    def end(self) -> None:
        """Give no more bytes, and wait for those threads: one that needed Python while a process ends aborts it."""
        self.ended = True
        self.let_go.wait(SECONDS_TO_LET_GO)


class _Source:
    """What pyarrow reads from: the file from its first row on, whose reading is reported by bytes."""

    closed = False

    def __init__(
        self, file: _File, dialect: Dialect, options: ReadingOptions, raw: IO[bytes], reading: _Reading
    ) -> None:
        self._reading = reading
        weakref.finalize(self, reading.let_go.set)
        self._file, self._report = file, options.progress
        self._packed = getattr(raw, "fileobj", raw)  # of gzip
        rows = rows_of(raw, dialect)
        self._stream = without_blanks(rows, dialect.separator) if dialect.blank_quotes else rows
        self._told, self._ended = time.monotonic(), False

    def read(self, size: int = -1) -> bytes:
        """Read at most so many bytes."""
        block = b"" if self._reading.ended else self._stream.read(size)
        self._reading.quotation_marks += block.count(b'"')
        if self._report is not None and (not block or time.monotonic() - self._told > SECONDS_BETWEEN_REPORTS):
            self._told = time.monotonic()
            done = min(self._packed.tell(), self._file.size) if block else self._file.size
            self._report(ReadingProgress(self._file.name, done, self._file.size))
        if not block and not self._ended:
            self._ended = True
            return b"\n"  # a last row without an end
        return block

    def close(self) -> None:
        """Stop; the file is closed by whoever opened it."""
        self.closed = True

    def readable(self) -> bool:
        """Yes."""
        return True

    def writable(self) -> bool:
        """No."""
        return False

    def seekable(self) -> bool:
        """No."""
        return False


def _decoded_cells(
    file: _File, options: ReadingOptions, names: Collection[str] | None, texts: Collection[str]
) -> tuple[Dialect, dict[str, Any]]:
    """Read the cells of the columns that are wanted, in another encoding where that of the beginning does not last."""
    for encoding in ("", *WESTERN):
        try:
            dialect = file.dialect(options, encoding)
            require_known(dialect.header, options, file.name)
            return dialect, _cells(file, dialect, options, names, texts)
        except UnicodeDecodeError as error:
            if error.encoding.startswith("utf-16"):
                raise FileError(f"{file.name} is damaged UTF-16 ({error.reason}); write it again.") from error
    raise AssertionError(f"{WESTERN[-1]} has a character for every byte")


def _cells(
    file: _File, dialect: Dialect, options: ReadingOptions, names: Collection[str] | None, texts: Collection[str]
) -> dict[str, Any]:
    """Read the cells of columns: numbers where all are plain, else texts; ``texts`` are needed as they stand."""
    titles = [title or f"\0{k}" for k, title in enumerate(dialect.header)]  # no column of a file is called so
    wanted = [title for title in titles if title[0] == "\0" or _is_wanted(title, options, names)]
    rows = file.unpacked_size / dialect.row_bytes
    advice = "choose fewer with --columns, or cut the file"
    require_memory(int(8 * rows * len(wanted)), f"The columns of {file.name}", advice)
    found = _blocks(file, dialect, options, titles, {title: title not in texts for title in wanted})
    # What began as numbers and went on as something else is needed as it stands.
    if mixed := [title for title, cells in found.items() if cells is None]:
        found |= _blocks(file, dialect, options._replace(progress=None), titles, dict.fromkeys(mixed, False))
    return found


def _blocks(
    file: _File, dialect: Dialect, options: ReadingOptions, titles: list[str], wanted: Mapping[str, bool]
) -> dict[str, Any]:
    """Read some columns block by block; where True is wanted, blocks of plain numbers become numbers."""
    expected = int(ROOM * file.unpacked_size / dialect.row_bytes)
    collected = {title: _Blocks(expected) for title in wanted}
    invalid: list[Any] = []

    def refuse(row: Any) -> str:
        invalid.append(row)
        return "error"

    with file.open() as raw:
        reading = _Reading()
        try:
            _collect(_Source(file, dialect, options, raw, reading), dialect, refuse, titles, collected, wanted)
        except pa.ArrowInvalid as error:
            if "UTF8" in str(error):
                raise UnicodeDecodeError("utf-8", b"\x80", 0, 1, str(error)) from None
            _refuse_rows(file, dialect, invalid, error)
        except (OSError, EOFError, zlib.error, csv.Error) as error:
            raise FileError(f"{file.name} cannot be read ({error}); check or write it again.") from error
        finally:
            reading.end()
    if reading.quotation_marks % 2:  # one that is never closed would let its cell hold all further rows
        deque(_records(file, dialect, strict=True), maxlen=0)
    return {title: blocks.joined() for title, blocks in collected.items()}


def _collect(
    source: _Source,
    dialect: Dialect,
    refuse: Callable[[Any], str],
    titles: list[str],
    collected: Mapping[str, _Blocks],
    wanted: Mapping[str, bool],
) -> None:
    """Have pyarrow read and divide, and collect the blocks of the columns that are wanted."""
    reader = None
    try:
        reader = arrow_csv.open_csv(
            pa.PythonFile(source, mode="r"),
            arrow_csv.ReadOptions(column_names=titles, block_size=BLOCK_BYTES),
            arrow_csv.ParseOptions(delimiter=dialect.separator, newlines_in_values=True, invalid_row_handler=refuse),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(titles, pa.string()),
                include_columns=list(wanted),
                strings_can_be_null=False,
            ),
        )
        with ThreadPoolExecutor(2) as pool:
            for block in reader:
                for title, part in zip(wanted, pool.map(_part, block.columns, wanted.values()), strict=True):
                    collected[title].append(part)
    finally:
        del source, reader  # an error would hold them by this frame


def _part(texts: Any, may_be_numbers: bool) -> Any:
    """Return a block of a column."""
    return plain_numbers(texts) if may_be_numbers else texts


def _is_wanted(title: str, options: ReadingOptions, names: Collection[str] | None) -> bool:
    """Whether a column is read; one without a name is, until it is known what it holds."""
    return title not in options.drop and (names is None or title in names)


class _Blocks:
    """The blocks of one column.

    Numbers go into one array, since many small ones take twice the memory; it has room for the rows that are expected,
    of which the system gives what is used, and grows where there are more.
    """

    def __init__(self, expected: int) -> None:
        self._expected, self._numbers = expected, np.empty(0)
        self._rows = 0
        self._texts: list[Any] = []
        self._mixed = False

    def append(self, part: Any) -> None:
        """Take a block of numbers or of texts."""
        if not isinstance(part, np.ndarray):
            self._mixed = self._mixed or self._rows > 0
            self._texts.append(part)
            return
        self._mixed = self._mixed or bool(self._texts)
        end = self._rows + len(part)
        if end > len(self._numbers):
            larger = np.empty(max(end, self._expected, 2 * len(self._numbers)))
            larger[: self._rows] = self._numbers[: self._rows]
            self._numbers = larger
        self._numbers[self._rows : end] = part
        self._rows = end

    def joined(self) -> Any:
        """Return numbers or texts; None where some blocks were numbers and others were not."""
        if self._mixed:
            return None
        return pa.chunked_array(self._texts) if self._texts else self._numbers[: self._rows]


def _without_name(dialect: Dialect, cells: dict[str, Any]) -> list[str]:
    """Take out an empty column at the end and one that numbers the rows at the beginning; refuse others."""
    notes = []
    for title in [title for title in cells if title.startswith("\0")]:
        values, place = cells.pop(title), int(title[1:])
        if place == 0 and numbers_the_rows(values):
            notes.append(AN_INDEX)
        elif not _is_empty(values):
            raise InputError(f"Column {place + 1} has no name in the header; name or remove it.")
    return notes


def numbers_the_rows(values: Any) -> bool:
    """Whether a column holds a different integer in every row."""
    return (
        isinstance(values, np.ndarray)
        and bool((values == np.floor(values)).all())
        and len(np.unique(values)) == len(values)
    )


def _is_empty(values: Any) -> bool:
    """Whether a column has no value in any row."""
    if isinstance(values, np.ndarray):
        return bool(np.isnan(values).all())
    return all(not text.strip() for text in values.unique().to_pylist())


def _refuse_rows(file: _File, dialect: Dialect, invalid: list[Any], error: Exception) -> NoReturn:
    """Say which row has another number of cells than the header, or that quotation marks do not fit."""
    if invalid:
        for line, count in _records(file, dialect):
            if count != len(dialect.header):
                raise FileError(
                    f"Line {line} of {file.name} has {count} cells and the header {len(dialect.header)}; make them "
                    "equal."
                )
    reason = str(error).splitlines()[0].rstrip(".")
    raise FileError(f"{file.name} is no valid CSV ({reason}); check its quotation marks.")
