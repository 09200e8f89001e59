"""``mathdl evaluate``: scores a model on new data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mathdl.cli.text import facts, one_target, printable


def evaluate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A model file that training wrote.", show_default=False)
    ],
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="A table with the target, or a folder of pictures by class.", show_default=False
        ),
    ],
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="<text>", help="The column to compare with.", show_default="that of the training"),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse categories and gaps that training did not have.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the report and the scores as JSON.", show_default="nothing is written"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as JSON.")] = False,
) -> None:
    """Score a model on data that it has not seen, each score with its interval of 95 %."""
    from mathdl.runs.new_data import evaluate as run_evaluation
    from mathdl.runs.new_data_scores import PAGE

    found = run_evaluation(model, data, target=one_target(target), strict=strict, out=out)
    for note in found.notes:
        typer.echo(printable(f"{note}."), err=True)
    written = [] if out is None else [("report", out / PAGE)]
    typer.echo(found.to_json() if as_json else facts([*found.lines(), *written]))
