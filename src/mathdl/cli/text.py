"""Text for the terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, TextIO

from mathdl.errors import InputError

APART = "   "  # between parts of a text, such as scores
MIN_ROOM = 20  # characters, chosen: a column of text that is narrower cannot be read


class Messages:
    """A stream for messages, which may be lost where it is full or closed; that must not end a long run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def printable(content: object) -> str:
    r"""Return text that a terminal shows and does not obey: control characters become ``?``."""
    return "".join(character if character.isprintable() else "?" for character in str(content))


def columns(rows: Sequence[Sequence[object]], right: Collection[int] = ()) -> str:
    """Return rows of text in aligned columns, two spaces apart; ``right`` numbers those that stand to the right."""
    texts = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if k in right else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in texts
    )
    return "\n".join(line.rstrip() for line in lines)


def facts(rows: Sequence[tuple[str, object]]) -> str:
    """Return names and what is said of them below one another; on a terminal, texts are broken to stay in their column.

    Only texts are: a path that is broken could not be copied.
    """
    if not sys.stdout.isatty():
        return columns(rows)
    room = shutil.get_terminal_size().columns - max((len(printable(name)) for name, _ in rows), default=0) - 2
    lines: list[tuple[str, object]] = []
    for name, said in rows:
        parts = _broken(printable(said), room) if isinstance(said, str) else [said]
        lines += [(name, parts[0]), *(("", part) for part in parts[1:])]
    return columns(lines)


def _broken(text: str, room: int) -> list[str]:
    """Break a text into lines, where it can between the parts that three blanks keep apart."""
    lines = [""]
    for part in text.split(APART):
        joined = f"{lines[-1]}{APART}{part}" if lines[-1] else part
        if len(joined) <= room:
            lines[-1] = joined
        else:
            broken = textwrap.wrap(part, max(room, MIN_ROOM), break_long_words=False, break_on_hyphens=False)
            lines = [*(line for line in lines if line), *broken]
    return lines


def listed(values: list[str] | None) -> list[str]:
    """Return the names of an option that takes several, with commas or one by one."""
    return [name.strip() for value in values or () for name in value.split(",") if name.strip()]


def one_target(values: list[str] | None) -> str | None:
    """Return the one target that was named, if any."""
    if values and len(values) > 1:
        raise InputError(f"{len(values)} targets are named, {', '.join(map(repr, values))}; name one column.")
    return values[0] if values else None
