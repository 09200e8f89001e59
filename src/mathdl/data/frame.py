"""Columns by name: a pandas DataFrame, or any mapping of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.data.cleaning import clean_values
from mathdl.errors import InputError


def columns_of_frame(frame: Any, name: str, names: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """Return clean columns, those of ``names`` alone where given; an index is no column."""
    titles = [str(title) for title in (frame if isinstance(frame, Mapping) else frame.columns)]
    repeated = [title for title, count in Counter(titles).items() if count > 1]
    if repeated:
        raise InputError(f"{name} has two columns named {repeated[0]!r}; rename one of them.")
    return {
        title: clean_values(f"Column {title!r}", _cells(title, column))
        for title, (_, column) in zip(titles, frame.items(), strict=True)
        if names is None or title in names
    }


def _cells(title: str, column: Any) -> ArrayLike:
    """Take the values out of a column; what is missing in one of pandas' own types becomes None."""
    if isinstance(getattr(column, "dtype", None), np.dtype) or not hasattr(column, "notna"):
        try:
            return np.asarray(column)
        except ValueError:
            raise InputError(f"Column {title!r} is a list of lists; give one value for each row.") from None
    return np.asarray(column.astype(object).where(column.notna(), None), dtype=object)
