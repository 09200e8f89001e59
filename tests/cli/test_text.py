"""Text for the terminal stays within it."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import pytest

from mathdl.cli.text import facts

ROWS = [
    ("accuracy", "0.991 (0.975 to 0.998), sd 0.008   always 'Adelie': accuracy 0.442"),
    ("columns", "6 numbers, 3 categories, 1 left out: 'id' is different in every row"),
    ("model", Path("runs/a name with blanks that is longer than the terminal/model.safetensors")),
]


class Screen(StringIO):
    def isatty(self) -> bool:
        return True


def test_long_texts_are_broken_on_a_terminal_and_paths_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Screen())
    monkeypatch.setenv("COLUMNS", "50")
    assert facts(ROWS).splitlines() == [
        "accuracy  0.991 (0.975 to 0.998), sd 0.008",
        "          always 'Adelie': accuracy 0.442",
        "columns   6 numbers, 3 categories, 1 left out:",
        "          'id' is different in every row",
        "model     runs/a name with blanks that is longer than the terminal/model.safetensors",
    ]
    monkeypatch.setenv("COLUMNS", "5")
    assert all(len(line) <= 30 for line in facts(ROWS[:2]).splitlines())
    monkeypatch.setenv("COLUMNS", "200")
    assert len(facts(ROWS).splitlines()) == 3


def test_a_file_or_a_pipe_gets_a_line_for_each_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", StringIO())
    monkeypatch.setenv("COLUMNS", "50")
    assert len(facts(ROWS).splitlines()) == 3
