"""Parquet files, whose columns have types of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from mathdl.data.column import Column, ColumnPlan
from mathdl.data.frame import columns_of_frame
from mathdl.data.reading_options import AS_THEY_COME, ReadingOptions
from mathdl.errors import FileError, InputError


def read_parquet(
    path: Path,
    options: ReadingOptions = AS_THEY_COME,
    names: Collection[str] | None = None,
    plans: Mapping[str, ColumnPlan] | None = None,
) -> dict[str, Column]:
    """Read the columns of a Parquet file, those of ``names`` alone where given, by the plans of training if any."""
    import pandas as pd
    import pyarrow.parquet as pq

    try:
        needed = None if names is None else {*names, *options.drop, *options.kinds}
        wanted = None if needed is None else [title for title in pq.read_schema(path).names if title in needed]
        frame = pd.read_parquet(path, engine="pyarrow", columns=wanted)
        if len(frame) == 0:
            raise FileError(f"{path.name} has no rows; give at least one.")
        return columns_of_frame(frame, path.name, options, names, plans)
    except InputError:
        raise
    # pandas also follows its own notes inside the file, so that damage may surface as any error.
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise FileError(f"{path} cannot be read as Parquet ({reason}); check or write it again.") from error
