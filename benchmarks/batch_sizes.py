"""Time of a step against the batch size: a dense and a convolutional network, for the picture.

Everybody runs as at :mod:`benchmarks.steps`, but for the variants of PyTorch that hardly matter here: eager and
compiled, with all threads. JAX scans the epoch of the dense network and takes a call a step for the other one.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import problems
from benchmarks.results import Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare, gathered
from mathdl.engine.threads import available

TITLE = "Time against batch size"
BATCHES = (1, 4, 16, 64, 256, 1024)
OBJECTS = {problems.DENSE: 20_000, problems.CONV: 4_000}  # in a turn, or steps where there would be more
STEPS = 3_000
RATE = 0.005
JAX_WAY = {problems.DENSE: "JAX scan", problems.CONV: "JAX, a call a step"}


def run(settings: Settings) -> Iterator[Result]:
    """Yield one result for each network and batch size."""
    for network, objects in OBJECTS.items():
        for batch in BATCHES:
            work = f"{network}, batch {batch}"
            if settings.wants(work):
                steps = settings.shortened(max(4, min(objects // batch, STEPS)))
                yield step(work, network, problems.of_images(network, batch, steps, RATE), settings)


def step(work: str, network: str, problem: problems.Problem, settings: Settings) -> Result:
    """Compare a step at one batch size."""

    def by_torch() -> list[Contestant]:
        from benchmarks import peers_torch

        ways = [{"threads": available(), "compiled": compiled, "channels_last": False} for compiled in (False, True)]
        names = [peers_torch.name_of(way) for way in ways]
        found = peers_torch.contestants(problem, available(), quick=settings.quick)
        return [each for each in found if each.name in names]

    def by_jax() -> list[Contestant]:
        from benchmarks import peers_jax

        return [each for each in peers_jax.contestants(problem) if each.peer == JAX_WAY[network]]

    peers, notes = gathered({"PyTorch": by_torch, "JAX": by_jax}, alone=settings.alone)
    comparison = compare([problems.ours(problem), *peers], settings.repeated(), notes=notes)
    return result_of(work, "a step", comparison, problem.steps, {})
