"""Bad values for every argument of every public name: an answer or one sentence, no crash, no hang, no raw error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("bad_input.py")


def listed() -> list[str]:
    """The names that the program knows, without importing what it tries."""
    text = PROGRAM.read_text(encoding="utf-8")
    start = text.index("found: dict[str, tuple")
    return [line.split('"')[1] for line in text[start:].splitlines() if line.startswith('        "')]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*listed(), "train"])
def test_every_bad_value_is_answered_in_a_sentence(name: str) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), name], capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, f"the process ended with {done.returncode}: {done.stderr[-2000:]}"
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["calls"] > 80
    assert found["wrong"] == []
