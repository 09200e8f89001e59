"""The dialect of a CSV file: its encoding, its separator, its comments and its header."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mathdl.errors import FileError, InputError

SEPARATORS = ",;\t|"
SNIFFED_BYTES = 2**18  # chosen: enough for the header and for rows that show the separator
SNIFFED_ROWS = 50
_BLANK_QUOTE = r'(^|{separator})[ \t]+"'
_NUMBER = re.compile(r"\s*[-+]?[\d.,]*\d[\d.,]*([eE][-+]?\d+)?\s*")


@dataclass(frozen=True)
class Dialect:
    """How a file is written; ``header`` are the names as they stand, and ``start`` the bytes before the first row.

    Bytes are counted in UTF-8, as :func:`utf8_stream` gives them.
    """

    encoding: str
    separator: str
    header: tuple[str, ...]
    start: int
    line: int  # in which the first row begins
    blank_quotes: bool = False  # whether blanks stand before quotation marks

    @property
    def note(self) -> str:
        """A sentence about an encoding that a user may not expect."""
        return "" if self.encoding == "utf-8" else f"Read as {self.encoding}, since it is not UTF-8."


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacked where its name ends in .gz."""
    try:
        return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror or error}); check the path.") from error


def encoding_of(raw: bytes, *, whole: bool) -> str:
    """Tell the encoding of a file's beginning: UTF-16 by its mark, UTF-8, or else Windows' western one."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw, whole)
    except UnicodeDecodeError:
        return western(raw)
    return "utf-8"


def western(raw: bytes) -> str:
    """Return the western encoding that has a character for every byte."""
    return "latin-1" if re.search(rb"[\x81\x8d\x8f\x90\x9d]", raw) else "cp1252"


def utf8_stream(stream: IO[bytes], encoding: str) -> IO[bytes]:
    """Return the bytes of a file as UTF-8 without a mark at the beginning."""
    if encoding == "utf-8":
        first = stream.read(3)
        stream.seek(0 if first != codecs.BOM_UTF8 else 3)
        return stream
    return _Transcoded(stream, encoding)  # type: ignore[return-value]


class _Transcoded:
    """A stream of another encoding, as UTF-8."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        stream.seek(0)
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._rest, self._ended = b"", False

    def read(self, size: int = -1) -> bytes:
        """Read at most so many bytes."""
        while not self._ended and (size < 0 or len(self._rest) < size):
            raw = self._stream.read(2**20)
            self._ended = not raw
            self._rest += self._decoder.decode(raw, self._ended).encode("utf-8")
        found, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return found


def find_dialect(raw: bytes, name: str, *, whole: bool, encoding: str, header: bool) -> Dialect:
    """Find out from a file's beginning how it is written; ``raw`` is its beginning in UTF-8."""
    if b"\0" in raw:
        raise FileError(f"{name} holds bytes that no text has; give a table in text, or name its kind by its ending.")
    text = raw.decode("utf-8", "ignore")
    skipped = _comments(text)
    body = text[skipped:]
    if not body.strip():
        raise FileError(f"{name} is empty; give a header with the names of the columns and rows below it.")
    separator = _separator(body, whole=whole)
    blank = re.search(_BLANK_QUOTE.format(separator=re.escape(separator)), re.sub('"[^"]*"', '""', body), re.MULTILINE)
    lines = io.StringIO(body, newline="")
    first, used = _first_record(lines, separator, name, blank is not None)
    line = text[:skipped].count("\n") + 1
    if not header:
        names = tuple(f"x{k}" for k in range(len(first)))
        return Dialect(encoding, separator, names, len(text[:skipped].encode()), line, blank is not None)
    names = _checked_header(first, name)
    read = body[:used]
    start = len((text[:skipped] + read).encode())
    return Dialect(encoding, separator, names, start, line + len(read.splitlines()), blank is not None)


def _comments(text: str) -> int:
    """Return where the text begins after lines of comment, which begin with #, and blank lines at the top."""
    found = re.match(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*", text)
    return found.end() if found else 0


def _separator(body: str, *, whole: bool) -> str:
    """Return what separates cells: what divides most rows into the same number of cells, more than one."""
    best, chosen = (0.0, 0), ","
    for separator in SEPARATORS:
        try:
            rows = [row for row in _sample(body, separator) if row]
        except csv.Error:
            continue
        rows = rows if whole else rows[:-1] or rows
        width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        if width > 1 and (score := (times / len(rows), width)) > best:
            best, chosen = score, separator
    return chosen


def _sample(body: str, separator: str) -> list[list[str]]:
    """Read the first rows."""
    rows = []
    for row in csv.reader(io.StringIO(body, newline=""), delimiter=separator, skipinitialspace=True):
        rows.append(row)
        if len(rows) > SNIFFED_ROWS:
            break
    return rows


def _first_record(lines: io.StringIO, separator: str, name: str, blanks: bool) -> tuple[list[str], int]:
    """Read the first row that is not blank; return it and how many characters it takes."""
    reader = csv.reader(iter(lines.readline, ""), delimiter=separator, skipinitialspace=blanks, strict=True)
    try:
        for row in reader:
            if row:
                return [cell.strip() for cell in row], lines.tell()
    except csv.Error as error:
        raise FileError(f"{name} is no valid CSV from line 1 on ({error}); check its quotation marks.") from error
    raise FileError(f"{name} is empty; give a header with the names of the columns and rows below it.")


def _checked_header(header: list[str], name: str) -> tuple[str, ...]:
    """Return the names of the columns, which must exist and differ; the first and the last may be empty."""
    present = [title for title in header if title]
    if present and all(_NUMBER.fullmatch(title) for title in present):
        shown = ", ".join(present[:4])
        raise InputError(
            f"The first row of {name} looks like data ({shown}); put the names of the columns above it, or choose "
            "--no-header."
        )
    if "" in header[1:-1]:
        number = header.index("", 1) + 1
        raise InputError(f"Column {number} of {name} has no name in the header; name or remove it.")
    repeated = [title for title, times in Counter(present).items() if times > 1]
    if repeated:
        raise InputError(f"{name} has two columns named {repeated[0]!r}; rename one of them.")
    return tuple(header)


def first_row_of(stream: Any, dialect: Dialect) -> None:
    """Read a stream to where the first row begins."""
    left = dialect.start
    while left:
        read = len(stream.read(left))
        if not read:
            break
        left -= read
