"""The command ``mathdl``; a subcommand's module is imported when the subcommand is called."""

from __future__ import annotations

import errno
import os
import shlex
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from mathdl import __version__
from mathdl.cli.text import printable
from mathdl.errors import InputError


class Command(NamedTuple):
    """What is known of a subcommand before its module is imported."""

    summary: str
    examples: tuple[str, ...]
    needs_arguments: bool = True


COMMANDS = {
    "train": Command(
        "Train a network or another model on data.",
        (
            "mathdl train digits",
            "mathdl train digits --network examples/digits.toml --epochs 5",
            "mathdl train examples/flowers.csv --target species --out runs/flowers",
            "mathdl train examples/flowers.csv --model logistic --target species --certify",
        ),
    ),
    "compare": Command(
        "Fit all models that suit the data on the same folds, and print one line for each.",
        ("mathdl compare examples/flowers.csv --target species",),
    ),
    "predict": Command(
        "Predict the class, the value or the cluster of pictures or of a table's rows.",
        (
            "mathdl predict runs/digits/model.safetensors examples/four.png examples/seven.png",
            "mathdl predict runs/flowers/model.safetensors examples/new_flowers.csv --out answers.csv",
            "mathdl predict runs/flowers/model.safetensors - --out - < examples/new_flowers.csv",
        ),
    ),
    "evaluate": Command(
        "Score a model on data that it has not seen, each score with its interval of 95 %.",
        ("mathdl evaluate runs/flowers/model.safetensors examples/flowers.csv",),
    ),
    "inspect": Command(
        "Show what a model file holds.",
        (
            "mathdl inspect runs/digits/model.safetensors",
            "mathdl inspect runs/digits/model.safetensors --pictures runs/digits/inside",
        ),
    ),
    "export": Command(
        "Write a model in the format of other programs.",
        ("mathdl export runs/flowers/model.safetensors --to onnx",),
    ),
    "import": Command(
        "Read a network from an ONNX file, and save it as a model file.",
        ("mathdl import lenet.onnx --out lenet.safetensors",),
    ),
    "verify": Command(
        "Verify a certificate in exact arithmetic.",
        (
            "mathdl verify runs/flowers/certificate.json",
            "mathdl verify runs/flowers/certificate.json --data runs/flowers/certificate-data.npz",
            "mathdl verify runs/flowers/certificate.json --table examples/flowers.csv",
        ),
    ),
    "warmup": Command("Compile every kernel now, so that no run has to.", ("mathdl warmup",), needs_arguments=False),
    "book": Command(
        "Run the book's theorems, examples, figures and exercises again.",
        ("mathdl book", "mathdl book tab-8.1", "mathdl book exercise-6.1a --solution", "mathdl book 7 --check"),
        needs_arguments=False,
    ),
}
NUMBERS = {"int_parsing": "whole number", "float_parsing": "number"}  # by Pydantic's names of what went wrong
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SETTINGS: dict[str, Any] = {
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line on the words after ``mathdl``; it ends with SystemExit, as a process does."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    warnings.showwarning = _show_warning
    app(words or ["--help"], prog_name="mathdl", obj=shlex.join(["mathdl", *words]))


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning as one line, without the place in the code."""
    typer.echo(f"warning: {printable(message)}", err=True)


@contextmanager
def _answers() -> Iterator[None]:
    """End in one line and an exit code where the library raises on purpose, or the system has not what is needed."""
    try:
        yield
    except typer.BadParameter as error:
        error.message = _in_words(error)
        raise
    except InputError as error:
        raise _end(f"error: {error}", 2) from None
    except KeyboardInterrupt as stop:
        raise _end(str(stop) or "interrupted", 130) from None
    except MemoryError as error:
        raise _end(f"error: there is not enough memory ({error or 'the system gives no more'})", 1) from None
    except OSError as error:
        if error.errno == errno.EPIPE:  # a reader that has seen enough
            raise
        raise _end(f"error: {_reason(error)}", 1) from None


def _in_words(error: typer.BadParameter) -> str:
    """Say what an option was given and what it takes, without Pydantic's terms."""
    details: list[Any] = getattr(error.__cause__, "errors", list)()
    if details and details[0]["type"] in NUMBERS:
        return f"{details[0]['input']!r} is no {NUMBERS[details[0]['type']]}."
    return error.message.removeprefix("Value error, ")


def _end(line: str, code: int) -> typer.Exit:
    """Print a line, and return what ends the process with ``code``."""
    typer.echo(printable(line), err=True)
    return typer.Exit(code)


def _reason(error: OSError) -> str:
    """Say in words what the system did not do."""
    try:
        os.getcwd()
    except OSError:
        return "the folder that you are in was removed; change to another"
    if error.errno not in FULL:
        return str(error)
    try:
        sys.stdout.flush()
    except OSError:  # Python would try once more when it ends, and complain
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    return f"the output cannot be written ({error.strerror})"


class _Subcommands(Mapping[str, Any]):
    """The subcommands by name, each imported and made when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        command = COMMANDS[name]
        app = typer.Typer(add_completion=False, **SETTINGS)
        # The first character keeps the lines of the foot from being joined.
        foot = "\n  ".join(("\b\nExamples:", *command.examples))
        called = f"{name}_" if iskeyword(name) else name
        function = getattr(import_module(f"mathdl.cli.{called}"), called)
        app.command(name, epilog=foot, no_args_is_help=command.needs_arguments)(function)
        return typer.main.get_command(app)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Root(TyperGroup):
    """The command above the subcommands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Subcommands()  # type: ignore[assignment]  # nothing is added to them

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the subcommands."""
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the subcommands, whole sentences and no import."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in COMMANDS.items()])

    def make_context(self, *args: Any, **settings: Any) -> Any:
        """Read the words before the subcommand."""
        with _answers():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: Any) -> Any:
        """Run the subcommand."""
        with _answers():
            return super().invoke(ctx)


app = typer.Typer(name="mathdl", cls=_Root, **SETTINGS)


def _print_version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"mathdl {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Deep learning on the CPU whose mathematics you can check."""
