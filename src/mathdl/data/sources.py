"""Sources: what a user may give or name as data, and which reader it goes to."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.checks import path_name
from mathdl.data.arrays import data_of_arrays
from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.csv_file import STANDARD_INPUT, TextColumns, read_csv
from mathdl.data.digits import read_digits
from mathdl.data.excel_file import read_excel
from mathdl.data.frame import columns_of_frame
from mathdl.data.image_folder import read_image_folder
from mathdl.data.image_set import ImageSet
from mathdl.data.mnist import read_mnist
from mathdl.data.npz_file import read_npz, read_npz_columns
from mathdl.data.parquet_file import read_parquet
from mathdl.data.picture_format import BY_THE_DATA, PictureOptions
from mathdl.data.picture_list import image_set_of_list
from mathdl.data.pictures import pictures_in_memory
from mathdl.data.reading_options import AS_THEY_COME, ReadingOptions
from mathdl.data.signal_set import SignalSet
from mathdl.data.table import FRAME, MAPPING, Table, table_of
from mathdl.data.values import column_of_values
from mathdl.errors import FileError, InputError

TABLES = "a .csv, .tsv, .csv.gz, .parquet, .xlsx or .npz file"
# By the ending of a file's name: functions of the path, the options, the names that are wanted and their plans.
COLUMN_READERS: dict[str, Callable[..., TextColumns | dict[str, Column]]] = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", STANDARD_INPUT), read_csv),
    ".parquet": read_parquet,
    ".xlsx": read_excel,
    ".npz": lambda path, _, names, plans: read_npz_columns(path, names, plans),
}


def read(
    source: Any,
    *,
    target: str | None = None,
    data: str | os.PathLike[str] | None = None,
    needs_target: bool = True,
    pictures: PictureOptions = BY_THE_DATA,
    reading: ReadingOptions = AS_THEY_COME,
) -> ImageSet | SignalSet | Table:
    """Return data: images or signals with their labels, or columns with their target.

    A source is ``"digits"``, ``"mnist"``, a table file (``"-"`` is the standard input), a folder of images by class, a
    DataFrame or mapping of columns, or arrays (X, y). ``data`` is the folder of MNIST's files, ``pictures`` say how
    those of a folder or a list are made alike, and ``reading`` which columns of a table are read and as what. Without a
    target that is not needed, all columns are features.
    """
    if pictures != BY_THE_DATA and not (_is_name(source) and os.path.isdir(source)) and _listed(source) is None:
        raise InputError("size, pad and resize go with a folder or a list of pictures; leave them out.")
    if not isinstance(source, str | os.PathLike):
        return _given(source, target, data, reading, pictures, needs_target=needs_target)
    name = path_name(source)
    if data is not None and name != "mnist":
        raise InputError(f"A data folder goes with mnist only, not with {name}; leave it out.")
    is_image_source = name in ("digits", "mnist") or os.path.isdir(name)
    if is_image_source:
        _require_a_table(reading, name)
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
        _require_a_table(reading, name)
        return read_npz(path)
    wanted = None if reading.columns is None or target is None else {*reading.columns, target}
    columns, notes = _read_columns(path, reading, wanted, None)
    if wanted is not None and target not in columns:  # an error will list them all
        columns, notes = _read_columns(path, reading, None, None)
    called = "standard input" if name == STANDARD_INPUT else path.name
    return table_of(columns, target, called, reading, needs_target=needs_target, notes=notes)


def read_columns(
    path: str | os.PathLike[str],
    plans: Mapping[str, ColumnPlan] | None = None,
    keep: Collection[str] = (),
    reading: ReadingOptions = AS_THEY_COME,
) -> dict[str, Column]:
    """Read the columns of a table file for prediction, as training read them; others may hold anything.

    Those to keep beside are texts. That one is absent shows when they are transformed. ``reading`` says which texts
    stand for a missing value, and whether there is a header.
    """
    file = _existing_file(path_name(path), TABLES)
    wanted = None if plans is None else {**dict.fromkeys(keep, ColumnPlan(Kind.CATEGORY)), **plans}
    return _read_columns(file, reading, None if wanted is None else list(wanted), wanted).columns


def _read_columns(
    path: Path,
    options: ReadingOptions,
    names: Collection[str] | None,
    plans: Mapping[str, ColumnPlan] | None,
) -> TextColumns:
    """Read columns by the ending of the file's name."""
    found = _column_reader(path)(path, options, names, plans)
    return found if isinstance(found, TextColumns) else TextColumns(found, ())


def _require_a_table(reading: ReadingOptions, name: str) -> None:
    """Refuse options about columns where the data have none with names."""
    if reading._replace(progress=None) != AS_THEY_COME:
        raise InputError(f"{name} has no columns with names; leave columns, drop, kinds, na and header out.")


def _is_name(source: Any) -> bool:
    """Tell whether a source is a name or a path."""
    return isinstance(source, str | os.PathLike)


def _listed(source: Any) -> list[Any] | None:
    """Return the pictures of a pair (X, y) whose X is a list of arrays of bytes; None of anything else."""
    is_pair = isinstance(source, tuple | list) and len(source) == 2
    return pictures_in_memory(source[0]) if is_pair else None


def _given(
    source: Any,
    target: str | None,
    data: object,
    reading: ReadingOptions,
    pictures: PictureOptions,
    *,
    needs_target: bool,
) -> ImageSet | SignalSet | Table:
    """Take data that are in memory."""
    if data is not None:
        raise InputError("A data folder goes with mnist only, not with data in memory; leave it out.")
    if isinstance(source, Mapping) or (hasattr(source, "columns") and hasattr(source, "items")):
        name = MAPPING if isinstance(source, Mapping) else FRAME
        wanted = None
        if reading.columns is not None and target is not None and target in [str(title) for title in source]:
            wanted = {*reading.columns, target}
        columns = columns_of_frame(source, name, reading, wanted)
        return table_of(columns, target, name, reading, needs_target=needs_target)
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
        name = str(getattr(y, "name", None) or "y")
        columns = columns_of_frame(X, "X", reading)
        return table_of({**columns, name: column_of_values(name, y, AS_THEY_COME)}, name, FRAME, reading)
    _require_a_table(reading, "An array")
    listed = _listed(source)
    if listed is not None and (pictures != BY_THE_DATA or len({picture.shape for picture in listed}) > 1):
        return image_set_of_list(listed, y, pictures)
    try:
        arrays = np.asarray(X), None if y is None else np.asarray(y)
    except (TypeError, ValueError) as error:
        raise InputError(f"X and y are no arrays ({error}); give one row of numbers for each object.") from None
    return data_of_arrays(*arrays, "the arrays")


def _existing_file(name: str, expected: str) -> Path:
    """Check that there is such a file."""
    if os.path.isdir(name):
        raise FileError(f"{name} is a folder; give {expected}.")
    if name != STANDARD_INPUT and not os.path.isfile(name):
        raise FileError(f"There is no file or folder {name!r}; give {expected}.")
    return Path(name)


def _column_reader(path: Path) -> Callable[..., TextColumns | dict[str, Column]]:
    """Choose the reader by the ending of the file's name."""
    name = path.name.lower()
    endings = [ending for ending in COLUMN_READERS if name.endswith(ending)]
    if not endings:
        raise InputError(f"{path.name} ends in {path.suffix or 'no suffix'!r}; give {TABLES}.")
    return COLUMN_READERS[max(endings, key=len)]
