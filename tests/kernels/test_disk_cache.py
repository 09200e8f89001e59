"""Nothing depends on the folder of compiled kernels: read-only, damaged, full or locked, it stops nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numba.core.caching import CompileResultCacheImpl, FunctionCache

from mathdl.kernels import activations
from mathdl.kernels.disk_cache import LOCK, LOCK_SECONDS, CacheFolder, KernelCache
from mathdl.kernels.jit import JIT_OFF

fcntl = pytest.importorskip("fcntl", reason="this system has no such locks")
pytestmark = pytest.mark.skipif(JIT_OFF, reason="with the JIT off nothing is compiled")

PACKAGE = Path(__file__).parents[2] / "src" / "mathdl"
KERNELS = ["relu", "relu_backward", "absolute", "leaky_relu"]
# Compile them or read them from the disk, run one, and say of each whether it was read.
USE = f"""
import numpy as np
from mathdl.kernels import activations
from mathdl.kernels.jit import LAYER, address
kernels = [getattr(activations, name) for name in {KERNELS}]
for kernel in kernels:
    address(kernel, LAYER, "float64")
row, w = np.zeros(1, kernels[0].row)[0], np.array([-1.0, 2.0, 7.0, 7.0])
row.output, row.width = 2, 2
kernels[0](row, np.zeros(0), w, 1)
print(w[2:].tolist(), [sum(kernel.stats.cache_hits.values()) for kernel in kernels])
"""
ONE_MORE = USE + "address(activations.absolute_backward, LAYER, 'float64')"
COMPILED, READ = "[0.0, 2.0] [0, 0, 0, 0]\n", "[0.0, 2.0] [1, 1, 1, 1]\n"


def run(cache: Path | str, code: str = USE, **environment: str) -> tuple[str, list[str]]:
    """Run Python with a cache folder; return what it prints and its warnings."""
    known = {"PYTHONPATH": str(PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, "-W", "always::RuntimeWarning", "-c", code]
    done = subprocess.run(command, env=os.environ | known | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, [line for line in done.stderr.splitlines() if "RuntimeWarning" in line]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that holds the kernels."""
    cache = tmp_path_factory.mktemp("cache")
    assert run(cache) == (COMPILED, [])
    return cache


@pytest.fixture
def warm(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(filled, tmp_path / "cache")


def test_machine_code_is_read_by_the_next_process(warm: Path) -> None:
    assert run(warm) == (READ, [])


OTHER_PROCESSOR = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}


@pytest.mark.skipif(OTHER_PROCESSOR.items() <= os.environ.items(), reason="this process plays the other one already")
def test_two_kinds_of_processors_share_a_folder(warm: Path) -> None:
    """As a home folder on a cluster does: each finds its own machine code, and leaves the other's."""
    assert run(warm, **OTHER_PROCESSOR) == (COMPILED, [])
    assert run(warm) == (READ, [])
    assert run(warm, **OTHER_PROCESSOR) == (READ, [])


def files(cache: Path, ending: str) -> list[Path]:
    paths = sorted(cache.rglob(f"*.{ending}"))
    assert paths
    return paths


def unwritable_source(folder: Path) -> dict[str, str]:
    """A copy of the package beside which nothing can be written, for root neither, and no folder of the user's own."""
    shutil.copytree(PACKAGE, folder / "mathdl", ignore=shutil.ignore_patterns("__pycache__"))
    for room in ("kernels", "engine"):
        (folder / "mathdl" / room / "__pycache__").write_text("a file where a folder should be")
    return {"PYTHONPATH": str(folder), "HOME": os.devnull, "XDG_CACHE_HOME": f"{os.devnull}/cache"}


def test_without_a_folder_everything_works_and_one_warning_says_so(tmp_path: Path) -> None:
    printed, warned = run(f"{os.devnull}/cache", **unwritable_source(tmp_path))
    assert printed == COMPILED
    assert len(warned) == 1
    assert warned[0].endswith(
        "Compiled kernels cannot be kept on disk (no folder for them can be written), so every run compiles them "
        "again; set NUMBA_CACHE_DIR to a folder that can be written."
    )


def test_a_warm_folder_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    """What cannot be opened for writing, by root neither, is the lock's file."""
    source, cache = unwritable_source(tmp_path), tmp_path / "cache"
    assert run(cache, **source) == (COMPILED, [])
    for lock in cache.rglob(LOCK):
        lock.unlink()
        lock.mkdir()
    printed, warned = run(cache, ONE_MORE, **source)
    assert printed == READ
    assert len(warned) == 1
    assert "cannot be written), so every run compiles them again" in warned[0]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "garbage": lambda data: bytes(range(256)) * 4,
    "text": lambda data: b"<html>no space left</html>",
}


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_damaged_files_are_replaced(warm: Path, ending: str) -> None:
    for damage, path in zip(DAMAGE.values(), files(warm, ending), strict=True):
        path.write_bytes(damage(path.read_bytes()))
    printed, warned = run(warm)
    assert printed == COMPILED
    assert len(warned) == 1
    assert "Damaged files of compiled kernels in " in warned[0]
    assert run(warm) == (READ, [])


def test_machine_code_with_a_wrong_bit_is_not_run(warm: Path) -> None:
    for path in files(warm, "nbc"):
        data = bytearray(path.read_bytes())
        data[data.index(b"ELF") + 600] ^= 1
        path.write_bytes(data)
    printed, warned = run(warm)
    assert (printed, len(warned)) == (COMPILED, 1)


def test_missing_machine_code_is_compiled(warm: Path) -> None:
    for path in files(warm, "nbc"):
        path.unlink()
    assert run(warm) == (COMPILED, [])
    assert run(warm) == (READ, [])


def test_a_full_disk(tmp_path: Path) -> None:
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
    printed, warned = run(tmp_path, full + USE)
    assert printed == COMPILED
    assert len(warned) == 1
    assert "file too large), so every run compiles them again" in warned[0]
    assert not list(tmp_path.rglob("*.tmp.*"))


def hold(cache: Path) -> list[Any]:
    """Lock every folder of a cache, as a process does that was stopped at the wrong moment."""
    locks = [open(lock, "ab") for lock in cache.rglob(LOCK)]  # noqa: SIM115
    assert locks
    for lock in locks:
        fcntl.flock(lock, fcntl.LOCK_EX)
    return locks


def test_a_lock_that_somebody_keeps_stops_nobody(warm: Path) -> None:
    """What is on disk is read without it; for what is not, a process waits once, not once a kernel."""
    locks = hold(warm)
    assert run(warm) == (READ, [])
    waits = "from mathdl.kernels import disk_cache\nlock = disk_cache._lock\nwaited = []\n"
    waits += "disk_cache._lock = lambda file: waited.append(1) or lock(file)\n"
    more = "".join(f"\naddress(activations.{name}, LAYER, 'float64')" for name in ("softmax", "absolute_backward"))
    printed, warned = run(warm, waits + USE + more + "\nprint(len(waited))")
    assert printed == READ + "1\n"
    assert len(warned) == 1
    assert "another process has locked" in warned[0]
    for lock in locks:
        lock.close()


def test_a_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    folder = CacheFolder(str(tmp_path), True)
    leaves, stays = os.pipe()
    with folder.locked() as locked:
        assert locked
        child = os.fork()
        if child == 0:
            os.close(stays)
            os.read(leaves, 1)
            os._exit(0)
    start = time.perf_counter()
    with folder.locked() as again:
        assert again
    assert time.perf_counter() - start < LOCK_SECONDS / 2
    os.close(stays)
    os.waitpid(child, 0)
    os.close(leaves)


FORK = """
import os, signal, threading, time
from mathdl.engine import loops, warmup
from mathdl.kernels import activations
from mathdl.kernels.jit import LAYER, address
from numba.core.compiler_lock import global_compiler_lock
other = threading.Thread(target=warmup.prepare, args=("evaluate", "float64"))
other.start()
while not other.is_alive() or global_compiler_lock._lock.acquire(blocking=False):
    pass  # until it compiles
child = os.fork()
if child == 0:
    signal.alarm(60)
    address(activations.relu, LAYER, "float64")
    os._exit(7)
other.join()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_forked_while_another_thread_compiles_compiles_too(tmp_path: Path) -> None:
    assert run(tmp_path, FORK.replace("pass  # until it compiles", "global_compiler_lock._lock.release()")) == (
        "7\n",
        [],
    )


def test_what_is_used_of_numba_is_there() -> None:
    """These are Numba's own; a version that renames them fails here and not in a user's first run."""
    assert CompileResultCacheImpl._locator_classes
    assert FunctionCache._impl_class is CompileResultCacheImpl
    cache: Any = activations.relu._cache  # type: ignore[attr-defined]
    assert isinstance(cache, KernelCache)
    assert isinstance(cache.folder, CacheFolder)
    assert callable(cache._index_key)
    assert callable(cache._cache_file._load_index)
    assert callable(cache.flush)
