"""Run one compiled function in several threads at once, answering to the keyboard."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_at_least
from mathdl.errors import InputError
from mathdl.kernels import barrier
from mathdl.kernels.jit import JIT_OFF

INTERRUPTIBLE_OPERATIONS = 2e9  # a call of fewer, of about a fiftieth of a second, is over before Ctrl-C matters
WORTH_SHARING = 2e6  # operations per step above which a second thread helps
MAX_THREADS = 1024  # chosen: more than a machine has cores; each thread takes a stack and a share of every table
WORTH_DIVIDING = 5e5  # operations per step for each thread, where all go on with weights that are in their caches


def available() -> int:
    """Cores that this process may use: at most ``OMP_NUM_THREADS``, by which joblib and Dask share out a machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()  # of several the others are of inner loops
    return min(cores, int(first)) if first.isdecimal() and int(first) > 0 else cores


def choose(threads: int | None, operations: float, chunks: int, divisible: bool = False) -> int:
    """Take as many threads as asked for, or by default as many as one step's operations and chunks keep busy.

    A step is ``divisible`` where the units of its largest layers can be shared out, whatever the number of chunks.
    """
    if threads is not None:
        require_at_least("threads", threads, 1)
        if threads > MAX_THREADS:
            raise InputError(f"threads is {threads!r}; give at most {MAX_THREADS:,}.")
    if JIT_OFF:
        return 1
    if threads is not None:
        return int(threads)
    if divisible and operations > WORTH_DIVIDING:
        return min(available(), max(chunks, int(operations / WORTH_DIVIDING)))
    return min(available(), chunks) if operations > WORTH_SHARING else 1


def new_control(threads: int) -> NDArray[np.int64]:
    """Make the array that the threads of one call share; its numbers are named in ``kernels.barrier``."""
    return np.zeros(barrier.control_size(threads), np.int64)


def run(work: Callable[[int], None], control: NDArray[np.int64], threads: int, operations: float) -> None:
    """Call ``work(me)`` in ``threads`` threads, for ``operations`` multiplications and additions in all.

    Short work by one thread runs here and now. Otherwise this thread only waits, so that an interrupt reaches it
    at once: it then asks the others to stop before the next update, waits for them, and raises it.
    """
    if threads == 1 and operations < INTERRUPTIBLE_OPERATIONS:
        work(0)
        return
    failures: list[BaseException] = []

    def guarded(me: int) -> None:
        try:
            work(me)
        except BaseException as failure:
            control[barrier.STOP] = 2  # the others must not wait for this one
            failures.append(failure)

    workers = [threading.Thread(target=guarded, args=(me,), daemon=True) for me in range(threads)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    except BaseException:
        started = [worker for worker in workers if worker.ident is not None]
        # Between two steps if all are there to meet; at once if one never came.
        control[barrier.STOP] = max(1 if len(started) == threads else 2, int(control[barrier.STOP]))
        for worker in started:
            worker.join()
        raise
    if failures:
        raise failures[0]
