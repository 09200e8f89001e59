"""The command, or the call from Python, that does the same as a run."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import Any


def command_line(source: Any, options: Mapping[str, object]) -> str:
    """Write what reproduces a run: the command where the data have a name, else the call.

    Options stand under their names in Python; None and False are left out.
    """
    given = {name: value for name, value in options.items() if value is not None and value is not False}
    if options.get("header") is False:
        given["no_header"] = True
    if not isinstance(source, str | os.PathLike):
        return f"mathdl.train({', '.join(['data', *(f'{name}={value!r}' for name, value in given.items())])})"
    words = ["mathdl", "train", os.fspath(source)]
    for name, value in given.items():
        words += [word for pair in _words(name, value) for word in pair]
    return shlex.join(words)


def _words(name: str, value: object) -> list[list[str]]:
    """Return an option of the command with its value, several times where each has its own."""
    if name == "kinds" and isinstance(value, Mapping):
        return [["--column", f"{column}={kind}"] for column, kind in value.items()]
    if name == "na" and isinstance(value, tuple):
        return [["--na", text] for text in value]
    return [[f"--{name.replace('_', '-')}", *([] if value is True else [_text(value)])]]


def _text(value: object) -> str:
    """Write a value as the command reads it: several with commas between them."""
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
