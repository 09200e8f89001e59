"""mathdl as it would run on other processors: the same steps with fewer instructions for the compiler.

``NUMBA_CPU_NAME=haswell`` with no features beyond it has AVX2, ``generic`` has what every processor of the kind has
(SSE2 on x86). Each runs in a process of its own, after the multipliers there: its share is of what these reach with
the same instructions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.environment import KEEP
from benchmarks.results import Bar, Entry, Result
from benchmarks.settings import ROOT, Settings

TITLE = "Other processors"
PROCESSORS = {
    "this processor": {},
    "haswell": {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""},
    "generic": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
}


def run(settings: Settings) -> Iterator[Result]:
    """Yield for each network its steps on each of the processors."""
    found = {name: steps(variables, settings) for name, variables in PROCESSORS.items()}
    for place, first in enumerate(found["this processor"]):
        results = {name: rows[place] for name, rows in found.items()}
        own = results["this processor"]["entries"][0]["median"]
        entries = []
        for name, result in results.items():
            median = result["entries"][0]["median"]
            entries.append(Entry(f"mathdl, {name}", median, median / own, turns=result["entries"][0]["turns"]))
        bars = [
            Bar(f"of the multipliers' rate, {name}", result["bars"][-1]["value"], unit="%")
            for name, result in results.items()
        ]
        yield Result(f"{first['work']}, by processor", "a step", entries, bars)


def steps(variables: dict[str, str], settings: Settings) -> list[dict[str, Any]]:
    """Run the steps without peers where the compiler meets these settings; return the results as records."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = Path(folder) / "numbers.json"
        rows = ["--rows", *settings.rows] if settings.rows else []
        quick = ["--quick"] if settings.quick else []
        options = ["--alone", "--turns", str(settings.turns), *rows, *quick, "--json", str(numbers)]
        command = [sys.executable, "-m", "benchmarks", "steps", *options]
        subprocess.run(
            command, cwd=ROOT, env=os.environ | variables | {KEEP: "1"}, check=True, stdout=subprocess.DEVNULL
        )
        found: list[dict[str, Any]] = json.loads(numbers.read_text(encoding="utf-8"))["results"]["steps"]
    return found
