"""A generated CSV of 500 MB, 6.8 million rows of ten numbers, read as ``mathdl train`` reads it and by pandas.

pandas has its fastest parser, ``engine="pyarrow"``. Each turn is a fresh process, and the two take turns; the clock
runs from the call to the table, with everything imported before. Memory is what the peak of the process grows by
meanwhile. mathdl also counts what a bar would show. The file lies in the system's cache, since it was just written.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

from benchmarks.results import Bar, Entry, Result
from benchmarks.settings import ROOT, Settings
from benchmarks.side_by_side import Disagreement

TITLE = "Reading a large CSV"
ROWS, COLUMNS, BLOCK = 6_800_000, 10, 400_000
TURNS = 5
TIME_LIMIT, MEMORY_LIMIT = 1.5, 3.0  # of pandas' time, and of the numbers in float32

MEASURED = """
import sys
import time
from benchmarks.one_process import peak_memory
{imports}
before, start = peak_memory(), time.perf_counter()
{work}
seconds, grown = time.perf_counter() - start, peak_memory() - before
print(seconds, grown, *{sums})
"""
OURS = MEASURED.format(
    imports="import pandas\nfrom mathdl.data import read, reading_options\nshown = []",
    work="table = read(sys.argv[1], needs_target=False, reading=reading_options.ReadingOptions(progress=shown.append))",
    sums="[column.values.sum() for column in table.columns.values()]",
)
THEIRS = MEASURED.format(
    imports="import pandas as pd\nimport pyarrow.csv",
    work="table = pd.read_csv(sys.argv[1], engine='pyarrow')",
    sums="[table[name].to_numpy().sum() for name in table]",
)


class Turn(NamedTuple):
    """What a process took."""

    seconds: float
    grown: float


def run(settings: Settings) -> Iterator[Result]:
    """Yield the times, then the memory."""
    rows = settings.shortened(ROWS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.csv"
        sums = write(path, rows)
        megabytes = path.stat().st_size / 1e6
        ours, theirs = [], []
        for _ in range(settings.repeated(TURNS)):
            ours.append(turn(OURS, path, sums))
            theirs.append(turn(THEIRS, path, sums))
    work = f"{megabytes:,.0f} MB of CSV, {rows:,} rows of {COLUMNS} numbers"
    seconds = [median(one.seconds for one in turns) for turns in (ours, theirs)]
    paired = median(other.seconds / own.seconds for own, other in zip(ours, theirs, strict=True))
    yield Result(
        work,
        "",
        [
            Entry("mathdl", seconds[0], turns=len(ours)),
            Entry("pandas, engine pyarrow", seconds[1], seconds[1] / seconds[0], paired, len(theirs)),
        ],
        [Bar("of pandas' time", seconds[0] / seconds[1], TIME_LIMIT, at_most=True)],
    )
    grown = [max(one.grown for one in turns) for turns in (ours, theirs)]
    yield Result(
        f"memory for {work}",
        "bytes",
        [
            Entry("mathdl", grown[0], turns=len(ours)),
            Entry("pandas, engine pyarrow", grown[1], grown[1] / grown[0], turns=len(theirs)),
        ],
        [Bar("of the numbers in float32", grown[0] / (4 * rows * COLUMNS), MEMORY_LIMIT, at_most=True)],
        ["The most of all turns."],
    )


def write(path: Path, rows: int) -> list[float]:
    """Write normal numbers of four decimals, the same ones always; return the sums of the columns."""
    import pyarrow as pa
    from pyarrow import csv

    random, sums = np.random.default_rng(0), np.zeros(COLUMNS)
    names = [f"x{k}" for k in range(COLUMNS)]
    with path.open("wb") as file:
        file.write((",".join(names) + "\n").encode())
        for start in range(0, rows, BLOCK):
            values = random.normal(size=(COLUMNS, min(BLOCK, rows - start))).round(4)
            sums += values.sum(axis=1)
            csv.write_csv(pa.table(list(values), names), file, csv.WriteOptions(include_header=False))
    return list(sums)


def turn(code: str, path: Path, sums: list[float]) -> Turn:
    """Read the file in a process; the sums of its columns must be right."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    seconds, grown, *found = map(float, done.stdout.split())
    if not np.allclose(found, sums, rtol=1e-9, atol=1e-6):
        raise Disagreement(f"the sums of the columns are {found} and should be {sums}.")
    return Turn(seconds, grown)
