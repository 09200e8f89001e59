"""Parquet files, whose columns have types of their own."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.data.cleaning import clean_values
from mathdl.errors import FileError


def read_parquet(path: Path, names: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read the columns of a Parquet file.

    Parameters
    ----------
    path
        The file.
    names
        The columns to keep; all of them when None. Others may hold anything.

    Returns
    -------
    dict of str to numpy.ndarray
        The columns by name: numbers, booleans or texts.

    Raises
    ------
    InputError
        If a value is missing or infinite, or a column holds neither numbers nor text.
    FileError
        If the file is unreadable, damaged, or has no rows.
    """
    import pandas as pd

    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    # pandas also follows its own notes inside the file, so that damage may surface as any error.
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise FileError(f"{path} cannot be read as Parquet ({reason}); check or write it again.") from error
    if len(frame) == 0:
        raise FileError(f"{path.name} has no rows; give at least one.")
    return {
        str(name): clean_values(f"Column {str(name)!r}", _cells(column))
        for name, column in frame.items()
        if names is None or str(name) in names
    }


def _cells(column: Any) -> ArrayLike:
    """Take the values out of a pandas column; what is missing becomes None."""
    if isinstance(column.dtype, np.dtype):
        return np.asarray(column)
    return np.asarray(column.astype(object).where(column.notna(), None), dtype=object)
