"""NPZ files: NumPy arrays X and y, and perhaps X_test and y_test."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.arrays import columns_of_matrix, data_of_arrays
from mathdl.data.column import Column, ColumnPlan
from mathdl.data.image_set import ImageSet
from mathdl.data.signal_set import SignalSet
from mathdl.data.table import Table
from mathdl.errors import FileError, InputError

# What NumPy and zipfile raise on a file that is cut short, altered, or no archive at all.
DAMAGE = (OSError, EOFError, ValueError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


def read_npz(path: Path) -> ImageSet | SignalSet | Table:
    """Read a labelled set, and its test part where the file has one: images or a table, as ``data_of_arrays`` does."""
    arrays = _load(path, ("X", "y", "X_test", "y_test"))
    for name in ("X", "y"):
        if name not in arrays:
            raise InputError(f"{path.name} holds no array {name}; save it with np.savez(file, X=..., y=...).")
    if ("X_test" in arrays) != ("y_test" in arrays):
        raise InputError(f"{path.name} holds only one of X_test and y_test; save both or neither.")
    of = f" of {path.name}"
    data = data_of_arrays(arrays["X"], arrays["y"], path.name, of=of)
    if "X_test" not in arrays:
        return data
    if arrays["X"].shape[1:] != arrays["X_test"].shape[1:]:
        raise InputError(
            f"X of {path.name} has shape {arrays['X'].shape} and X_test {arrays['X_test'].shape}; "
            "make them alike but for the number of rows."
        )
    return replace(data, test=data_of_arrays(arrays["X_test"], arrays["y_test"], path.name, "_test", of))  # type: ignore[arg-type]


def read_npz_columns(
    path: Path, names: Collection[str] | None = None, plans: Mapping[str, ColumnPlan] | None = None
) -> dict[str, Column]:
    """Read the columns x0, x1, ... of X, which must be as many as the names; y need not be there."""
    X = read_npz_array(path, "X")
    if X.ndim != 2:
        raise InputError(f"X of {path.name} has shape {X.shape}; give 2 axes, (rows, columns).")
    if names is not None and X.shape[1] != len(names):
        raise InputError(f"X of {path.name} has {X.shape[1]} columns and the training had {len(names)}; give the same.")
    return columns_of_matrix(X, f"X of {path.name}", plans)


def read_npz_array(path: Path, name: str) -> NDArray[Any]:
    """Read one array."""
    arrays = _load(path, (name,))
    if name not in arrays:
        raise InputError(f"{path.name} holds no array {name}; save it with np.savez(file, {name}=...).")
    return arrays[name]


def _load(path: Path, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """Load those of the named arrays that the file holds."""
    try:
        # Opened here, because np.load leaves a damaged file open.
        with path.open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise FileError(f"{path.name} holds a single array; save it with np.savez(file, X=..., y=...).")
            return {name: archive[name] for name in names if name in archive}
    except FileError:
        raise
    except DAMAGE as error:
        if "Object arrays" in str(error):
            raise InputError(
                f"{path.name} holds an array of Python objects, which would run code when read; "
                "save X and y as arrays of numbers or text."
            ) from error
        raise FileError(f"{path} cannot be read as NPZ ({error}); check or write it again.") from error
