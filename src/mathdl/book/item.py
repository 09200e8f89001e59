"""The numbered items of the book: each one function that declares itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mathdl.book.finding import Findings

Progress = Callable[[int, int], None]
"""Is told how many parts of an item are done, and how many there are."""

KINDS = {
    "claim": "Claim",
    "def": "Definition",
    "eq": "Equation",
    "ex": "Example",
    "example": "Example",
    "exercise": "Exercise",
    "fig": "Figure",
    "prop": "Proposition",
    "rem": "Remark",
    "remark": "Remark",
    "sec": "Section",
    "tab": "Table",
    "thm": "Theorem",
}
ITEMS: dict[str, Item] = {}


class Panel(NamedTuple):
    """One panel of a figure: what it shows, what draws it, and its size in inches."""

    description: str
    draw: Callable[..., object]
    size: tuple[float, float]


@dataclass
class Item:
    """One numbered item: what it is, and the function that computes what it shows.

    Attributes
    ----------
    id : str
        Such as "example-4.2.1", "exercise-8.2b" or "thm-8.1.2".
    title : str
        What it is about, in a few words.
    function : callable
        Gives the findings, errata and tables. It may take ``seed`` and ``progress``. Its docstring states the item
        and explains the symbols.
    try_it : str
        A line of Python that has the library do the work; empty where there is none.
    panels : list of Panel
        Of its figure.
    """

    id: str
    title: str
    function: Callable[..., Findings]
    try_it: str = ""
    panels: list[Panel] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind in full, such as "Theorem"."""
        return KINDS[self.id.partition("-")[0]]

    @property
    def number(self) -> str:
        """The number in the book, such as "8.2b"; for claims the section and a word."""
        return self.id.partition("-")[2]

    @property
    def chapter(self) -> str:
        """The chapter's number, or "A"."""
        return chapter_of(self.id)

    @property
    def statement(self) -> str:
        """What it says."""
        return inspect.getdoc(self.function) or ""

    @property
    def long(self) -> bool:
        """Whether it takes seconds, so that it says how far it is."""
        return "progress" in inspect.signature(self.function).parameters

    @property
    def has_errata(self) -> bool:
        """Whether it gives errata, as its function's calls tell without running it."""
        return "erratum" in self.function.__code__.co_names

    def figure(self, description: str, size: tuple[float, float] = (3.9, 2.5)) -> Callable[[Any], Any]:
        """Declare a function that draws a panel of the figure into ``ax``; ``description`` says what it shows."""

        def declare(draw: Callable[..., object]) -> Callable[..., object]:
            self.panels.append(Panel(description, draw, size))
            return draw

        return declare


def item(id: str, title: str, *, try_it: str = "") -> Callable[[Callable[..., Findings]], Item]:
    """Declare a function as an item of the book."""

    def declare(function: Callable[..., Findings]) -> Item:
        if id in ITEMS:
            raise ValueError(f"{id} is declared twice")
        ITEMS[id] = Item(id, title, function, try_it)
        return ITEMS[id]

    return declare


def chapter_of(id: str) -> str:
    """Return the chapter of an item by its id."""
    found = re.match(r"\d+|A", id.partition("-")[2])
    return found[0] if found else ""
