"""NPZ files: NumPy arrays X and y, and perhaps X_test and y_test."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import clean_values
from mathdl.data.image_set import ImageSet
from mathdl.data.table import Table
from mathdl.errors import FileError, InputError

# What NumPy and zipfile raise on a file that is cut short, altered, or no archive at all.
_DAMAGE = (OSError, EOFError, ValueError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


def read_npz(path: Path) -> ImageSet | Table:
    """Read a labelled set: images where X is uint8 with 3 or 4 axes, a table where it has 2.

    Parameters
    ----------
    path
        The file, with arrays ``X`` and ``y`` and, as its test part, perhaps ``X_test`` and ``y_test``.

    Returns
    -------
    ImageSet or Table
        A table's columns are called ``x0``, ``x1`` and so on, its target ``y``.

    Raises
    ------
    InputError
        If an array is absent, of another type or shape, or holds NaN or infinite values.
    FileError
        If the file is unreadable or damaged.
    """
    arrays = _load(path, ("X", "y", "X_test", "y_test"))
    for name in ("X", "y"):
        if name not in arrays:
            raise InputError(f"{path.name} holds no array {name}; save it with np.savez(file, X=..., y=...).")
    if ("X_test" in arrays) != ("y_test" in arrays):
        raise InputError(f"{path.name} holds only one of X_test and y_test; save both or neither.")
    if "X_test" in arrays and arrays["X"].shape[1:] != arrays["X_test"].shape[1:]:
        raise InputError(
            f"X of {path.name} has shape {arrays['X'].shape} and X_test {arrays['X_test'].shape}; "
            "make them alike but for the number of rows."
        )
    if arrays["X"].ndim == 2:
        table_test = _table(path, arrays, "_test") if "X_test" in arrays else None
        return replace(_table(path, arrays), test=table_test)
    image_test = _image_set(path, arrays, "_test") if "X_test" in arrays else None
    return replace(_image_set(path, arrays), test=image_test)


def read_npz_columns(path: Path, names: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read the columns of X, which must have 2 axes; y need not be there.

    Parameters
    ----------
    path
        The file, with an array ``X``.
    names
        The columns expected; all of them when None.

    Returns
    -------
    dict of str to numpy.ndarray
        The columns ``x0``, ``x1`` and so on.

    Raises
    ------
    InputError
        If X is absent, has not 2 axes, not as many columns as expected, or holds NaN or infinite values.
    FileError
        If the file is unreadable or damaged.
    """
    arrays = _load(path, ("X",))
    if "X" not in arrays:
        raise InputError(f"{path.name} holds no array X; save it with np.savez(file, X=...).")
    X = arrays["X"]
    if X.ndim != 2:
        raise InputError(f"X of {path.name} has shape {X.shape}; give 2 axes, (rows, columns).")
    if names is not None and X.shape[1] != len(names):
        raise InputError(f"X of {path.name} has {X.shape[1]} columns and the training had {len(names)}; give the same.")
    return _columns(X, f"X of {path.name}")


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
    except _DAMAGE as error:
        if "Object arrays" in str(error):
            raise InputError(
                f"{path.name} holds an array of Python objects, which would run code when read; "
                "save X and y as arrays of numbers or text."
            ) from error
        raise FileError(f"{path} cannot be read as NPZ ({error}); check or write it again.") from error


def _table(path: Path, arrays: dict[str, NDArray[Any]], part: str = "") -> Table:
    """Put a matrix and its target together."""
    what = f"X{part} of {path.name}"
    target = _target(what, arrays, part)
    return Table(_columns(arrays[f"X{part}"], what), target, "y", path.name)


def _image_set(path: Path, arrays: dict[str, NDArray[Any]], part: str = "") -> ImageSet:
    """Put images and their labels together."""
    X = arrays[f"X{part}"]
    what = f"X{part} of {path.name}"
    if X.ndim not in (3, 4):
        raise InputError(
            f"{what} has shape {X.shape}; give (rows, columns), or images as (N, channels, height, width)."
        )
    if X.dtype != np.uint8:
        raise InputError(f"{what} has {X.ndim} axes and type {X.dtype}; give images as uint8, 0 to 255.")
    if X.ndim == 4 and X.shape[3] in (1, 3, 4) and X.shape[1] not in (1, 3, 4):
        raise InputError(
            f"{what} has shape {X.shape}, which looks as if the channels came last; "
            "give (N, channels, height, width), by np.moveaxis(X, -1, 1)."
        )
    target = _target(what, arrays, part)
    images = np.ascontiguousarray(X if X.ndim == 4 else X[:, None])
    return ImageSet(images, target, path.name)


def _target(what: str, arrays: dict[str, NDArray[Any]], part: str) -> NDArray[Any]:
    """Return y, which must have one value per row of X."""
    rows, y = len(arrays[f"X{part}"]), arrays[f"y{part}"]
    if y.shape != (rows,):
        raise InputError(f"{what} has {rows} rows and y{part} has shape {y.shape}; give y one value per row.")
    return clean_values(f"y{part}", y)


def _columns(X: NDArray[Any], what: str) -> dict[str, NDArray[Any]]:
    """Split a matrix of finite numbers into columns."""
    if X.dtype.kind not in "biuf":
        raise InputError(f"{what} has type {X.dtype}; give an array of numbers.")
    if X.shape[0] == 0 or X.shape[1] == 0:
        raise InputError(f"{what} has shape {X.shape}; give at least one row and one column.")
    bad = np.argwhere(~np.isfinite(X))
    if len(bad):
        row, column = bad[0].tolist()
        raise InputError(
            f"{what} holds {X[row, column]} at row {row + 1}, column {column + 1} (X[{row}, {column}]); "
            "give finite numbers only."
        )
    if X.dtype.kind == "b":
        X = X.astype(np.uint8)
    return {f"x{column}": X[:, column] for column in range(X.shape[1])}
