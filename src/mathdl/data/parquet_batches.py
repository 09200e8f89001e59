"""Batches of rows of Parquet files, for data that exceed the memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name, shortened
from mathdl.errors import FileError, InputError

Array = NDArray[Any]
BATCH_ROWS = 65_536  # chosen: a few megabytes of most tables
BUFFER_BYTES = 2**20  # of a column that are read at a time; chosen


def parquet_batches(paths: Any, target: str | None = None, *, inputs: Sequence[str] | None = None) -> Iterator[Any]:
    """Yield the rows of Parquet files, from one row group after the other, as arrays.

    Parameters
    ----------
    paths : path or sequence of paths
        Files, or folders whose ``.parquet`` files are taken in the order of their names.
    target : str, optional
        The column that is y: numbers or texts. Without it there is X alone, as for KMeans.
    inputs : sequence of str, optional
        The columns of X, which hold numbers or truth values; by default all but the target.

    Yields
    ------
    tuple (X, y), or X
        X of shape (rows, columns), of float32, or of float64 where a column needs it.

    Raises
    ------
    InputError
        If there is no such column, or a column has texts or gaps.
    FileError
        If a file cannot be read, or its columns are not those of the first one.

    Examples
    --------
    >>> import pandas as pd
    >>> from mathdl import LinearRegression, parquet_batches
    >>> pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 3.0, 5.0]}).to_parquet("ab.parquet")
    >>> LinearRegression().fit(parquet_batches("ab.parquet", "b")).coef_.round(6)
    array([2.])
    """
    found = _files(paths)
    with _opened(found[0]) as file:
        columns = _columns(file.schema_arrow.names, target, inputs, found[0])
    return _batches(found, columns, target)


def _batches(found: list[Path], columns: list[str], target: str | None) -> Iterator[Any]:
    """Read the files."""
    for path in found:
        with _opened(path) as file:
            names = file.schema_arrow.names
            if missing := [name for name in columns if name not in names]:
                raise InputError(f"{path} has no column {missing[0]!r}, which {found[0]} has; give files alike.")
            for rows in file.iter_batches(BATCH_ROWS, columns=columns):
                if rows.num_rows:
                    yield _arrays(rows, columns, target, path)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file; tell in a sentence what goes wrong while it is read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Without buffers made beforehand, which would be kept until the file is closed: all of it in the end.
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER_BYTES) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FileError(f"{path} cannot be read as Parquet ({reason}); check or write it again.") from error


def _files(paths: Any) -> list[Path]:
    """Return the files that are named."""
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    if not isinstance(given, Sequence) or not given:
        raise InputError(f"paths is {shortened(paths)}; give the name of a Parquet file or folder, or a list of them.")
    found: list[Path] = []
    for name in given:
        path = Path(path_name(name))
        files = sorted(path.glob("*.parquet")) if os.path.isdir(path) else [path]
        if not files:
            raise FileError(f"{path} holds no .parquet file; name another folder.")
        found += files
    if absent := [path for path in found if not os.path.exists(path)]:
        raise FileError(f"There is no file {absent[0]}; check its name.")
    return found


def _columns(names: list[str], target: str | None, inputs: Sequence[str] | None, path: Path) -> list[str]:
    """Return the columns that are read: those of X, then the target."""
    if inputs is not None and (isinstance(inputs, str) or not isinstance(inputs, Sequence) or not inputs):
        raise InputError(f"inputs is {shortened(inputs)}; give a list of names of columns.")
    chosen = [name for name in names if name != target] if inputs is None else list(inputs)
    wanted = [*chosen, *([] if target is None else [target])]
    for name in wanted:
        if not isinstance(name, str) or name not in names:
            raise InputError(f"{path} has no column {name!r}; its columns are {shortened(names)}.")
    if not chosen or target in chosen:
        raise InputError(f"The inputs of {path} are {chosen!r} beside the target {target!r}; give others.")
    return wanted


def _arrays(rows: Any, columns: list[str], target: str | None, path: Path) -> Any:
    """Return a batch as X and y."""
    inputs = [_numbers(rows[name], name, path) for name in columns if name != target]
    X = np.stack(inputs, axis=1)
    X = X.astype(np.result_type(X, np.float32), copy=False)  # bytes would stand for the brightness of pixels
    return X if target is None else (X, _target(rows[target], target, path))


def _numbers(column: Any, name: str, path: Path) -> Array:
    """Return a column's numbers."""
    import pyarrow.types as types

    kind = column.type
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
        raise InputError(
            f"Column {name!r} of {path} is of type {kind}; turn it into numbers first, or leave it out of inputs."
        )
    _require_no_gaps(column, name, path)
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _target(column: Any, name: str, path: Path) -> Array:
    """Return a column's values, of texts that are stored as codes the texts."""
    import pyarrow.types as types

    _require_no_gaps(column, name, path)
    values = column.dictionary_decode() if types.is_dictionary(column.type) else column
    return np.asarray(values.to_numpy(zero_copy_only=False))


def _require_no_gaps(column: Any, name: str, path: Path) -> None:
    """Refuse a column with gaps."""
    if column.null_count:
        raise InputError(f"Column {name!r} of {path} has gaps; fill them, or leave it out of inputs.")
