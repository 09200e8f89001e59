"""The numbers of a certificate, read by name; whatever is missing or malformed is refused."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mathdl.certificates.rationals import Refused, rational


class Numbers:
    """What a certificate states and what shows it."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def plain(self, name: str) -> Any:
        """Return a value as it stands, such as a label."""
        if name not in self._values:
            raise Refused(f"{name!r} is missing")
        return self._values[name]

    def has(self, name: str) -> bool:
        """Tell whether there is such a value."""
        return name in self._values

    def number(self, name: str) -> Fraction:
        """Return one number."""
        return rational(self.plain(name))

    def vector(self, name: str, length: int) -> list[Fraction]:
        """Return so many numbers."""
        return [rational(value) for value in self._list(name, self.plain(name), length)]

    def matrix(self, name: str, rows: int, columns: int) -> list[list[Fraction]]:
        """Return so many rows of so many numbers."""
        found = self._list(name, self.plain(name), rows)
        return [[rational(value) for value in self._list(name, row, columns)] for row in found]

    def indices(self, name: str, limit: int) -> list[int]:
        """Return whole numbers from 0 to below ``limit``, none of them twice."""
        found = self.plain(name)
        if not isinstance(found, list) or not all(type(i) is int and 0 <= i < limit for i in found):
            raise Refused(f"{name!r} is no list of whole numbers below {limit}")
        if len(set(found)) != len(found):
            raise Refused(f"{name!r} holds a number twice")
        return found

    def _list(self, name: str, value: Any, length: int) -> list[Any]:
        if not isinstance(value, list) or len(value) != length:
            raise Refused(f"{name!r} is no list of {length}")
        return value
