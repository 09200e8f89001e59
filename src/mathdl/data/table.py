"""A table: named columns, one of which may be the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from numpy.typing import NDArray

from mathdl.errors import InputError

SHOWN_NAMES = 20  # in an error
FRAME, MAPPING = "the DataFrame", "the mapping"  # what tables in memory are called


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of features, columns of numbers, booleans or texts by name, with a target each where there is one.

    ``target_name`` is empty where there is no target; ``name`` is what the table is called in reports; ``test`` is the
    test part where the table comes with one.
    """

    columns: Mapping[str, NDArray[Any]]
    target: NDArray[Any] | None
    target_name: str
    name: str
    test: Table | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            besides = "" if self.target is None else f" besides the target {self.target_name!r}"
            raise InputError(f"{subject(self.name)} has no column{besides}; add a feature.")
        rows = len(self)
        if rows == 0:
            raise InputError(f"{subject(self.name)} has no rows; give at least one.")
        for column, values in self.columns.items():
            if values.shape != (rows,):
                other = "the first one" if self.target is None else f"the target {self.target_name!r}"
                raise InputError(
                    f"Column {column!r} of {self.name} has shape {values.shape}, but {other} has {rows} values; "
                    "give one value per row."
                )

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())) if self.target is None else self.target)


def table_of(
    columns: Mapping[str, NDArray[Any]], target: str | None, source: str, *, needs_target: bool = True
) -> Table:
    """Take the target out of clean columns; an error about it says which columns there are."""
    if target is None and not needs_target:
        return Table(columns, None, "", source)
    if target is not None and not isinstance(target, str):
        raise InputError(f"The target is {target!r}; name one column.")
    if target is None or target not in columns:
        raise InputError(_no_target(list(columns), target, source))
    features = {name: values for name, values in columns.items() if name != target}
    return Table(features, columns[target], target, source)


def _no_target(names: list[str], target: str | None, source: str) -> str:
    """Say that there is no such target, and list the columns."""
    listing = ", ".join(names[:SHOWN_NAMES])
    if len(names) > SHOWN_NAMES:
        listing += f" and {len(names) - SHOWN_NAMES} more"
    if target is None:
        return f"No target was named for {source}; name the column to learn, one of: {listing}."
    by_lower_case = {name.lower(): name for name in names}
    close = get_close_matches(target.lower(), by_lower_case, n=1)
    hint = f" perhaps {by_lower_case[close[0]]!r} is meant;" if close else ""
    return f"{subject(source)} has no column {target!r};{hint} its columns are: {listing}."


def subject(source: str) -> str:
    """Return the name of the data as a sentence begins with it: "The DataFrame", but "flowers.csv"."""
    return f"T{source[1:]}" if source in (MAPPING, FRAME) else source
