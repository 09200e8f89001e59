"""The documents that are made of the items are as the items are now."""

from __future__ import annotations

import re
from pathlib import Path

import mathdl
from mathdl.book.documents import dictionary, errata, numbers, public_names, short_numbers, with_numbers
from mathdl.book.outcome import run_item
from mathdl.book.registry import all_items

DOCS = Path(__file__).parents[2] / "docs"
ADVICE = "run `make documents`"


def masked(text: str) -> str:
    """A text without its decimal fractions, whose last digits differ between processors."""
    return re.sub(r"-?\d+\.\d+(e[-+]?\d+)?|-?\d+e[-+]?\d+", "#", text)


def test_the_dictionary_is_current() -> None:
    assert (DOCS / "dictionary.md").read_text(encoding="utf-8") == dictionary(), ADVICE


def test_the_errata_are_current() -> None:
    written = (DOCS / "errata.md").read_text(encoding="utf-8")
    found = errata([run_item(item) for item in all_items().values() if item.has_errata])
    assert masked(written) == masked(found), ADVICE


def test_the_numbers_are_current() -> None:
    for path, told in ((DOCS / "book.md", f"\n{numbers()}\n"), (DOCS.parent / "README.md", short_numbers())):
        text = path.read_text(encoding="utf-8")
        assert text == with_numbers(text, told), ADVICE


def test_the_names_of_an_item_are_those_of_its_helpers_too() -> None:
    assert public_names(all_items()["tab-8.1"]) == ["Quadratic", "gradient_descent", "SGD"]


def test_every_public_name_stands_in_the_dictionary() -> None:
    text = dictionary()
    assert [
        name
        for name in mathdl.__all__
        if not name.startswith("__") and name not in mathdl._ROOMS
        if f"`{name}`" not in text
    ] == []
