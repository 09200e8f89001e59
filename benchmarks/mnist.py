"""Seconds to 99 % of MNIST's test images: the convolutional network, batches of 64, momentum and a cosine schedule.

In each turn everyone starts from the same parameters and meets the same batches, others than in the turn before. The
test images are looked at after every epoch, and the clock stops after the first with 99 %, looking included. It is
checked first, over 50 steps at a small rate without momentum, that all compute the same, and PyTorch's fastest variant
there runs the race. Later any two programs part: the background of all images crosses a ReLU's kink at once, and where
a rounding error decides on which side it is, the gradient jumps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import mathdl
from benchmarks import problems
from benchmarks.results import Result, result_of
from benchmarks.settings import Settings, mnist_folder
from benchmarks.side_by_side import Comparison, Contestant, compare, gathered
from mathdl.data.mnist import read_mnist
from mathdl.descent.batches import order_of_epoch
from mathdl.engine.threads import available

TITLE = "Seconds to 99 % on MNIST"
GOAL, EPOCHS, BATCH = 0.99, 12, 64
RULE = mathdl.SGD(0.03, momentum=0.9)
CHECKED_STEPS, CHECKED_RATE = 50, 0.02
TURNS = 5  # programs part by rounding, and reach the goal some epochs sooner or later


@dataclass(frozen=True)
class Race:
    """Training and test images, the goal, and how many epochs there are to reach it."""

    X: Any
    y: Any
    X_test: Any
    y_test: Any
    goal: float
    epochs: int

    def network(self, seed: int) -> mathdl.Network:
        """The network before the first step."""
        return mathdl.Network(problems.NETWORKS[problems.CONV](), input_shape=problems.IMAGE, seed=seed)


@dataclass(frozen=True)
class Finish:
    """After how many epochs a runner stopped, and its accuracy then."""

    epochs: int
    accuracy: float


def run(settings: Settings) -> Iterator[Result]:
    """Yield the one result; nothing where MNIST is not to be found."""
    folder = mnist_folder()
    if folder is None:
        print("MNIST is not here: set MATHDL_DATA to the folder that holds mnist/.")
        return
    images = read_mnist(folder)
    part = slice(None, 6400 if settings.quick else None)
    race = Race(
        *(images.images[part], images.labels[part].astype(np.int64)),
        *(images.test.images[part], images.test.labels[part].astype(np.int64)),
        goal=0.9 if settings.quick else GOAL,
        epochs=3 if settings.quick else EPOCHS,
    )
    check, fastest = trial(race, settings)
    runners: dict[str, Callable[[int], Finish]] = {"mathdl": lambda seed: ours(race, seed)}
    if fastest is not None:
        runners[fastest[0]] = lambda seed: theirs(race, seed, fastest[1])
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    finishes: dict[str, list[Finish]] = {name: [] for name in runners}
    for seed in range(settings.repeated(TURNS)):
        for name, runner in runners.items():
            start = time.perf_counter()
            finishes[name].append(runner(seed))
            seconds[name].append(time.perf_counter() - start)
    entered = [Contestant(name, lambda: None, peer="PyTorch" if name != "mathdl" else "") for name in runners]
    notes = [*check.notes, f"All agree to {check.disagreement:.0e} after the first {CHECKED_STEPS} steps."]
    notes += [f"{name}: {', '.join(_words(finish) for finish in done)}." for name, done in finishes.items()]
    result = Comparison(entered, seconds, {}, 0.0, notes)
    work = f"{problems.CONV}, batch {BATCH}, to {race.goal:.0%}"
    yield result_of(work, "", result, 1, {"PyTorch": 7})


def _words(finish: Finish) -> str:
    return f"{finish.accuracy:.2%} after {finish.epochs} epochs"


def trial(race: Race, settings: Settings) -> tuple[Comparison, tuple[str, dict[str, Any]] | None]:
    """Check on some steps that all compute the same; return PyTorch's fastest variant by name."""
    objects, rule = CHECKED_STEPS * BATCH, mathdl.SGD(CHECKED_RATE)
    problem = problems.Problem(race.network(0), race.X[:objects], race.y[:objects], "cross_entropy", rule, BATCH)
    variants: dict[str, dict[str, Any]] = {}

    def by_torch() -> list[Contestant]:
        from benchmarks import peers_torch

        architecture = problem.net.architecture
        for each in peers_torch.variants(architecture, available(), quick=settings.quick):
            variants[peers_torch.name_of(each)] = each
        found = peers_torch.contestants(problem, available(), quick=settings.quick)
        return [each for each in found if each.peer == peers_torch.PEER]

    peers, notes = gathered({"PyTorch": by_torch})
    comparison = compare([problems.ours(problem), *peers], settings.repeated(TURNS), notes=notes)
    best = comparison.best("PyTorch")
    return comparison, None if best is None else (best, variants[best])


class _Goal(mathdl.Callback):
    """Stops at the goal."""

    def __init__(self, goal: float) -> None:
        self.goal = goal

    def on_epoch(self, training: Any) -> bool:
        """Stop once the accuracy is reached."""
        return bool(training.history.validation_accuracy[-1] >= self.goal)


def ours(race: Race, seed: int) -> Finish:
    """Train by ``fit``."""
    history = race.network(seed).fit(
        race.X,
        race.y,
        loss="cross_entropy",
        rule=RULE,
        batch_size=BATCH,
        epochs=race.epochs,
        seed=seed,
        validation=(race.X_test, race.y_test),
        schedule=mathdl.CosineSchedule(),
        callbacks=[_Goal(race.goal)],
    )
    return Finish(history.epochs, history.validation_accuracy[-1])


def theirs(race: Race, seed: int, variant: dict[str, Any]) -> Finish:
    """Train by PyTorch."""
    import torch

    from benchmarks import peers_torch

    net, schedule = race.network(seed), mathdl.CosineSchedule()
    problem = problems.Problem(net, race.X, race.y, "cross_entropy", RULE, BATCH)
    descent = peers_torch.descent_of(problem, variant)
    X, X_test = (descent.arranged(torch.from_numpy(part).float() / 255) for part in (race.X, race.X_test))
    y, y_test = torch.from_numpy(race.y), torch.from_numpy(race.y_test)
    accuracy, epoch = 0.0, 0
    with peers_torch.at_its_best(variant["threads"]):
        while accuracy < race.goal and epoch < race.epochs:
            order = torch.from_numpy(order_of_epoch(len(X), "without_replacement", seed, epoch))
            descent.epoch(X, y, order, BATCH, RULE.learning_rate * schedule(epoch, race.epochs))
            right = [
                (descent.outputs(images).argmax(dim=1) == classes).sum()
                for images, classes in zip(X_test.split(1000), y_test.split(1000), strict=True)
            ]
            accuracy, epoch = float(sum(right)) / len(X_test), epoch + 1
    return Finish(epoch, accuracy)
