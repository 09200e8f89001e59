"""Products of two square float32 matrices by the libraries that take part, each in a process of its own.

As a program, ``python -m benchmarks.products LIBRARY SIDE``: print operations a second, with the cores there are.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.settings import ROOT

SIDES, QUICK_SIDES = (1024, 2048), (1024,)
TURNS, SECONDS = 5, 2.0  # at least so many turns, for at least so long


class Rate(NamedTuple):
    """Operations a second of a library's product with so many threads, and the name of the function that did it."""

    library: str
    threads: int
    rate: float
    function: str


def rates(threads: int, *, quick: bool) -> list[Rate]:
    """Measure the libraries that are installed, with one thread and with all."""
    found = []
    for library in PRODUCTS:
        for count in sorted({1, threads}):
            by_side = [_in_a_process(library, side, count) for side in (QUICK_SIDES if quick else SIDES)]
            by_side = [each for each in by_side if each is not None]
            if by_side:
                found.append(max(by_side, key=lambda each: each.rate))
    return found


def _in_a_process(library: str, side: int, threads: int) -> Rate | None:
    """The rate at one size; None where the library is absent."""
    program = [sys.executable, "-m", "benchmarks.products", library, str(side), str(threads)]
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "perf.data"
        sampled = ["perf", "record", "-q", "-o", str(record), *program] if shutil.which("perf") else program
        for command in (sampled, program):  # where nothing may be sampled, the rate is still to be had
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return Rate(library, threads, float(done.stdout.split()[-1]), _function(record))
    return None


def _function(record: Path) -> str:
    """Name of the function in which most of the samples lie; empty where there are none."""
    if not record.is_file():
        return ""
    command = ["perf", "report", "-i", str(record), "--stdio", "--sort", "symbol"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    names = [line.split("]", 1)[1].strip().split("  ")[0] for line in lines if "%" in line and "]" in line]
    return names[0] if names else ""


def by_numpy(side: int) -> Callable[[], Any]:
    """NumPy."""
    import numpy as np

    A, B = np.random.default_rng(0).random((2, side, side), dtype=np.float32)
    C = np.empty_like(A)
    return lambda: np.matmul(A, B, out=C)


def by_torch(side: int) -> Callable[[], Any]:
    """PyTorch."""
    import torch

    A, B = torch.rand(2, side, side)
    C = torch.empty_like(A)
    return lambda: torch.mm(A, B, out=C)


def by_jax(side: int) -> Callable[[], Any]:
    """JAX."""
    import jax

    A, B = jax.random.uniform(jax.random.key(0), (2, side, side))
    product = jax.jit(lambda A, B: A @ B)
    return lambda: product(A, B).block_until_ready()


PRODUCTS = {"NumPy": by_numpy, "PyTorch": by_torch, "JAX": by_jax}


def main(library: str, side: int, threads: int) -> None:
    """Print the highest rate of some turns."""
    from benchmarks.environment import limit_cores

    limit_cores(threads)
    multiply = PRODUCTS[library](side)
    seconds: list[float] = []
    multiply()
    while len(seconds) < TURNS or sum(seconds) < SECONDS:
        start = time.perf_counter()
        multiply()
        seconds.append(time.perf_counter() - start)
    print(2 * side**3 / min(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
