"""The command ``mathdl``."""

from __future__ import annotations

import functools
import shlex
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Annotated, ParamSpec

import typer

from mathdl import __version__
from mathdl.cli.book import book
from mathdl.cli.inspect import inspect
from mathdl.cli.predict import predict
from mathdl.cli.text import printable
from mathdl.cli.train import train
from mathdl.cli.verify import verify
from mathdl.errors import InputError

P = ParamSpec("P")

app = typer.Typer(
    name="mathdl",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; it ends with SystemExit, as a process does.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``mathdl``; those of the process when left out.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    lacking = {command.name for command in app.registered_commands} - {"book"}  # which alone lists what there is
    if not words or (len(words) == 1 and words[0] in lacking):
        words.append("--help")
    warnings.showwarning = _show_warning
    app(words, prog_name="mathdl", obj=shlex.join(["mathdl", *words]))


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning as one line, without the place in the code."""
    typer.echo(f"warning: {printable(message)}", err=True)


def _answering(command: Callable[P, None]) -> Callable[P, None]:
    """Make a command end in one line and an exit code where the library raises on purpose."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except InputError as error:
            typer.echo(f"error: {printable(error)}", err=True)
            raise typer.Exit(2) from None
        except KeyboardInterrupt as stop:
            typer.echo(printable(stop) or "interrupted", err=True)
            raise typer.Exit(130) from None

    return run


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


def _examples(*lines: str) -> str:
    """Return the foot of a command's help; the first character keeps the lines from being joined."""
    return "\n  ".join(("\b\nExamples:", *lines))


app.command(
    "train",
    epilog=_examples(
        "mathdl train digits",
        "mathdl train mnist --data data/mnist --network lenet.toml --epochs 5",
        "mathdl train flowers.csv --target species --out runs/flowers",
        "mathdl train flowers.csv --model logistic --target species --certify",
    ),
)(_answering(train))
app.command(
    "predict",
    epilog=_examples(
        "mathdl predict runs/digits/model.safetensors picture.png another.png",
        "mathdl predict runs/flowers/model.safetensors new.csv --out answers.csv",
    ),
)(_answering(predict))
app.command("inspect", epilog=_examples("mathdl inspect runs/digits/model.safetensors"))(_answering(inspect))
app.command(
    "verify",
    epilog=_examples(
        "mathdl verify runs/flowers/certificate.json",
        "mathdl verify certificate.json --data points.csv",
    ),
)(_answering(verify))
app.command(
    "book", epilog=_examples("mathdl book", "mathdl book tab-8.1", "mathdl book sec-8.6 --seed 3 --out figures")
)(_answering(book))
