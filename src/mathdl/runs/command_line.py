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
    if not isinstance(source, str | os.PathLike):
        return f"mathdl.train({', '.join(['data', *(f'{name}={value!r}' for name, value in given.items())])})"
    words = ["mathdl", "train", os.fspath(source)]
    for name, value in given.items():
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [_text(value)])]
    return shlex.join(words)


def _text(value: object) -> str:
    """Write a value as the command reads it: several with commas between them."""
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
