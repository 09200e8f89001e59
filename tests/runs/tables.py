"""Tables of arrays, as readers make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mathdl.data import Table
from mathdl.data.column import Column
from mathdl.data.reading_options import AS_THEY_COME
from mathdl.data.values import column_of_values


def made_table(columns: Mapping[str, Any], target: Any, target_name: str, name: str) -> Table:
    """A table; what is a column already stays one."""
    read = {title: made_column(title, values) for title, values in columns.items()}
    return Table(read, None if target is None else made_column(target_name, target), target_name, name)


def made_column(title: str, values: Any) -> Column:
    """A column of values."""
    return values if isinstance(values, Column) else column_of_values(title, values, AS_THEY_COME)
