"""A table: named columns, one of which may be the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from numpy.typing import NDArray

from mathdl.errors import InputError

_SHOWN_NAMES = 20


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of features, with a target each where there is one.

    Parameters
    ----------
    columns
        The feature columns by name, each of shape (N,): numbers, booleans or texts.
    target
        The column to learn, shape (N,); None where there is none.
    target_name
        The name of that column; empty where there is none.
    name
        What the table is called in reports.
    test
        The test part, where the table comes with one.

    Raises
    ------
    InputError
        If there is no feature or no row, or the columns differ in length.

    Examples
    --------
    >>> import numpy as np
    >>> len(Table({"width": np.array([1.0, 2.0])}, np.array(["a", "b"]), "species", "flowers"))
    2
    """

    columns: Mapping[str, NDArray[Any]]
    target: NDArray[Any] | None
    target_name: str
    name: str
    test: Table | None = None

    def __post_init__(self) -> None:
        if not self.columns:
            besides = "" if self.target is None else f" besides the target {self.target_name!r}"
            raise InputError(f"{self.name} has no column{besides}; add a feature.")
        rows = len(self)
        if rows == 0:
            raise InputError(f"{self.name} has no rows; give at least one.")
        for column, values in self.columns.items():
            if values.shape != (rows,):
                other = "the first one" if self.target is None else f"the target {self.target_name!r}"
                raise InputError(
                    f"Column {column!r} of {self.name} has shape {values.shape}, but {other} has {rows} values; "
                    "give one value per row."
                )

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())) if self.target is None else self.target)


def choose_target(names: list[str], target: str | None, source: str) -> str:
    """Check that the target is one of the columns.

    Parameters
    ----------
    names
        The columns there are.
    target
        The column to learn, or None where the user named none.
    source
        What the table is called in error messages.

    Returns
    -------
    str
        The target's name.

    Raises
    ------
    InputError
        If no target was named, or there is no such column; the message lists the columns.

    Examples
    --------
    >>> choose_target(["width", "species"], "species", "flowers.csv")
    'species'
    """
    if target in names:
        return target
    listing = ", ".join(names[:_SHOWN_NAMES])
    if len(names) > _SHOWN_NAMES:
        listing += f" and {len(names) - _SHOWN_NAMES} more"
    if target is None:
        raise InputError(f"No target was named for {source}; name the column to learn, one of: {listing}.")
    by_lower_case = {name.lower(): name for name in names}
    close = get_close_matches(target.lower(), by_lower_case, n=1)
    hint = f" perhaps {by_lower_case[close[0]]!r} is meant;" if close else ""
    raise InputError(f"{source} has no column {target!r};{hint} its columns are: {listing}.")
