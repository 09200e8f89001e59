"""How the threads share out a step: everything is done once, and a thread updates what it goes forward with."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import naive
from engine.examples import network
from mathdl import Conv2D, Dense, Flatten, Network, Parallel
from mathdl.engine import schedule as module
from mathdl.engine.program import CHUNK_SAMPLES
from mathdl.engine.schedule import MAX_OWN_INPUTS_THREADS, TILE_PARAMETERS, Schedule, schedule
from mathdl.kernels import barrier

NAMES = ["dense", "conv", "parallel", "wide"]


def of(net: Network, threads: int) -> Schedule:
    """A step's schedule."""
    program = net._executable("train", "cross_entropy")[0].program
    return schedule(program, program.rows, threads)


def ranges(rows: Any, first: str, last: str) -> list[int]:
    """All numbers in the ranges that two fields give."""
    return sorted(number for row in rows for number in range(row[first], row[last]))


@pytest.mark.parametrize("limit", [1, 50, TILE_PARAMETERS])
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_in_one_tile(name: str, threads: int, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TILE_PARAMETERS", limit)
    net = network(name)
    found = of(net, threads)
    assert ranges(found.tiles, "start", "stop") == list(range(net.size))
    assert (found.homes[0], found.homes[-1], len(found.homes)) == (0, len(found.tiles), threads + 1)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_every_operation_goes_forward_once(name: str, threads: int) -> None:
    net = network(name)
    found = of(net, threads)
    rows = net._executable("train", "cross_entropy")[0].program.rows
    assert ranges(found.stages, "first", "last") == list(range(len(rows)))
    assert found.stages[-1].last_part == 0  # the loss and the way back go by chunks
    for stage in found.stages[found.stages["last_part"] > 0]:
        parts = found.parts[stage.first_part : stage.last_part]
        row = stage.first
        assert set(parts["row"]) == {row}
        assert ranges(parts, "first", "last") == list(range(rows[row].last_unit))


def test_large_layers_are_shared_out_where_it_pays() -> None:
    net = network("wide")
    for threads, divided in [(1, 0), (2, 2), (3, 2)]:
        found = of(net, threads)
        assert (found.stages["last_part"] > 0).sum() == divided
        assert found.own_inputs == (threads == MAX_OWN_INPUTS_THREADS)
    assert len(of(network("dense"), 2).parts) == 0


def test_inputs_that_several_operations_read_are_gathered_once() -> None:
    layers = [Parallel([[Dense(300)], [Dense(300)]]), Dense(2)]
    assert not of(Network(layers, input_shape=(130,)), 2).own_inputs


@pytest.mark.parametrize("threads", [2, 3])
def test_a_thread_updates_what_it_goes_forward_with(threads: int) -> None:
    found = of(network("wide"), threads)
    for stage in found.stages[found.stages["last_part"] > 0]:
        first, last = stage.first_part, stage.last_part
        starts = [first + barrier.start_of(run, last - first, threads) for run in range(threads + 1)]
        for me, (start, stop) in enumerate(pairwise(starts)):
            tiles = found.tiles[found.homes[me] : found.homes[me + 1]]
            weights = tiles[(tiles["row"] == stage.first) & (tiles["width"] > 0)]
            mine = ranges(found.parts[start:stop], "first", "last")
            assert ranges(weights, "first", "last") == mine


def test_a_layer_after_images_finds_its_inputs_gathered_by_chunks() -> None:
    layers = [Conv2D(2, 1), Flatten(), Dense(300)]
    found = of(Network(layers, input_shape=(1, 8, 8)), 2)
    assert [stage.last_part == 0 for stage in found.stages] == [True, False, True]
    assert not found.own_inputs


def test_a_large_layer_is_cut_into_tiles() -> None:
    """The last tile is smaller than the others."""
    net = Network([Dense(390)], input_shape=(200,), dtype="float64", seed=0)
    tiles = of(net, 1).tiles
    sizes = tiles["stop"] - tiles["start"]
    assert len(tiles) >= 3
    assert sizes.max() <= TILE_PARAMETERS
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(40, 200)), generator.normal(size=(40, 390))
    truth = naive.loss_and_gradient(net.architecture, (200,), net.parameters, x, y, "mean_square")[1]
    for threads in (1, 2, 3):
        np.testing.assert_allclose(net.gradient(x, y, "mean_square", threads=threads), truth, rtol=1e-10, atol=1e-12)


def test_two_vectors_of_samples_go_together_where_threads_still_share() -> None:
    one = CHUNK_SAMPLES
    small, shared = [Dense(100), Dense(10)], [Dense(128), Dense(10)]
    images = [Conv2D(16, 5), Conv2D(16, 5), Flatten(), Dense(10)]
    chunks = {
        "too short a step for two threads": (Network(small, (64,)), {2 * one - 1: one, 2 * one: 2 * one}),
        "shared by units": (Network(shared, (784,)), {4 * one - 1: one, 4 * one: 2 * one}),
        "shared by chunks": (Network(images, (1, 28, 28)), {8 * one - 1: one, 8 * one: 2 * one}),
        "many numbers": (Network([Conv2D(99, 3), Flatten(), Dense(1)], (1, 64, 64)), {8 * one: one}),
    }
    for what, (net, expected) in chunks.items():
        executable, _ = net._executable("train", "mean_square")
        assert {batch: executable.chunk_of(batch) for batch in expected} == expected, what
