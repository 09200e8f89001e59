"""What a user says about how a table is to be read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple


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
