"""Marking the names that stand on both of two lists, with the number of names that are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


class Names:
    """A list of names that counts how often one of them is read."""

    def __init__(self, names: Sequence[Any]) -> None:
        self._names, self.reads = names, 0

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, place: int) -> Any:
        self.reads += 1
        return self._names[place]

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))


def merge(a: Names, b: Names) -> list[Any]:
    """Return the common names of two lists in alphabetical order: both are gone through at the same time."""
    common = []
    left, right = iter(a), iter(b)
    x, y = next(left, None), next(right, None)
    while x is not None and y is not None:
        if x == y:
            common.append(x)
            x, y = next(left, None), next(right, None)
        elif x < y:
            x = next(left, None)
        else:
            y = next(right, None)
    return common


def scan(a: Names, b: Names) -> list[Any]:
    """Return the common names of two lists in any order: for each name of b, a is gone through from its start."""
    return [name for name in b if any(other == name for other in a)]


def search(a: Names, b: Names) -> list[Any]:
    """Return the common names where a is in alphabetical order: each name of b is looked up by halving."""
    return [name for name in b if is_in(a, name)]


def is_in(a: Names, name: Any) -> bool:
    """Whether a name is on a list in alphabetical order, by binary search."""
    first, last = 0, len(a)
    while first < last:
        middle = (first + last) // 2
        found = a[middle]
        if found == name:
            return True
        first, last = (middle + 1, last) if found < name else (first, middle)
    return False


def reads(method: Any, a: Sequence[Any], b: Sequence[Any]) -> int:
    """Return how many names a method reads."""
    left, right = Names(a), Names(b)
    method(left, right)
    return left.reads + right.reads
