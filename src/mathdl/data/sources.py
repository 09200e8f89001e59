"""Sources: what a user may give or name as data, and which reader it goes to."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name
from mathdl.data.arrays import data_of_arrays
from mathdl.data.column import Column
from mathdl.data.csv_file import read_csv
from mathdl.data.digits import read_digits
from mathdl.data.frame import columns_of_frame
from mathdl.data.image_folder import BY_THE_DATA, PictureOptions, read_image_folder
from mathdl.data.image_set import ImageSet
from mathdl.data.mnist import read_mnist
from mathdl.data.npz_file import read_npz, read_npz_columns
from mathdl.data.parquet_file import read_parquet
from mathdl.data.reading_options import AS_THEY_COME
from mathdl.data.table import FRAME, MAPPING, Table, table_of
from mathdl.data.values import column_of_values
from mathdl.errors import FileError, InputError

Columns = dict[str, NDArray[Any]]

TABLES = "a .csv, .parquet or .npz file"
COLUMN_READERS: dict[str, Callable[[Path, Collection[str] | None], Columns]] = {
    ".csv": read_csv,
    ".parquet": lambda path, names: values_of(read_parquet(path, names=names)),
    ".npz": lambda path, names: values_of(read_npz_columns(path, names)),
}


def read(
    source: Any,
    *,
    target: str | None = None,
    data: str | os.PathLike[str] | None = None,
    needs_target: bool = True,
    pictures: PictureOptions = BY_THE_DATA,
) -> ImageSet | Table:
    """Return data: images with their labels, or columns with their target.

    A source is ``"digits"``, ``"mnist"``, a ``.csv``, ``.parquet`` or ``.npz`` file, a folder of images by class, a
    DataFrame or mapping of columns, or arrays (X, y). ``data`` is the folder of MNIST's files, and ``pictures`` say how
    those of a folder are made alike. Without a target that is
    not needed, all columns are features.
    """
    if pictures != BY_THE_DATA and not (isinstance(source, str | os.PathLike) and os.path.isdir(source)):
        raise InputError("size and pad go with a folder of pictures; leave them out.")
    if not isinstance(source, str | os.PathLike):
        return _given(source, target, data, needs_target)
    name = path_name(source)
    if data is not None and name != "mnist":
        raise InputError(f"A data folder goes with mnist only, not with {name}; leave it out.")
    is_image_source = name in ("digits", "mnist") or os.path.isdir(name)
    if target is not None and (is_image_source or Path(name).suffix.lower() == ".npz"):
        raise InputError(f"{name} brings its own labels and has no column {target!r}; leave the target out.")
    if name == "digits":
        return read_digits()
    if name == "mnist":
        return read_mnist(data and path_name(data))
    if is_image_source:
        return read_image_folder(name, pictures)
    path = _existing_file(name, f"digits, mnist, {TABLES}, or a folder of images by class")
    if path.suffix.lower() == ".npz":
        return read_npz(path)
    return table_of(_column_reader(path)(path, None), target, path.name, needs_target=needs_target)


def read_columns(path: str | os.PathLike[str], names: Collection[str] | None = None) -> Columns:
    """Read the columns of a table file, for prediction; columns beyond those of ``names`` may hold anything.

    That one of these is absent shows when they are transformed.
    """
    file = _existing_file(path_name(path), TABLES)
    return _column_reader(file)(file, names)


def _given(source: Any, target: str | None, data: object, needs_target: bool) -> ImageSet | Table:
    """Take data that are in memory."""
    if data is not None:
        raise InputError("A data folder goes with mnist only, not with data in memory; leave it out.")
    if isinstance(source, Mapping) or (hasattr(source, "columns") and hasattr(source, "items")):
        name = MAPPING if isinstance(source, Mapping) else FRAME
        columns = values_of(columns_of_frame(source, name))
        return table_of(columns, target, name, needs_target=needs_target)
    alone = isinstance(source, np.ndarray) and not needs_target
    if not alone and not (isinstance(source, tuple | list) and len(source) == 2):
        raise InputError(
            f"The data are of type {type(source).__name__}; give a DataFrame, a mapping of columns, a pair (X, y) of "
            "arrays, or the name of a file."
        )
    X, y = (source, None) if alone else source
    for name, part in (("X", X), ("y", y)):
        if np.ma.isMaskedArray(part) or hasattr(part, "toarray"):
            raise InputError(f"{name} is a {type(part).__name__}; give a plain array, in which nothing is left out.")
    if target is not None:
        raise InputError(f"The data are arrays and have no column {target!r}; leave the target out.")
    if hasattr(X, "columns") and hasattr(X, "items"):
        columns = values_of(columns_of_frame(X, "X"))
        labels = column_of_values("y", y, AS_THEY_COME).values
        return Table(columns, labels, str(getattr(y, "name", None) or "y"), FRAME)
    try:
        arrays = np.asarray(X), None if y is None else np.asarray(y)
    except (TypeError, ValueError) as error:
        raise InputError(f"X and y are no arrays ({error}); give one row of numbers for each object.") from None
    return data_of_arrays(*arrays, "the arrays")


def values_of(columns: Mapping[str, Column]) -> Columns:
    """Return the values of columns alone."""
    return {name: column.values for name, column in columns.items()}


def _existing_file(name: str, expected: str) -> Path:
    """Check that there is such a file."""
    if not os.path.isfile(name):
        raise FileError(f"There is no file or folder {name!r}; give {expected}.")
    return Path(name)


def _column_reader(path: Path) -> Callable[[Path, Collection[str] | None], Columns]:
    """Choose the reader by the file's suffix."""
    reader = COLUMN_READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} ends in {path.suffix or 'no suffix'!r}; give a table as .csv, .parquet or .npz.")
    return reader
