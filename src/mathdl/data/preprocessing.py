"""Preprocessing: a table becomes a matrix, by what was learned from the training part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.data.cleaning import clean_values, row_name
from mathdl.data.encoders import Category, Number, encoder_from_dict
from mathdl.errors import FileError, InputError


@dataclass(frozen=True)
class Preprocessing:
    """One encoder per column, in order: numbers are standardised, texts and booleans one-hot encoded."""

    encoders: tuple[Number | Category, ...]

    @classmethod
    def fit(cls, columns: Mapping[str, ArrayLike], rows: NDArray[np.intp] | None = None) -> Preprocessing:
        """Learn the encoders.

        Means and scales come from the training rows alone where the columns hold others too. Which categories exist is
        taken from all rows, so that a rare one which fell to the test part is known.
        """
        cleaned = _clean(columns, list(columns))
        if not cleaned or not len(next(iter(cleaned.values()))) or (rows is not None and not len(rows)):
            raise InputError("There are no columns or no rows to learn the preprocessing from; give at least one.")
        return cls(
            tuple(
                Category.fit(name, values)
                if values.dtype.kind in "bO"
                else Number.fit(name, values if rows is None else values[rows])
                for name, values in cleaned.items()
            )
        )

    @classmethod
    def from_dict(cls, record: object) -> Preprocessing:
        """Rebuild the preprocessing from what ``to_dict`` gave."""
        columns = record.get("columns") if isinstance(record, dict) else None
        if not isinstance(columns, list) or not columns:
            raise FileError("The record of the preprocessing lists no columns; save the model again.")
        return cls(tuple(encoder_from_dict(column) for column in columns))

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        return {"columns": [encoder.to_dict() for encoder in self.encoders]}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have."""
        return tuple(encoder.name for encoder in self.encoders)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features of the matrix, one name each."""
        return tuple(name for encoder in self.encoders for name in encoder.feature_names)

    def transform(self, columns: Mapping[str, ArrayLike], dtype: str = "float32") -> NDArray[Any]:
        """Turn the columns of a table, in any order, into a matrix; those that training did not have are ignored."""
        missing = [name for name in self.columns if name not in columns]
        if missing:
            raise InputError(
                f"Column {missing[0]!r} is missing; give all that training had: {', '.join(self.columns)}."
            )
        cleaned = _clean(columns, self.columns)
        rows = len(next(iter(cleaned.values())))
        matrix = np.empty((rows, len(self.feature_names)), dtype=dtype)
        start = 0
        for encoder in self.encoders:
            block = encoder.encode(cleaned[encoder.name])
            _require_range(encoder.name, block, matrix.dtype)
            matrix[:, start : start + block.shape[1]] = block
            start += block.shape[1]
        return matrix


def _clean(columns: Mapping[str, ArrayLike], names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Clean the named columns, which must be equally long."""
    cleaned = {name: clean_values(f"Column {name!r}", columns[name]) for name in names}
    lengths = sorted((len(values), name) for name, values in cleaned.items())
    if lengths and lengths[0][0] != lengths[-1][0]:
        (few, short), (many, long) = lengths[0], lengths[-1]
        raise InputError(f"Column {short!r} has {few} rows and column {long!r} has {many}; make them equally long.")
    return cleaned


def _require_range(name: str, block: NDArray[np.float64], dtype: np.dtype[Any]) -> None:
    """Refuse standardised values that the network's numbers cannot hold."""
    large = ~(np.abs(block).max(axis=1, initial=0.0) <= np.finfo(dtype).max)
    if large.any():
        raise InputError(
            f"Column {name!r} holds a value too large for {dtype} in {row_name(int(np.argmax(large)))}, "
            "far from anything seen in training; check it."
        )
