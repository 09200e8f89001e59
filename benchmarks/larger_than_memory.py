"""Models that learn from a Parquet file through temporary files, beside the same from arrays in memory.

The file has 8 million rows of 100 normal numbers. Each model learns in a process of its own, in the two ways one after
the other; networks train for one epoch. The clock runs from the file to the fitted model, with everything compiled
before. Memory is the most that the process takes of its own at a time, Python and libraries included and the pages of
files not, since the system takes those back when others need them. To see that all holds where there is no more memory,
run it inside a limit: ``systemd-run --scope -p MemoryMax=1200M python -m benchmarks larger_than_memory``; the processes
that hold arrays then fail, and the others do not.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.results import Bar, Entry, Result
from benchmarks.settings import ROOT, Settings

TITLE = "Data larger than memory"
ROWS, COLUMNS, GROUP = 8_000_000, 100, 100_000
TIMES = 4.0  # what the numbers are of the memory, at least
MODELS = {  # how a model is made, its target, and the bytes of a number as it reads them
    "NetworkClassifier": ('((32,), epochs=1, batch_size=256, dtype="float32", random_state=0)', "label", 4),
    "NetworkRegressor": ('((32,), epochs=1, batch_size=256, dtype="float32", random_state=0)', "number", 4),
    "LinearRegression": ("()", "number", 8),
    "LogisticRegression": ("()", "label", 8),
    "KMeans": ("(8, max_iter=10, random_state=0)", None, 4),
}
MEASURED = """
import re, sys, threading, time, warnings
import numpy as np
import mathdl

way, path, target, dtype = sys.argv[1:]
target, peak = target if target != "None" else None, [0]
inputs = [f"x{{k}}" for k in range({columns})]

def watch():
    while True:
        peak[0] = max(peak[0], int(re.search(r"RssAnon:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024)
        time.sleep(0.01)

def model():
    return mathdl.{name}{arguments}

def batches():
    return mathdl.parquet_batches(path, target, inputs=inputs)

def in_memory():
    import pyarrow.parquet as pq
    table = pq.read_table(path)
    X = np.empty((table.num_rows, len(inputs)), dtype)
    for k, name in enumerate(inputs):
        X[:, k] = table[name].to_numpy()
    return X, None if target is None else table[target].to_numpy()

warnings.simplefilter("ignore")
first = next(batches())
model().fit(*first if isinstance(first, tuple) else (first,))
threading.Thread(target=watch, daemon=True).start()
start = time.perf_counter()
fitted = model().fit(batches()) if way == "file" else model().fit(*in_memory())
print(time.perf_counter() - start, peak[0])
"""


class Turn(NamedTuple):
    """What a process took; nothing where it came to no end."""

    seconds: float
    bytes: float


def run(settings: Settings) -> Iterator[Result]:
    """Yield the time and the memory of each model."""
    rows = settings.shortened(ROWS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.parquet"
        write(path, rows)
        for name, (arguments, target, itemsize) in MODELS.items():
            work = f"{name}, {rows:,} rows of {COLUMNS} numbers"
            if settings.wants(work):
                code = MEASURED.format(columns=COLUMNS, name=name, arguments=arguments)
                words = str(path), str(target), f"float{8 * itemsize}"
                ways = {"from the file": turn(code, "file", *words), "in memory": turn(code, "memory", *words)}
                yield from results(work, ways, rows * COLUMNS * itemsize)


def results(work: str, ways: dict[str, Turn | None], size: int) -> Iterator[Result]:
    """Yield the time, then the memory."""
    done = {name: turn for name, turn in ways.items() if turn is not None}
    if "from the file" not in done:
        raise RuntimeError(f"{work}: the process that learns from the file failed")
    own = done["from the file"]
    notes = [] if len(done) == len(ways) else ["In memory it came to no end."]
    seconds = [Entry(name, turn.seconds, turn.seconds / own.seconds, turns=1) for name, turn in done.items()]
    yield Result(work, "", seconds, [], notes)
    grown = [Entry(name, turn.bytes, turn.bytes / own.bytes, turns=1) for name, turn in done.items()]
    bar = Bar("the numbers of the memory", size / own.bytes, TIMES)
    yield Result(f"memory for {work}", "bytes", grown, [bar], notes)


def write(path: Path, rows: int) -> None:
    """Write the file, row group by row group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    weights = np.random.default_rng(0).normal(size=COLUMNS).astype(np.float32)
    names = [*(f"x{k}" for k in range(COLUMNS)), "label", "number"]
    schema = pa.schema([(name, pa.int64() if name == "label" else pa.float32()) for name in names])
    with pq.ParquetWriter(path, schema, use_dictionary=False) as file:
        for start in range(0, rows, GROUP):
            random, count = np.random.default_rng([1, start]), min(GROUP, rows - start)
            X = random.normal(size=(count, COLUMNS)).astype(np.float32)
            number = X @ weights + 3 * random.normal(size=count).astype(np.float32)
            file.write_table(pa.table([*X.T, (number > 0).astype(np.int64), number], schema=schema))


def turn(code: str, *words: str) -> Turn | None:
    """Let a process learn; return nothing where it was ended for its memory."""
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode in (-9, 137) or "MemoryError" in done.stderr:
        return None
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return Turn(*map(float, done.stdout.split()))
