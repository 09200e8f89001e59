"""Compile what a network needs in two processes at once, so that the first run of all waits less.

Nothing depends on the other process. It leaves machine code in Numba's cache; what it has not done is compiled here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
from numba import typeof, void

from mathdl.engine import loops
from mathdl.engine.steps import Crew, Memory, Plan, Room, Shares, Sources, Tables
from mathdl.engine.threads import available
from mathdl.kernels import table
from mathdl.kernels.disk_cache import announce
from mathdl.kernels.jit import JIT_OFF, Kernel, compile_kernel, is_kept, is_on_disk, is_ready, signature_of

WORTH_SHARING = 4  # kernels to compile
SECONDS_A_KERNEL = 0.5  # measured, on two cores
watchers: list[Callable[[int, int], None]] = []  # are told how many of the kernels that are needed are compiled
PROGRAM = "import sys; from mathdl.engine import warmup; warmup.compile_listed(*sys.argv[1:])"


@cache
def driver_signature(driver: str, dtype: str) -> Any:
    """Numba's signature of a driver for a network's dtype."""
    reals, numbers, bits = np.zeros(0, dtype), np.zeros(0), np.zeros(0, np.uint8)
    row, rows = np.zeros(0, np.int64), np.zeros((0, 0), np.int64)
    operations, gathers = np.zeros((0, 0), table.OPERATION), np.zeros((0, 0), table.GATHER)
    tables = Tables(operations, np.zeros(0, table.OPERATION), gathers)
    shares = Shares(np.zeros(0, table.STAGE), np.zeros(0, table.PART), np.zeros(0, table.TILE), row)
    sources, plan = Sources(reals, bits, reals, reals, 1.0), Plan(0, 0, 0)
    if driver == "evaluate":
        room = Room(row, reals, numbers, row)
        arguments: tuple[Any, ...] = (tables, sources, plan, 1.0, reals, room, reals, 0, 1)
    else:
        memory = Memory(row, reals, reals, numbers, reals, numbers, numbers)
        crew = Crew(row, np.zeros(0, table.BLOCK), np.zeros(0, table.SPAN), rows, 0, 1)
        arguments = (tables, shares, sources, plan, memory, crew)
    return void(*(typeof(argument) for argument in arguments))


@cache
def prepare(driver: str, dtype: str) -> Kernel:
    """Return a driver's machine code for a network's dtype, compiled or read from the disk when first asked for.

    It must be called with what ``driver_signature`` describes: Numba does not look at the types, which saves as much
    time as a small network takes.
    """
    function = getattr(loops, driver)
    if not JIT_OFF:
        compile_kernel(function, signature := driver_signature(driver, dtype))
        function = function.overloads[signature.args].entry_point
    return cast(Kernel, function)


_compiled: dict[
    tuple[Kernel, str], Kernel
] = {}  # what compile_once has returned: to look again takes as long as a step


def compile_once(kernel: Kernel, dtype: str, arguments: Sequence[Any]) -> Kernel:
    """Return machine code for arguments like these, compiled or read from the disk when this dtype is first met.

    It must be called with the same types always, as what ``prepare`` returns.
    """
    if JIT_OFF:
        return kernel
    if (kernel, dtype) not in _compiled:
        kinds = tuple(typeof(argument) for argument in arguments)
        compile_kernel(kernel, kinds)
        _compiled[kernel, dtype] = cast(Any, kernel).overloads[kinds].entry_point
    return _compiled[kernel, dtype]


def compile_together(driver: str, dtype: str, kernels: Sequence[tuple[Kernel, str]]) -> None:
    """Compile a program's kernels and its driver with the help of another process, where there is much to compile.

    This process goes through the list from the front, the other one from the back; what one finds on disk it reads.
    """
    if JIT_OFF:
        return
    jobs: list[tuple[Any, Any, str]] = [
        (kernel, signature_of(kernel, kind, dtype), kind) for kernel, kind in dict.fromkeys(kernels)
    ]
    # Who trains evaluates afterwards.
    jobs += [
        (getattr(loops, name), driver_signature(name, dtype), name) for name in dict.fromkeys((driver, "evaluate"))
    ]
    missing = [job for job in jobs if not is_ready(*job[:2]) and not is_on_disk(*job[:2])]
    if len(missing) < WORTH_SHARING:
        return
    names = [name for kernel, _, kind in reversed(missing) if (name := _name(kernel, kind)) is not None]
    once, seconds = ", once" if names else "", len(missing) * SECONDS_A_KERNEL
    announce(f"compiling {len(missing)} kernels{once} (about {seconds:.0f} s)")
    with _helper(dtype, names):
        for place, (kernel, signature, _) in enumerate(missing):
            _tell(place, missing)
            compile_kernel(kernel, signature)
        _tell(len(missing), missing)


def _tell(compiled: int, jobs: Sequence[tuple[Any, Any, str]]) -> None:
    """Tell who watches how many of the jobs are done, those of the other process too."""
    if watchers:
        done = compiled + sum(is_on_disk(kernel, signature) for kernel, signature, _ in jobs[compiled:])
        for watcher in watchers:
            watcher(done, len(jobs))


def compile_listed(dtype: str, *names: str) -> None:
    """Compile what ``compile_together`` has named, until that process ends or has no more need of it."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    for name in names:
        module, function, kind = name.split(":")
        kernel = getattr(import_module(module), function)
        signature = driver_signature(kind, dtype) if module == loops.__name__ else signature_of(kernel, kind, dtype)
        if not is_on_disk(kernel, signature):
            compile_kernel(kernel, signature)


def _end_with_input() -> None:
    """End this process when nobody holds the other end of its standard input any more."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)


def _name(kernel: Any, kind: str) -> str | None:
    """How another process finds a kernel; None for one that is made by a function or that it could not hand over."""
    function = kernel.py_func
    if not is_kept(kernel) or "<locals>" in function.__qualname__:
        return None
    return f"{function.__module__}:{function.__qualname__}:{kind}"


@contextmanager
def _helper(dtype: str, names: Sequence[str]) -> Iterator[None]:
    """While the block runs, let a Python compile what is named; it imports from where this process does (``-P``)."""
    if not names or available() < 2 or not _is_python(sys.executable):
        yield
        return
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    command, environment = [sys.executable, "-P", "-c", PROGRAM, dtype, *names], os.environ | {"PYTHONPATH": path}
    nowhere = subprocess.DEVNULL
    try:
        # A terminal's Ctrl-C is for this process, which closes the other one's input.
        helper = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
    except OSError:  # then all is compiled here
        yield
        return
    with helper:
        yield


def _is_python(path: str) -> bool:
    """Whether this is a Python that takes ``-c``, and not a program that has Python inside."""
    return Path(path).name.lower().startswith("python") and not getattr(sys, "frozen", False)
