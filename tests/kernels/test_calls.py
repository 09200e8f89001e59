"""Kernels called by their addresses, and threads that meet inside compiled code."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kernels.one_row import DTYPES
from mathdl.kernels import activations, barrier, parallel
from mathdl.kernels.jit import JIT_OFF, LAYER, address, call, kernel, kernel_of, uncached_kernel
from mathdl.kernels.table import OPERATION, operation

ROW = operation("width")

needs_threads = pytest.mark.skipif(JIT_OFF, reason="with the JIT off there is one thread")


@kernel
def call_each(where: Any, rows: Any, a: Any, w: Any, n: int) -> None:
    for r in range(len(where)):
        call(where[r], rows[r], a, w, n)


@kernel_of(ROW, uncached_kernel)
def refuse_negative(row: Any, a: Any, w: Any, n: int) -> None:
    if w[row.input * n] < 0:
        raise ValueError("a negative number")


def rows_of(count: int) -> Any:
    """Row r takes two numbers a sample from place 2r to place 2r + 2."""
    rows = np.zeros(count, ROW)
    rows["input"], rows["output"], rows["width"] = 2 * np.arange(count), 2 * np.arange(count) + 2, 2
    return rows.view(OPERATION)


@pytest.mark.parametrize("dtype", DTYPES)
def test_kernels_are_called_by_address(dtype: str) -> None:
    kernels = [activations.relu, parallel.copy, activations.tanh]
    where = np.array([address(function, LAYER, dtype) for function in kernels], np.int64)
    assert len(set(where)) == 3
    assert address(activations.relu, LAYER, dtype) == where[0]
    w = np.zeros(8 * 3, dtype)
    w[:6] = [-1, 0.5, 2, -3, 1, 0]
    call_each(where, rows_of(3), np.zeros(0, dtype), w, 3)
    assert w[6:12].tolist() == [0, 0.5, 2, 0, 1, 0]
    assert np.array_equal(w[12:18], w[6:12])
    np.testing.assert_allclose(w[18:], np.tanh(w[6:12]), rtol=4 * np.finfo(dtype).eps)


def test_an_exception_crosses_the_call() -> None:
    where = np.array([address(f, LAYER, "float64") for f in (refuse_negative, activations.relu)], np.int64)
    w = np.ones(8)
    call_each(where, rows_of(2), np.zeros(0), w, 1)
    w[0], w[4:] = -1, 7
    with pytest.raises(ValueError, match="a negative number"):
        call_each(where, rows_of(2), np.zeros(0), w, 1)
    assert w[4:].tolist() == [7, 7, 7, 7]  # what comes after it did not run


@kernel
def take_tickets(control: Any, tickets: Any, threads: int, run: int) -> None:
    for i in range(len(tickets)):
        tickets[i] = barrier.take(control, threads, run)


@kernel
def walk_together(control: Any, places: Any, me: int, threads: int, rounds: int) -> int:
    """Count how often, after a meeting, another thread has not yet got so far."""
    behind = 0
    for r in range(rounds):
        places[8 * me] = r + 1
        if not barrier.meet(control, threads, 2 * r):
            return -1
        for other in range(threads):
            if places[8 * other] != r + 1:
                behind += 1
        if not barrier.meet(control, threads, 2 * r + 1):
            return -1
    return behind


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Call ``work(me)`` in several threads and return the results; fail rather than wait for ever."""
    results: list[Any] = [None] * count

    def keep(me: int) -> None:
        results[me] = work(me)

    workers = [threading.Thread(target=keep, args=(me,), daemon=True) for me in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert not any(worker.is_alive() for worker in workers)
    return results


def test_tickets_of_one_thread_are_in_order() -> None:
    control, tickets = np.zeros(barrier.control_size(4), np.int64), np.zeros(5, np.int64)
    for run in range(3):  # each run has tickets of its own
        take_tickets(control, tickets, 1, run)
        assert tickets.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
@pytest.mark.parametrize("count", [0, 1, 4, 17])
def test_runs_are_of_about_equal_length(threads: int, count: int) -> None:
    starts = [int(barrier.start_of(run, count, threads)) for run in range(threads + 1)]
    assert (starts[0], starts[-1]) == (0, count)
    assert set(np.diff(starts)) <= {count // threads, -(-count // threads)}


@needs_threads
def test_every_ticket_goes_to_one_thread() -> None:
    control, tickets = np.zeros(barrier.control_size(4), np.int64), np.zeros((3, 20000), np.int64)
    in_threads(3, lambda me: take_tickets(control, tickets[me], 3, 1))
    assert np.array_equal(np.sort(tickets.ravel()), np.arange(60000))


@needs_threads
@pytest.mark.parametrize("threads", [2, 4])
def test_nobody_leaves_a_meeting_early(threads: int) -> None:
    control, places = np.zeros(barrier.control_size(4), np.int64), np.zeros(8 * threads, np.int64)
    assert in_threads(threads, lambda me: walk_together(control, places, me, threads, 300)) == [0] * threads
    assert control[barrier.MET] == threads * 600


@needs_threads
def test_a_failure_ends_a_meeting() -> None:
    control, places = np.zeros(barrier.control_size(4), np.int64), np.zeros(24, np.int64)

    def work(me: int) -> int:
        if me == 2:
            control[barrier.STOP] = 2
            return -1
        return int(walk_together(control, places, me, 3, 1))

    assert in_threads(3, work) == [-1, -1, -1]


def test_one_thread_meets_itself() -> None:
    control, places = np.zeros(barrier.control_size(4), np.int64), np.zeros(8, np.int64)
    assert walk_together(control, places, 0, 1, 3) == 0
