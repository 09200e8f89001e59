"""Twelve fits of one network from different seeds: one after the other in one process, and two at once in two.

In one process a fit has one thread, or all cores; of processes each has one thread. They are joblib's own (loky), or
workers of a Dask cluster on this machine; starting them is not timed. All fits have to come to the same bits. Of the
turns the shortest counts: other programs, which many processes meet sooner than one, only add to it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from time import perf_counter
from typing import Any

import joblib
import numpy as np
from distributed import Client, LocalCluster

import mathdl
from benchmarks import problems
from benchmarks.results import Bar, Entry, Result
from benchmarks.settings import Settings
from benchmarks.side_by_side import Disagreement

TITLE = "Many models at once"
WORK = {problems.DENSE: 4_000, problems.CONV: 1_000, problems.WIDE_CONV: 128}  # objects
FITS, EPOCHS, PROCESSES = 12, 6, 2
ALONE = {"1 process, 1 thread": 1, "1 process, all threads": None}
LOKY, DASK = f"{PROCESSES} processes, loky", f"{PROCESSES} processes, Dask"
WAYS = (*ALONE, LOKY, DASK)


def fitted(network: str, X: Any, y: Any, seed: int, threads: int | None = None) -> Any:
    """Fit a network from a seed; return its parameters."""
    net = mathdl.Network(problems.NETWORKS[network](), input_shape=problems.IMAGE, seed=seed)
    net.fit(X, y, loss="cross_entropy", rule=mathdl.SGD(0.01), epochs=EPOCHS, seed=seed, threads=threads)
    return net.parameters


def run(settings: Settings) -> Iterator[Result]:
    """Yield a result for each network."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        cluster = LocalCluster(PROCESSES, threads_per_worker=1, dashboard_address=":0", local_directory=folder)
        client = stack.enter_context(Client(stack.enter_context(cluster)))
        for network, objects in WORK.items():
            if settings.wants(network):
                yield result(network, objects, client, settings)


def result(network: str, objects: int, client: Client, settings: Settings) -> Result:
    """Time the ways of fitting a network, in turns."""
    X, y = problems.images(settings.shortened(objects))
    seconds: dict[str, list[float]] = {}
    expected = None
    for turn in range(1 + settings.repeated()):  # the first one is not counted: processes load what they need
        for way in WAYS:
            with backend(way, client):
                begun = perf_counter()
                tasks = (joblib.delayed(fitted)(network, X, y, seed, ALONE.get(way)) for seed in range(FITS))
                found = np.array(joblib.Parallel()(tasks))
                elapsed = perf_counter() - begun
            expected = found if expected is None else expected
            if not np.array_equal(found, expected):
                raise Disagreement(f"{network}: {way} came to other parameters")
            if turn:
                seconds.setdefault(way, []).append(elapsed)
    shortest = {way: min(values) for way, values in seconds.items()}
    best = min(shortest[way] for way in ALONE)
    entries = [Entry(way, value, value / best, turns=settings.repeated()) for way, value in shortest.items()]
    bars = [Bar(f"{way} against one", best / shortest[way]) for way in (LOKY, DASK)]
    return Result(f"{network}, {len(X):,} objects", f"{FITS} fits", entries, bars)


def backend(way: str, client: Client) -> AbstractContextManager[Any]:
    """Let joblib work in one way; that begins here, and ends with the block."""
    if way == DASK:
        return joblib.parallel_config("dask", client=client)
    return joblib.parallel_config("loky", n_jobs=1 if way in ALONE else PROCESSES)
