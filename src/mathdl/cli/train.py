"""``mathdl train``: from data to a model and a report."""

from __future__ import annotations

import json
import warnings
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mathdl.cli.text import columns, printable
from mathdl.errors import DivergenceWarning

if TYPE_CHECKING:
    from mathdl.runs.train import TrainingRun


class Task(StrEnum):
    """What the target is."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


def train(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            show_default=False,
            help="digits, mnist, a CSV, Parquet or NPZ file, or a folder with one folder of images a class.",
        ),
    ],
    network: Annotated[
        Path | None,
        typer.Option(help="A TOML file that lists the layers.", show_default="a network that suits the data"),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="The column to learn (tables need it).", show_default="none")
    ] = None,
    task: Annotated[
        Task | None,
        typer.Option(help="What the target is.", show_default="classes when text or few integers"),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="How often training goes through the data.", show_default="by the data")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Objects in a step.", show_default="by the data")] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Length of a step along the gradient.", show_default="by the data")
    ] = None,
    momentum: Annotated[
        float | None,
        typer.Option(help="How much of the last step is kept, 0 to 1.", show_default="by the data"),
    ] = None,
    test_fraction: Annotated[float, typer.Option(help="Share of the data kept apart for testing.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Makes a run repeatable.")] = 0,
    threads: Annotated[
        int | None, typer.Option(help="Threads; the result does not depend on it.", show_default="all cores")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in the output folder.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for model, metrics and report.", show_default="runs/NAME")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the MNIST files.", show_default="$MATHDL_DATA/mnist")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the metrics as JSON.")] = False,
) -> None:
    """Train a network on data.

    Writes model.safetensors, metrics.json and report.html into the output folder.
    """
    from mathdl.cli.progress import progress
    from mathdl.runs.outputs import plain
    from mathdl.runs.train import train as run_training

    with closing(progress()) as shown, warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)  # the run's own message says it
        run = run_training(
            source,
            data=data,
            target=target,
            task=None if task is None else task.value,
            network=network,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            momentum=momentum,
            test_fraction=test_fraction,
            seed=seed,
            threads=threads,
            resume=resume,
            out=out or _folder(source),
            command=str(context.obj),
            callbacks=(shown,),
        )
    if run.message:
        typer.echo(printable(run.message), err=True)
    typer.echo(json.dumps(plain(run.metrics), indent=2) if as_json else _summary(run))
    if run.history.status == "diverged":
        raise typer.Exit(1)


def _folder(source: str) -> Path:
    """Return the folder of a run whose user named none: runs/NAME."""
    path = Path(source).resolve()
    return Path("runs") / ((path.name if path.is_dir() else path.stem) or "data")


def _summary(run: TrainingRun) -> str:
    """Say how good the model is and where everything lies."""
    rows: list[tuple[str, object]] = []
    for key in ("test_accuracy", "test_r2", "test_rmse"):
        if key in run.metrics:
            rows.append((key.replace("_", " "), f"{float(run.metrics[key]):.4f}"))
    rows.append(("parameters", f"{int(run.metrics['parameters']):,}"))
    rows.append(("training time", f"{float(run.metrics['train_seconds']):.1f} s"))
    rows.append(("model", run.model))
    rows.append(("report", run.report))
    return columns(rows)
