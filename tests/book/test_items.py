"""Every item of the book: it runs, what it finds holds, its line of Python works, its figure is drawn."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import mathdl
from mathdl.book.item import Item, chapter_of
from mathdl.book.outcome import Outcome, run_item
from mathdl.book.registry import CHAPTERS, all_items

ITEMS = all_items()
IDS = (Path(__file__).parent / "ids.txt").read_text(encoding="utf-8").split()
MAX_FIGURE = 300_000  # characters of a figure: more would make the page of all items heavy
# An item stands on public functions: what a reader can call too.
MAY_IMPORT = {
    "__future__",
    "collections",
    "fractions",
    "functools",
    "itertools",
    "math",
    "typing",
    "numpy",
    "scipy",
    "sklearn",
}


def test_every_item_of_the_book_runs() -> None:
    assert sorted(ITEMS) == sorted(IDS)
    assert {chapter_of(id) for id in IDS} == set(CHAPTERS)


@pytest.mark.parametrize("item", [pytest.param(item, id=id) for id, item in ITEMS.items() if not item.long])
def test_an_item_holds(item: Item) -> None:
    check(item, run_item(item))


@pytest.mark.parametrize("item", [pytest.param(item, id=id) for id, item in ITEMS.items() if item.long])
def test_a_long_item_holds_and_tells_how_far_it_is(item: Item) -> None:
    told: list[tuple[int, int]] = []
    outcome = run_item(item, progress=lambda done, total: told.append((done, total)))
    check(item, outcome)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def check(item: Item, outcome: Outcome) -> None:
    """Hold an item to what is common to all."""
    assert [str(found) for found in outcome.findings if not found.holds] == []
    for erratum in outcome.errata:
        assert [str(found) for found in erratum.findings if not found.holds] == []
        assert any(found.refutes for found in erratum.findings), erratum.printed
        assert any(not found.refutes for found in erratum.findings), erratum.right
    assert outcome.findings
    assert item.has_errata == bool(outcome.errata)
    assert all(type(found.holds) is bool for found in outcome.findings)
    assert len(item.statement) > 40, "the docstring states the item and explains its symbols"
    assert item.title[0].isupper()
    assert not item.title.endswith(".")
    if item.kind == "Exercise":
        assert any(found.why for found in outcome.findings), "the steps of a solution say why"
    for table in outcome.data:
        assert len({len(column) for column in table.columns.values()}) == 1
    json.dumps(outcome.to_dict(), allow_nan=False)
    if outcome.figure is not None:
        svg = ElementTree.fromstring(outcome.figure)
        assert svg.get("aria-label")
        assert len(outcome.figure) < MAX_FIGURE
        assert "nan" not in outcome.figure
    if item.kind == "Figure":
        assert item.panels
    if item.try_it:
        eval(compile(item.try_it, item.id, "eval"), {"mathdl": mathdl})
        assert len(item.try_it) <= 160


@pytest.mark.parametrize("id", [id for id, item in ITEMS.items() if not item.long])
def test_an_item_comes_again(id: str) -> None:
    first, again = run_item(ITEMS[id]), run_item(ITEMS[id])
    assert first.to_dict() == again.to_dict()


def modules() -> list[Any]:
    """The modules that declare items."""
    return sorted({inspect.getmodule(item.function) for item in ITEMS.values()}, key=str)


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__.removeprefix("mathdl.book."))
def test_items_use_what_is_public(module: Any) -> None:
    foreign = []
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        for name in names:
            allowed = name == "mathdl" or name.startswith(("mathdl.book.", "mathdl.plots", "mathdl.errors"))
            if not allowed and name.split(".")[0] not in MAY_IMPORT:
                foreign.append(name)
    assert foreign == []
