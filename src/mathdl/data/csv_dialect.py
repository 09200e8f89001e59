"""The dialect of a CSV file: its encoding, its separator, its comments and its header."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mathdl.errors import FileError, InputError

SEPARATORS = ",;\t|"
SNIFFED_BYTES = 2**18  # chosen: enough for most headers and for rows that show the separator
MOST_SNIFFED = 2**26  # of a file whose first lines are longer
SNIFFED_ROWS = 50
WESTERN = ("cp1252", "latin-1")  # what a file that is not UTF-8 is taken for; the second has a character for any byte
_BLANK_QUOTE = r'(^|{separator})[ \t]+"'
_NUMBER = re.compile(r"\s*[-+]?[\d.,]*\d[\d.,]*([eE][-+]?\d+)?\s*")
# What files begin with that are no text, what they are, and what to do.
_OTHER_FILES = (
    (rb"PK\x03\x04", "a workbook or another ZIP archive", "end its name in .xlsx, or give a table in text"),
    (rb"PAR1", "a Parquet file", "end its name in .parquet"),
    (rb"\x1f\x8b", "a file packed by gzip", "end its name in .csv.gz, or unpack it"),
    (rb"%PDF", "a PDF document", "give a table in text"),
    (rb"(?i)\s*<(!doctype html|html)\b", "a web page", "download the table itself"),
)


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
    row_bytes: float  # how long a row is on average, in the beginning
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


def beginning(stream: IO[bytes]) -> tuple[bytes, bool]:
    """Read enough of a file to see its first rows; return whether that is all of it, too."""
    raw = stream.read(SNIFFED_BYTES)
    while raw.count(b"\n") + raw.count(b"\r") < 3 and len(raw) < MOST_SNIFFED:
        more = stream.read(max(len(raw), 1))
        if not more:
            break
        raw += more
    return raw, not stream.read(1)


def refuse_other_files(raw: bytes, name: str) -> None:
    """Refuse a file that is known to be no table in text by its beginning."""
    for pattern, what, advice in _OTHER_FILES:
        if re.match(pattern, raw):
            raise FileError(f"{name} is {what} and no table in text; {advice}.")


def encoding_of(raw: bytes, *, whole: bool) -> str:
    """Tell the encoding of a file's beginning: UTF-16 by its mark, UTF-8, or else a western one."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw, whole)
    except UnicodeDecodeError:
        return WESTERN[bool(re.search(rb"[\x81\x8d\x8f\x90\x9d]", raw))]
    return "utf-8"


def utf8_stream(stream: IO[bytes], encoding: str) -> IO[bytes]:
    """Return the bytes of a file as UTF-8 without a mark at the beginning."""
    if encoding == "utf-8":
        first = stream.read(3)
        stream.seek(0 if first != codecs.BOM_UTF8 else 3)
        return stream
    stream.seek(0)
    return _buffered(_decoded(stream, encoding))


def rows_of(stream: IO[bytes], dialect: Dialect) -> IO[bytes]:
    """Return a file's bytes in UTF-8 from its first row on."""
    stream = utf8_stream(stream, dialect.encoding)
    left = dialect.start
    while left and (read := len(stream.read(left))):
        left -= read
    return stream


def without_blanks(stream: IO[bytes], separator: str) -> IO[bytes]:
    """Return rows as they were written, had no blanks stood before quotation marks."""
    return _buffered(_rewritten(stream, separator))


class _Chunks(io.RawIOBase):
    """A stream of bytes that come in chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as a chunk goes."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _buffered(chunks: Iterator[bytes]) -> IO[bytes]:
    """Return a stream of chunks."""
    return io.BufferedReader(_Chunks(chunks), SNIFFED_BYTES)


def _decoded(stream: IO[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the bytes of another encoding as UTF-8."""
    decoder, raw = codecs.getincrementaldecoder(encoding)(), b" "
    while raw:
        raw = stream.read(SNIFFED_BYTES)
        yield decoder.decode(raw, not raw).encode("utf-8")


def _rewritten(stream: IO[bytes], separator: str) -> Iterator[bytes]:
    """Yield rows in the plainest way to write them."""
    with text_lines(stream) as lines:
        for row in csv.reader(lines, delimiter=separator, skipinitialspace=True):
            written = io.StringIO()
            csv.writer(written, delimiter=separator, lineterminator="\n").writerow(row)
            yield written.getvalue().encode("utf-8", "surrogateescape")


@contextmanager
def text_lines(stream: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """Give the text of a stream in UTF-8 with its line ends as they stand; the stream stays open."""
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
    try:
        yield text
    finally:
        with suppress(ValueError):  # where the stream was closed before
            text.detach()


def find_dialect(raw: bytes, name: str, *, whole: bool, encoding: str, header: bool) -> Dialect:
    """Find out from a file's beginning how it is written; ``raw`` is its beginning in UTF-8."""
    if b"\0" in raw:
        raise FileError(f"{name} holds bytes that no text has; give a table in text, or name its kind by its ending.")
    text = raw.decode("utf-8", "ignore")
    skipped, named = _preamble(text)
    body = text[skipped:]
    if not body.strip():
        raise FileError(f"{name} is empty; give a header with the names of the columns and rows below it.")
    separator = named or _separator(body, whole=whole)
    blank = re.search(_BLANK_QUOTE.format(separator=re.escape(separator)), re.sub('"[^"]*"', '""', body), re.MULTILINE)
    blanks = blank is not None
    first, used = _first_record(io.StringIO(body, newline=""), separator, name, blanks)
    rows = _rows(body, separator, blanks)[1:]
    rows = rows if whole else rows[:-1]
    line = text[:skipped].count("\n") + 1
    row_bytes = len(raw) / (len(rows) + 1)
    if not header:
        names = tuple(f"x{k}" for k in range(len(first)))
        return Dialect(encoding, separator, names, len(text[:skipped].encode()), line, row_bytes, blanks)
    names = checked_header(first, rows, name)
    read = body[:used]
    start = len((text[:skipped] + read).encode())
    return Dialect(encoding, separator, names, start, line + len(read.splitlines()), row_bytes, blanks)


def _preamble(text: str) -> tuple[int, str]:
    """Return where the text begins after lines of comment and blank ones, and the separator that a first line names.

    Comments begin with #, and Excel names the separator as in sep=; alone.
    """
    found = re.match(r"(?:sep=([^\n\r])\r?\n)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*", text)
    return (found.end(), found[1] or "") if found else (0, "")


def _separator(body: str, *, whole: bool) -> str:
    """Return what separates cells: what divides most rows into the same number of cells, more than one."""
    best, chosen = (0.0, 0), ","
    for separator in SEPARATORS:
        rows = _rows(body, separator, True, SNIFFED_ROWS)
        rows = rows if whole or len(rows) == SNIFFED_ROWS else rows[:-1] or rows
        width, times = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        if width > 1 and (score := (times / len(rows), width)) > best:
            best, chosen = score, separator
    return chosen


def _rows(body: str, separator: str, blanks: bool, most: int | None = None) -> list[list[str]]:
    """Read the first rows that are not blank, as far as they can be read."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(body, newline=""), delimiter=separator, skipinitialspace=blanks):
            if len(rows) == most:
                break
            rows += [row] if row else []
    except csv.Error:  # a cell too long for the sniffer
        pass
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


def checked_header(header: list[str], rows: list[list[str]], name: str) -> tuple[str, ...]:
    """Return the names of the columns, which must exist and differ; the first and the last ones may be empty."""
    present = [title for title in header if title]
    if _looks_like_data(header, rows):
        shown = ", ".join(present[:4])
        raise InputError(
            f"The first row of {name} looks like data ({shown}); choose --no-header, or give the columns names that "
            "are no numbers."
        )
    last = max((k for k, title in enumerate(header) if title), default=0)
    if "" in header[1:last]:
        number = header.index("", 1) + 1
        raise InputError(f"Column {number} of {name} has no name in the header; name or remove it.")
    repeated = [title for title, times in Counter(present).items() if times > 1]
    if repeated:
        raise InputError(f"{name} has two columns named {repeated[0]!r}; rename one of them.")
    # A separator at the end of every row but the header.
    longer = bool(rows) and all(len(row) == len(header) + 1 and not row[-1].strip() for row in rows)
    return (*header, *([""] if longer else []))


def _looks_like_data(header: Sequence[str], rows: list[list[str]]) -> bool:
    """Whether a header is a row of data: numbers that are no years or indices, and texts that stand below, too."""
    numbers = [title for title in header if _NUMBER.fullmatch(title)]
    if not numbers or (len(numbers) > 2 and numbers == [str(k) for k in range(len(numbers))]):
        return False  # pandas numbers columns without names
    words = [(k, title) for k, title in enumerate(header) if title and title not in numbers]
    below = all(any(row[k : k + 1] == [title] for row in rows) for k, title in words)
    return below or len(set(numbers)) < len(numbers) or any(not title.lstrip("+-").isdigit() for title in numbers)
