"""Libraries that an extra brings, where they are installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mathdl.errors import InputError


def optional_library(module: str, name: str, extra: str, what: str) -> Any:
    """Import a library of this name; raise InputError, with the extra that brings it, where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(f"{what} needs {name} ({error}); install it: pip install 'mathdl[{extra}]'.") from error
