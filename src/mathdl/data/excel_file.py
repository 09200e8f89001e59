"""Excel's workbooks, of which the first sheet is read."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from mathdl.data.cleaning import as_text
from mathdl.data.column import ColumnPlan
from mathdl.data.csv_dialect import SNIFFED_ROWS, checked_header
from mathdl.data.csv_file import AN_INDEX, TextColumns, numbers_the_rows
from mathdl.data.frame import columns_of_frame
from mathdl.data.reading_options import AS_THEY_COME, ReadingOptions
from mathdl.errors import FileError, InputError


def read_excel(
    path: Path,
    options: ReadingOptions = AS_THEY_COME,
    names: Collection[str] | None = None,
    plans: Mapping[str, ColumnPlan] | None = None,
) -> TextColumns:
    """Read the columns of the first sheet, those of ``names`` alone where given; cells keep the types they have."""
    frame, notes = _first_sheet(path)
    titles = [f"x{k}" for k in range(frame.shape[1])]
    if options.header and len(frame):
        first, *rows = frame.head(SNIFFED_ROWS).map(_text).to_numpy().tolist()
        titles, frame = list(checked_header([title.strip() for title in first], rows, path.name)), frame.iloc[1:]
    if len(frame) == 0:
        raise FileError(f"{path.name} has no rows; give at least one.")
    frame = frame.set_axis(titles, axis=1).infer_objects()
    if titles[0] == "":
        import pandas as pd

        if not numbers_the_rows(pd.to_numeric(frame.iloc[:, 0], errors="coerce").to_numpy(float)):
            raise InputError(f"Column 1 of {path.name} has no name in the header; name or remove it.")
        frame, notes = frame.iloc[:, 1:], (*notes, AN_INDEX)
    return TextColumns(columns_of_frame(frame, path.name, options, names, plans), notes)


def _first_sheet(path: Path) -> tuple[Any, tuple[str, ...]]:
    """Return the cells of the first sheet without empty rows and columns, and a note where there are others."""
    import pandas as pd

    try:
        with warnings.catch_warnings(action="ignore"), pd.ExcelFile(path, engine="openpyxl") as book:
            frame = book.parse(0, header=None, dtype=object, keep_default_na=False, na_values=[""])
            sheets = book.sheet_names
    except ImportError:
        raise InputError('Reading .xlsx needs openpyxl; install it with pip install "mathdl[excel]".') from None
    except Exception as error:  # openpyxl raises whatever the archive inside the file makes it raise
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise FileError(f"{path} cannot be read as a workbook ({reason}); check or write it again.") from error
    note = f"Of {len(sheets)} sheets the first one, {sheets[0]!r}, was read."
    return frame.dropna(how="all").dropna(how="all", axis=1), (note,) if len(sheets) > 1 else ()


def _text(cell: Any) -> str:
    """Write a cell, an empty one as nothing."""
    return "" if cell is None or cell != cell else as_text(cell)
