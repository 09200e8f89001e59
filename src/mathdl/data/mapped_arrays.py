"""Arrays that are memory maps of files: what is made of them becomes a map again, so that memory never holds all."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from math import prod
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.memory import require_memory
from mathdl.errors import FileError, InputError

Array = NDArray[Any]
BLOCK_BYTES = 2**24  # copied at a time: chosen, little memory and few calls
# Of data that are read; larger ones are kept in a temporary file. Chosen, and not by the memory that is there: from
# files objects are drawn in another order, and results are to be the same on any machine.
MAX_BYTES_IN_MEMORY = 2**31
COMPARED = 32  # chosen: objects of a file and of its map, spread evenly
SCATTERED = 4  # chosen: where fewer than one object in so many is wanted, they are read one by one
JOBLIB_FOLDER = "joblib_memmapping_folder"  # how the names of joblib's folders begin
MIN_FREE_BYTES = 2**27  # chosen: what a disk keeps for other programs


def is_memory_mapped(array: Any) -> bool:
    """Tell whether an array, or what it is a view of, is a memory map of a file.

    What joblib hands on to its processes counts as an array in memory, which it is for those who give it.
    """
    return _map_of(array) is not None


def _map_of(array: Any) -> np.memmap[Any, Any] | None:
    """Return the memory map that an array is a view of; None where there is none."""
    found = None
    while array is not None:
        if isinstance(array, np.memmap):
            found = None if JOBLIB_FOLDER in str(array.filename) else array
        array = getattr(array, "base", None)
    return found


class MappedFile:
    """The file of a memory map, read in long pieces: a map is read page by page, with more or less around them."""

    def __init__(self, X: Array) -> None:
        self._X, self._start = X, 0
        self._descriptor: int | None = None
        whole = _map_of(X)
        # What is written to a map in mode "c" stays in memory.
        if whole is not None and whole.mode != "c" and X.flags.c_contiguous and hasattr(os, "preadv"):
            self._start = whole.offset + X.ctypes.data - whole.ctypes.data
            self._descriptor = getattr(whole, "descriptor", None)
            if self._descriptor is None and whole.filename is not None:
                self._descriptor = os.open(whole.filename, os.O_RDONLY)
                weakref.finalize(self, os.close, self._descriptor)
            if not self._is_the_same():
                self._descriptor = None

    def rows(self, start: int, stop: int) -> Array:
        """Return a copy of some objects that follow one another."""
        return np.array(self._X[start:stop]) if self._descriptor is None else self._read(start, stop)

    def _read(self, start: int, stop: int) -> Array:
        """Read objects from the file."""
        assert self._descriptor is not None
        found = np.empty((stop - start, *self._X.shape[1:]), self._X.dtype)
        left, place = memoryview(found.reshape(-1).view(np.uint8).data), self._start + start * self._X[:1].nbytes
        while left and (count := os.preadv(self._descriptor, [left], place)):
            left, place = left[count:], place + count
        if left:
            raise FileError(
                f"The file of a memory map ends before object {stop:,}; keep a file that is mapped as it is."
            )
        return found

    def _is_the_same(self) -> bool:
        """Tell, by some objects, whether the file is the one that was mapped, and no new one of its name."""
        places = np.linspace(0, len(self._X) - 1, COMPARED).astype(int).tolist()
        try:
            return self._descriptor is not None and all(
                self._read(k, k + 1).tobytes() == self._X[k : k + 1].tobytes() for k in places
            )
        except FileError:
            return False


def room_like(array: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    """Return room for numbers: in a temporary file where ``array`` is a memory map, else in memory."""
    return room_in_file(shape, dtype) if is_memory_mapped(array) else np.empty(shape, dtype)


def room(shape: tuple[int, ...], dtype: Any, what: str, advice: str) -> Array:
    """Return room for data that were read: in memory, or in a temporary file where they are large."""
    if _size(shape, dtype) > MAX_BYTES_IN_MEMORY:
        return room_in_file(shape, dtype)
    require_memory(_size(shape, dtype), what, advice)
    return np.empty(shape, dtype)


def _size(shape: tuple[int, ...], dtype: Any) -> int:
    """Return the bytes of an array."""
    return prod(shape) * int(np.dtype(dtype).itemsize)


def room_in_file(shape: tuple[int, ...], dtype: Any) -> Array:
    """Return room for numbers in a temporary file."""
    require_disk(tempfile.gettempdir(), _size(shape, dtype))
    with tempfile.TemporaryFile() as file:
        return mapped(file, dtype, shape, "w+")


def mapped(file: IO[bytes], dtype: Any, shape: tuple[int, ...], mode: Any = "r") -> Array:
    """Map a temporary file, which may be closed then, and is there as long as its map."""
    if 0 in shape:  # nothing to map
        return np.empty(shape, dtype)
    found = np.memmap(file, dtype, mode, shape=shape)
    found.descriptor = os.dup(file.fileno())  # type: ignore[attr-defined]
    weakref.finalize(found, os.close, found.descriptor)  # type: ignore[attr-defined]
    return np.asarray(found)


def require_disk(folder: str, size: int) -> None:
    """Refuse to fill a disk."""
    free = shutil.disk_usage(folder).free
    if free < size + MIN_FREE_BYTES:
        raise InputError(
            f"{folder} has {free / 1e9:.3g} GB left, and {size / 1e9:.3g} GB more would fill the disk; name a folder "
            "on another one (for temporary files by the environment's TMPDIR), or give fewer objects."
        )


def as_type(X: Array, dtype: Any) -> Array:
    """Return numbers as another type, infinite where they are beyond it; those of a memory map as a memory map."""
    if X.dtype == dtype:
        return X
    found = room_like(X, X.shape, dtype)
    with np.errstate(over="ignore"):
        for rows in blocks(X):
            found[rows] = X[rows]
    return found


def rows_of(X: Array, rows: Array) -> Array:
    """Return a copy of some objects, given by their places or by a truth value each."""
    if not is_memory_mapped(X):
        return X[rows]
    places = np.flatnonzero(rows) if rows.dtype == bool else rows
    found, file = room_like(X, (len(places), *X.shape[1:]), X.dtype), MappedFile(X)
    for part in blocks(found):
        some = places[part]
        first, end = int(some.min()), int(some.max()) + 1
        scattered = end - first > SCATTERED * len(some)
        found[part] = X[some] if scattered else file.rows(first, end)[some - first]
    return found


def blocks(X: Array) -> Iterator[slice]:
    """Yield slices of objects that together have so few bytes that copies of them do not matter."""
    step = max(1, BLOCK_BYTES // max(1, X[:1].nbytes))
    for start in range(0, len(X), step):
        yield slice(start, start + step)
