"""Preprocessing: a table becomes a matrix, by what was learned from the training part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import row_name
from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.column_summary import ColumnSummary, summary_of_column
from mathdl.data.date_encoder import PARTS, DateEncoder
from mathdl.data.encoders import Encoder, encoder_from_dict, fitted_encoder
from mathdl.data.gaps import MISSING
from mathdl.data.left_out import COUNTS_ROWS, LeftOut, reason_to_leave_out
from mathdl.data.memory import require_memory
from mathdl.errors import FileError, InputError

SHOWN_LEFT_OUT = 3  # in a line of the screen
_NOUNS = {Kind.NUMBER: ("number", "numbers"), Kind.CATEGORY: ("category", "categories"), Kind.DATE: ("date", "dates")}


class Encoded(NamedTuple):
    """What a model reads of a table, and sentences about values that training did not have."""

    matrix: NDArray[Any]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Preprocessing:
    """One encoder per column, in order, and the columns that are left out.

    ``missing`` says what happens to gaps: "impute" fills them; "drop" leaves their rows out of the training, and
    "error" refuses them there; both refuse them afterwards.
    """

    encoders: tuple[Encoder, ...]
    left_out: tuple[LeftOut, ...] = ()
    missing: str = "impute"

    @classmethod
    def fit(
        cls, columns: Mapping[str, Column], rows: NDArray[np.intp] | None = None, missing: str = "impute"
    ) -> Preprocessing:
        """Learn the encoders from the training rows alone, where the columns hold others too."""
        if missing not in MISSING:
            raise InputError(f"What is missing is to be treated by {missing!r}; give {', '.join(MISSING)}.")
        count = _rows(columns, list(columns))
        rows = np.arange(count) if rows is None else rows
        if not len(rows):
            raise InputError("There are no columns or no rows to learn the preprocessing from; give at least one.")
        names, left_out = _judged(columns, list(columns), rows)
        if missing != "impute":
            rows = _complete(columns, names, rows, missing)
            names, more = _judged(columns, names, rows)
            left_out |= more
        return cls(
            tuple(fitted_encoder(columns[name], rows) for name in names),
            tuple(LeftOut(name, left_out[name]) for name in columns if name in left_out),
            missing,
        )

    @classmethod
    def from_dict(cls, record: object) -> Preprocessing:
        """Rebuild the preprocessing from what ``to_dict`` gave."""
        columns = record.get("columns") if isinstance(record, dict) else None
        if not isinstance(columns, list) or not columns:
            raise FileError("The record of the preprocessing lists no columns; save the model again.")
        assert isinstance(record, dict)
        left_out, missing = record.get("left_out"), record.get("missing")
        encoders = tuple(encoder_from_dict(column) for column in columns)
        if len({encoder.name for encoder in encoders}) < len(encoders):
            raise FileError("The record of the preprocessing lists a column twice; save the model again.")
        if missing not in MISSING or not isinstance(left_out, dict):
            raise FileError("The record of the preprocessing is not sound; save the model again.")
        return cls(encoders, tuple(LeftOut(str(name), str(reason)) for name, reason in left_out.items()), missing)

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        encoders = [encoder.to_dict() for encoder in self.encoders]
        return {"columns": encoders, "left_out": dict(self.left_out), "missing": self.missing}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have."""
        return tuple(encoder.name for encoder in self.encoders)

    @property
    def plans(self) -> dict[str, ColumnPlan]:
        """How the columns are to be read."""
        return {encoder.name: encoder.plan for encoder in self.encoders}

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features of the matrix, one name each."""
        return tuple(name for encoder in self.encoders for name in encoder.feature_names)

    @property
    def blocks(self) -> list[slice]:
        """The places of each column's features in the matrix."""
        ends = np.cumsum([len(encoder.feature_names) for encoder in self.encoders]).tolist()
        return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]

    def complete_rows(self, columns: Mapping[str, Column]) -> NDArray[np.bool_]:
        """Tell which rows have a value in every column that is used."""
        complete = np.ones(_rows(columns, self.columns), bool)
        for name in self.columns:
            complete &= ~columns[name].missing
        return complete

    def encode(self, columns: Mapping[str, Column], dtype: str = "float32", *, strict: bool = False) -> Encoded:
        """Turn the columns of a table, in any order, into a matrix; those that training did not have are ignored.

        A category that training did not have is none of those it had, and a gap is filled, even where training had
        none; the notes count both. With ``strict`` either is refused.
        """
        absent = [name for name in self.columns if name not in columns]
        if absent:
            raise InputError(f"Column {absent[0]!r} is missing; give all that training had: {', '.join(self.columns)}.")
        rows, features = _rows(columns, self.columns), len(self.feature_names)
        for name, (kind, _) in self.plans.items():
            if columns[name].kind is not kind:
                held, holds = _NOUNS[kind][1], _NOUNS[columns[name].kind][1]
                raise InputError(f"Column {name!r} held {held} in training, but now it holds {holds}; give {held}.")
            if self.missing != "impute":
                _require_values(columns[name], np.arange(rows))
        size = rows * features * np.dtype(dtype).itemsize
        require_memory(size, f"{rows:,} rows of {features:,} features", "leave out columns or rows")
        matrix = np.empty((rows, features), dtype=dtype)
        notes: list[str] = []
        for encoder, block in zip(self.encoders, self.blocks, strict=True):
            notes += encoder.encode(columns[encoder.name], matrix[:, block], strict=strict)
        return Encoded(matrix, tuple(notes))

    def transform(self, columns: Mapping[str, Column], dtype: str = "float32") -> NDArray[Any]:
        """Return the matrix alone."""
        return self.encode(columns, dtype).matrix

    def columns_sentence(self) -> str:
        """Say how many columns of which kind there are, and which are left out and why."""
        kinds = Counter(encoder.plan.kind for encoder in self.encoders)
        parts = [f"{kinds[kind]:,} {_NOUNS[kind][kinds[kind] > 1]}" for kind in Kind if kinds[kind]]
        if kinds[Kind.DATE]:
            found = {part for encoder in self.encoders if isinstance(encoder, DateEncoder) for part in encoder.parts}
            parts[-1] += f" (as {', '.join(part for part in PARTS if part in found)})"
        if self.left_out:
            shown = [f"{name!r} {reason}" for name, reason in self.left_out[:SHOWN_LEFT_OUT]]
            shown += ["..."] if len(self.left_out) > SHOWN_LEFT_OUT else []
            parts.append(f"{len(self.left_out):,} left out: {', '.join(shown)}")
        return ", ".join(parts)

    def missing_sentence(self, columns: Mapping[str, Column]) -> str:
        """Say how many values of the used columns are missing and what is done about it; nothing where all are there.

        The columns are those of the whole table.
        """
        masks = {encoder: mask for encoder in self.encoders if (mask := columns[encoder.name].missing).any()}
        if not masks:
            return ""
        rows = np.any(list(masks.values()), axis=0)
        count, width = sum(int(mask.sum()) for mask in masks.values()), len(masks)
        values = f"{count:,} value{'s' if count > 1 else ''} in {width:,} column{'s' if width > 1 else ''}"
        which = f"{values}, in {int(rows.sum()):,} of {len(rows):,} rows"
        if self.missing != "impute":
            return f"{which}, which are left out"
        numbers = [encoder for encoder in masks if encoder.plan.kind is not Kind.CATEGORY]
        texts = [encoder for encoder in masks if encoder.plan.kind is Kind.CATEGORY]
        ways = ["median and an indicator" if any(encoder.indicator for encoder in numbers) else "median"]
        ways = ways if numbers else []
        if texts:
            own = any(encoder.indicator for encoder in texts)
            ways.append("'missing' as a category" if own else "the most frequent category")
        return f"{which}: {', '.join(ways)}"

    def summaries(self, columns: Mapping[str, Column]) -> list[ColumnSummary]:
        """Describe all columns of a table, those left out included."""
        treatments = {encoder.name: encoder.treatment for encoder in self.encoders}
        treatments |= {name: f"left out, since it {reason}" for name, reason in self.left_out}
        return [summary_of_column(columns[name], treatments[name]) for name in columns if name in treatments]


def _judged(
    columns: Mapping[str, Column], names: Sequence[str], rows: NDArray[np.intp]
) -> tuple[list[str], dict[str, str]]:
    """Return the columns that are used, and why others are not; one that counts the rows is better than none."""
    reasons = {name: reason_to_leave_out(columns[name], rows) for name in names}
    used = [name for name in names if not reasons[name]]
    used = used or [name for name in names if reasons[name] == COUNTS_ROWS]
    if not used:
        listing = ", ".join(f"{name!r} {reasons[name]}" for name in names[:SHOWN_LEFT_OUT])
        more = f" and {len(names) - SHOWN_LEFT_OUT:,} more" if len(names) > SHOWN_LEFT_OUT else ""
        raise InputError(f"Nothing can be learned from the columns: {listing}{more}; add a feature.")
    return used, {name: reason for name, reason in reasons.items() if name not in used}


def _complete(
    columns: Mapping[str, Column], names: Sequence[str], rows: NDArray[np.intp], missing: str
) -> NDArray[np.intp]:
    """Return the rows without a gap, or refuse the first gap."""
    complete = np.ones(len(rows), bool)
    for name in names:
        if missing == "error":
            _require_values(columns[name], rows)
        complete &= ~columns[name].missing[rows]
    if not complete.any():
        raise InputError("Every row has a missing value, so that none would be left to train; impute them instead.")
    return rows[complete]


def _require_values(column: Column, rows: NDArray[np.intp]) -> None:
    """Refuse the first gap among some rows."""
    missing = column.missing[rows]
    if missing.any():
        where = row_name(int(rows[np.argmax(missing)]))
        raise InputError(f"Column {column.name!r} has no value in {where}; fill it in or remove the row.")


def _rows(columns: Mapping[str, Column], names: Sequence[str]) -> int:
    """Return how long the named columns are, which must be equal."""
    lengths = sorted((len(columns[name]), name) for name in names)
    if lengths and lengths[0][0] != lengths[-1][0]:
        (few, short), (many, long) = lengths[0], lengths[-1]
        raise InputError(f"Column {short!r} has {few} rows and column {long!r} has {many}; make them equally long.")
    return lengths[0][0] if lengths else 0
