"""Excel's workbooks, of which the first sheet is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from mathdl.data.column import Column, ColumnPlan
from mathdl.data.frame import columns_of_frame
from mathdl.data.reading_options import AS_THEY_COME, ReadingOptions
from mathdl.errors import FileError, InputError


def read_excel(
    path: Path,
    options: ReadingOptions = AS_THEY_COME,
    names: Collection[str] | None = None,
    plans: Mapping[str, ColumnPlan] | None = None,
) -> dict[str, Column]:
    """Read the columns of the first sheet, those of ``names`` alone where given."""
    import pandas as pd

    try:
        header = 0 if options.header else None
        frame = pd.read_excel(path, header=header, keep_default_na=False, na_values=[""], engine="openpyxl")
    except ImportError:
        raise InputError('Reading .xlsx needs openpyxl; install it with pip install "mathdl[excel]".') from None
    except Exception as error:  # openpyxl raises whatever the archive inside the file makes it raise
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise FileError(f"{path} cannot be read as a workbook ({reason}); check or write it again.") from error
    if header is None:
        frame.columns = [f"x{k}" for k in range(frame.shape[1])]
    if len(frame) == 0:
        raise FileError(f"{path.name} has no rows; give at least one.")
    return columns_of_frame(frame, path.name, options, names, plans)
