"""All items of the book, found by their numbers as people write them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from mathdl.book.item import ITEMS, KINDS, Item
from mathdl.errors import InputError

CHAPTERS = {
    "3": "Classification",
    "4": "Artificial neural networks",
    "5": "Kinds of learning",
    "6": "Regression",
    "7": "Support vector machines",
    "8": "Gradient descent",
    "9": "Backpropagation",
    "10": "Convolutional networks",
    "A": "The chain rule",
}
_KIND_OF = {  # words that people write for a kind, beside those of the ids
    "ex": "ex example exercise",
    "example examples": "ex example",
    "exercise exercises problem": "exercise",
    "rem remark remarks": "rem remark",
    "figure figures figs": "fig",
    "table tables": "tab",
    "theorem theorems": "thm",
    "definition definitions": "def",
    "equation equations eqn formula": "eq",
    "proposition": "prop",
    "section": "sec",
}
_SYNONYMS = {word: tuple(kinds.split()) for words, kinds in _KIND_OF.items() for word in words.split()}


@cache
def all_items() -> dict[str, Item]:
    """Return the items in the order of the book."""
    here = Path(__file__).parent
    rooms = sorted(found.name for found in iter_modules([str(here)]) if found.ispkg)
    for room in sorted(rooms, key=lambda room: room == "appendix"):
        for name in sorted((found.name for found in iter_modules([str(here / room)])), key=_natural):
            if re.fullmatch(r"introduction|section\w+|exercises\w*", name):
                import_module(f"mathdl.book.{room}.{name}")
    return ITEMS


def find(guess: str) -> list[Item]:
    """Return the items that a reader may mean, as by "4.2.1", "exercise 8.2 b" or "Fig. 6.6".

    A number that has parts means all of its parts. Raises InputError where there is none.
    """
    items = all_items()
    if guess in items:
        return [items[guess]]
    kinds, tokens = _read(guess)
    fitting = [id for id in items if kinds is None or id.partition("-")[0] in kinds]
    numbers = {id: _tokens(id.partition("-")[2]) for id in fitting}
    found = [id for id, number in numbers.items() if tokens and number == tokens]
    found = found or [id for id, number in numbers.items() if len(tokens) > 1 and number[: len(tokens)] == tokens]
    if found:
        return [items[id] for id in found]
    near = get_close_matches(guess.lower().replace(" ", "-"), items, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(near)}?" if near else "`mathdl book` lists what there is."
    raise InputError(f"The book has no item {guess!r} here; {advice}")


def of_chapter(chapter: str) -> list[Item]:
    """Return the items of a chapter."""
    return [item for item in all_items().values() if item.chapter == chapter]


def _read(guess: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Return the kinds that a guess may mean, None for any, and the parts of its number."""
    word, number = re.fullmatch(r"\s*([a-zA-Z]*)[\s.\-(]*(.*)", guess, re.DOTALL).groups()  # type: ignore[union-attr]
    word = word.lower()
    if word == "a":  # the appendix
        return None, _tokens(guess)
    if not word:
        return None, _tokens(number)
    return _SYNONYMS.get(word, (word,) if word in KINDS else ()), _tokens(number)


def _tokens(number: str) -> tuple[str, ...]:
    """Return the parts of a number: "8.2 (b)" as 8, 2, b."""
    return tuple(re.findall(r"\d+|[a-z]+", number.lower()))


def _natural(name: str) -> tuple[int, int]:
    """Return a key that puts the introduction first, sections by number, exercises last."""
    number = re.search(r"\d+", name)
    place = 0 if name == "introduction" else 2 if name.startswith("exercises") else 1
    return place, int(number[0]) if number else 0
