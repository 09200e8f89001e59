"""``mathdl predict``: ask a model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mathdl.cli.text import columns, listed, printable
from mathdl.errors import InputError

if TYPE_CHECKING:
    from mathdl.runs.predict import Predictions

STANDARD = "-"  # input or output, as other commands call them


def predict(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A model file that training wrote.", show_default=False)
    ],
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="INPUT", help="Pictures or their folders, or table files; - reads CSV.", show_default=False
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answers as JSON.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the answers to a .csv or .parquet file; - prints CSV.", show_default="print them"),
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
    """Predict the class, the value or the cluster of pictures or of a table's rows.

    With - as input and as --out, rows of CSV are answered as they come, a batch at a time, so that any number of them
    goes through a pipe.
    """
    from mathdl.runs.predict import predict as run_prediction

    piped = out is not None and str(out) == STANDARD
    if piped and as_json:
        raise InputError("--out - prints CSV and --json prints JSON; choose one of them.")
    if piped and [str(each) for each in inputs] == [STANDARD]:
        _answer_pipe(model, listed(keep), interval, strict=strict)
        return
    predictions = run_prediction(model, inputs, keep=listed(keep), interval=interval, strict=strict)
    for note in predictions.notes:
        typer.echo(printable(f"{note}."), err=True)
    if piped:
        typer.echo(predictions.to_csv(), nl=False)
        return
    if out is not None:
        predictions.to_table(out)
    if as_json:
        typer.echo(predictions.to_json())
    elif out is None:
        typer.echo(_listing(predictions))
    else:
        typer.echo(f"{len(predictions.names):,} answers in {out}")


def _answer_pipe(model: Path, keep: list[str], interval: float | None, *, strict: bool) -> None:
    """Answer the rows of the standard input on the standard output."""
    from mathdl.runs.predict import predict_batches

    batches = predict_batches(model, sys.stdin.buffer, keep=keep, interval=interval, strict=strict)
    for number, predictions in enumerate(batches):
        for note in predictions.notes:
            typer.echo(printable(f"{note}."), err=True)
        typer.echo(predictions.to_csv(header=number == 0), nl=False)


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
