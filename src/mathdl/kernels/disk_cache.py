"""Machine code of kernels, kept on disk between processes.

Numba's own cache does the work. What is added here is that nothing depends on its folder: where the folder cannot be
written, is full, holds damaged files or is locked by a process that does not go on, kernels are compiled for this
process only, and one warning says so.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from numba import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.misc.appdirs import AppDirs

from mathdl.kernels.tile_shape import SHAPE

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

LOCK = "mathdl.lock"
LOCK_SECONDS = 1.0  # chosen: a lock is held while one small file is written, some milliseconds


def _sources() -> tuple[Any, ...]:
    """When each file that holds compiled functions was last changed."""
    folder = Path(__file__).parent
    drivers = [folder.parent / "engine" / name for name in ("loops.py", "steps.py")]
    files = [*sorted(folder.glob("*.py")), *drivers]
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)


SOURCES = _sources()


class CacheFolder:
    """A folder for the machine code of one folder of sources; ``path`` is None where there is none."""

    warned: ClassVar[bool] = False  # one warning a process is enough
    announced: ClassVar[bool] = False  # and one word that compiling takes a while

    def __init__(self, path: str | None, writable: bool) -> None:
        self.path = path
        self.writable = writable

    def warn(self, message: str) -> None:
        """Say once a process what is wrong with the folder."""
        if not CacheFolder.warned:
            CacheFolder.warned = True
            warnings.warn(message, RuntimeWarning, stacklevel=2)

    def give_up(self, reason: str) -> None:
        """Write nothing more there in this process, and say so."""
        self.writable = False
        self.warn(
            f"Compiled kernels cannot be kept on disk ({reason}), so every run compiles them again; "
            "set NUMBA_CACHE_DIR to a folder that can be written."
        )

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Try to keep other processes from writing into the folder, and say whether that succeeded.

        Numba's cache does not expect two processes to add different signatures of one function at once. The lock is
        given back by name, not by closing the file: a child that was forked meanwhile has the file open too.
        """
        if self.path is None or not self.writable:
            yield False
            return
        with open(os.path.join(self.path, LOCK), "ab") as lock:
            if not _lock(lock):
                self.give_up(f"another process has locked {self.path}")
                yield False
                return
            try:
                yield True
            finally:
                if fcntl is not None:
                    fcntl.flock(lock, fcntl.LOCK_UN)


def announce(compiling: str) -> None:
    """Log once a process that there is something to wait for."""
    if not CacheFolder.announced:
        CacheFolder.announced = True
        logger.info(compiling)


def _lock(file: Any) -> bool:
    """Lock a file within ``LOCK_SECONDS``; where the system has no such locks there is nothing to do."""
    if fcntl is None:
        return True
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)


@cache
def folder_for(sources: str) -> CacheFolder:
    """Choose where machine code of the functions in a folder of sources is kept.

    As Numba does: NUMBA_CACHE_DIR, beside the sources, or the user's own folder, whichever can be written; else, unlike
    Numba, one of them that can only be read.
    """
    name = f"{os.path.basename(sources)}_{hashlib.sha1(sources.encode(), usedforsecurity=False).hexdigest()}"
    paths = [os.path.join(config.CACHE_DIR, name)] if config.CACHE_DIR else []
    paths += [os.path.join(sources, "__pycache__"), os.path.join(AppDirs("numba", False).user_cache_dir, name)]
    for path in paths:
        if _can_write(path):
            return CacheFolder(path, True)
    for path in paths:
        if any(Path(path).glob("*.nbi")):
            return CacheFolder(path, False)
    return CacheFolder(None, False)


def kernel_folders() -> list[CacheFolder]:
    """The folders for machine code of the library's kernels and of the drivers that call them."""
    kernels = Path(__file__).parent
    return [folder_for(str(sources)) for sources in (kernels, kernels.parent / "engine")]


def _can_write(path: str) -> bool:
    """Whether the folder is there, or can be made, and the lock's file in it can be written."""
    try:
        os.makedirs(path, exist_ok=True)
        with open(os.path.join(path, LOCK), "ab"):
            return True
    except OSError:
        return False


class _Locator:
    """What Numba's cache asks about a function: its folder, its name's ending, and the state of its sources.

    Numba alone looks at the function's own file, and would go on using constants and callees of other files as they
    once were.
    """

    def __init__(self, function: Any, file: str) -> None:
        self._line = function.__code__.co_firstlineno
        self.folder = folder_for(os.path.dirname(os.path.abspath(file)))

    @classmethod
    def from_function(cls, function: Any, file: str) -> _Locator:
        return cls(function, file)

    def ensure_cache_path(self) -> None:
        """Do nothing: the folder has been tried."""

    def get_cache_path(self) -> str:
        return self.folder.path or ""

    def get_source_stamp(self) -> tuple[Any, ...]:
        return SOURCES

    def get_disambiguator(self) -> str:
        """Tell functions of one name apart, and those for tiles of one shape from those for another."""
        return f"{self._line}-{SHAPE.rows}x{SHAPE.vectors}"


class _Entry(CompileResultCacheImpl):  # type: ignore[misc]
    """What is kept of a compiled function: Numba's record, and a checksum of the machine code in it."""

    _locator_classes: ClassVar[list[Any]] = [_Locator]

    def reduce(self, compiled: Any) -> tuple[int, Any]:
        record = super().reduce(compiled)
        return _checksum(record), record

    def rebuild(self, context: Any, entry: tuple[int, Any]) -> Any:
        checksum, record = entry
        if checksum != _checksum(record):
            raise ValueError("the machine code is damaged")
        return super().rebuild(context, record)


def _checksum(record: Any) -> int:
    """Add up the library's name and machine code, the first item of Numba's record."""
    return zlib.crc32(repr(record[0]).encode())


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's disk cache of one function, which never stands in the way of compiling it."""

    _impl_class = _Entry

    @property
    def folder(self) -> CacheFolder:
        """The folder that it reads and writes."""
        folder: CacheFolder = self._impl.locator.folder
        return folder

    def holds(self, signature: Any, context: Any) -> bool:
        """Whether the index names machine code for ``signature``."""
        try:
            return self._index_key(signature, context.codegen()) in self._cache_file._load_index()
        except Exception:  # whatever unpickling a damaged file raises; reading the entry deals with it
            return False

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Read machine code; of a damaged file nothing is kept."""
        compiled = None if self.folder.path is None else self._read(signature, context)
        if compiled is None:
            announce("compiling kernels" + (", once" if self.folder.writable else ""))
        return compiled

    def _read(self, signature: Any, context: Any) -> Any:
        try:
            return super().load_overload(signature, context)
        except Exception:  # whatever unpickling and linking a damaged file raises
            self.folder.warn(f"Damaged files of compiled kernels in {self.folder.path} are replaced.")
        self._write(self.flush)
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Write machine code, where that is possible."""
        if self.folder.path is None:
            self.folder.give_up("no folder for them can be written")
        elif not self.folder.writable:
            self.folder.give_up(f"{self.folder.path} cannot be written")
        else:
            self._write(lambda: super(KernelCache, self).save_overload(signature, compiled))

    def _write(self, write: Any) -> None:
        """Write a file, or say why not."""
        try:
            with self.folder.locked() as locked:
                if locked:
                    write()
        except Exception as error:  # a full disk, a damaged index that could not be replaced
            reason = error.strerror if isinstance(error, OSError) else None
            self.folder.give_up(f"{self.folder.path}: {(reason or str(error) or type(error).__name__).lower()}")
