"""Text for the terminal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, TextIO

from mathdl.errors import InputError


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


def listed(values: list[str] | None) -> list[str]:
    """Return the names of an option that takes several, with commas or one by one."""
    return [name.strip() for value in values or () for name in value.split(",") if name.strip()]


def one_target(values: list[str] | None) -> str | None:
    """Return the one target that was named, if any."""
    if values and len(values) > 1:
        raise InputError(f"{len(values)} targets are named, {', '.join(map(repr, values))}; name one column.")
    return values[0] if values else None
