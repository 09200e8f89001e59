"""What a user says about how a table is to be read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from mathdl.errors import InputError

SHOWN_NAMES = 20  # in an error


class ReadingProgress(NamedTuple):
    """How far the reading of a large file is, in bytes of it."""

    name: str
    done: int
    total: int


class ReadingOptions(NamedTuple):
    """Which columns are read and as what; the defaults leave the decision to the data."""

    kinds: Mapping[str, str] = {}  # "number", "category" or "date" by column
    columns: Collection[str] | None = None  # the only features; None: all
    drop: Collection[str] = ()
    na: Collection[str] = ()  # texts that stand for a missing value, besides the usual ones
    header: bool = True
    progress: Callable[[ReadingProgress], None] | None = None


AS_THEY_COME = ReadingOptions()  # nothing was said


def require_known(titles: Collection[str], options: ReadingOptions, source: str) -> None:
    """Refuse options about a column that is not there."""
    for option, names in (("--drop", options.drop), ("--columns", options.columns or ()), ("--column", options.kinds)):
        for name in names:
            if name not in titles:
                close = get_close_matches(name, titles, n=1)
                hint = f"perhaps {close[0]!r} is meant" if close else f"its columns are: {listing(list(titles))}"
                raise InputError(f"{option} names {name!r}, which is no column of {source}; {hint}.")


def listing(names: list[str]) -> str:
    """List the names of columns, of many the first."""
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
