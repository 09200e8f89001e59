"""Parquet files, whose columns have types of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mathdl.data import mapped_arrays
from mathdl.data.column import Column, ColumnPlan
from mathdl.data.frame import columns_of_frame
from mathdl.data.reading_options import AS_THEY_COME, ReadingOptions, ReadingProgress, require_known
from mathdl.data.values import column_of_values
from mathdl.errors import FileError, InputError

NUMBER_BYTES = 8  # of most columns


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
        found = pq.read_metadata(path)
        titles = found.schema.to_arrow_schema().names if wanted is None else wanted
        if NUMBER_BYTES * found.num_rows * len(titles) > mapped_arrays.MAX_BYTES_IN_MEMORY:
            require_known(pq.read_schema(path).names, options, path.name)
            kept = [title for title in titles if title not in options.drop and (names is None or title in names)]
            return dict(_column_by_column(path, kept, options, plans or {}))
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


def _column_by_column(
    path: Path, titles: Sequence[str], options: ReadingOptions, plans: Mapping[str, ColumnPlan]
) -> Iterator[tuple[str, Column]]:
    """Read a large file, whose numbers go into temporary files one column after the other; texts stay in memory."""
    import pandas as pd

    for done, title in enumerate(titles, start=1):
        values = pd.read_parquet(path, engine="pyarrow", columns=[title])[title]
        column = column_of_values(title, values, options, plans.get(title))
        if column.values.dtype != object:
            kept = mapped_arrays.room_in_file(column.values.shape, column.values.dtype)
            kept[:] = column.values
            column = replace(column, values=kept)
        if options.progress is not None:
            size = path.stat().st_size
            options.progress(ReadingProgress(path.name, size * done // len(titles), size))
        yield title, column
