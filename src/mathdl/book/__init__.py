"""The book's definitions, theorems, examples, figures and exercises, run again: ``mathdl.book.run("thm-8.1.2")``."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mathdl.book.outcome import items as items
    from mathdl.book.outcome import run as run

__all__ = ["items", "run"]


def __getattr__(name: str) -> object:
    """Load a public name, so that what only names the book stays immediate."""
    if name not in __all__:
        raise AttributeError(f"module 'mathdl.book' has no attribute {name!r}")
    return getattr(import_module("mathdl.book.outcome"), name)
