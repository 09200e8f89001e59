"""First use: a first training by the command, and a first step of the convolutional network, in fresh processes.

Cold: no kernel was ever compiled here. Warm: they are read from the disk. PyTorch's first step, eager, is beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.results import Bar, Entry, Result
from benchmarks.settings import ROOT, Settings

TITLE = "Start-up"
TURNS = 5

OURS = """
import time
import numpy as np
from mathdl import SGD, Conv2D, Dense, Flatten, MaxPool2D, Network
layers = [Conv2D(8, 5, activation="relu"), MaxPool2D(2), Conv2D(16, 5, activation="relu"), MaxPool2D(2), Flatten()]
net = Network([*layers, Dense(10)], input_shape=(1, 28, 28))
X, y = np.zeros((64, 1, 28, 28), np.uint8), np.zeros(64, np.int64)
net.fit(X, y, loss="cross_entropy", rule=SGD(0.1), batch_size=64, epochs=1)
print(time.time())
"""

TORCH = """
import time
import torch
from torch import nn
layers = [nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
net = nn.Sequential(*layers, nn.Linear(256, 10))
rule = torch.optim.SGD(net.parameters(), lr=0.1)
nn.functional.cross_entropy(net(torch.zeros(64, 1, 28, 28)), torch.zeros(64, dtype=torch.int64)).backward()
rule.step()
print(time.time())
"""


# Trains by the command on one core, and tells the processor's seconds in the compiler, its inner calls not twice.
COMPILED = """
import os, sys, time
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
from numba.core import event
class Stopwatch(event.Listener):
    depth = seconds = 0
    def on_start(self, occasion):
        self.depth += 1
        if self.depth == 1:
            self.began = time.process_time()
    def on_end(self, occasion):
        self.depth -= 1
        if self.depth == 0:
            self.seconds += time.process_time() - self.began
stopwatch = Stopwatch()
event.register("numba:compile", stopwatch)
from mathdl.cli.main import main
try:
    main(["train", "digits", "--out", sys.argv[1]])
except SystemExit as end:
    assert not end.code
print(stopwatch.seconds)
"""


def run(settings: Settings) -> Iterator[Result]:
    """Yield the two results."""
    yield first_training()
    yield first_step(settings)


def first_training() -> Result:
    """The command with nothing compiled, by all cores and by one."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        start = time.time()
        words = ["-m", "mathdl", "train", "digits", "--out", str(place / "run")]
        _python(words, os.environ | {"NUMBA_CACHE_DIR": str(place / "all")})
        wall = time.time() - start
        alone = _python(["-c", COMPILED, str(place / "alone")], os.environ | {"NUMBA_CACHE_DIR": str(place / "one")})
        compiler = float(alone.split()[-1])
    bars = [
        Bar("from the command to the report", wall, 10, at_most=True, unit="s"),
        Bar("of one core in the compiler", compiler, 6, at_most=True, unit="s"),
    ]
    return Result("mathdl train digits, nothing compiled before", "", [Entry("mathdl, cold", wall)], bars)


def first_step(settings: Settings) -> Result:
    """From the start of Python to the end of a first step, beside PyTorch's."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"NUMBA_CACHE_DIR": cache}
        cold = seconds(OURS, environment)
        warm, theirs = [], []
        seconds(OURS, environment)
        for _ in range(settings.repeated(TURNS)):
            warm.append(seconds(OURS, environment))
            if find_spec("torch") is not None:
                theirs.append(seconds(TORCH, environment))
    entries = [Entry("mathdl, cold", cold), Entry("mathdl, warm", median(warm))]
    if theirs:
        entries.append(Entry("PyTorch eager", median(theirs), median(theirs) / median(warm)))
    bars = [
        Bar("to the first step with everything to compile", cold, 10, at_most=True, unit="s"),
        Bar("to the first step with a warm cache", median(warm), 1.5, at_most=True, unit="s"),
    ]
    return Result("first step of a convolutional network", "", entries, bars)


def seconds(code: str, environment: dict[str, str]) -> float:
    """Seconds from the start of a Python to the clock that its code prints."""
    start = time.time()
    return float(_python(["-c", code], environment)) - start


def _python(words: list[str], environment: dict[str, str]) -> str:
    """What a Python prints that starts afresh."""
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
