"""Run contestants in turns, and compare them by medians and by the ratios of neighbouring turns."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np


@dataclass(frozen=True)
class Contestant:
    """A name and a function that does the work once and returns a number to agree on (a loss)."""

    name: str
    work: Callable[[], float]


@dataclass(frozen=True)
class Comparison:
    """Seconds of each contestant in each turn, and what it computed."""

    names: list[str]
    seconds: list[list[float]]
    values: list[float]

    def median(self, contestant: int) -> float:
        """Median seconds."""
        return median(self.seconds[contestant])

    def ratio(self, contestant: int) -> float:
        """Median over turns of this contestant's time over the first one's."""
        return median(other / own for other, own in zip(self.seconds[contestant], self.seconds[0], strict=True))


def compare(contestants: list[Contestant], turns: int) -> Comparison:
    """Warm every contestant up once, check that all computed the same, then let them take turns."""
    values = [contestant.work() for contestant in contestants]
    for contestant, value in zip(contestants, values, strict=True):
        if not np.isclose(value, values[0], rtol=1e-3, atol=1e-4):
            raise SystemExit(f"{contestant.name} computed {value}, {contestants[0].name} {values[0]}: no comparison.")
    seconds: list[list[float]] = [[] for _ in contestants]
    for _ in range(turns):
        for times, contestant in zip(seconds, contestants, strict=True):
            start = perf_counter()
            contestant.work()
            times.append(perf_counter() - start)
    return Comparison([contestant.name for contestant in contestants], seconds, values)


def machine() -> str:
    """Describe the machine in one line."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {platform.system()}, Python {platform.python_version()}"
