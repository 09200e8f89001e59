"""``mathdl inspect``: what a model file holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mathdl.cli.robustness_text import robustness_text
from mathdl.cli.text import columns, printable
from mathdl.errors import InputError

if TYPE_CHECKING:
    from mathdl.runs.inspect import Inspection
    from mathdl.runs.regions import RegionPicture


def inspect(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="A model file that training wrote, or a network's .onnx.", show_default=False
        ),
    ],
    operations: Annotated[
        bool, typer.Option("--operations", help="Count the operations of every layer for one object.")
    ] = False,
    pictures: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Draw kernels, feature maps and pixels that matter into a folder.", show_default="none"
        ),
    ] = None,
    regions: Annotated[
        bool, typer.Option("--regions", help="Draw the affine pieces of a network into regions.svg beside the model.")
    ] = False,
    robustness: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RADIUS",
            help="Certify or refute that answers stay while numbers change by at most so much: of pixels from 0 to 1, "
            "of a table in standard deviations, or COLUMN=RADIUS in the column's unit, several times.",
            show_default="none",
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.0, help="With --robustness: how long to look for proofs and counterexamples.")
    ] = 60.0,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="SOURCE",
            help="What to draw them of: digits, mnist, a folder of pictures, a picture, an NPZ file; pieces also "
            "around the rows of a table; with --robustness, data with answers as mathdl evaluate takes them.",
            show_default="what it was trained on",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show what a model file holds.

    Prints the layers with their shapes and parameters, or what an estimator has learned, the preprocessing and the
    training record. With --operations: additions, products and so on of each layer, forward and in the steps of
    backpropagation, without the loss, and the memory. With --pictures, for models of pictures and signals: kernels,
    feature maps, the patches of the data to which kernels respond most, and the pixels that answers depend on. With
    --regions: how many affine pieces the network has, with a picture of them. With --robustness: of which objects of
    the test data no change up to a radius turns the class, with certificates, and of which one does, with pictures; for
    models of tables also how far each column may change alone.
    """
    if regions and robustness:
        raise InputError("--regions and --robustness exclude each other; give one of them.")
    if robustness:
        from mathdl.runs.robustness import inspect_robustness

        report = inspect_robustness(model, _radius(robustness), data, seconds, _Progress())
        for note in report.notes:
            typer.echo(printable(f"{note}."), err=True)
        typer.echo(report.to_json() if as_json else robustness_text(report))
        return
    if regions:
        from mathdl.runs.regions import draw_regions

        drawn = draw_regions(model, data)
        typer.echo(drawn.to_json() if as_json else columns(list(_drawn(drawn))))
        return
    from mathdl.runs.inspect import inspect as run_inspection

    inspection = run_inspection(model, operations, pictures=pictures, data=data, progress=_Progress())
    for note in inspection.notes:
        typer.echo(printable(f"{note}."), err=True)
    typer.echo(inspection.to_json() if as_json else _description(inspection))


def _radius(given: list[str]) -> float | dict[str, float]:
    """Read a radius, or radii by column."""
    found: dict[str, float] = {}
    for text in given:
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            raise InputError(f"--robustness is {text!r}; give a number, or COLUMN=NUMBER.") from None
        if not name and len(given) > 1:
            raise InputError(f"--robustness is {text!r} beside others; give one number, or COLUMN=NUMBER for each.")
        if not name:
            return value
        found[name] = value
    return found


def _drawn(drawn: RegionPicture) -> Iterator[tuple[str, str]]:
    """Yield what was found about the pieces of a network."""
    yield "affine pieces", f"{drawn.pieces:,}"
    if drawn.functions is not None:
        yield "affine functions", f"{drawn.functions:,} (neighbours with the same one joined)"
    yield "in exact arithmetic", f"{drawn.settled_exactly:,} signs"
    yield "where", drawn.where
    yield "picture", drawn.picture


def _description(inspection: Inspection) -> str:
    """Write the layer table or what was learned and, below it, preprocessing, training and pictures."""
    drawn = "" if not inspection.pictures else f"\n\n{columns(inspection.pictures)}"
    if inspection.operations is not None:
        return f"{inspection.operations}{drawn}"
    shape = " x ".join(map(str, inspection.input_shape))
    if inspection.layers:
        rows: list[tuple[str, str, str]] = [("layer", "output shape", "parameters"), ("input", shape, "")]
        rows += [(name, " x ".join(map(str, out)), f"{size:,}") for name, out, size in inspection.layers]
        rows.append(("total", "", f"{inspection.parameters:,}"))
        parts = [columns(rows, right=[2])]
    else:
        facts = {"model": inspection.model, "input": shape, "parameters": f"{inspection.parameters:,}"}
        classes = {"classes": ", ".join(map(str, inspection.class_names))} if inspection.class_names else {}
        parts = [columns(list({**facts, **classes, **inspection.learned}.items()))]
    if inspection.preprocessing:
        parts.append(f"preprocessing\n  {printable(inspection.preprocessing)}")
    if inspection.training:
        plain = [(name, _plain(value)) for name, value in inspection.training.items() if _is_plain(value)]
        record = columns(plain).replace("\n", "\n  ")
        parts.append(f"training\n  {record}")
    return "\n\n".join(parts) + drawn


class _Progress:
    """Prints, at most once a second, how far the pictures are."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def __call__(self, what: str, done: int, of: int) -> None:
        """Say how much of something is done."""
        if (now := time.monotonic()) >= self._said + 1:
            self._said = now
            typer.echo(f"{what}  {done:,} of {of:,}", err=True)


def _is_plain(value: Any) -> bool:
    """Whether a fact of the training fits in a line: a number, a text, or several of them."""
    several = value if isinstance(value, list) else [value]
    return value is not None and not any(isinstance(one, dict | list) for one in several)


def _plain(value: Any) -> object:
    """Write a fact of the training."""
    return "; ".join(map(str, value)) if isinstance(value, list) else value
