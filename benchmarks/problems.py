"""What is trained: networks by name, images of noise, and mathdl's own turn at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import mathdl
from benchmarks.side_by_side import Contestant
from mathdl.descent.batches import order_of_epoch

SEED = 0
IMAGE = (1, 28, 28)

DENSE = "dense 784-128-10"
DEEP = "dense 784-512-512-10"
CONV = "conv 8@5x5, pool, conv 16@5x5, pool, dense 10"
WIDE_CONV = "conv 32@3x3 same, pool, conv 64@3x3 same, pool, dense 128, dense 10"


def _relu(kind: Any, *options: Any, **more: Any) -> Any:
    """A layer with ReLU."""
    return kind(*options, activation="relu", **more)


NETWORKS: dict[str, Callable[[], list[Any]]] = {
    DENSE: lambda: [mathdl.Flatten(), _relu(mathdl.Dense, 128), mathdl.Dense(10)],
    DEEP: lambda: [mathdl.Flatten(), _relu(mathdl.Dense, 512), _relu(mathdl.Dense, 512), mathdl.Dense(10)],
    CONV: lambda: [
        *(_relu(mathdl.Conv2D, 8, 5), mathdl.MaxPool2D(2)),
        *(_relu(mathdl.Conv2D, 16, 5), mathdl.MaxPool2D(2)),
        *(mathdl.Flatten(), mathdl.Dense(10)),
    ],
    WIDE_CONV: lambda: [
        *(_relu(mathdl.Conv2D, 32, 3, padding="same"), mathdl.MaxPool2D(2)),
        *(_relu(mathdl.Conv2D, 64, 3, padding="same"), mathdl.MaxPool2D(2)),
        *(mathdl.Flatten(), _relu(mathdl.Dense, 128), mathdl.Dense(10)),
    ],
}


def network(name: str) -> mathdl.Network:
    """Make one of the networks for images of 28 x 28."""
    return mathdl.Network(NETWORKS[name](), input_shape=IMAGE, seed=SEED)


@cache
def images(objects: int) -> tuple[Any, Any]:
    """Images of noise, as bytes, with classes that can be learnt."""
    generator = np.random.default_rng(SEED)
    means = generator.integers(0, 256, (10, *IMAGE))
    y = generator.integers(0, 10, objects)
    X = (means[y] + generator.integers(0, 256, (objects, *IMAGE))) // 2
    return X.astype(np.uint8), y


@dataclass(frozen=True)
class Problem:
    """Some epochs of stochastic descent from the parameters of ``net``, the same for every contestant.

    ``X`` may be bytes; the peers are given ``reals``, which saves them the conversion.
    """

    net: mathdl.Network
    X: Any
    y: Any
    loss: str
    rule: mathdl.SGD
    batch: int
    epochs: int = 1

    @property
    def steps(self) -> int:
        """Steps of all epochs."""
        return self.epochs * -(-len(self.X) // self.batch)

    @property
    def reals(self) -> Any:
        """The objects as float32."""
        return self.X.astype(np.float32) / np.float32(255) if self.X.dtype == np.uint8 else self.X

    @property
    def orders(self) -> list[Any]:
        """The objects in order, epoch by epoch."""
        return [order_of_epoch(len(self.X), "without_replacement", SEED, epoch) for epoch in range(self.epochs)]

    def score(self, parameters: Any) -> float:
        """The loss at some parameters."""
        net = mathdl.Network.from_architecture(self.net.architecture, self.net.input_shape)
        net.parameters[:] = parameters
        return net.loss(self.X[:4096], self.y[:4096], self.loss)


def of_images(name: str, batch: int, steps: int, rate: float = 0.05) -> Problem:
    """An epoch of so many steps on images of noise."""
    return Problem(network(name), *images(batch * steps), "cross_entropy", mathdl.SGD(rate), batch)


def ours(problem: Problem, name: str = "mathdl", threads: int | None = None) -> Contestant:
    """Train by ``fit``; agree on the loss at the end."""
    start = problem.net.parameters.copy()
    net = mathdl.Network.from_architecture(problem.net.architecture, problem.net.input_shape)

    def work() -> None:
        net.parameters[:] = start
        net.fit(
            problem.X,
            problem.y,
            loss=problem.loss,
            rule=problem.rule,
            batch_size=problem.batch,
            epochs=problem.epochs,
            seed=SEED,
            threads=threads,
        )

    return Contestant(name, work, lambda: problem.score(net.parameters))
