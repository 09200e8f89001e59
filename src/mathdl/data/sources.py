"""Sources: what a user may name as data, and which reader it goes to."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from mathdl.data.csv_file import read_csv
from mathdl.data.digits import read_digits
from mathdl.data.image_folder import read_image_folder
from mathdl.data.image_set import ImageSet
from mathdl.data.mnist import read_mnist
from mathdl.data.npz_file import read_npz, read_npz_columns
from mathdl.data.parquet_file import read_parquet
from mathdl.data.table import Table, choose_target
from mathdl.errors import FileError, InputError

Columns = dict[str, NDArray[Any]]

_COLUMN_READERS: dict[str, Callable[[Path, Collection[str] | None], Columns]] = {
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".npz": read_npz_columns,
}


def read(
    source: str | os.PathLike[str],
    *,
    target: str | None = None,
    data: str | os.PathLike[str] | None = None,
    needs_target: bool = True,
) -> ImageSet | Table:
    """Read a set of data.

    Parameters
    ----------
    source
        ``"digits"``, ``"mnist"``, a ``.csv``, ``.parquet`` or ``.npz`` file, or a folder of images by class.
    target
        The column to learn; needed for CSV and Parquet, meaningless elsewhere.
    data
        The folder with MNIST's files; meaningless elsewhere.
    needs_target
        Whether a target has to be named for CSV and Parquet; else, without one, all columns are features.

    Returns
    -------
    ImageSet or Table
        Images with their labels, or columns with their target.

    Raises
    ------
    InputError
        If the source cannot be used; the message says why and what to do.

    Examples
    --------
    >>> read("digits").images.shape
    (1797, 1, 8, 8)
    """
    name = os.fspath(source)
    if data is not None and name != "mnist":
        raise InputError(f"A data folder goes with mnist only, not with {name}; leave it out.")
    is_image_source = name in ("digits", "mnist") or os.path.isdir(name)
    if target is not None and (is_image_source or Path(name).suffix.lower() == ".npz"):
        raise InputError(f"{name} brings its own labels and has no column {target!r}; leave the target out.")
    if name == "digits":
        return read_digits()
    if name == "mnist":
        return read_mnist(data)
    if is_image_source:
        return read_image_folder(name)
    path = _existing_file(name)
    if path.suffix.lower() == ".npz":
        return read_npz(path)
    columns = _column_reader(path)(path, None)
    if target is None and not needs_target:
        return Table(columns, None, "", path.name)
    target = choose_target(list(columns), target, path.name)
    features = {column: values for column, values in columns.items() if column != target}
    return Table(features, columns[target], target, path.name)


def read_columns(path: str | os.PathLike[str], names: Collection[str] | None = None) -> Columns:
    """Read the columns of a table file, for prediction.

    Parameters
    ----------
    path
        A ``.csv``, ``.parquet`` or ``.npz`` file.
    names
        The columns to keep; all of them when None. Columns beyond these may hold anything; that one of these
        is absent shows when they are transformed.

    Returns
    -------
    dict of str to numpy.ndarray
        The columns by name.

    Raises
    ------
    InputError
        If the file or a value in it cannot be used; the message says why and what to do.
    """
    file = _existing_file(os.fspath(path))
    return _column_reader(file)(file, names)


def _existing_file(name: str) -> Path:
    """Check that there is such a file."""
    if not os.path.isfile(name):
        raise FileError(
            f"There is no file or folder {name!r}; give digits, mnist, a .csv, .parquet or .npz file, "
            "or a folder of images by class."
        )
    return Path(name)


def _column_reader(path: Path) -> Callable[[Path, Collection[str] | None], Columns]:
    """Choose the reader by the file's suffix."""
    reader = _COLUMN_READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} ends in {path.suffix or 'no suffix'!r}; give a table as .csv, .parquet or .npz.")
    return reader
