"""What a process of the benchmarks starts with: no setting that holds a library back, and so many cores."""

from __future__ import annotations

import json
import os
import sys

# Set for other reasons (old builds of a library that fail on a processor, tests), they would slow a contestant down.
HOLD_BACK = (
    "ATEN_CPU_CAPABILITY",
    "BLIS_ARCH_TYPE",
    "BLIS_NUM_THREADS",
    "DNNL_MAX_CPU_ISA",
    "GOTO_NUM_THREADS",
    "KMP_AFFINITY",
    "MKL_CBWR",
    "MKL_DEBUG_CPU_TYPE",
    "MKL_ENABLE_INSTRUCTIONS",
    "MKL_NUM_THREADS",
    "NPY_DISABLE_CPU_FEATURES",
    "NUMBA_CPU_FEATURES",
    "NUMBA_CPU_NAME",
    "NUMBA_ENABLE_AVX",
    "NUMBA_NUM_THREADS",
    "NUMBA_OPT",
    "OMP_NUM_THREADS",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "OPENBLAS_NUM_THREADS",
    "TORCHINDUCTOR_FREEZING",
    "XLA_FLAGS",
)
KEEP = "MATHDL_BENCHMARKS_KEEP"  # set where fewer instructions are what is to be measured
REMEMBERED = "MATHDL_BENCHMARKS_UNSET"  # what was unset, for the process that was started without it


def restart_free(threads: int | None) -> None:
    """Start this program anew where something holds it back, or where it may use more cores than asked for.

    Libraries read both when they are loaded, so that it is too late to change them in a process that goes on.
    """
    if KEEP in os.environ:
        return
    held = {name: os.environ[name] for name in HOLD_BACK if name in os.environ}
    limited = threads is not None and limit_cores(threads)
    if held or limited:
        free = {name: value for name, value in os.environ.items() if name not in held}
        sys.stdout.flush()
        os.execve(sys.executable, sys.orig_argv, free | {REMEMBERED: json.dumps(unset() | held)})


def limit_cores(threads: int) -> bool:
    """Let this process and its children use so many of its cores, where the system can; return whether it had more."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:threads])
    return threads < len(cores)


def unset() -> dict[str, str]:
    """The settings that were unset before this process, with the values that they had."""
    found: dict[str, str] = json.loads(os.environ.get(REMEMBERED, "{}"))
    return found
