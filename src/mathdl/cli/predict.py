"""``mathdl predict``: ask a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mathdl.cli.text import columns, listed, printable

if TYPE_CHECKING:
    from mathdl.runs.predict import Predictions


def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A model file that training wrote.", show_default=False)
    ],
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT", help="Pictures or their folders, or table files.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the answers to a .csv or .parquet file.", show_default="print them"),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="<a,b,...>", help="Columns of the table that go with the answers.", show_default="the id"),
    ] = None,
    interval: Annotated[
        float | None,
        typer.Option(
            metavar="<0 to 1>", help="Add intervals or sets that hold the truth so often.", show_default="no intervals"
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse categories and gaps that training did not have.")
    ] = False,
) -> None:
    """Predict the class, the value or the cluster of pictures or of a table's rows."""
    from mathdl.runs.predict import predict as run_prediction

    predictions = run_prediction(model, inputs, keep=listed(keep), interval=interval, strict=strict)
    for note in predictions.notes:
        typer.echo(printable(f"{note}."), err=True)
    if out is not None:
        predictions.to_table(out)
    if as_json:
        typer.echo(predictions.to_json())
    elif out is None:
        typer.echo(_listing(predictions))
    else:
        typer.echo(f"{len(predictions.names):,} answers in {out}")


def _listing(predictions: Predictions) -> str:
    """Write one line an object: its name, what is kept, the answer, and how sure it is."""
    shown: list[tuple[str, Sequence[Any]]] = [("name", predictions.names)]
    shown += [(name, ["" if value is None else value for value in kept]) for name, kept in predictions.kept.items()]
    right = []
    if predictions.labels:
        shown.append(("class" if predictions.kind == "label" else "cluster", predictions.labels))
    else:
        right.append(len(shown))
        shown.append(("value", [f"{value:.6g}" for value in predictions.values]))
    if predictions.probabilities is not None:
        right.append(len(shown))
        shown.append(("probability", [f"{chance:.4f}" for chance in predictions.probabilities.max(axis=1)]))
    if predictions.intervals is not None:
        right += [len(shown), len(shown) + 1]
        for name, ends in zip(("low", "high"), predictions.intervals.T, strict=True):
            shown.append((name, [f"{end:.6g}" for end in ends]))
    if predictions.sets is not None:
        shown.append(("set", [", ".join(map(str, classes)) or "none" for classes in predictions.sets]))
    heads, values = zip(*shown, strict=True)
    return columns([heads, *zip(*values, strict=True)], right=right)
