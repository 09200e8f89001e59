"""``mathdl book``: the book's items, run again."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from mathdl.book.finding import Erratum, Finding, Table, written
from mathdl.book.item import Item
from mathdl.book.outcome import Outcome, run_item
from mathdl.book.registry import CHAPTERS, all_items, find, of_chapter
from mathdl.cli.counting_bar import counting_bar
from mathdl.cli.text import columns, printable
from mathdl.errors import InputError
from mathdl.files.whole import write_whole

WIDEST = 100  # characters of a line of text: longer ones are hard to read


def book(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]", help="A chapter, or an item: 8, tab-8.1, 4.2.1, exercise 8.2b.", show_default="list them"
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Run all items, of the chapter where one is given.")] = False,
    errata: Annotated[bool, typer.Option("--errata", help="Show what is printed wrong, and what is right.")] = False,
    solution: Annotated[bool, typer.Option("--solution", help="Show an exercise's solution step by step.")] = False,
    chapter: Annotated[str | None, typer.Option(help="Of this chapter alone.", show_default="all")] = None,
    figures: Annotated[Path | None, typer.Option(help="Folder to draw all figures into.", show_default="none")] = None,
    page: Annotated[Path | None, typer.Option(help="File for one page of all items.", show_default="none")] = None,
    seed: Annotated[int, typer.Option(help="Makes a run repeatable.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for an item's picture, ID.svg.")] = Path("book"),
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Run the book's theorems, examples, figures and exercises again.

    An item prints what it says, its numbers and what they show, its errata, and a line for Python, and draws its
    picture. Ends with code 1 where a finding fails. Without ID it lists the items there are.
    """
    named = " ".join(words or ())
    if named in CHAPTERS:
        named, chapter = "", named
    if chapter is not None and chapter not in CHAPTERS:
        raise InputError(f"The book has no chapter {chapter!r} here; give one of {', '.join(CHAPTERS)}.")
    chosen = find(named) if named else of_chapter(chapter) if chapter else list(all_items().values())
    if check:
        _check(chosen, seed, as_json)
    elif errata:
        _errata([item for item in chosen if item.has_errata], seed, as_json)
    elif figures is not None:
        _figures([item for item in chosen if item.panels], figures, seed)
    elif page is not None:
        _page(chosen, page, seed)
    elif named:
        _show(chosen, seed, out, solution, as_json)
    else:
        _list(chapter, as_json)


def _list(chapter: str | None, as_json: bool) -> None:
    """List the items by chapter."""
    if as_json:
        _print_json({item.id: {"title": item.title} for item in all_items().values()})
        return
    parts = []
    for number, title in CHAPTERS.items():
        if chapter in (None, number):
            rows = [(f"  {item.id}", item.title) for item in of_chapter(number)]
            parts.append(f"chapter {number}  {title}\n{columns(rows)}")
    typer.echo("\n\n".join(parts))


def _show(chosen: Sequence[Item], seed: int, out: Path, solution: bool, as_json: bool) -> None:
    """Run items, print what they found and draw their pictures."""
    if any(item.panels for item in chosen):
        _require_folder(out)
    outcomes, pictures = [], {}
    for item in chosen:
        with counting_bar(item.title) as progress:
            outcomes.append(run_item(item, seed, progress))
        if not as_json:  # before the picture, which takes longer than most items
            typer.echo(("\n\n" if len(outcomes) > 1 else "") + _description(outcomes[-1], solution))
        if (figure := outcomes[-1].figure) is not None:
            pictures[item.id] = out / f"{item.id}.svg"
            out.mkdir(parents=True, exist_ok=True)
            write_whole(pictures[item.id], figure)
            if not as_json:
                typer.echo(("" if item.try_it else "\n") + f"picture    {printable(pictures[item.id])}")
    if as_json:
        records = [{**each.to_dict(), "picture": _path(pictures.get(each.item.id))} for each in outcomes]
        _print_json(records[0] if len(records) == 1 else records)
    if not all(outcome.holds for outcome in outcomes):
        raise typer.Exit(1)


def _check(chosen: Sequence[Item], seed: int, as_json: bool) -> None:
    """Run items and say how many passed."""
    outcomes = _run_all(chosen, seed)
    failed = [each for each in outcomes if not each.holds]
    errata = sum(len(each.errata) for each in outcomes)
    if as_json:
        _print_json(
            {"passed": [each.item.id for each in outcomes if each.holds], "failed": [each.item.id for each in failed]}
            | {"errata": errata}
        )
    else:
        for outcome in failed:
            wrong = [*outcome.findings, *(found for each in outcome.errata for found in each.findings)]
            typer.echo(columns([(outcome.item.id, "FAILS", str(found)) for found in wrong if not found.holds]))
        typer.echo(f"passed {len(outcomes) - len(failed)}, failed {len(failed)}, errata {errata}")
    if failed:
        raise typer.Exit(1)


def _errata(chosen: Sequence[Item], seed: int, as_json: bool) -> None:
    """Print what is wrong in print, what shows it, and what is right."""
    outcomes = _run_all(chosen, seed)
    if as_json:
        _print_json({each.item.id: each.to_dict()["errata"] for each in outcomes})
        return
    parts = [f"{_name(each.item)}\n\n" + "\n\n".join(map(_erratum, each.errata)) for each in outcomes]
    typer.echo("\n\n\n".join(parts) if parts else "No erratum is known here.")


def _figures(chosen: Sequence[Item], folder: Path, seed: int) -> None:
    """Draw the figures of items into a folder."""
    _require_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for outcome in _run_all(chosen, seed):
        write_whole(folder / f"{outcome.item.id}.svg", outcome.figure or "")
    typer.echo(f"{len(chosen)} figure{'s' if len(chosen) != 1 else ''} in {printable(folder)}")


def _page(chosen: Sequence[Item], path: Path, seed: int) -> None:
    """Write one page of all items."""
    from mathdl.book.page import render_page

    if path.is_dir():
        raise InputError(f"{path} is a folder, but the page goes into a file; name one, such as book.html.")
    write_whole(path, render_page(_run_all(chosen, seed)))
    typer.echo(f"page  {printable(path)}")


def _run_all(chosen: Sequence[Item], seed: int) -> list[Outcome]:
    """Run items with a bar."""
    outcomes = []
    with counting_bar("items") as progress:
        for k, item in enumerate(chosen):
            progress(k, len(chosen))
            outcomes.append(run_item(item, seed))
        progress(len(chosen), len(chosen))
    return outcomes


def _description(outcome: Outcome, solution: bool) -> str:
    """Write what an item says and found."""
    item = outcome.item
    parts = [_name(item), *(_wrapped(each) for each in item.statement.split("\n\n"))]
    if item.kind == "Exercise" and not solution:
        parts.append(f"solution   mathdl book {item.id} --solution")
    else:
        parts += map(_table, outcome.data)
        parts.append("\n".join(map(_finding, outcome.findings)))
        parts += map(_erratum, outcome.errata)
    if item.try_it:
        parts.append(f"in Python  {item.try_it}")
    return "\n\n".join(parts)


def _name(item: Item) -> str:
    """Write the number and the title of an item."""
    return f"{item.kind} {item.number} ({item.id}): {item.title}"


def _finding(finding: Finding) -> str:
    """Write a finding behind whether it holds, with the reason under it."""
    told = _wrapped(str(finding), "holds  " if finding.holds else "FAILS  ")
    return f"{told}\n{_wrapped(finding.why, '       ')}" if finding.why else told


def _erratum(erratum: Erratum) -> str:
    """Write an erratum and what shows it."""
    lines = [_wrapped(erratum.printed, "printed   "), *(_wrapped(str(each), "computed  ") for each in erratum.findings)]
    return "\n".join([*lines, _wrapped(erratum.right, "right     ")])


def _table(table: Table) -> str:
    """Write a table."""
    head, *rows = table.rows()
    right = [k for k, cell in enumerate(rows[0]) if not isinstance(cell, str)]
    return columns([head, *([_cell(cell) for cell in row] for row in rows)], right=right)


def _cell(value: Any) -> str:
    """Write a cell of a table."""
    return "-" if value is None else written(value)


def _wrapped(text: str, first: str = "") -> str:
    """Break a text into lines that the terminal has room for, behind a word that stands before the first."""
    width = min(WIDEST, shutil.get_terminal_size().columns)
    return textwrap.fill(
        printable(text.replace("\n", " ")), width, initial_indent=first, subsequent_indent=" " * len(first)
    )


def _print_json(content: Any) -> None:
    """Print as strict JSON."""
    from mathdl.runs.strict_json import strict_json

    typer.echo(strict_json(content))


def _path(path: Path | None) -> str | None:
    """Return a path as JSON can hold it."""
    return None if path is None else str(path)


def _require_folder(out: Path) -> None:
    """Raise an error where a folder cannot be one."""
    from mathdl.runs.outputs import checked_folder

    checked_folder(out)
