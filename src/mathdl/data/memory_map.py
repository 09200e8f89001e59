"""Batches written to files one after the other, and read as memory-mapped arrays: data that exceed the memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name, require_choice, require_unmasked, shortened
from mathdl.data.mapped_arrays import mapped, require_disk
from mathdl.errors import FileError, InputError

Array = NDArray[Any]
PARTS = ("X", "y", "sample_weight")
NOT_BATCHES = (str, bytes, Sequence, Mapping, Set)
ONE_ARRAY = ("__array__", "shape", "dtype", "dtypes")  # what an array has, and batches have not


def memory_map(batches: Iterable[Any], folder: Any = None, *, dtype: str | None = None) -> Any:
    """Write batches of objects to files, one after the other, and return them as memory-mapped arrays.

    Memory holds one batch at a time; afterwards the system keeps in memory what is being read, and gives it back when
    others need it. Every model trains on the arrays as on others: ``fit(X, y)``.

    Parameters
    ----------
    batches : iterable
        Such as ``parquet_batches``, a generator, or PyTorch's DataLoader. Each batch is an array of objects, or a tuple
        or list (X, y) or (X, y, sample_weight). They are gone through once.
    folder : path, optional
        Where ``X.npy``, ``y.npy`` and ``sample_weight.npy`` are to stay, for ``numpy.load(path, mmap_mode="r")`` in
        other programs. By default the files are temporary, in the folder that the environment's TMPDIR names.
    dtype : {"float32", "float64"}, optional
        What the numbers of X become; by default they stay what they are in the first batch. Networks of single
        precision read float32, all other models float64; others are converted once more.

    Returns
    -------
    ndarray of shape (N, ...), or a tuple of them
        As many as a batch has. Labels that are texts are held in memory.

    Raises
    ------
    InputError
        If there is no batch, a batch is not of the first one's shape and kind, the folder holds such files already, or
        the disk has too little room.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import LinearRegression, memory_map
    >>> def batches():
    ...     for start in range(0, 1000, 100):
    ...         X = np.arange(start, start + 100.0)[:, None]
    ...         yield X, 2 * X[:, 0] + 1
    >>> X, y = memory_map(batches())
    >>> X.shape, y.shape
    ((1000, 1), (1000,))
    >>> LinearRegression().fit(X, y).coef_.round(6)
    array([2.])
    """
    require_choice("dtype", dtype, ("float32", "float64", None))
    if not is_batches(batches):
        raise InputError(f"batches is {shortened(batches)}; give something that yields pairs (X, y) of arrays.")
    kept = None if folder is None else Path(path_name(folder))
    if kept is not None:
        try:
            kept.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"{kept} cannot be made a folder ({error.strerror}); name another one.") from error
        for name in PARTS:
            if (kept / f"{name}.npy").exists():
                raise InputError(f"{kept} holds {name}.npy already; delete it, or name another folder.")
    columns: list[_Column] = []
    try:
        single = False
        for number, batch in enumerate(batches):
            single = not isinstance(batch, tuple | list)
            parts = _arrays(batch, number, dtype)
            if number == 0:
                columns = [_Column(name, kept) for name in PARTS[: len(parts)]]
            _require_alike(parts, columns, number)
            for column, part in zip(columns, parts, strict=True):
                column.append(part, number)
        if not columns or not columns[0].rows:
            raise InputError("batches holds no object; give something that yields arrays (an iterator does so once).")
        for column in columns:
            column.complete()
        found = [column.mapped() for column in columns]
    finally:
        for column in columns:
            column.clean()
    return found[0] if single else tuple(found)


def is_batches(given: Any) -> bool:
    """Tell whether something yields batches, and is no array, table or list of numbers itself."""
    if not isinstance(given, Iterable) or isinstance(given, NOT_BATCHES):
        return False
    return not any(hasattr(given, name) for name in ONE_ARRAY)


def _arrays(batch: Any, number: int, dtype: str | None) -> list[Array]:
    """Return the arrays of a batch."""
    parts = list(batch) if isinstance(batch, tuple | list) else [batch]
    if not 1 <= len(parts) <= len(PARTS):
        raise InputError(f"Batch {number} has {len(parts)} parts; give (X, y) or (X, y, sample_weight).")
    found = []
    for name, part in zip(PARTS, parts, strict=False):
        require_unmasked(f"{name} of batch {number}", part)
        try:
            array = np.asarray(part)
        except (TypeError, ValueError):
            raise InputError(f"{name} of batch {number} is {shortened(part)}; give an array.") from None
        if array.ndim == 0 or array.dtype.kind not in "biufOU" or (name == "X" and array.dtype.kind in "OU"):
            raise InputError(f"{name} of batch {number} is {shortened(part)}; give an array of numbers.")
        with np.errstate(over="ignore"):
            found.append(array.astype(dtype, copy=False) if name == "X" and dtype else array)
    return found


def _require_alike(parts: list[Array], columns: list[_Column], number: int) -> None:
    """Refuse a batch with another number of parts than the first one, or parts of different lengths."""
    if len(parts) != len(columns):
        raise InputError(f"Batch {number} has {len(parts)} parts and batch 0 has {len(columns)}; give all as many.")
    lengths = [len(part) for part in parts]
    if len(set(lengths)) > 1:
        raise InputError(f"The parts of batch {number} have {lengths} objects; give each as many.")


class _Column:
    """One array of all batches: numbers in a file that grows, texts in memory."""

    def __init__(self, name: str, folder: Path | None) -> None:
        self.name, self.folder, self.rows = name, folder, 0
        self._shape: tuple[int, ...] = ()
        self._dtype: np.dtype[Any] | None = None
        self._texts: list[Array] = []
        self._file: IO[bytes] | None = None

    def append(self, part: Array, number: int) -> None:
        """Take the next part."""
        text = part.dtype.kind in "OU"
        if self._dtype is None:
            self._shape, self._dtype = part.shape[1:], part.dtype
            if not text:
                self._file = self._opened()
                self._write_header()
        if part.shape[1:] != self._shape:
            raise InputError(
                f"{self.name} of batch {number} has objects of shape {part.shape[1:]}, and of batch 0 of "
                f"{self._shape}; give all one shape."
            )
        if text != (self._file is None) or not (text or np.can_cast(part.dtype, self._dtype, "same_kind")):
            raise InputError(
                f"{self.name} of batch {number} is of type {part.dtype}, and of batch 0 of {self._dtype}; give all one "
                "type."
            )
        self.rows += len(part)
        if self._file is None:
            self._texts.append(part)
        else:
            require_disk(str(self.folder or tempfile.gettempdir()), part.nbytes)
            with np.errstate(over="ignore"):
                np.ascontiguousarray(part, self._dtype).tofile(self._file)

    def complete(self) -> None:
        """Let everything reach the file."""
        if self._file is None:
            if self.folder is not None and not all(isinstance(text, str) for part in self._texts for text in part.flat):
                raise InputError(f"{self.name} holds objects that are no texts; give texts or numbers to keep.")
            return
        self._write_header()
        self._file.flush()

    def mapped(self) -> Array:
        """Return all of it, under its own name where it stays."""
        if self._file is None:
            found = np.concatenate(self._texts)
            if self.folder is not None:
                np.save(self.folder / f"{self.name}.npy", found.astype(str))
            return found
        if self.folder is None:
            return mapped(self._file, self._dtype, (self.rows, *self._shape))
        self._file.close()
        path = self.folder / f"{self.name}.npy"
        os.replace(self._file.name, path)
        return np.asarray(np.load(path, mmap_mode="r"))

    def clean(self) -> None:
        """Close the file, and remove what is not whole."""
        if self._file is not None:
            self._file.close()
            if self.folder is not None:
                Path(self._file.name).unlink(missing_ok=True)

    def _opened(self) -> IO[bytes]:
        """Open the file to be written."""
        try:
            if self.folder is None:
                return tempfile.TemporaryFile()
            return (self.folder / f".{self.name}.partial").open("wb")
        except OSError as error:
            where = self.folder or tempfile.gettempdir()
            raise FileError(f"{where} cannot be written to ({error.strerror}); name another folder.") from error

    def _write_header(self) -> None:
        """Write what a file that stays begins with; NumPy leaves room in it for the number of rows to grow."""
        if self.folder is not None and self._file is not None and self._dtype is not None:
            self._file.seek(0)
            header = {"descr": self._dtype.str, "fortran_order": False, "shape": (self.rows, *self._shape)}
            np.lib.format.write_array_header_1_0(self._file, header)


def from_batches(X: Any, y: Any, sample_weight: Any, checked: Callable[[Any], Array]) -> tuple[Any, Any, Any]:
    """Return X, y and the weights that ``fit`` was given; batches go to a memory map, X as a check returns it."""
    if not is_batches(X):
        return X, y, sample_weight
    if y is not None or sample_weight is not None:
        raise InputError("X yields batches, and these bring y and sample_weight along; leave both out.")
    found = memory_map(_with_inputs(X, checked))
    parts = found if isinstance(found, tuple) else (found,)
    return (*parts, None, None)[:3]


def _with_inputs(batches: Iterable[Any], checked: Callable[[Any], Array]) -> Iterator[Any]:
    """Yield batches whose objects went through a check."""
    for batch in batches:
        if isinstance(batch, tuple | list):
            yield (*map(checked, batch[:1]), *batch[1:])
        else:
            yield checked(batch)
