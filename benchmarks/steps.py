"""Steps of stochastic descent: networks by batch sizes, one epoch a turn, against PyTorch, JAX and Keras.

Float32, plain SGD. Everyone starts from the same parameters and meets the same batches, gathered by index from
the whole set. mathdl holds the images as bytes and converts them as it gathers; the peers get numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import floor, problems
from benchmarks.results import Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare, gathered
from mathdl.engine.threads import available

TITLE = "Steps of training"
TAME = 0.01  # at larger rates deep networks learn noise in leaps that multiply rounding errors, and nobody agrees

SHOWN = {"PyTorch bf16": None, "Keras on JAX": None}  # without a bar: fewer bits, and the convenience of a model


@dataclass(frozen=True)
class Row:
    """A network, a batch size, how many steps a turn has, and the bars."""

    network: str
    batch: int
    steps: int
    limits: dict[str, float | None]
    fraction: float | None = None  # least fraction of the multipliers' rate
    rate: float = 0.05


ROWS = [
    Row(problems.DENSE, 64, 600, {"PyTorch": 4, "JAX scan": 2.5, **SHOWN}, 0.5),
    Row(problems.DENSE, 256, 200, {"PyTorch": 2.5, "JAX scan": 2.3, **SHOWN}, 0.65),
    Row(problems.DEEP, 128, 100, {"PyTorch": 2, "JAX scan": 1.2, **SHOWN}, 0.7, TAME),
    Row(problems.CONV, 64, 100, {"PyTorch": 6, "JAX, a call a step": 15, **SHOWN}, 0.62, TAME),
    Row(problems.CONV, 256, 30, {"PyTorch": 6, "JAX, a call a step": 20, **SHOWN}, 0.62, TAME),
    Row(problems.WIDE_CONV, 64, 20, {"PyTorch": 2.2, "JAX, a call a step": 8, **SHOWN}, 0.65, TAME),
]


def run(settings: Settings) -> Iterator[Result]:
    """Yield one result for each row."""
    for row in ROWS:
        work = f"{row.network}, batch {row.batch}"
        if not settings.wants(work):
            continue
        problem = problems.of_images(row.network, row.batch, settings.shortened(row.steps), row.rate)
        yield train(work, problem, row.limits, settings, floor_limit=row.fraction, with_floor=True)


def train(
    work: str,
    problem: problems.Problem,
    limits: dict[str, float | None],
    settings: Settings,
    *,
    with_floor: bool,
    floor_limit: float | None = None,
) -> Result:
    """Let everyone train one epoch in turns."""
    found, notes = peers(problem, settings)
    contestants, share = [problems.ours(problem), *found], None
    if with_floor:
        operations = problem.steps * floor.step_operations(problem.net, problem.batch)
        multipliers, share = floor.contestant(operations)
        contestants.append(multipliers)
    comparison = compare(contestants, settings.repeated(), notes=notes)
    held = None if share is None else (share, floor_limit)
    return result_of(work, "a step", comparison, problem.steps, limits, held)


def peers(problem: problems.Problem, settings: Settings) -> tuple[list[Contestant], list[str]]:
    """Everyone else who can train."""

    def by_torch() -> list[Any]:
        from benchmarks import peers_torch

        return peers_torch.contestants(problem, available(), quick=settings.quick)

    def by_jax() -> list[Any]:
        from benchmarks import peers_jax

        return peers_jax.contestants(problem)

    def by_keras() -> list[Any]:
        from benchmarks import peers_keras

        return peers_keras.contestants(problem)

    makers = {"PyTorch": by_torch, "JAX": by_jax}
    if problem.loss == "cross_entropy" and problem.batch > 1:  # its way around a single object takes a millisecond
        makers["Keras"] = by_keras
    return gathered(makers, alone=settings.alone)
