"""One of the processes that train together: the time of a step for each piece of work, and of adding up gradients.

``torchrun ... -m benchmarks.one_of_many JOB OUT``, or without torchrun for a process alone. JOB is a JSON file with the
work, turns and threads; the first process writes what it found to the file OUT.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import torch

from benchmarks import problems
from mathdl import TorchEngine

REDUCTIONS = 50  # of each number of bytes


def main(job: dict[str, Any], out: Path) -> None:
    """Measure everything, in the same order in every process."""
    with TorchEngine() as engine:
        steps = [step(network, batch, count, job) for network, batch, count in job["work"]]
        sums = [added_up(size) for size in job["bytes"]] if engine.size > 1 else []
    if engine.rank == 0:
        out.write_text(json.dumps({"steps": steps, "sums": sums}), encoding="utf-8")


def step(network: str, batch: int, count: int, job: dict[str, Any]) -> float:
    """Train for an epoch to warm up and one a turn; return the median of their times a step."""
    problem = problems.of_images(network, batch, count)
    history = problem.net.fit(
        problem.X,
        problem.y,
        loss=problem.loss,
        rule=problem.rule,
        batch_size=batch,
        epochs=1 + job["turns"],
        threads=job["threads"],
    )
    return float(median(np.diff(history.seconds)) / count)


def added_up(size: int) -> float:
    """Return the median time of adding so many bytes of float32 up over the processes."""
    numbers, seconds = torch.zeros(max(1, size // 4)), []
    for _ in range(REDUCTIONS):
        start = perf_counter()
        torch.distributed.all_reduce(numbers)
        seconds.append(perf_counter() - start)
    return float(median(seconds))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
