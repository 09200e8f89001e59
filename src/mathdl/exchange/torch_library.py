"""PyTorch, where it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mathdl.errors import InputError


def torch_library(what: str) -> Any:
    """Import PyTorch; raise InputError where it is not installed."""
    try:
        return import_module("torch")
    except ImportError as error:
        raise InputError(f"{what} needs PyTorch ({error}); install it: pip install 'mathdl[torch]'.") from error
