"""What an experiment of the book gives: numbers, what they show, and a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Progress = Callable[[int, int], None]
"""Is told how many parts of an experiment are done, and how many there are."""


@dataclass(frozen=True)
class Finding:
    """A statement that the numbers show to hold, or not."""

    statement: str
    holds: bool


@dataclass(frozen=True)
class Experiment:
    """The outcome of an experiment."""

    id: str  # the book's item, such as "tab-8.1"
    title: str
    table: Mapping[str, Sequence[Any]]  # columns of one length; None where there is no number
    findings: tuple[Finding, ...]
    picture: str  # an SVG
    series: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # the numbers behind the picture

    @property
    def holds(self) -> bool:
        """Whether every finding holds."""
        return all(finding.holds for finding in self.findings)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the table's head and rows."""
        return [tuple(self.table), *zip(*self.table.values(), strict=True)]

    def to_dict(self) -> dict[str, Any]:
        """Return all but the picture as a dictionary that JSON can hold."""
        return {
            "id": self.id,
            "title": self.title,
            "table": {name: list(column) for name, column in self.table.items()},
            "findings": [{"statement": finding.statement, "holds": finding.holds} for finding in self.findings],
            "series": {name: list(numbers) for name, numbers in self.series.items()},
        }


def no_progress(done: int, total: int) -> None:
    """Say nothing about the progress."""
