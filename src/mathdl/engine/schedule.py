"""How the threads share out one step of descent: stages, parts of operations, tiles of parameters, and whose each is.

A thread's own parts and tiles are of the same units, so that the weights which it updates are the ones that it goes
forward with: they stay in its cache, where another core's would have to be fetched and given back in every step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.program import Gradient, Program
from mathdl.kernels import table
from mathdl.kernels.table import Records

Integers = NDArray[np.int64]

TILE_PARAMETERS = 32768  # at most about this many parameters get their gradient and their update at one go
MIN_DIVIDED_WEIGHTS = 32768  # weights of a layer from which on its units are shared out
MAX_OWN_INPUTS_THREADS = 2  # threads that gather inputs faster each for itself than for each other


@dataclass(frozen=True)
class Schedule:
    """The tables of a step."""

    stages: Records  # with the parts, what goes forward between two meetings of the threads; see kernels.table
    parts: Records
    tiles: Records  # each thread's, one thread after the other
    homes: Integers  # where each thread's tiles begin, and where the last one's end
    own_inputs: bool  # whether every thread gathers all inputs, to places of its own
    parameters: int  # in all
    largest_tile: int  # its parameters


def divisible(program: Program) -> list[Gradient]:
    """Return the gradients of the weights of layers whose units are worth sharing out."""
    large = (each for each in program.gradients if each.count * each.size >= MIN_DIVIDED_WEIGHTS)
    return [each for each in large if each.row in program.units]


def schedule(program: Program, rows: Records, threads: int) -> Schedule:
    """Share out a step of a program with these rows."""
    divided = {gradient.row: gradient for gradient in divisible(program)} if threads > 1 else {}
    # What only one operation reads every thread may have for itself.
    own = (
        threads <= MAX_OWN_INPUTS_THREADS
        and np.count_nonzero(rows["input"] == program.input.values) == 1
        and 0 in divided
    )
    stages: list[tuple[int, ...]] = []
    parts: list[tuple[int, ...]] = []
    first = 0
    for row, gradient in sorted(divided.items()):
        if row > first or (not stages and not own):
            stages.append((first, row, 0, 0))
        start = len(parts)
        parts += [(row, *units) for units in gradient.tiles(TILE_PARAMETERS, threads)]
        stages.append((row, row + 1, start, len(parts)))
        first = row + 1
    stages.append((first, len(rows), 0, 0))
    tiles, homes = _tiles(program, threads, divided)
    sizes = tiles["stop"] - tiles["start"]
    stage_table, part_table = np.array(stages, table.STAGE), np.array(parts, table.PART)
    return Schedule(stage_table, part_table, tiles, homes, own, int(sizes.sum()), int(sizes.max(initial=0)))


def _tiles(program: Program, threads: int, divided: dict[int, Gradient]) -> tuple[Records, Integers]:
    """Give each thread its tiles, the costliest first: threads then end together."""
    found: list[list[tuple[int, tuple[int, ...]]]] = [[] for _ in range(threads)]
    undivided = []
    for gradient in program.gradients:
        own = divided.get(gradient.row) is gradient
        ranges = list(gradient.tiles(TILE_PARAMETERS, threads if own else 1))
        for place, (first, last) in enumerate(ranges):
            tile = (last - first) * gradient.operations, gradient.record(first, last, program.dtype)
            if own:
                found[place * threads // len(ranges)].append(tile)
            else:
                undivided.append(tile)
    loads = [sum(cost for cost, _ in tiles) for tiles in found]
    for tile in sorted(undivided, key=_cost):
        least = loads.index(min(loads))
        found[least].append(tile)
        loads[least] += tile[0]
    records = [record for tiles in found for _, record in sorted(tiles, key=_cost)]
    homes = np.cumsum([0, *(len(tiles) for tiles in found)])
    return np.array(records, table.TILE), homes.astype(np.int64)


def _cost(tile: tuple[int, tuple[int, ...]]) -> int:
    """Sort by this: the costliest first."""
    return -tile[0]
