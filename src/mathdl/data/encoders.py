"""Encoders: what was learned about one column, and the features it makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.category_encoder import CategoryEncoder
from mathdl.data.column import Column, Kind
from mathdl.data.date_encoder import DateEncoder
from mathdl.data.number_encoder import NumberEncoder
from mathdl.errors import FileError

Encoder = NumberEncoder | CategoryEncoder | DateEncoder
_BY_KIND: dict[str, type[NumberEncoder] | type[CategoryEncoder] | type[DateEncoder]] = {
    Kind.NUMBER: NumberEncoder,
    Kind.CATEGORY: CategoryEncoder,
    Kind.DATE: DateEncoder,
}


def fitted_encoder(column: Column, rows: NDArray[np.intp]) -> Encoder:
    """Learn the encoder of a column from its training rows."""
    return _BY_KIND[column.kind].fit(column, rows)


def encoder_from_dict(record: Any) -> Encoder:
    """Rebuild an encoder from its record, which may come from a damaged file."""
    try:
        return _BY_KIND[record["kind"]].from_dict(record)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise FileError(f"The record of a column, {record!r}, is not sound; save the model again.") from None
