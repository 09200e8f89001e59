"""``mathdl compare``: tries all models that suit the data."""

from __future__ import annotations

import warnings
from contextlib import closing
from typing import Annotated

import typer

from mathdl.cli.text import columns, listed, one_target, printable
from mathdl.errors import DivergenceWarning


def compare(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A table file, or what else train takes.", show_default=False)
    ],
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="<text>", help="The column to learn; tables need one.", show_default=False),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="<a,b,...>", help="Columns to leave out.", show_default="nothing")
    ] = None,
    cv: Annotated[
        int | None,
        typer.Option(help="Folds of a cross-validation; 0: a test part.", show_default="5 below 1,000 rows"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Makes a run repeatable.")] = 0,
    certify: Annotated[bool, typer.Option("--certify", help="Mark what is proved.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that train folds at once; the result is the same.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Fit all models that suit the data on the same folds, and print one line for each."""
    from joblib import parallel_config

    from mathdl.cli.progress import progress
    from mathdl.runs.compare import compare as run_comparison

    with closing(progress()) as shown, warnings.catch_warnings(), parallel_config(n_jobs=jobs):
        warnings.simplefilter("ignore", DivergenceWarning)  # the status says it
        found = run_comparison(
            source,
            target=one_target(target),
            drop=listed(drop),
            cv=cv,
            seed=seed,
            certify=certify,
            callbacks=(shown,),
        )
    if as_json:
        typer.echo(found.to_json())
        return
    typer.echo(columns(found.table(), right=[2, 3]))
    for model, reason in found.failed.items():
        typer.echo(printable(f"{model}: {reason}"), err=True)
