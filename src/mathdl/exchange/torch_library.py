"""PyTorch, where it is installed."""

from __future__ import annotations

from typing import Any

from mathdl.exchange.optional_library import optional_library


def torch_library(what: str) -> Any:
    """Import PyTorch; raise InputError where it is not installed."""
    return optional_library("torch", "PyTorch", "torch", what)
