"""The numbers of a certificate, read by name; whatever is missing, malformed or never asked for is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mathdl.certificates.data import label_key
from mathdl.certificates.rationals import Refused, rational

MAX_SQUARED_LENGTHS = 10**13  # of texts: lowest terms take time by the square; measured, about half a minute


class Numbers:
    """What a certificate states and what shows it."""

    def __init__(self, values: Any) -> None:
        if not isinstance(values, dict):
            raise Refused(f"{str(values)[:40]!r} are no numbers by name")
        self._values, self._unread, self._effort = values, set(values), 0

    def plain(self, name: str) -> Any:
        """Return a value as it stands."""
        if name not in self._values:
            raise Refused(f"{name!r} is missing")
        self._unread.discard(name)
        return self._values[name]

    def has(self, name: str) -> bool:
        """Tell whether there is such a value."""
        return name in self._values

    def refuse_unread(self) -> None:
        """Refuse values that nobody asked for, since nothing shows what they seem to state."""
        if self._unread:
            raise Refused(f"{str(min(self._unread, key=str))[:40]!r} is none of the numbers of this certificate")

    def label(self, name: str) -> Any:
        """Return a label."""
        label_key(value := self.plain(name))
        return value

    def labels(self, name: str) -> list[Any]:
        """Return a list of labels."""
        found = self.plain(name)
        if not isinstance(found, list):
            raise Refused(f"{name!r} is no list of labels")
        return found

    def number(self, name: str) -> Fraction:
        """Return one number."""
        return self._read(self.plain(name))

    def vector(self, name: str, length: int) -> list[Fraction]:
        """Return so many numbers."""
        return [self._read(value) for value in self._list(name, self.plain(name), length)]

    def matrix(self, name: str, rows: int, columns: int) -> list[list[Fraction]]:
        """Return so many rows of so many numbers."""
        found = self._list(name, self.plain(name), rows)
        return [[self._read(value) for value in self._list(name, row, columns)] for row in found]

    def whole(self, name: str, length: int) -> list[int]:
        """Return so many whole numbers."""
        found = self._list(name, self.plain(name), length)
        if not all(type(value) is int for value in found):
            raise Refused(f"{name!r} is no list of whole numbers")
        return found

    def indices(self, name: str, limit: int) -> list[int]:
        """Return whole numbers from 0 to below ``limit``, none of them twice."""
        found = self.plain(name)
        if not isinstance(found, list) or not all(type(i) is int and 0 <= i < limit for i in found):
            raise Refused(f"{name!r} is no list of whole numbers below {limit}")
        if len(set(found)) != len(found):
            raise Refused(f"{name!r} holds a number twice")
        return found

    def _read(self, text: Any) -> Fraction:
        if isinstance(text, str):
            self._effort += len(text) ** 2
            if self._effort > MAX_SQUARED_LENGTHS:
                raise Refused("its numbers are longer than this checker reads")
        return rational(text)

    def _list(self, name: str, value: Any, length: int) -> list[Any]:
        if not isinstance(value, list) or len(value) != length:
            raise Refused(f"{name!r} is no list of {length}")
        return value
