"""Items that wait for a part of the library which is not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Waiting(NamedTuple):
    """An item that does not run yet: what it is about, and what it waits for."""

    title: str
    part: str


_TITLES: Mapping[str, Mapping[str, str]] = {}

WAITING: Mapping[str, Waiting] = MappingProxyType(
    {id: Waiting(title, part) for part, titles in _TITLES.items() for id, title in titles.items()}
)
