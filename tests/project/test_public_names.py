"""The public names: loaded lazily, and known to type checkers."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mathdl


def test_type_checkers_know_what_loads_lazily() -> None:
    syntax = ast.parse(Path(mathdl.__file__).read_text(encoding="utf-8"))
    known = {
        name.name: node.module.removeprefix("mathdl.")
        for node in ast.walk(syntax)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mathdl.")
        for name in node.names
    }
    assert known == mathdl._HOME


@pytest.mark.parametrize("name", sorted(mathdl._HOME))
def test_every_name_loads(name: str) -> None:
    assert getattr(mathdl, name).__name__ == name
    assert name in dir(mathdl)


def test_rooms_that_are_public_load_too() -> None:
    assert mathdl.plots.plot_history.__name__ == "plot_history"
    assert issubclass(mathdl.errors.InputError, ValueError)
    assert {"plots", "errors"} <= set(dir(mathdl))


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Netwrok'"):
        _ = mathdl.Netwrok
