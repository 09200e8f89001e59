"""What two threads give, what float64 costs, and how mathdl's step time grows.

It grows with the batch, with depth and with parameters, by one thread: a line a + b n is fitted to the medians by least
squares of the relative errors. Two threads must lead to the same parameters as one, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

import mathdl
from benchmarks import floor, problems
from benchmarks.results import Bar, Entry, Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare

TITLE = "Two threads, float64, and growth"
BATCHES = (32, 64, 128, 256, 512, 1024)
DEPTHS = (1, 2, 4, 8, 16, 32)
WIDTHS = (32, 64, 128, 256, 512, 1024)
WIDTH, BATCH = 128, 64
USES = (  # network, batch size, steps in a turn
    (problems.CONV, 64, 100),
    (problems.CONV, 256, 30),
    (problems.WIDE_CONV, 64, 20),
    (problems.DENSE, 256, 200),
)
TAME = 0.01  # a learning rate at which rounding errors do not multiply
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
    """Yield results for the threads, for the precisions and for each way to grow."""
    for network, batch, steps in USES:
        if settings.wants(f"{network}, batch {batch}, threads"):
            yield threads(network, batch, steps, settings)
        if settings.wants(f"{network}, batch {batch}, float64"):
            yield precisions(network, batch, steps, settings)
    if not settings.rows:
        yield from growths(settings)


def growths(settings: Settings) -> Iterator[Result]:
    """Yield a result for each way to grow."""
    batches = {n: problems.of_images(problems.CONV, n, _steps(322_560 * n, settings)) for n in BATCHES}
    yield growth(f"{problems.CONV}, by batch size", "objects", batches, settings)
    depths = {depth: deep(depth, settings) for depth in DEPTHS}
    yield growth(f"dense 784-{WIDTH}-...-{WIDTH}-10, batch {BATCH}, by hidden layers", "layers", depths, settings)
    wide = [_dense([width], settings) for width in WIDTHS]
    widths = {problem.net.size: problem for problem in wide}
    yield growth(f"dense 784-w-10, batch {BATCH}, by parameters", "parameters", widths, settings)


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


def own(problem: problems.Problem, work: str, threads: int | None = None, peer: str = "") -> Contestant:
    """Train by so many threads; what counts are all parameters."""
    net, start = problem.net, problem.net.parameters.copy()
    options = {"loss": problem.loss, "rule": problem.rule, "batch_size": problem.batch, "epochs": 1}

    def run() -> None:
        net.parameters[:] = start
        net.fit(problem.X, problem.y, seed=problems.SEED, threads=threads, **options)

    return Contestant(work, run, lambda: net.parameters.copy(), peer)


def threads(network: str, batch: int, steps: int, settings: Settings) -> Result:
    """Two threads beside one."""
    two, one = (problems.of_images(network, batch, settings.shortened(steps)) for _ in range(2))
    contestants = [own(two, "2 threads", 2), own(one, "1 thread", 1, "1 thread")]
    comparison = compare(contestants, settings.repeated(), tolerance=0.0)
    return result_of(f"{network}, batch {batch}, threads", "a step", comparison, one.steps, {"1 thread": 1.8})


def precisions(network: str, batch: int, steps: int, settings: Settings) -> Result:
    """float64 beside float32, and its share of the multipliers' rate in float64."""
    single, double = (problems.of_images(network, batch, settings.shortened(steps), TAME) for _ in range(2))
    net = mathdl.Network.from_architecture(double.net.architecture, problems.IMAGE, "float64")
    net.parameters[:] = single.net.parameters
    double = replace(double, net=net)
    operations = double.steps * floor.step_operations(double.net, batch)
    multipliers, share = floor.contestant(operations, "float64")
    contestants = [own(double, "float64"), own(single, "float32", peer="float32"), multipliers]
    comparison = compare(contestants, settings.repeated(), tolerance=1e-2)
    result = result_of(f"{network}, batch {batch}, float64", "a step", comparison, single.steps, {}, (share, None))
    slower = 1 / comparison.ratio("float32")
    return replace(result, bars=[Bar("as long as float32", slower, 2, at_most=True), *result.bars])
