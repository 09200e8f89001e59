"""``mathdl book``: the book's examples, tables, figures and exercises, run again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mathdl.book.catalogue import CATALOGUE, run_experiment
from mathdl.cli.text import columns, printable
from mathdl.files.whole import write_whole

if TYPE_CHECKING:
    from mathdl.book.experiment import Experiment, Progress


def book(
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The book's item, such as tab-8.1.", show_default="list them")
    ] = None,
    seed: Annotated[int, typer.Option(help="Makes a run repeatable.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for the picture, ID.svg.")] = Path("book"),
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Run an experiment of the book again.

    Prints its numbers and what they show, and draws a picture. Ends with code 1 where a finding fails. Without ID it
    lists the experiments there are.
    """
    from mathdl.runs.strict_json import strict_json

    if id is None:
        typer.echo(strict_json({name: entry.title for name, entry in CATALOGUE.items()}) if as_json else _listing())
        return
    from mathdl.runs.outputs import checked_folder, make_folder

    checked_folder(out)
    with _progress() as progress:
        experiment = run_experiment(id, seed, progress)
    picture = out / f"{experiment.id}.svg"
    make_folder(out)
    write_whole(picture, experiment.picture)
    record = {**experiment.to_dict(), "seed": seed, "picture": str(picture)}
    typer.echo(strict_json(record) if as_json else _description(experiment, picture))
    if not experiment.holds:
        raise typer.Exit(1)


def _listing() -> str:
    """List the experiments by chapter."""
    parts = []
    for chapter in dict.fromkeys(entry.chapter for entry in CATALOGUE.values()):
        rows = [(f"  {name}", entry.title) for name, entry in CATALOGUE.items() if entry.chapter == chapter]
        parts.append(f"chapter {chapter}\n{columns(rows)}")
    return "\n\n".join(parts)


def _description(experiment: Experiment, picture: Path) -> str:
    """Write the table, the findings and where the picture is."""
    head, *rows = experiment.rows()
    right = [k for k, cell in enumerate(rows[0]) if not isinstance(cell, str)]
    table = columns([head, *([_cell(cell) for cell in row] for row in rows)], right=right)
    findings = columns([("holds" if found.holds else "FAILS", found.statement) for found in experiment.findings])
    return "\n\n".join([f"{experiment.id}: {experiment.title}", table, findings, f"picture  {printable(picture)}"])


def _cell(value: Any) -> str:
    """Write a cell of the table."""
    return "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Give what shows how far an experiment is: a bar where standard error is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("runs", visible=False)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)
            bar.refresh()

        yield show
