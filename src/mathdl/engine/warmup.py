"""Compile what a network needs in two processes at once, so that the first run of all waits less.

Nothing depends on the other process. It leaves machine code in Numba's cache; what it has not done is compiled here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numba import float64, from_dtype, int64, typeof, uint8, void

from mathdl.engine import loops
from mathdl.engine.threads import available
from mathdl.kernels.jit import (
    JIT_OFF,
    Kernel,
    alone,
    cache_folder,
    compile_alone,
    compile_here,
    is_on_disk,
    signature_of,
)

PATIENCE = 60  # seconds
WORTH_SHARING = 4  # kernels to compile
PROGRAM = "import sys; from mathdl.engine import warmup; warmup.compile_listed(*sys.argv[1:])"

_ready: set[tuple[str, str]] = set()
_compiled: set[tuple[Kernel, str]] = set()


def driver_signature(driver: str, dtype: str) -> Any:
    """Numba's signature of a driver for a network's dtype."""
    real, bits = from_dtype(np.dtype(dtype))[::1], uint8[::1]
    tables, table, integers, reals = int64[:, :, ::1], int64[:, ::1], int64[::1], float64[::1]
    data = (real, bits, real, real, float64, integers, integers, real)  # inputs to parameters
    if driver == "descend":
        arrays = (real, reals, real, reals, reals, table, integers)  # memory to control
        return void(tables, integers, table, table, table, integers, tables, *data, *arrays, int64, int64)
    if driver == "descend_singly":
        return void(table, integers, table, table, *data, real, reals, real, reals, integers, integers)
    return void(table, integers, table, *data, real, reals, real, integers, int64, int64)


def prepare(driver: str, dtype: str) -> None:
    """Compile a driver, or read it from the disk, the first time that it is met with this dtype."""
    if not JIT_OFF and (driver, dtype) not in _ready:
        compile_alone(getattr(loops, driver), driver_signature(driver, dtype))
        _ready.add((driver, dtype))


def compile_once(kernel: Kernel, dtype: str, arguments: Sequence[Any]) -> None:
    """Compile a kernel for arguments like these, or read it from the disk, the first time that it meets this dtype."""
    if not JIT_OFF and (kernel, dtype) not in _compiled:
        compile_alone(kernel, tuple(typeof(argument) for argument in arguments))
        _compiled.add((kernel, dtype))


def compile_together(driver: str, dtype: str, kernels: Sequence[tuple[Kernel, str]]) -> None:
    """Compile a program's kernels and its driver with the help of another process, where there is much to compile.

    This process goes through the list from the front, the other one from the back; what one finds on disk it reads.
    """
    if JIT_OFF or available() < 2 or not _is_python(sys.executable):
        return
    jobs: list[tuple[Any, Any, str]] = [
        (kernel, signature_of(kind, dtype), kind) for kernel, kind in dict.fromkeys(kernels)
    ]
    jobs += [(getattr(loops, driver), driver_signature(driver, dtype), driver)]
    missing = [job for job in jobs if job[1].args not in job[0].overloads and not is_on_disk(job[0], job[1])]
    if len(missing) < WORTH_SHARING:
        return
    names = [name for kernel, _, kind in reversed(missing) if (name := _name(kernel, kind)) is not None]
    with ExitStack() as stack:
        for folder in sorted({cache_folder(kernel) or "" for kernel, _, _ in missing} - {""}):
            stack.enter_context(alone(folder))
        helper = threading.Thread(target=_elsewhere, args=(dtype, names), daemon=True)
        helper.start()
        for kernel, signature, _ in missing:
            compile_here(kernel, signature)
        helper.join(PATIENCE)


def compile_listed(dtype: str, *names: str) -> None:
    """Compile what ``compile_together`` has named; that process keeps others away."""
    for name in names:
        module, function, kind = name.split(":")
        kernel = getattr(import_module(module), function)
        signature = driver_signature(kind, dtype) if module == loops.__name__ else signature_of(kind, dtype)
        if not is_on_disk(kernel, signature):
            compile_here(kernel, signature)


def _name(kernel: Any, kind: str) -> str | None:
    """How another process finds a kernel; None for one that is made by a function or is a user's own."""
    function = kernel.py_func
    if cache_folder(kernel) is None or "<locals>" in function.__qualname__:
        return None
    return f"{function.__module__}:{function.__qualname__}:{kind}"


def _elsewhere(dtype: str, names: Sequence[str]) -> None:
    """Run a Python that compiles what is named, and wait for it; it imports from where this process does (``-P``)."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    command, environment = [sys.executable, "-P", "-c", PROGRAM, dtype, *names], os.environ | {"PYTHONPATH": path}
    with suppress(OSError):  # then all is compiled here
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def _is_python(path: str) -> bool:
    """Whether this is a Python that takes ``-c``, and not a program that has Python inside."""
    return Path(path).name.lower().startswith("python") and not getattr(sys, "frozen", False)
