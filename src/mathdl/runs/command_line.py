"""The command that does the same as a call from Python."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping


def command_line(source: str | os.PathLike[str], options: Mapping[str, object]) -> str:
    """Write the command that trains as a call from Python does.

    Parameters
    ----------
    source : str or path
        The data.
    options : mapping of str to object
        The options under their names in Python; None and False are left out, True is written as a flag.

    Returns
    -------
    str

    Examples
    --------
    >>> command_line("my data.csv", {"test_fraction": 0.2, "task": None, "certify": True})
    "mathdl train 'my data.csv' --test-fraction 0.2 --certify"
    """
    words = ["mathdl", "train", os.fspath(source)]
    for name, value in options.items():
        if value is not None and value is not False:
            words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return shlex.join(words)
