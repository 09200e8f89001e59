"""Columns by name: a pandas DataFrame, or any mapping of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from mathdl.data.column import Column, ColumnPlan
from mathdl.data.reading_options import AS_THEY_COME, ReadingOptions, require_known
from mathdl.data.values import column_of_values
from mathdl.errors import InputError


def columns_of_frame(
    frame: Any,
    name: str,
    options: ReadingOptions = AS_THEY_COME,
    names: Collection[str] | None = None,
    plans: Mapping[str, ColumnPlan] | None = None,
) -> dict[str, Column]:
    """Return columns, those of ``names`` alone where given, by the plans of training where there are; an index is none.

    Columns that are not wanted may hold anything.
    """
    titles = [str(title) for title in (frame if isinstance(frame, Mapping) else frame.columns)]
    repeated = [title for title, count in Counter(titles).items() if count > 1]
    if repeated:
        raise InputError(f"{name} has two columns named {repeated[0]!r}; rename one of them.")
    require_known(titles, options, name)
    return {
        title: column_of_values(title, column, options, (plans or {}).get(title))
        for title, (_, column) in zip(titles, frame.items(), strict=True)
        if (names is None or title in names) and title not in options.drop
    }
