"""What documents have from the registry: the dictionary, the list of errata, and numbers in others.

``python -m mathdl.book.documents docs`` writes them.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FunctionType

import mathdl
from mathdl.book.item import Item
from mathdl.book.outcome import Outcome, run_item
from mathdl.book.registry import CHAPTERS, all_items, of_chapter
from mathdl.files.whole import write_whole

_MODULES = [name for name in dir(mathdl) if inspect.ismodule(getattr(mathdl, name))]
START, END = "<!-- numbers -->", "<!-- end of numbers -->"
BOOK = "Berlyand and Jabin, *Mathematics of Deep Learning: An Introduction* (De Gruyter, 2023)"


def dictionary() -> str:
    """Return the document that leads from the book's items to public names, and back."""
    lines = [
        "# The dictionary: from the book to the library, and back",
        f"Which public names do the work of which item of {BOOK}.\n"
        "`mathdl book ID` runs an item. This page is made of the items themselves (`make documents`).",
    ]
    places: dict[str, list[Item]] = {}
    for chapter, title in CHAPTERS.items():
        rows = []
        for item in of_chapter(chapter):
            names = public_names(item)
            for name in names:
                places.setdefault(name, []).append(item)
            rows.append(f'| <a id="{item.id}"></a>{item.kind} {item.number} | {_cell(item.title)} | {_listed(names)} |')
        if rows:
            lines += [f"## Chapter {chapter}: {title}", "\n".join(["| item | about | names |", "|---|---|---|", *rows])]
    rows = [f"| `{name}` | {', '.join(map(_link, places[name]))} |" for name in sorted(places, key=str.lower)]
    lines += ["## From the library to the book", "\n".join(["| name | items |", "|---|---|", *rows])]
    others = [name for name in dir(mathdl) if not name.startswith("__") and name not in places]
    lines.append(f"Public names that no item needs: {_listed([name for name in others if name not in _MODULES])}.")
    return "\n\n".join(lines) + "\n"


def errata(outcomes: Sequence[Outcome]) -> str:
    """Return the document of all errata, each with what shows it."""
    lines = [
        "# Errata of the book",
        f"What is printed in {BOOK},\n"
        "what shows that it fails, and what is right. Every entry is computed: `mathdl book --errata` does it again.\n"
        "This page is made of the items themselves (`make documents`).",
    ]
    for chapter, title in CHAPTERS.items():
        found = [outcome for outcome in outcomes if outcome.item.chapter == chapter and outcome.errata]
        if found:
            lines.append(f"## Chapter {chapter}: {title}")
        for outcome in found:
            lines.append(f"### {outcome.item.kind} {outcome.item.number}: {outcome.item.title}")
            for each in outcome.errata:
                shown = [f"- computed: {_text(str(finding))}" for finding in each.findings]
                lines.append(
                    "\n".join([f"- **printed:** {_text(each.printed)}", *shown, f"- **right:** {_text(each.right)}"])
                )
    return "\n\n".join(lines) + "\n"


def numbers() -> str:
    """Return the table of chapters: how many items there are."""
    rows = []
    for chapter, title in CHAPTERS.items():
        items = of_chapter(chapter)
        exercises, figures = (sum(item.kind == kind for item in items) for kind in ("Exercise", "Figure"))
        rows.append(f"| {chapter} {title} | {len(items)} | {exercises} | {figures} |")
    head = "| chapter | items | solved exercises among them | figures among them |"
    return "\n".join([f"All {len(all_items())} items run.", "", head, "|---|---:|---:|---:|", *rows])


def with_numbers(text: str, numbers: str) -> str:
    """Return a document with what stands between its two marks replaced."""
    before, first, rest = text.partition(START)
    _, last, after = rest.partition(END)
    return f"{before}{first}{numbers}{last}{after}"


def short_numbers() -> str:
    """Return how many items there are."""
    return str(len(all_items()))


def public_names(item: Item) -> list[str]:
    """Return the public names that an item's function uses, itself or by helpers in its module, in their order."""
    return list(dict.fromkeys(_names(item.function, set())))


def _names(function: object, seen: set[object]) -> Iterator[str]:
    """Give the names of ``mathdl`` in a function and in the book's functions that it calls."""
    if not isinstance(function, FunctionType) or function in seen or not function.__module__.startswith("mathdl.book."):
        return
    seen.add(function)
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if name.startswith("mathdl.") and _whole(name):
                yield name.removeprefix("mathdl.")
        elif isinstance(node, ast.Name):
            yield from _names(function.__globals__.get(node.id), seen)


def _whole(name: str) -> bool:
    """Tell whether a dotted name is a public name itself, not a part or a method of one."""
    _, first, *rest = name.split(".")
    return first in dir(mathdl) and len(rest) == (1 if first in _MODULES else 0)


def _listed(names: Sequence[str]) -> str:
    """Write names as code."""
    return ", ".join(f"`{name}`" for name in names)


def _link(item: Item) -> str:
    """Write an item as a link to its row."""
    return f"[{item.kind} {item.number}](#{item.id})"


def _cell(text: str) -> str:
    """Write a text so that it stays in its cell."""
    return _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Write a text so that Markdown shows it as it is."""
    for mark in "\\*_<":
        text = text.replace(mark, f"\\{mark}")
    return text


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write_whole(folder / "dictionary.md", dictionary())
    write_whole(folder / "errata.md", errata([run_item(item) for item in all_items().values() if item.has_errata]))
    for path, told in ((folder / "book.md", f"\n{numbers()}\n"), (folder.parent / "README.md", short_numbers())):
        write_whole(path, with_numbers(path.read_text(encoding="utf-8"), told))
