"""The same seed gives the same parameters to the last bit, whoever computes them and when."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from engine.examples import data, fingerprint, fitted, network
from mathdl import SGD
from mathdl.kernels.jit import JIT_OFF
from mathdl.training import loop as training

NAMES = ["dense", "conv", "parallel", "dropout", "wide"]
needs_threads = pytest.mark.skipif(JIT_OFF, reason="with the JIT off there is one thread")


@needs_threads
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_any_number_of_threads(name: str, dtype: str) -> None:
    net = network(name, dtype)
    X, y = data(net, 150)
    weights = np.random.default_rng(2).uniform(0.5, 2, size=150)
    gradient = net.gradient(X, y, "cross_entropy", sample_weight=weights, threads=1)
    outputs, loss = net(X, threads=1), net.loss(X, y, "cross_entropy", threads=1)
    parameters = {rule: fitted(name, dtype, 1, rule) for rule in ("momentum", "adam")}
    assert gradient.any()
    for threads in (2, 3, 4):
        again = net.gradient(X, y, "cross_entropy", sample_weight=weights, threads=threads)
        assert np.array_equal(again, gradient)
        assert np.array_equal(net(X, threads=threads), outputs)
        assert net.loss(X, y, "cross_entropy", threads=threads) == loss
        for rule, expected in parameters.items():
            assert np.array_equal(fitted(name, dtype, threads, rule), expected)


@needs_threads
@pytest.mark.parametrize("batch_size", [1, 16, 17, 33])
@pytest.mark.parametrize("rule", [SGD(0.1), SGD(0.1, weight_decay=0.01), SGD(0.01, momentum=0.9)])
def test_any_number_of_threads_for_small_batches_and_single_objects(rule: SGD, batch_size: int) -> None:
    """A last chunk may be a single object; one thread takes batches of one in a loop of their own."""
    found = []
    for threads in (1, 2, 3):
        net = network("wide", "float32")
        X, y = data(net, 67)
        net.fit(X, y, loss="cross_entropy", rule=rule, batch_size=batch_size, epochs=2, seed=5, threads=threads)
        found.append(net.parameters)
    assert np.array_equal(found[1], found[0])
    assert np.array_equal(found[2], found[0])


@pytest.mark.parametrize("name", NAMES)
def test_any_number_of_steps_in_a_call(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    together = fitted(name, "float32", 2, batch_size=8)
    monkeypatch.setattr(training, "CALL_SECONDS", 1e-12)  # one step a call
    assert np.array_equal(fitted(name, "float32", 2, batch_size=8), together)


def in_another_process(cache: str | None = None) -> str:
    """Fit in a new process and return the hash of the parameters."""
    code = (
        "from engine.examples import fingerprint, fitted\n"
        "print(fingerprint(*(fitted('dense', 'float32', threads) for threads in (1, 2))))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    if cache is not None:
        environment["NUMBA_CACHE_DIR"] = cache
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_a_second_process() -> None:
    assert in_another_process() == fingerprint(*(fitted("dense", "float32", threads) for threads in (1, 2)))


@pytest.mark.skipif(JIT_OFF, reason="nothing is compiled")
def test_a_process_that_compiles_anew(tmp_path: Path) -> None:
    expected = fingerprint(*(fitted("dense", "float32", threads) for threads in (1, 2)))
    assert in_another_process(cache=str(tmp_path)) == expected
    assert list(tmp_path.rglob("*.nbc"))


def test_fits_at_once() -> None:
    """Three fits in Python threads, each with threads of its own."""
    jobs = [("dense", "float32", 2), ("conv", "float64", 2), ("parallel", "float64", None)]
    expected = [fitted(*job) for job in jobs]
    found: dict[int, np.ndarray] = {}

    def work(me: int) -> None:
        found[me] = fitted(*jobs[me])

    workers = [threading.Thread(target=work, args=(me,), daemon=True) for me in range(len(jobs))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    for me, parameters in enumerate(expected):
        assert np.array_equal(found[me], parameters)


def send_fitted(connection: Connection) -> None:
    connection.send(fingerprint(fitted("dense", "float32", 2)))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
def test_after_a_fork() -> None:
    context = multiprocessing.get_context("fork")
    expected = fingerprint(fitted("dense", "float32", 2))
    for _ in range(2):
        mine, theirs = context.Pipe()
        child = context.Process(target=send_fitted, args=(theirs,))
        child.start()
        assert mine.poll(60)
        assert mine.recv() == expected
        child.join(60)
        assert child.exitcode == 0
    assert fingerprint(fitted("dense", "float32", 2)) == expected
