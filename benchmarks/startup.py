"""From the start of ``python -c`` to the end of a first step of the convolutional network, in fresh processes.

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


def run(settings: Settings) -> Iterator[Result]:
    """Yield the one result."""
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
    yield Result("first step of a convolutional network", "", entries, bars)


def seconds(code: str, environment: dict[str, str]) -> float:
    """Seconds from the start of a Python to the clock that its code prints."""
    start = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout) - start
