"""What ``learning_rate="auto"`` reaches beside the best of a sweep.

Digits, MNIST and the generators are learned as ``mathdl train`` does, with its network, batches, epochs and cosine
schedule, by SGD with momentum 0.9, its own rule, and by Adam. The sweep trains in full with each of ten rates, evenly
spaced by their logarithm: 0.001, 0.0024, 0.0059, 0.014, 0.035, 0.085, 0.21, 0.51, 1.2 and 3 for SGD, a thirtieth of
these for Adam. Everyone has the same seed, so starts from the same parameters and meets the same batches. What is short
is the best accuracy of the sweep on the test objects less that of auto, in percent; for a regression R2 stands for the
accuracy. It is known after the fact which rate of the sweep was the best one: of ten equally good rates that one is
lucky, and with 359 test objects a point is 3.6 objects. So the bar is on the mean over seeds, and the worst is shown.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from statistics import mean, median
from typing import Any

import numpy as np

from benchmarks.results import Bar, Entry, Result
from benchmarks.settings import Settings, mnist_folder
from mathdl import SGD, Adam, History
from mathdl.book import data as book_data
from mathdl.data import ImageSet, Table, noisy_waves, read, two_moons
from mathdl.descent.rule import Rule
from mathdl.errors import DivergenceWarning
from mathdl.models.registry import models
from mathdl.runs.evaluation import evaluate
from mathdl.runs.prepared_data import PreparedData, Splitting, prepare

TITLE = "Learning rate auto"
SWEEP = tuple(float(f"{1e-3 * 3000 ** (k / 9):.3g}") for k in range(10))
SEEDS, MNIST_SEEDS = 5, 2
TESTED = 6000  # objects of a generator
POINTS = 1.0  # at most so much may be short
GENERATORS: dict[str, tuple[Callable[[int, int], Any], int, str]] = {
    "two moons": (lambda n, seed: two_moons(n, 0.2, seed), 500, "classification"),
    "noisy waves": (lambda n, seed: noisy_waves(n, 0.2, seed), 500, "regression"),
    "students": (book_data.students, 100, "classification"),
    "applicants": (book_data.applicants, 600, "classification"),
    "growing plants": (book_data.growing_plants, 500, "classification"),
    "leaves": (book_data.leaves, 120, "classification"),
}
RULES: dict[str, tuple[Callable[[SGD, float | str], Rule], float]] = {  # made from the command's own rule
    "SGD": (lambda rule, rate: replace(rule, learning_rate=rate), 1.0),
    "Adam": (lambda rule, rate: Adam(rate, weight_decay=rule.weight_decay), 1 / 30),
}


@dataclass(frozen=True)
class Finish:
    """How good a run was, in percent, how long it took, and its record."""

    score: float
    seconds: float
    history: History


def run(settings: Settings) -> Iterator[Result]:
    """Yield a result for every set of data and every rule."""
    for name in ("digits", *GENERATORS, "mnist"):
        if name == "mnist" and mnist_folder() is None:
            print("MNIST is not here: set MATHDL_DATA to the folder that holds mnist/.")
            continue
        for rule in RULES:
            seeds = settings.repeated(MNIST_SEEDS if name == "mnist" else SEEDS)
            yield result(
                name, rule, [against_sweep(data_of(name, seed, settings), rule, seed) for seed in range(seeds)]
            )


def data_of(name: str, seed: int, settings: Settings) -> PreparedData:
    """Read or draw data, and split them."""
    if name in GENERATORS:
        make, n, task = GENERATORS[name]
        test = table(name, *make(TESTED, seed + 1000))
        return prepared(table(name, *make(n, seed), test=test), task, seed)
    source = read(name, data=mnist_folder() if name == "mnist" else None)
    if settings.quick and name == "mnist" and isinstance(source, ImageSet):
        source = replace(source, images=source.images[:3000], labels=source.labels[:3000])
    return prepared(source, "classification", seed)


def prepared(source: ImageSet | Table, task: str, seed: int) -> PreparedData:
    """Split and encode data as for a network."""
    split = prepare(source, [task], task=task, splitting=Splitting(0, 0.2, seed, validates=True))
    return split.encode("float32", keep_images=True)


def table(name: str, X: Any, y: Any, test: Table | None = None) -> Table:
    """Objects and targets as a table."""
    return Table({f"x{k}": X[:, k] for k in range(X.shape[1])}, np.asarray(y), "y", name, test)


def against_sweep(data: PreparedData, rule: str, seed: int) -> tuple[Finish, dict[float, Finish]]:
    """Train with auto, and with every rate of the sweep."""
    scale = RULES[rule][1]
    return train(data, rule, "auto", seed), {rate * scale: train(data, rule, rate * scale, seed) for rate in SWEEP}


def train(data: PreparedData, rule: str, rate: float | str, seed: int) -> Finish:
    """Train as the command does; a run that diverged counts as what its last finite parameters reach."""
    facts = data.split.facts(seed, None, keep_images=True)
    estimator: Any = models()["network"][data.split.task].for_run(facts, {})
    estimator.set_params(rule=RULES[rule][0](estimator.rule, rate))
    parts = [(part.inputs, part.target.labels) for part in (data.train, data.validation) if part is not None]
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)
        history = estimator.fit(*parts[0], validation=parts[1] if len(parts) > 1 else None).history_
    seconds = time.perf_counter() - start
    metrics = evaluate(estimator, data).metrics
    return Finish(
        100 * (metrics["test_accuracy"] if "test_accuracy" in metrics else metrics["test_r2"]), seconds, history
    )


def result(name: str, rule: str, runs: list[tuple[Finish, dict[float, Finish]]]) -> Result:
    """Sum up the runs of all seeds."""
    short = [max(other.score for other in sweep.values()) - auto.score for auto, sweep in runs]
    given = [other.seconds for _, sweep in runs for other in sweep.values() if other.history.status == "completed"]
    with_search = median(auto.seconds for auto, _ in runs)
    entries = [
        Entry("training with the search", with_search, turns=len(runs)),
        Entry("training with a given rate", median(given), median(given) / with_search, turns=len(given)),
    ]
    bars = [
        Bar("short, mean over seeds", mean(short), POINTS, at_most=True, unit="points"),
        Bar("short, worst seed", max(short), unit="points"),
    ]
    notes = []
    for seed, (auto, sweep) in enumerate(runs):
        best = max(sweep, key=lambda rate: sweep[rate].score)
        taken = auto.history.search
        rate = 0.0 if taken is None else taken.learning_rate
        middle = median(other.score for other in sweep.values())
        notes.append(
            f"Seed {seed}: auto took {rate:g} and reached {auto.score:.2f} %; the best of the sweep, {best:.2g}, "
            f"reached {sweep[best].score:.2f} %, their median is {middle:.2f} %."
        )
    return Result(f"{name}, {rule}, {len(runs)} seed{'s' * (len(runs) > 1)}", "", entries, bars, notes)
