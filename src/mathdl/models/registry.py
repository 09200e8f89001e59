"""The estimators that declare themselves, found in the modules of this room."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import mathdl.models
from mathdl.models.declaration import DeclaredEstimator


def estimators() -> dict[str, type[DeclaredEstimator]]:
    """Return every class of a module in ``mathdl.models.__path__`` with a declaration of its own, by name."""
    found: dict[str, type[DeclaredEstimator]] = {}
    for module in sorted(module.name for module in pkgutil.iter_modules(mathdl.models.__path__)):
        name = f"mathdl.models.{module}"
        for value in vars(import_module(name)).values():
            if isinstance(value, type) and value.__module__ == name and "declaration" in vars(value):
                found[value.__name__] = value
    return found


def models() -> dict[str, dict[str, type[DeclaredEstimator]]]:
    """Return the classes by the command's name for the model, in alphabetical order, and by task."""
    found: dict[str, dict[str, type[DeclaredEstimator]]] = {}
    for kind in estimators().values():
        found.setdefault(kind.declaration.command, {})[kind.declaration.task] = kind
    return dict(sorted(found.items()))
