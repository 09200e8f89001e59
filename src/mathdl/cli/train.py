"""``mathdl train``: from data to a model and a report."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mathdl.cli.text import facts, listed, one_target, printable
from mathdl.data.picture_format import PADS, RESIZED
from mathdl.data.preprocessing import MISSING
from mathdl.errors import DivergenceWarning, InputError, TrainingInterrupted, TrivialLossWarning
from mathdl.models.declaration import Option
from mathdl.models.registry import models
from mathdl.runs.options import declared_options

if TYPE_CHECKING:
    from mathdl.runs.run import Run

Model = StrEnum("Model", {name: name for name in models()})  # type: ignore[misc]
NETWORK = Model("network")
Pad = StrEnum("Pad", {pad: pad for pad in PADS})  # type: ignore[misc]
Resized = StrEnum("Resized", {which: which for which in RESIZED})  # type: ignore[misc]
BLACK = Pad(PADS[0])
ALL = Resized(RESIZED[0])
Missing = StrEnum("Missing", {way: way for way in MISSING})  # type: ignore[misc]
IMPUTE = Missing(MISSING[0])
FIRST_SPEAKS = 5.0  # seconds, chosen: within them torchrun notices that the first process has ended


class Engine(StrEnum):
    """What takes the steps of training."""

    NATIVE = "native"
    TORCH = "torch"


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
            help="digits, mnist, a CSV (- is the standard input), Excel, Parquet or NPZ file, or a folder of images:"
            " one folder a class."
            " These may lie within train, valid and test.",
        ),
    ],
    model: Annotated[Model, typer.Option(help="What to train.")] = NETWORK,
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="<text>", help="The column to learn; tables need one.", show_default=False),
    ] = None,
    task: Annotated[
        Task | None,
        typer.Option(help="What the target is (network).", show_default="classes when text or few integers"),
    ] = None,
    certify: Annotated[bool, typer.Option("--certify", help="Write a certificate (all but networks).")] = False,
    cv: Annotated[
        int | None,
        typer.Option(help="Folds of a cross-validation; 0: a test part.", show_default="5 below 1,000 rows"),
    ] = None,
    test_fraction: Annotated[
        float | None, typer.Option(help="Share of the data kept apart for testing.", show_default="0.2")
    ] = None,
    threshold: Annotated[
        str | None,
        typer.Option(
            metavar="<number, cost=R or precision=P>",
            help="From which probability on the rarer of two classes is answered.",
            show_default="the more probable class",
        ),
    ] = None,
    semisupervised: Annotated[
        bool, typer.Option("--semisupervised", help="Label rows without a class by those that have one, and use them.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Makes a run repeatable.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in the output folder.")] = False,
    out: Annotated[
        str | None,
        typer.Option(metavar="<path>", help="Folder for model, metrics and report.", show_default="runs/NAME"),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the MNIST files.", show_default="$MATHDL_DATA/mnist")
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            metavar="<N or WxH>", help="Size that pictures of a folder get.", show_default="the median, at most 64"
        ),
    ] = None,
    pad: Annotated[Pad, typer.Option(help="Border of pictures of another shape.")] = BLACK,
    resize: Annotated[
        Resized, typer.Option(help="Which pictures of another size are resized, or get a border only.")
    ] = ALL,
    chosen: Annotated[
        list[str] | None,
        typer.Option("--columns", metavar="<a,b,...>", help="Columns to learn from.", show_default="all"),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="<a,b,...>", help="Columns to leave out.", show_default="nothing")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<NAME=KIND>", help="What a column is: number, category or date.", show_default="by its values"
        ),
    ] = None,
    na: Annotated[
        list[str] | None,
        typer.Option(metavar="<text>", help="A text that stands for a missing value.", show_default="empty cells"),
    ] = None,
    no_header: Annotated[bool, typer.Option("--no-header", help="The first row holds data, no names.")] = False,
    missing: Annotated[Missing, typer.Option(help="What is done with gaps.")] = IMPUTE,
    engine: Annotated[
        Engine, typer.Option(help="What trains a network: torch uses a GPU, and all processes that torchrun starts.")
    ] = Engine.NATIVE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the metrics as JSON.")] = False,
    **options: Any,
) -> None:
    """Train a network or another model on data.

    Writes model.safetensors, metrics.json and report.html into the output folder, and with --certify certificate.json
    with the data that it speaks about.
    """
    from mathdl.cli.progress import DataLines, progress
    from mathdl.runs.strict_json import strict_json
    from mathdl.runs.train import train as run_training

    with _engine(engine) as first, closing(progress()) as shown, warnings.catch_warnings():
        if not first:
            warnings.simplefilter("ignore")
        for said in (DivergenceWarning, TrivialLossWarning):  # the run's own message says it
            warnings.simplefilter("ignore", said)
        run = run_training(
            source,
            model=model.value,
            target=one_target(target),
            task=None if task is None else task.value,
            data_folder=data,
            cv=cv,
            size=size,
            pad=pad.value,
            resize=resize.value,
            columns=listed(chosen) or None,
            drop=listed(drop),
            kinds=_kinds(column),
            na=na or (),
            header=not no_header,
            missing=missing.value,
            test_fraction=test_fraction,
            threshold=threshold,
            semisupervised=semisupervised,
            seed=seed,
            out=_folder(source) if out is None else out,
            certify=certify,
            resume=resume,
            callbacks=((shown, *(() if as_json else (DataLines(),))) if first else ()),
            command=str(context.obj),
            **options,
        )
    if first:
        for message in run.messages:
            typer.echo(printable(message), err=True)
        typer.echo(strict_json(run.metrics) if as_json else _summary(run))
    if run.metrics["status"] == "diverged" or (certify and run.certificate is None):
        raise typer.Exit(1)


@contextmanager
def _engine(chosen: Engine) -> Iterator[bool]:
    """Let the engine train in the block; tell whether this is the process, of those started together, that speaks."""
    from mathdl.exchange.torch_processes import place_of_process

    place = place_of_process()
    if chosen is Engine.NATIVE and place.size > 1:
        raise InputError(
            f"{place.size} processes were started together, but the native engine trains in one; give --engine torch, "
            "or start one."
        )
    if chosen is Engine.NATIVE:
        yield True
        return
    try:
        from mathdl.exchange.torch_engine import TorchEngine

        with TorchEngine() as engine:
            yield engine.rank == 0
    except (InputError, TrainingInterrupted):
        if place.rank:  # what all processes meet, the first one says; the one that starts them then ends the others
            time.sleep(FIRST_SPEAKS)
        raise


def _kinds(values: list[str] | None) -> dict[str, str]:
    """Return the kinds of columns by name."""
    pairs = [value.rpartition("=") for value in values or ()]
    for value, (name, _, kind) in zip(values or (), pairs, strict=True):
        if not name or not kind:
            raise typer.BadParameter(f"{value!r} is no NAME=KIND; give, for example, price=number.")
    return {name: kind for name, _, kind in pairs}


def _with_declared_options(command: Callable[..., None]) -> Callable[..., None]:
    """Put the options that the models declare in the place of ``**options``, behind the task."""
    known = list(inspect.signature(command, eval_str=True).parameters.values())[:-1]
    declared = [_parameter(name, of_models) for name, of_models in declared_options().items()]
    place = 1 + next(k for k, parameter in enumerate(known) if parameter.name == "task")
    parameters = [*known[:place], *declared, *known[place:]]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _parameter(name: str, of_models: dict[str, Option]) -> inspect.Parameter:
    """Return an option of one or more models, with its help and what it is without being given."""
    option = next(iter(of_models.values()))
    defaults = {one.default for one in of_models.values()}
    default = option.default
    if len(defaults) > 1:
        default = ", ".join(f"{one.default} for {model}" for model, one in of_models.items())
    text = f"{option.help[0].upper()}{option.help[1:]} ({', '.join(of_models)})."
    if isinstance(option.type, type):
        kind: Any = Annotated[option.type | None, typer.Option(help=text, show_default=default)]
    else:
        metavar = f"<{option.type.__name__.replace('_', ' ')}>"
        shown = typer.Option(parser=_reader(option.type), metavar=metavar, help=text, show_default=default)
        kind = Annotated[Any, shown]
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=kind)


def _reader(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a function that reads a text of the command, and whose errors Typer knows."""

    def read_text(text: str) -> Any:
        try:
            return read(text)
        except InputError as error:
            raise typer.BadParameter(str(error)) from None

    return read_text


def _folder(source: str) -> Path:
    """Return the folder of a run whose user named none: runs/NAME."""
    path = Path(source).resolve()
    name = path.name if path.is_dir() else Path(path.name.removesuffix(".gz")).stem
    return Path("runs") / ("data" if source == "-" or not name else name)


def _summary(run: Run) -> str:
    """Say how good the model is and where everything lies."""
    from mathdl.runs.outputs import CERTIFICATE, MODEL, REPORT

    metrics, folder = run.metrics, run.folder
    rows: list[tuple[str, object]] = [*run.summary()]
    if "objective" in metrics:
        rows += [("objective", f"{float(metrics['objective']):.6g}"), ("status", metrics["status"])]
    if "learning_rate_search" in metrics:
        rows.append(("learning rate", f"{float(metrics['learning_rate']):g}"))
        rows.append(("how it was found", metrics["learning_rate_search"]["reason"]))
    rows.append(("parameters", f"{int(metrics['parameters']):,}"))
    rows.append(("training time", f"{float(metrics['train_seconds']):.1f} s"))
    if folder is not None:
        rows += [("model", folder / MODEL), ("report", folder / REPORT)]
    if "statement" in metrics:
        rows += [("certificate", folder and folder / CERTIFICATE), ("it states", metrics["statement"])]
    return facts(rows)


_with_declared_options(train)
