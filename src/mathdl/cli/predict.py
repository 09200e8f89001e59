"""``mathdl predict``: ask a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mathdl.cli.text import columns

if TYPE_CHECKING:
    from mathdl.runs.predict import Predictions


def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A model file that training wrote.", show_default=False)
    ],
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT", help="Pictures or their folders, or one table file.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the answers to a .csv or .parquet file.", show_default="print them"),
    ] = None,
) -> None:
    """Predict the class, the value or the cluster of pictures or of a table's rows."""
    from mathdl.runs.predict import predict as run_prediction

    predictions = run_prediction(model, inputs)
    if out is not None:
        predictions.to_table(out)
    if as_json:
        typer.echo(predictions.to_json())
    elif out is None:
        typer.echo(_listing(predictions))
    else:
        typer.echo(f"{len(predictions.names):,} answers in {out}")


def _listing(predictions: Predictions) -> str:
    """Write one line an object: its name and the answer."""
    if predictions.labels and predictions.probabilities is None:
        kind = "class" if predictions.class_names else "cluster"
        return columns([("name", kind), *zip(predictions.names, predictions.labels, strict=True)])
    if predictions.probabilities is None:
        values = [f"{value:.6g}" for value in predictions.values]
        return columns([("name", "value"), *zip(predictions.names, values, strict=True)], right=[1])
    chances = [f"{chance:.4f}" for chance in predictions.probabilities.max(axis=1)]
    rows = zip(predictions.names, predictions.labels, chances, strict=True)
    return columns([("name", "class", "probability"), *rows], right=[2])
