"""``mathdl export``: a model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mathdl.cli.text import columns, printable


def export(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A model file that training wrote.", show_default=False)
    ],
    to: Annotated[str, typer.Option(metavar="<onnx>", help="The format.")] = "onnx",
    out: Annotated[Path | None, typer.Option(help="The file to write.", show_default="MODEL, ending in .onnx")] = None,
) -> None:
    """Write a model in the format of other programs.

    ONNX holds the model with its preprocessing, and ONNX Runtime answers as mathdl predict does. Networks keep their
    precision, other models compute in double.
    """
    from mathdl.runs.exchange import export as run_export

    written = run_export(model, to, out)
    for note in written.notes:
        typer.echo(printable(f"{note}."), err=True)
    rows = [("file", written.path), ("inputs", ", ".join(written.inputs)), ("outputs", ", ".join(written.outputs))]
    typer.echo(columns(rows))
