"""A table of what a model has learned, for its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MAX_ROWS, MAX_COLUMNS = 50, 10  # what a page shows; the model file has the rest
MAX_COLUMNS_OF_SIX_FIGURES = 6  # of more columns, numbers have three figures


@dataclass(frozen=True)
class NumberTable:
    """A table with a title, the heads of its columns, its rows, and a remark below them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    remark: str = ""


def number_table(
    title: str, heads: Sequence[str], first_row: Sequence[object], matrix: Array, names: Sequence[str], remark: str = ""
) -> NumberTable:
    """Return a matrix as a table with a row for each column, after ``first_row``; of many, those with large numbers."""
    order = np.arange(matrix.shape[1])
    if len(order) > MAX_ROWS:
        order = np.sort(np.argsort(-np.abs(matrix).max(axis=0), kind="stable")[:MAX_ROWS])
        left = matrix.shape[1] - MAX_ROWS
        cut = f"The {MAX_ROWS} rows with the largest numbers; {left:,} more are in the model file."
        remark = f"{remark} {cut}".strip()
    rows = [list(first_row), *([names[k], *matrix[:, k].tolist()] for k in order.tolist())]
    if len(heads) > MAX_COLUMNS:
        remark = f"{remark} {len(heads) - MAX_COLUMNS:,} more columns are in the model file.".strip()
    rows = [row[: MAX_COLUMNS + 1] for row in rows]
    if len(heads) > MAX_COLUMNS_OF_SIX_FIGURES:
        rows = [[float(f"{value:.3g}") if isinstance(value, float) else value for value in row] for row in rows]
    return NumberTable(title, ["feature", *heads[:MAX_COLUMNS]], rows, remark)


def table_of_coefficients(
    coef: Array, intercept: Any, names: Sequence[str], classes: Sequence[object] = ()
) -> NumberTable:
    """Return one column of coefficients for each row of ``coef``: one a class, or one that decides between two."""
    matrix = np.atleast_2d(coef)
    single = len(matrix) == 1
    heads = ["coefficient"] if single else [str(label) for label in classes]
    remark = f"The decision function is positive for {classes[1]}." if single and len(classes) else ""
    return number_table("Coefficients", heads, ["intercept", *np.atleast_1d(intercept).tolist()], matrix, names, remark)
