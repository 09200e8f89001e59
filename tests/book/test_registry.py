"""Items are found as people write their numbers."""

from __future__ import annotations

import pytest

from mathdl.book import items, run
from mathdl.book.item import ITEMS, chapter_of, item
from mathdl.book.registry import CHAPTERS, all_items, find, of_chapter
from mathdl.errors import InputError


@pytest.mark.parametrize("guess", ["tab-8.1", "Table 8.1", "tab. 8.1", " TABLE  8.1 ", "table 8 . 1", "tables 8.1"])
def test_a_guess_is_understood(guess: str) -> None:
    assert [found.id for found in find(guess)] == ["tab-8.1"]


@pytest.mark.parametrize(
    ("guess", "message"),
    [
        ("tab-8.9", r"The book has no item 'tab-8.9' here; did you mean tab-8\.1"),
        ("?", r"`mathdl book` lists what there is"),
        ("", r"`mathdl book` lists what there is"),
        ("8", r"no item '8'"),
    ],
)
def test_what_is_not_there_is_refused_with_advice(guess: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find(guess)


def test_chapters() -> None:
    assert chapter_of("exercise-10.8ii") == "10"
    assert chapter_of("thm-A.0.1") == "A"
    assert chapter_of("claim-8-critical") == "8"
    assert [found.chapter for found in of_chapter("8")] == ["8"] * len(of_chapter("8"))


def test_items_stand_in_the_order_of_the_book() -> None:
    chapters = [list(CHAPTERS).index(found.chapter) for found in items()]
    assert chapters == sorted(chapters)


def test_an_item_is_declared_once() -> None:
    with pytest.raises(ValueError, match=r"tab-8\.1 is declared twice"):
        item("tab-8.1", "Again")(lambda: iter(()))
    assert all_items() is ITEMS


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed is -1"):
        run("tab-8.1", seed=-1)
