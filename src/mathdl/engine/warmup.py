"""Compile a driver in another process while this one compiles the kernels: the first run of all waits half as long.

Nothing depends on it. The other process leaves the driver's machine code in Numba's cache; where it could not, the
driver is compiled here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numba import float64, from_dtype, int64, uint8, void

from mathdl.engine import loops
from mathdl.engine.threads import available
from mathdl.kernels.jit import JIT_OFF, Kernel, compile_alone, is_on_disk

PATIENCE = 60  # seconds
PROGRAM = "import sys; from mathdl.engine import warmup; warmup.compile_driver(*sys.argv[1:])"

_helpers: dict[tuple[str, str], threading.Thread] = {}
_ready: set[tuple[str, str]] = set()


def signature_of(driver: str, dtype: str) -> Any:
    """Numba's signature of a driver for a network's dtype."""
    real, bits = from_dtype(np.dtype(dtype))[::1], uint8[::1]
    table, integers, reals = int64[:, ::1], int64[::1], float64[::1]
    data = (real, bits, real, real, float64, integers, integers, real)  # inputs to parameters
    if driver == "descend":
        arrays = (real, reals, real, reals, reals, table, integers)  # memory to control
        return void(table, integers, table, table, *data, *arrays, int64, int64)
    return void(table, integers, table, *data, real, reals, real, integers, int64, int64)


def start(driver: str, dtype: str) -> None:
    """Let another process compile a driver, if its code is not on disk and there is a core to spare."""
    key = (driver, dtype)
    if JIT_OFF or key in _ready or key in _helpers or available() < 2 or not _is_python(sys.executable):
        return
    if is_on_disk(getattr(loops, driver), signature_of(driver, dtype)):
        return
    _helpers[key] = threading.Thread(target=_elsewhere, args=key, daemon=True)
    _helpers[key].start()


def prepare(driver: str, dtype: str) -> None:
    """Return when a driver is compiled: by the process that ``start`` has started, else here."""
    key = (driver, dtype)
    if JIT_OFF or key in _ready:
        return
    helper = _helpers.pop(key, None)
    if helper is not None:
        helper.join(PATIENCE)
    compile_driver(driver, dtype)
    _ready.add(key)


def compile_driver(driver: str, dtype: str) -> None:
    """Compile a driver, or read it from the disk."""
    kernel: Kernel = getattr(loops, driver)
    compile_alone(kernel, signature_of(driver, dtype))


def _elsewhere(driver: str, dtype: str) -> None:
    """Run a Python that compiles a driver, and wait for it."""
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    command, environment = [sys.executable, "-c", PROGRAM, driver, dtype], os.environ | {"PYTHONPATH": path}
    with suppress(OSError):  # then it is compiled here
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)


def _is_python(path: str) -> bool:
    """Whether this is a Python that takes ``-c``, and not a program that has Python inside."""
    return Path(path).name.lower().startswith("python") and not getattr(sys, "frozen", False)
