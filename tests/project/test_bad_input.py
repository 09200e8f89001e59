"""Bad values for every argument of every public name: an answer or one sentence, no crash, no hang, no raw error."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import mathdl
import mathdl.plots
from project.bad_input import CASES

PROGRAM = Path(__file__).with_name("bad_input.py")
# What takes no argument, and what the library alone makes or calls.
WITHOUT_ARGUMENTS = {
    "Callback",
    "Chord",
    "CriticalPoint",
    "Descent",
    "Flatten",
    "GlobalAveragePool1D",
    "GlobalAveragePool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "HardMarginSVM",
    "PixelInfluence",
    "ShiftDecision",
    "ShiftExtent",
    "ShiftStability",
    "StrongestPatches",
    "TorchEngine",
    "Watch",
}


def test_every_public_name_is_tried() -> None:
    public = {name for name in mathdl.__all__ if callable(getattr(mathdl, name))} | set(mathdl.plots.__all__)
    assert public - set(CASES) == WITHOUT_ARGUMENTS


@pytest.mark.parametrize(
    "name", ["NetworkClassifier", "NetworkRegressor", "train", "Network.fit", "History", "Conv2D", "Conv1D"]
)
def test_every_argument_is_tried(name: str) -> None:
    owner, _, method = name.partition(".")
    function = getattr(mathdl, owner)
    parameters = inspect.signature(getattr(function, method) if method else function).parameters.values()
    named = {p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)} - {"self"}
    assert named == set(CASES[name]()[1])


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_every_bad_value_is_answered_in_a_sentence(name: str) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), name], capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, f"the process ended with {done.returncode}: {done.stderr[-2000:]}"
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["calls"] > 80
    assert found["wrong"] == []
