"""How mathdl's step time grows with the batch, with depth and with parameters, by one thread; what two threads give.

A line a + b n is fitted to the medians by least squares of the relative errors. Two threads must lead to the same
parameters as one, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import mathdl
from benchmarks import problems
from benchmarks.results import Bar, Entry, Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare

TITLE = "Growth, and two threads"
BATCHES = (32, 64, 128, 256, 512, 1024)
DEPTHS = (1, 2, 4, 8, 16, 32)
WIDTHS = (32, 64, 128, 256, 512, 1024)
WIDTH, BATCH = 128, 64
WORK = 3e9  # multiplications in a turn, roughly


@dataclass(frozen=True)
class Line:
    """Times a + b n, and how far the measured ones are from it at most, relative to the line."""

    a: float
    b: float
    r2: float
    worst: float


def fitted(sizes: Sequence[float], seconds: Sequence[float]) -> Line:
    """Fit a line; every time counts by its relative error, so that short ones count as much as long ones."""
    n, t = np.asarray(sizes, float), np.asarray(seconds, float)
    (a, b), *_ = np.linalg.lstsq(np.stack([1 / t, n / t], axis=1), np.ones_like(t), rcond=None)
    line = a + b * n
    r2 = 1 - np.sum((t - line) ** 2) / np.sum((t - t.mean()) ** 2)
    return Line(float(a), float(b), float(r2), float(np.max(np.abs(t / line - 1))))


def run(settings: Settings) -> Iterator[Result]:
    """Yield a result for each way to grow, and one for the threads."""
    batches = {n: problems.of_images(problems.CONV, n, _steps(322_560 * n, settings)) for n in BATCHES}
    yield growth(f"{problems.CONV}, by batch size", "objects", batches, settings)
    depths = {depth: deep(depth, settings) for depth in DEPTHS}
    yield growth(f"dense 784-{WIDTH}-...-{WIDTH}-10, batch {BATCH}, by hidden layers", "layers", depths, settings)
    wide = [_dense([width], settings) for width in WIDTHS]
    widths = {problem.net.size: problem for problem in wide}
    yield growth(f"dense 784-w-10, batch {BATCH}, by parameters", "parameters", widths, settings)
    yield threads(settings)


def deep(hidden: int, settings: Settings) -> problems.Problem:
    """A dense network with so many hidden layers."""
    return _dense([WIDTH] * hidden, settings)


def _dense(widths: list[int], settings: Settings) -> problems.Problem:
    """A dense network with hidden layers of these widths."""
    hidden = [mathdl.Dense(width, activation="relu") for width in widths]
    net = mathdl.Network([mathdl.Flatten(), *hidden, mathdl.Dense(10)], problems.IMAGE, seed=problems.SEED)
    problem = problems.of_images(problems.DENSE, BATCH, _steps(net.size * BATCH, settings), rate=0.01)
    return replace(problem, net=net)


def _steps(products: float, settings: Settings) -> int:
    """Steps of so many multiplications forward that make a turn."""
    return settings.shortened(max(10, min(300, round(WORK / products))))


def growth(work: str, unit: str, by_size: dict[int, problems.Problem], settings: Settings) -> Result:
    """Let the sizes take turns, and fit a line to their times."""
    contestants = [replace(problems.ours(p, f"{n:,} {unit}", threads=1), outcome=None) for n, p in by_size.items()]
    comparison = compare(contestants, settings.repeated())
    pairs = zip(contestants, by_size.values(), strict=True)
    seconds = [comparison.median(each.name) / problem.steps for each, problem in pairs]
    line = fitted(list(by_size), seconds)
    entries = [Entry(each.name, time) for each, time in zip(contestants, seconds, strict=True)]
    bars = [Bar("R2 of the line", line.r2, unit=""), Bar("farthest from the line", line.worst, unit="%")]
    note = f"Fit: {line.a * 1e6:.1f} us + {line.b * 1e9:.4g} ns for each of the {unit}."
    return Result(work, "a step", entries, bars, [note])


def threads(settings: Settings) -> Result:
    """Two threads beside one."""
    problem = problems.of_images(problems.CONV, 256, settings.shortened(30))
    found: dict[int, Any] = {}

    def contestant(count: int) -> Contestant:
        net, start = problems.network(problems.CONV), problem.net.parameters
        options = {"loss": problem.loss, "rule": problem.rule, "batch_size": problem.batch, "epochs": 1}

        def work() -> None:
            net.parameters[:] = start
            net.fit(problem.X, problem.y, seed=problems.SEED, threads=count, **options)
            found[count] = net.parameters

        name, peer = ("2 threads", "") if count == 2 else ("1 thread", "1 thread")
        return Contestant(name, work, lambda: found[count], peer)

    comparison = compare([contestant(2), contestant(1)], settings.repeated(), tolerance=0.0)
    return result_of(f"{problems.CONV}, batch 256, threads", "a step", comparison, problem.steps, {"1 thread": 1.6})
