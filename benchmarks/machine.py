"""The machine and the versions that numbers come from."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from mathdl.engine.threads import available

PACKAGES = ("numpy", "numba", "scikit-learn", "torch", "jax", "onnxruntime")


def processor() -> str:
    """Name of the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Version of mathdl and of every library that takes part."""
    import mathdl

    found = {"mathdl": mathdl.__version__, "Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def description() -> dict[str, object]:
    """All that a page should say about where its numbers come from."""
    return {
        "processor": processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": available(),
        "versions": versions(),
    }
