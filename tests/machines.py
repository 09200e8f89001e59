"""Other machines than this one, as far as its processor can play them: other kernels of NumPy's BLAS, and fewer
instructions for Numba. As a program: run the tests on each of them, with the options of pytest that are given.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from llvmlite.binding import get_host_cpu_features

ROOT = Path(__file__).parent.parent
NUMERICAL = ("solvers", "models", "exact", "geometry", "certificates", "descent", "objectives")
COMPILED = ("kernels", "engine")
OURS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")


class Machine(NamedTuple):
    """What makes this machine another one, which instructions it has to have, and which rooms' tests are to run."""

    name: str
    variables: dict[str, str]
    needs: tuple[str, ...]
    rooms: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The instructions that this processor does not have."""
        features = get_host_cpu_features()
        return [name for name in self.needs if not features.get(name, False)]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process on that machine."""
        return {name: value for name, value in os.environ.items() if name not in OURS} | self.variables

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run this Python there, from the project's folder, and return what it printed."""
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)


def blas(kernels: str, *needs: str) -> Machine:
    return Machine(f"BLAS kernels {kernels}", {"OPENBLAS_CORETYPE": kernels}, needs, NUMERICAL)


THIS = Machine("BLAS kernels as found", {}, (), NUMERICAL)
BLAS = [
    THIS,
    blas("SkylakeX", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"),
    blas("Haswell", "avx2", "fma"),
    blas("Sandybridge", "avx"),
    blas("Nehalem", "sse4.2"),
]
NUMBA = [
    # Without the second variable Numba would use all that this processor has.
    Machine(
        "Numba for haswell", {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""}, ("avx2", "fma", "bmi2"), COMPILED
    ),
    Machine("Numba for generic", {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}, (), COMPILED),
]


def report(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(options: list[str]) -> int:
    failed = []
    for machine in (*BLAS, *NUMBA):
        if machine.missing:
            report(f"{machine.name}: skipped, this {platform.machine()} has no {', '.join(machine.missing)}")
            continue
        report(f"{machine.name}:")
        rooms = [f"tests/{room}" for room in machine.rooms]
        command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", *options, *rooms]
        if subprocess.run(command, cwd=ROOT, env=machine.environment, check=False).returncode:
            failed.append(machine.name)
    if failed:
        report(f"Tests failed on: {'; '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
