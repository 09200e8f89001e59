"""Peak memory of a process that trains the convolutional network on MNIST for an epoch, from its start to its end.

Each library trains in processes of its own, batches of 64, with the images as bytes. Compiled code is read from the
disk, as always but for the first time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import problems
from benchmarks.one_process import CHECKED_STEPS
from benchmarks.results import Result, result_of
from benchmarks.settings import ROOT, Settings, mnist_folder
from benchmarks.side_by_side import Comparison, Contestant, compare
from mathdl.data.mnist import read_mnist
from mathdl.engine.threads import available

TITLE = "Peak memory"
BATCH, TURNS = 64, 3


def run(settings: Settings) -> Iterator[Result]:
    """Yield the one result; nothing where MNIST is not to be found."""
    folder = mnist_folder()
    if folder is None:
        print("MNIST is not here: set MATHDL_DATA to the folder that holds mnist/.")
        return
    with tempfile.TemporaryDirectory() as place:
        processes = [_process("mathdl", "mathdl", 0, folder, Path(place), settings)]
        if find_spec("torch") is not None:
            for threads in sorted({1, available()}):
                name = f"PyTorch eager, {threads} thread{'s' * (threads > 1)}"
                processes.append(_process(name, "torch", threads, folder, Path(place), settings))
        turns = settings.repeated(TURNS)
        agreed = compare([process.contestant for process in processes], 0)
        for _ in range(turns):
            for contestant in agreed.contestants:
                contestant.work()
    peaks = {process.contestant.name: process.peaks[-turns:] for process in processes}
    notes = [f"All agree to {agreed.disagreement:.0e} after the first {CHECKED_STEPS} steps."]
    found = Comparison(agreed.contestants, peaks, {}, 0.0, [*notes, *agreed.notes])
    work = f"an epoch of {problems.CONV} on MNIST, batch {BATCH}"
    yield result_of(work, "bytes", found, 1, {"PyTorch": 1})


class _Process:
    """Somebody who trains in a process, and the peaks that it told."""

    def __init__(self, name: str, command: list[str], out: Path, folder: Path) -> None:
        self.command, self.out, self.folder = command, out, folder
        self.peaks: list[float] = []
        self.contestant = Contestant(name, self.run, self.loss, "" if name == "mathdl" else "PyTorch")

    def run(self) -> None:
        """Train, and note the peak."""
        done = subprocess.run(self.command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        self.peaks.append(float(done.stdout.split()[-1]))

    def loss(self) -> float:
        """The loss on some test images after the first steps."""
        test = read_mnist(self.folder).test
        net = problems.network(problems.CONV)
        net.parameters[:] = np.load(self.out)
        return net.loss(test.images[:2000], test.labels[:2000].astype(np.int64), "cross_entropy")


def _process(name: str, who: str, threads: int, folder: Path, place: Path, settings: Settings) -> _Process:
    """Write the job of a process down."""
    net = problems.network(problems.CONV)
    job: dict[str, Any] = {
        "folder": str(folder),
        "architecture": net.architecture,
        "input_shape": net.input_shape,
        "parameters": net.parameters.tolist(),
        "objects": 6400 if settings.quick else 60_000,
        "batch": BATCH,
        "threads": threads,
    }
    file, out = place / f"{who}{threads}.json", place / f"{who}{threads}.npy"
    file.write_text(json.dumps(job), encoding="utf-8")
    return _Process(name, [sys.executable, "-m", "benchmarks.one_process", who, str(file), str(out)], out, folder)
