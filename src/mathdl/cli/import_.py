"""``mathdl import``: a network of another library."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mathdl.cli.text import columns, printable
from mathdl.errors import NotExpressibleError


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.onnx", help="A network in ONNX.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="The model file to write.", show_default="FILE.safetensors")] = None,
) -> None:
    """Read a network from an ONNX file, and save it as a model file.

    What PyTorch, Keras and others export becomes layers, which train, are inspected and certified like any other. Where
    something cannot be expressed, every such node is named with where it stands, and nothing is written.
    """
    from mathdl.runs.exchange import import_network

    try:
        found = import_network(file, out)
    except NotExpressibleError as error:
        for problem in error.problems:
            typer.echo(printable(problem), err=True)
        raise
    rows = [("layer", "output shape", "parameters")]
    shapes = [(repr(layer), layer.output_shape, layer.size) for layer in found.network.layers]
    rows += [(name, " x ".join(map(str, shape)), f"{size:,}") for name, shape, size in shapes]
    typer.echo(columns([*rows, ("total", "", f"{found.network.size:,}")], right=[2]))
    typer.echo(printable(f"{found.network.dtype} in {found.path}"))
