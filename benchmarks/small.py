"""Where a step has little to compute and what counts is the way around it: batches of one, and a chain of neurons.

The linear map meets its objects in four epochs, as nobody trains for one. The chain has one neuron without bias in each
of its 1,000 layers (Proposition 9.4.1), ReLU and the square loss; what is timed and compared is the gradient of one
object. Its weights are near 1, so that the gradient does not vanish.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import mathdl
from benchmarks import problems
from benchmarks.results import Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare, gathered
from benchmarks.steps import train
from mathdl.engine.threads import available

TITLE = "Batches of one, and a chain of 1,000 neurons"
LAYERS = 1000
GRADIENTS = 30  # in a turn


def run(settings: Settings) -> Iterator[Result]:
    """Yield one result for each piece of work."""
    problem = problems.of_images(problems.DENSE, 1, settings.shortened(20_000), rate=0.005)
    limits = {"PyTorch": 17, "JAX scan": 10}
    if settings.wants(work := f"{problems.DENSE}, batch 1"):
        yield train(work, problem, limits, settings, with_floor=True)
    limits = {"PyTorch": 300, "JAX scan": None}
    if settings.wants(work := "dense 4-64, mean square, batch 1"):
        yield train(work, linear(settings.shortened(16_000)), limits, settings, with_floor=False)
    if settings.wants(work := f"chain of {LAYERS:,} neurons, gradient of one object"):
        yield chain(work, LAYERS, settings)


def linear(objects: int) -> problems.Problem:
    """A linear map from 4 numbers to 64 to be learnt from noisy values (the shape of section 8.6)."""
    generator = np.random.default_rng(problems.SEED)
    X = generator.normal(size=(objects, 4)).astype("float32")
    y = X @ generator.normal(size=(4, 64)) + generator.normal(size=(objects, 64)) / 10
    net = mathdl.Network([mathdl.Dense(64)], input_shape=(4,), seed=problems.SEED)
    return problems.Problem(net, X, y.astype("float32"), "mean_square", mathdl.SGD(0.01), 1, epochs=4)


def chain(work: str, layers: int, settings: Settings) -> Result:
    """The gradient of one object in a chain of neurons."""
    neurons = [mathdl.Dense(1, activation="relu", bias=False) for _ in range(layers)]
    net = mathdl.Network(neurons, input_shape=(1,), seed=problems.SEED)
    net.parameters[:] = np.exp(np.random.default_rng(problems.SEED).normal(size=layers) / 50)
    x, y = np.ones((1, 1), "float32"), np.zeros((1, 1), "float32")
    found: dict[str, Any] = {}

    def ours() -> None:
        for _ in range(GRADIENTS):
            found["mathdl"] = net.gradient(x, y, "mean_square")

    def by_torch() -> list[Contestant]:
        from benchmarks import peers_torch

        return peers_torch.chain_contestants(net.parameters, x, y, GRADIENTS, available(), quick=settings.quick)

    def by_jax() -> list[Contestant]:
        from benchmarks import peers_jax

        return [peers_jax.chain_contestant(net.parameters, x, y, GRADIENTS)]

    peers, notes = gathered({"PyTorch": by_torch, "JAX": by_jax}, alone=settings.alone)
    contestants = [Contestant("mathdl", ours, lambda: found["mathdl"]), *peers]
    comparison = compare(contestants, settings.repeated(), notes=notes)
    limits = {"PyTorch": 35, "JAX scan": 1}
    return result_of(work, "", comparison, GRADIENTS, limits)
