"""``mathdl train``: from data to a model and a report."""

from __future__ import annotations

import warnings
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mathdl.cli.text import columns, printable
from mathdl.errors import DivergenceWarning
from mathdl.runs.output_folder import CERTIFICATE

if TYPE_CHECKING:
    from mathdl.runs.train import TrainingRun
    from mathdl.runs.train_estimator import EstimatorRun


class Model(StrEnum):
    """What is trained."""

    NETWORK = "network"
    LINEAR = "linear"
    POLYNOMIAL = "polynomial"
    LOGISTIC = "logistic"
    HARD_MARGIN = "hard-margin"
    SOFT_MARGIN = "soft-margin"
    KMEANS = "kmeans"


class Task(StrEnum):
    """What the target is."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


def _rate(text: str) -> float | str:
    """Read a learning rate."""
    try:
        return text if text == "auto" else float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no learning rate; give a positive number, or auto.") from None


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
    model: Annotated[Model, typer.Option(help="What to train.")] = Model.NETWORK,
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
        Any,
        typer.Option(
            parser=_rate, metavar="FLOAT|auto", help="Length of a step along the gradient.", show_default="by the data"
        ),
    ] = None,
    momentum: Annotated[
        float | None,
        typer.Option(help="How much of the last step is kept, 0 to 1.", show_default="by the data"),
    ] = None,
    regularization: Annotated[
        float | None,
        typer.Option(help="Weight of |w|^2 (logistic, soft-margin).", show_default="0, and 0.005 for soft-margin"),
    ] = None,
    degree: Annotated[int | None, typer.Option(help="Degree of the polynomial.", show_default="2")] = None,
    clusters: Annotated[int | None, typer.Option(help="How many clusters (kmeans).", show_default="8")] = None,
    certify: Annotated[bool, typer.Option("--certify", help="Write a certificate (all but networks).")] = False,
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
    """Train a network or another model on data.

    Writes model.safetensors, metrics.json and report.html into the output folder, and with --certify certificate.json
    with the data that it speaks about.
    """
    from mathdl.runs.model_options import check_options

    of_networks: dict[str, Any] = {"network": network, "epochs": epochs, "batch_size": batch_size, "resume": resume}
    of_networks |= {"task": None if task is None else task.value, "learning_rate": learning_rate, "momentum": momentum}
    of_estimators: dict[str, Any] = {
        "regularization": regularization,
        "degree": degree,
        "clusters": clusters,
        "certify": certify,
    }
    check_options(model.value, {**of_networks, **of_estimators, "threads": threads})
    of_all = {"data": data, "target": target, "test_fraction": test_fraction, "seed": seed, "threads": threads}
    of_all |= {"out": out or _folder(source), "command": str(context.obj)}
    if model is Model.NETWORK:
        _train_network(source, {**of_networks, **of_all}, as_json)
    else:
        _train_estimator(source, {"model": model.value, **of_estimators, **of_all}, as_json)


def _train_network(source: str, options: dict[str, Any], as_json: bool) -> None:
    """Train a network, with a bar that shows how it goes."""
    from mathdl.cli.progress import progress
    from mathdl.runs.train import train as run_training

    with closing(progress()) as shown, warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)  # the run's own message says it
        run = run_training(source, **options, callbacks=(shown,))
    _show(run, [*([run.message] if run.message else []), *run.warnings], as_json)
    if run.history.status == "diverged":
        raise typer.Exit(1)


def _train_estimator(source: str, options: dict[str, Any], as_json: bool) -> None:
    """Fit an estimator; end with code 1 where a certificate was asked for and there is none."""
    from mathdl.runs.train_estimator import train_estimator

    run = train_estimator(source, **options)
    _show(run, run.messages, as_json)
    if options["certify"] and run.certificate is None:
        raise typer.Exit(1)


def _show(run: TrainingRun | EstimatorRun, messages: list[str], as_json: bool) -> None:
    """Print what is to be said, and the metrics."""
    from mathdl.runs.strict_json import strict_json

    for message in messages:
        typer.echo(printable(message), err=True)
    typer.echo(strict_json(run.metrics) if as_json else _summary(run))


def _folder(source: str) -> Path:
    """Return the folder of a run whose user named none: runs/NAME."""
    path = Path(source).resolve()
    return Path("runs") / ((path.name if path.is_dir() else path.stem) or "data")


def _summary(run: TrainingRun | EstimatorRun) -> str:
    """Say how good the model is and where everything lies."""
    metrics = run.metrics
    rows: list[tuple[str, object]] = []
    for key, form in (
        ("test_accuracy", ".4f"),
        ("test_r2", ".4f"),
        ("test_rmse", ".5g"),  # in the target's unit, whatever that is
        ("test_adjusted_rand_index", ".4f"),
        ("test_mean_square_distance", ".5g"),
    ):
        if key in metrics:
            rows.append((key.replace("_", " "), f"{float(metrics[key]):{form}}"))
    if "objective" in metrics:
        rows += [("objective", f"{float(metrics['objective']):.6g}"), ("status", metrics["status"])]
    if "learning_rate_search" in metrics:
        rows.append(("learning rate", f"{float(metrics['learning_rate']):g}"))
        rows.append(("how it was found", metrics["learning_rate_search"]["reason"]))
    rows.append(("parameters", f"{int(metrics['parameters']):,}"))
    rows.append(("training time", f"{float(metrics['train_seconds']):.1f} s"))
    rows.append(("model", run.model))
    rows.append(("report", run.report))
    if "statement" in metrics:
        rows.append(("certificate", run.folder / CERTIFICATE))
        rows.append(("it states", metrics["statement"]))
    return columns(rows)
