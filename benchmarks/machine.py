"""The machine and the versions that numbers come from."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import scipy.linalg  # noqa: F401  (SciPy has a BLAS of its own)
from threadpoolctl import threadpool_info

from benchmarks import environment, multipliers
from mathdl.engine.threads import available

PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "scikit-learn-intelex", "torch", "jax", "keras", "onnxruntime")


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


def blas() -> list[str]:
    """The BLAS libraries of this process, each with the kernels that it chose for the processor."""
    found = []
    for library in threadpool_info():
        if library["user_api"] == "blas":
            owner = Path(library["filepath"]).parent.name.removesuffix(".libs")
            kernels = library.get("architecture", "unknown")
            found.append(f"{owner}: {library['internal_api']} {library['version']}, kernels {kernels}")
    return found


def lines(place: dict[str, Any]) -> list[str]:
    """What :func:`description` says, in lines; ``products`` are those of :mod:`benchmarks.products`."""
    found = [f"{place['processor']}, {place['system']}, {place['cores']} cores, {place['threads']} threads"]
    for dtype, rates in place["multipliers"].items():
        found.append(f"multipliers, {dtype}: {', '.join(_rate(rate, count) for count, rate in rates.items())}")
    for each in place["products"]:
        by = f" by `{each['function']}`" if each["function"] else ""
        found.append(f"float32 matrix product of {each['library']}: {_rate(each['rate'], each['threads'])}{by}")
    found += [f"BLAS of {library}" for library in place["blas"]]
    unset = ", ".join(f"{name}={value}" for name, value in place["unset"].items())
    found.append(f"unset before anybody started: {unset or 'nothing, as nothing was set'}")
    return [*found, ", ".join(f"{name} {version}" for name, version in place["versions"].items())]


def _rate(rate: float, threads: int | str) -> str:
    """Operations a second in words."""
    return f"{rate / 1e9:.0f} GFLOP/s with {threads} thread{'s' * (int(threads) > 1)}"


def description() -> dict[str, object]:
    """All that a page should say about where its numbers come from."""
    return {
        "processor": processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": available(),
        "versions": versions(),
        "unset": environment.unset(),
        "blas": blas(),
        "multipliers": {dtype: multipliers.rates(dtype) for dtype in ("float32", "float64")},
    }
