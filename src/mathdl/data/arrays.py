"""Arrays as data: a matrix is a table, bytes with more axes are images, other numbers with three axes signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import clean_values
from mathdl.data.column import Column, ColumnPlan
from mathdl.data.image_set import ImageSet
from mathdl.data.reading_options import AS_THEY_COME
from mathdl.data.signal_set import SignalSet
from mathdl.data.table import Table
from mathdl.data.values import column_of_values
from mathdl.errors import InputError

Array = NDArray[Any]
MAX_CHANNELS_OF_SHORT = 3  # chosen: arrays with more rows than this and fewer than twice the columns may be images


def data_of_arrays(X: Array, y: Array | None, name: str, part: str = "", of: str = "") -> ImageSet | SignalSet | Table:
    """Return a table with the columns x0, x1, ... and the target y, or images where X is bytes with 3 or 4 axes.

    Other numbers with 3 axes are signals.

    ``part`` and ``of`` stand in errors: "_test" of a test part, " of FILE" of a file's arrays.
    """
    what = f"X{part}{of}"
    if X.ndim not in (2, 3, 4):
        raise InputError(
            f"{what} has shape {X.shape}; give (rows, columns), images as (N, channels, height, width), or signals as "
            "(N, channels, length)."
        )
    if y is not None and y.shape != (len(X),):
        raise InputError(f"{what} has {len(X)} rows and y{part} has shape {y.shape}; give y one value per row.")
    if X.ndim == 2:
        columns = columns_of_matrix(X, what)
        target = None if y is None else column_of_values(f"y{part}", y, AS_THEY_COME)
        return Table(columns, target, "" if y is None else "y", name)
    if y is None:
        raise InputError(f"{what} holds images or signals and there is no y; give each a label.")
    if X.ndim == 3 and X.dtype.kind in "iuf" and X.dtype != np.uint8:
        _require_signals(X, what)
        return SignalSet(X, clean_values(f"y{part}", y), name)
    return ImageSet(_bytes_of_images(X, what), clean_values(f"y{part}", y), name)


def columns_of_matrix(X: Array, what: str, plans: Mapping[str, ColumnPlan] | None = None) -> dict[str, Column]:
    """Split a matrix into the columns x0, x1, ..., of numbers with NaN where one is missing, or of anything else."""
    if X.dtype.kind not in "biufUTO":
        raise InputError(f"{what} has type {X.dtype}; give an array of numbers or text.")
    if X.shape[0] == 0 or X.shape[1] == 0:
        raise InputError(f"{what} has shape {X.shape}; give at least one row and one column.")
    if X.dtype.kind == "f" and np.isinf(X).any():
        row, column = np.argwhere(np.isinf(X))[0].tolist()
        raise InputError(
            f"{what} holds {X[row, column]} at row {row + 1}, column {column + 1} (X[{row}, {column}]); "
            "give finite numbers, or NaN where one is missing."
        )
    if X.dtype.kind == "b":
        X = X.astype(np.uint8)
    plans = plans or {}
    return {
        name: column_of_values(name, X[:, column], AS_THEY_COME, plans.get(name))
        for column, name in enumerate(f"x{number}" for number in range(X.shape[1]))
    }


def _require_signals(X: Array, what: str) -> None:
    """Refuse what are images rather: many channels for their length."""
    _, channels, length = X.shape
    if channels > MAX_CHANNELS_OF_SHORT and length < 2 * channels:
        raise InputError(
            f"{what} has 3 axes and type {X.dtype}; give images as uint8, 0 to 255, and signals as (N, channels, "
            f"length), at least twice as long as they have channels (NetworkClassifier takes {channels} x {length})."
        )


def _bytes_of_images(X: Array, what: str) -> NDArray[np.uint8]:
    """Return images as (N, channels, height, width)."""
    if X.dtype != np.uint8:
        raise InputError(f"{what} has {X.ndim} axes and type {X.dtype}; give images as uint8, 0 to 255.")
    if X.ndim == 4 and X.shape[3] in (1, 3, 4) and X.shape[1] not in (1, 3, 4):
        raise InputError(
            f"{what} has shape {X.shape}, which looks as if the channels came last; "
            "give (N, channels, height, width), by np.moveaxis(X, -1, 1)."
        )
    return np.ascontiguousarray(X if X.ndim == 4 else X[:, None])
