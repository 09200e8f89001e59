"""Running one function in several threads: failures, interrupts and how many threads there are."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.examples import data, network
from mathdl import SGD, Activation, Dense, Network
from mathdl.engine import threads
from mathdl.engine.executable import Data, Steps, Update
from mathdl.errors import InputError
from mathdl.kernels import barrier
from mathdl.kernels.jit import JIT_OFF

needs_threads = pytest.mark.skipif(JIT_OFF, reason="with the JIT off there is one thread")


def without_hanging(work: Callable[[], Any]) -> BaseException | None:
    """Call ``work`` in a thread and return its exception; fail rather than wait for ever."""
    caught: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as failure:
            caught.append(failure)

    worker = threading.Thread(target=guarded, daemon=True)
    worker.start()
    worker.join(60)
    assert not worker.is_alive()
    return caught[0] if caught else None


def wait_for_stop(control: Any) -> None:
    while control[barrier.STOP] == 0:
        time.sleep(0.001)


@needs_threads
def test_choose() -> None:
    assert threads.choose(3, 1.0, 1) == 3
    assert threads.choose(None, 1.0, 9) == 1
    assert threads.choose(None, 1e9, 1) == 1
    assert threads.choose(None, 1e5, 1, divisible=True) == 1
    assert threads.choose(None, 9e5, 1, divisible=True) == 1  # a short step does not wait for many threads
    assert threads.choose(None, 1e9, 1, divisible=True) == threads.available()
    assert threads.choose(None, 1e9, 10_000) == threads.available() >= 1


@pytest.mark.parametrize(
    ("said", "at_most"),
    [("1", 1), ("1,4", 1), (" 1 ", 1), ("100000", None), ("0", None), ("-1", None), ("many", None), ("", None)],
)
def test_a_process_takes_its_share_of_the_cores(
    monkeypatch: pytest.MonkeyPatch, said: str, at_most: int | None
) -> None:
    """Programs that start many processes on a machine tell each by this variable."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = threads.available()
    monkeypatch.setattr(threads.os, "sched_getaffinity", lambda process: set(range(cores + 1)), raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert threads.available() == (at_most or cores + 1)


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "two", 1025, 10**30])
def test_choose_refuses_what_is_no_count(count: Any) -> None:
    net = Network([Dense(1)], input_shape=(1,))
    for call in (
        lambda: net([[1.0]], threads=count),
        lambda: net.loss([[1.0]], [1.0], "mean_square", threads=count),
        lambda: net.gradient([[1.0]], [1.0], "mean_square", threads=count),
        lambda: net.fit([[1.0]], [1.0], loss="mean_square", threads=count),
    ):
        with pytest.raises(InputError, match=r"threads is .*; give (a whole number of at least 1|at most 1,024)"):
            call()


def test_short_work_runs_here_and_long_work_elsewhere() -> None:
    seen: list[int] = []
    for operations in (1.0, 1e12):
        threads.run(lambda me: seen.append(threading.get_ident()), threads.new_control(1), 1, operations)
    assert (np.array(seen) == threading.get_ident()).tolist() == [True, False]


def test_every_thread_has_its_number() -> None:
    seen: list[int] = []
    threads.run(seen.append, threads.new_control(5), 5, 1.0)
    assert sorted(seen) == [0, 1, 2, 3, 4]


def test_a_failure_stops_the_others_and_is_raised() -> None:
    control = threads.new_control(3)

    def work(me: int) -> None:
        if me == 1:
            raise ZeroDivisionError("mine")
        wait_for_stop(control)

    failure = without_hanging(lambda: threads.run(work, control, 3, 1.0))
    assert isinstance(failure, ZeroDivisionError)


def test_a_thread_that_cannot_start_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others must not wait at the barrier for one that never comes."""
    control, start = threads.new_control(3), threading.Thread.start

    def work(me: int) -> None:
        while control[barrier.STOP] != 2:
            time.sleep(0.001)

    def refuse(thread: threading.Thread) -> None:
        if sum(t.name.startswith("refusable") for t in threading.enumerate()) >= 1:
            raise RuntimeError("can't start new thread")
        thread.name = "refusable"
        start(thread)

    def run() -> None:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        threads.run(work, control, 3, 1.0)

    failure = without_hanging(run)
    monkeypatch.undo()
    assert isinstance(failure, RuntimeError)


def test_an_interrupt_reaches_a_thread_that_only_waits() -> None:
    control = threads.new_control(3)
    start = time.perf_counter()
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        threads.run(lambda me: wait_for_stop(control), control, 2, 1.0)
    assert time.perf_counter() - start < 5
    assert control[barrier.STOP] == 1


def test_stop_does_not_hide_a_failure() -> None:
    """Threads wait for one that failed unless the flag stays 2."""
    net = Network([Dense(1)], input_shape=(1,))
    executable, _ = net._executable("train", "mean_square")
    one_object = Data(np.ones((1, 1), np.float32), np.ones((1, 1), np.float32))
    steps = Steps(executable, one_object, net.parameters, 1, 1)
    steps._control[barrier.STOP] = 2
    steps.stop()
    assert steps._control[barrier.STOP] == 2


@needs_threads
def test_a_stop_at_any_moment_comes_between_two_steps() -> None:
    """All threads obey at the same step: none goes on alone and waits for ever, and no step is done by half."""
    net = network("dense")
    X, y = data(net, 64)
    executable, _ = net._executable("train", "cross_entropy")
    rule, order = SGD(0.01), np.tile(np.arange(64), 50_000)
    update, moments = (
        Update(rule.kernel, rule.outer_kernel, rule.constants(0.01), 0),
        np.random.default_rng(0).uniform(0, 2e-3, size=60),
    )
    objects = Data(X, y[:, None].astype(float))
    steps = Steps(executable, objects, np.zeros(net.size), 64, 3)
    alone = Steps(executable, objects, np.zeros(net.size), 64, 1)
    for moment in moments:
        stopped, whole = net.parameters.copy(), net.parameters.copy()
        done: list[int] = []

        def run(stopped: Any = stopped, done: list[int] = done) -> None:
            done.append(len(steps.take(stopped, order, 0, 50_000, update)[0]))

        control = steps._control
        worker = threading.Thread(target=run, daemon=True)
        worker.start()
        while steps._control is control or steps._control[barrier.DONE] == 0:
            time.sleep(0)
        time.sleep(moment)
        steps.stop()
        worker.join(60)
        assert not worker.is_alive()
        assert 0 < done[0] < 50_000
        alone.take(whole, order, 0, done[0], update)
        assert np.array_equal(stopped, whole)


def refuse_large(x: float) -> float:
    if x > 100:
        raise ValueError("larger than 100")
    return x


def one(x: float) -> float:
    return 1.0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_activation_that_raises_ends_everything(count: int) -> None:
    own = Activation("careful", function=refuse_large, derivative=one)
    net = Network([Dense(3, activation=own), Dense(1)], input_shape=(2,), dtype="float64")
    X = np.random.default_rng(0).normal(size=(200, 2))
    X[77] = 1e6
    y = np.zeros(200)
    for call in (
        lambda: net(X, threads=count),
        lambda: net.loss(X, y, "mean_square", threads=count),
        lambda: net.gradient(X, y, "mean_square", threads=count),
        lambda: net.fit(X, y, loss="mean_square", batch_size=64, threads=count),
    ):
        net.layers[0].weights[:] = 1  # type: ignore[index]
        failure = without_hanging(call)
        assert isinstance(failure, ValueError)
        assert "larger than 100" in str(failure)
    assert np.isfinite(net(X[:5], threads=count)).all()
