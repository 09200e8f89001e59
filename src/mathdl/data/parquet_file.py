"""Parquet files, whose columns have types of their own."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from mathdl.data.frame import columns_of_frame
from mathdl.errors import FileError, InputError


def read_parquet(path: Path, names: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """Read the columns of a Parquet file, those of ``names`` alone where given; others may hold anything."""
    import pandas as pd

    try:
        frame = pd.read_parquet(path, engine="pyarrow")
        if len(frame) == 0:
            raise FileError(f"{path.name} has no rows; give at least one.")
        return columns_of_frame(frame, path.name, names)
    except InputError:
        raise
    # pandas also follows its own notes inside the file, so that damage may surface as any error.
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise FileError(f"{path} cannot be read as Parquet ({reason}); check or write it again.") from error
