"""Preprocessing: a table becomes a matrix, by what was learned from the training part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_choice
from mathdl.data.category_encoder import CategoryEncoder
from mathdl.data.cleaning import row_name
from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.date_encoder import DateEncoder
from mathdl.data.encoding import unambiguous
from mathdl.data.left_out import LeftOut, columns_left_out
from mathdl.data.mapped_arrays import MappedFile, blocks, is_memory_mapped, room
from mathdl.data.number_encoder import NumberEncoder
from mathdl.errors import FileError, InputError

Encoder = NumberEncoder | CategoryEncoder | DateEncoder
ENCODERS: dict[str, type[Encoder]] = {str(kind.kind): kind for kind in (NumberEncoder, CategoryEncoder, DateEncoder)}
MISSING = ("impute", "drop", "error")  # what to do with gaps
SHOWN_CATEGORIES = 10  # in an error
# What is done with gaps: of few, and of so many that they may mean something.
WAYS = (
    (Kind.NUMBER, "median", "median and an indicator"),
    (Kind.CATEGORY, "no category", "'missing' as a category"),
    (Kind.DATE, "no date", "no date and an indicator"),
)
EXAMPLES = 3  # of a column, in the report
NOUNS = {
    Kind.NUMBER: ("number", "numbers"),
    Kind.CATEGORY: ("category", "categories"),
    Kind.DATE: ("date", "dates"),
}


class Encoded(NamedTuple):
    """A matrix of features, and clauses that say what was met in the columns."""

    matrix: NDArray[Any]
    notes: tuple[str, ...]


class ColumnSummary(NamedTuple):
    """A column for the report: what it is, how much of it is missing, and what was done with it."""

    name: str
    kind: str
    missing: int
    distinct: int
    examples: str
    treatment: str


@dataclass(frozen=True)
class Preprocessing:
    """One encoder for each column that is learned from, in order, and the columns that are left out.

    ``missing`` says what is done with gaps: they are filled, their rows are dropped from the training, or refused.
    """

    encoders: tuple[Encoder, ...]
    left_out: tuple[LeftOut, ...] = ()
    missing: str = MISSING[0]

    @classmethod
    def fit(
        cls, columns: Mapping[str, Column], rows: NDArray[np.intp] | None = None, missing: str = MISSING[0]
    ) -> Preprocessing:
        """Learn the encoders from the training rows, by default all."""
        require_choice("missing", missing, MISSING)
        if not columns or not len(next(iter(columns.values()))) or (rows is not None and not len(rows)):
            raise InputError("There are no columns or no rows to learn the preprocessing from; give at least one.")
        left_out = columns_left_out(columns, rows)
        kept = _others(columns, left_out)
        if missing == "error":
            _refuse_gaps(kept, "choose --missing impute or drop, or fill it in")
        elif missing == "drop":
            rows = _intersection(rows, complete_rows(kept))
            left_out += columns_left_out(kept, rows)  # what the dropped rows alone told
            kept = _others(columns, left_out)
        encoders = (
            ENCODERS[column.kind].fit(column if rows is None else column.take(rows)) for column in kept.values()
        )
        return cls(tuple(encoders), tuple(left_out), missing)

    @classmethod
    def from_dict(cls, record: object) -> Preprocessing:
        """Rebuild the preprocessing from what ``to_dict`` gave, which may come from a damaged file."""
        columns = record.get("columns") if isinstance(record, dict) else None
        if not isinstance(record, dict) or not isinstance(columns, list) or not columns:
            raise FileError("The record of the preprocessing lists no columns; save the model again.")
        encoders = []
        for column in columns:
            try:
                encoders.append(ENCODERS[column["kind"]].from_dict(column))
            except (AttributeError, KeyError, TypeError, ValueError):
                raise FileError(f"The record of a column, {column!r}, is not sound; save the model again.") from None
        try:
            left_out = tuple(LeftOut(str(name), str(reason)) for name, reason in record["left_out"])
            if record["missing"] not in MISSING:
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise FileError("The record of the columns left out is not sound; save the model again.") from None
        return cls(tuple(encoders), left_out, record["missing"])

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        left_out = [list(column) for column in self.left_out]
        return {
            "columns": [encoder.to_dict() for encoder in self.encoders],
            "left_out": left_out,
            "missing": self.missing,
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have."""
        return tuple(encoder.name for encoder in self.encoders)

    @property
    def plans(self) -> dict[str, ColumnPlan]:
        """How each of them is to be read."""
        return {encoder.name: encoder.plan for encoder in self.encoders}

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features of the matrix, one name each."""
        return unambiguous(name for encoder in self.encoders for name in encoder.feature_names)

    @property
    def blocks(self) -> list[slice]:
        """Where the features of each column stand in the matrix."""
        ends = np.cumsum([len(encoder.feature_names) for encoder in self.encoders]).tolist()
        return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]

    def encode(self, columns: Mapping[str, Column], dtype: str = "float32", *, strict: bool = False) -> Encoded:
        """Turn the columns of a table, in any order, into a matrix; those that training did not have are ignored.

        What training did not have is taken as nothing, and counted in the notes; ``strict`` refuses it.
        """
        used = self._used(columns)
        if self.missing != "impute":
            _refuse_gaps(used, "fill it in: the model was trained without gaps")
        if strict:
            self._refuse_strangers(used)
        matrix = self._room(used, dtype)
        return Encoded(matrix, tuple(self._write(used, matrix)))

    def transform(self, columns: Mapping[str, Column], dtype: str = "float32") -> NDArray[Any]:
        """Turn the columns of a table into a matrix; gaps are filled also where ``missing`` says otherwise."""
        used = self._used(columns)
        matrix = self._room(used, dtype)
        if not is_memory_mapped(matrix):
            self._write(used, matrix)
            return matrix
        files = {name: MappedFile(column.values) for name, column in used.items()}
        for part in blocks(matrix):  # column by column, every page of the file would be written as often
            first, end, _ = part.indices(len(matrix))
            some = {name: replace(column, values=files[name].rows(first, end)) for name, column in used.items()}
            self._write(some, matrix[part], first)
        return matrix

    def _used(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        """Return the columns that are encoded; raise InputError where one is absent or of another kind or length."""
        absent = [name for name in self.columns if name not in columns]
        if absent:
            raise InputError(f"Column {absent[0]!r} is missing; give all that training had: {', '.join(self.columns)}.")
        used = {name: columns[name] for name in self.columns}
        _require_common_length(used)
        self._require_kinds(used)
        return used

    def _room(self, used: Mapping[str, Column], dtype: str) -> NDArray[Any]:
        """Return room for the matrix of columns."""
        rows, width = len(next(iter(used.values()))), len(self.feature_names)
        return room((rows, width), dtype, f"{rows:,} rows of {width:,} features", "give fewer rows or columns")

    def _write(self, used: Mapping[str, Column], matrix: NDArray[Any], first: int = 0) -> list[str]:
        """Write features into a matrix, whose first row is of this place in the table; return what is to be said."""
        notes: list[str] = []
        for encoder, place in zip(self.encoders, self.blocks, strict=True):
            block = encoder.encode(used[encoder.name])
            if encoder.kind is not Kind.CATEGORY:
                _require_range(encoder.name, block.features, matrix.dtype, first)
            matrix[:, place] = block.features
            notes += block.notes
        return notes

    def columns_sentence(self) -> str:
        """Say what the columns are, and which are left out and why."""
        counts = {kind: [e for e in self.encoders if e.kind is kind] for kind in Kind}
        parts = [f"{len(found)} {NOUNS[kind][len(found) != 1]}" for kind, found in counts.items() if found]
        if dates := [encoder for encoder in self.encoders if isinstance(encoder, DateEncoder)]:
            taken = dict.fromkeys(part for encoder in dates for part in encoder.parts)
            parts[-1] += f" (as {', '.join(taken)})"
        if self.left_out:
            shown = [f"{name!r} {reason}" for name, reason in self.left_out[:SHOWN_CATEGORIES]]
            more = ["..."] if len(self.left_out) > len(shown) else []
            parts.append(f"{len(self.left_out)} left out: {'; '.join([*shown, *more])}")
        return ", ".join(parts)

    def missing_sentence(self, columns: Mapping[str, Column]) -> str:
        """Say how many values are missing in the columns that are learned from, and what is done; "" where none is."""
        gaps = {name: mask for name in self.columns if (mask := columns[name].missing).any()}
        if not gaps:
            return ""
        values, where = sum(int(mask.sum()) for mask in gaps.values()), np.logical_or.reduce(list(gaps.values()))
        found = (
            f"{values:,} value{'s' * (values != 1)} in {len(gaps)} column{'s' * (len(gaps) != 1)}, in "
            f"{int(where.sum()):,} of {len(where):,} rows"
        )
        if self.missing == "drop":
            return f"{found}: these rows are left out"
        with_gaps = [encoder for encoder in self.encoders if encoder.name in gaps]
        how = []
        for kind, filled, told in WAYS:
            if of_kind := [encoder for encoder in with_gaps if encoder.kind is kind]:
                how.append(told if any(encoder.indicates for encoder in of_kind) else filled)
        return f"{found}: {', '.join(how)}"

    def summaries(self, columns: Mapping[str, Column]) -> list[ColumnSummary]:
        """Describe every column, those that are left out too."""
        treatments = {encoder.name: encoder.treatment for encoder in self.encoders}
        treatments |= {name: f"left out: {reason}" for name, reason in self.left_out}
        return [_summary(column, treatments[name]) for name, column in columns.items() if name in treatments]

    def _require_kinds(self, columns: Mapping[str, Column]) -> None:
        """Refuse a column of another kind than training had."""
        for encoder in self.encoders:
            if (kind := columns[encoder.name].kind) is not encoder.kind:
                wanted, found = NOUNS[encoder.kind][1], NOUNS[kind][1]
                raise InputError(f"Column {encoder.name!r} held {wanted} in training and holds {found}; give {wanted}.")

    def _refuse_strangers(self, columns: Mapping[str, Column]) -> None:
        """Refuse categories that training did not have, and gaps where it had none."""
        for encoder in self.encoders:
            column = columns[encoder.name]
            if isinstance(encoder, CategoryEncoder) and (unknown := encoder.unknown(column)).any():
                first = int(np.argmax(unknown))
                known = ", ".join(encoder.categories[:SHOWN_CATEGORIES])
                more = "..." if len(encoder.categories) > SHOWN_CATEGORIES else ""
                raise InputError(
                    f"Column {encoder.name!r} holds {column.values[first]!r} in {row_name(first)}, which was not seen "
                    f"in training; its categories are {known}{more}."
                )
            if not encoder.had_gaps:
                _refuse_gaps({encoder.name: column}, "fill it in: training had a value in every row")


def complete_rows(columns: Mapping[str, Column]) -> NDArray[np.bool_]:
    """Tell which rows have a value in every column."""
    gaps: NDArray[np.bool_] = np.logical_or.reduce([column.missing for column in columns.values()])
    return ~gaps


def _others(columns: Mapping[str, Column], left_out: Sequence[LeftOut]) -> dict[str, Column]:
    """Return the columns that are learned from; there must be one."""
    names = {name for name, _ in left_out}
    if len(names) == len(columns):
        shown = ", ".join(f"{name!r} {reason}" for name, reason in left_out[:SHOWN_CATEGORIES])
        raise InputError(f"No column can be learned from: {shown}; add a column that tells the rows apart.")
    return {name: column for name, column in columns.items() if name not in names}


def _intersection(rows: NDArray[np.intp] | None, complete: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return those of some rows that are complete; there must be one."""
    kept = np.flatnonzero(complete) if rows is None else rows[complete[rows]]
    if not len(kept):
        raise InputError("Every row has a gap, so none would be left; choose --missing impute, or drop a column.")
    return kept


def _refuse_gaps(columns: Mapping[str, Column], advice: str) -> None:
    """Refuse a missing value, and name its row."""
    for name, column in columns.items():
        if (missing := column.missing).any():
            raise InputError(f"Column {name!r} has no value in {row_name(int(np.argmax(missing)))}; {advice}.")


def _require_common_length(columns: Mapping[str, Column]) -> None:
    """Refuse columns of different lengths."""
    lengths = sorted((len(column), name) for name, column in columns.items())
    (few, short), (many, long) = lengths[0], lengths[-1]
    if few != many:
        raise InputError(f"Column {short!r} has {few} rows and column {long!r} has {many}; make them equally long.")


def _summary(column: Column, treatment: str) -> ColumnSummary:
    """Describe a column."""
    import pandas as pd

    values = pd.Series(column.values).dropna()
    distinct = pd.unique(values)
    examples = ", ".join(_example(value) for value in distinct[:EXAMPLES]) + (", ..." * (len(distinct) > EXAMPLES))
    notes = "".join(f"; {note}" for note in column.notes)
    missing = len(column) - len(values)
    return ColumnSummary(column.name, str(column.kind), missing, len(distinct), examples, treatment + notes)


def _example(value: Any) -> str:
    """Write a value of a column."""
    if isinstance(value, str):
        return value if len(value) <= 20 else value[:19] + "\N{HORIZONTAL ELLIPSIS}"
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[s]")).replace("T", " ").removesuffix(" 00:00:00")
    return f"{value:.6g}"


def _require_range(name: str, block: NDArray[np.floating], dtype: np.dtype[Any], first: int) -> None:
    """Refuse standardised values that the network's numbers cannot hold."""
    large = ~(np.abs(block).max(axis=1, initial=0.0) <= np.finfo(dtype).max)
    if large.any():
        raise InputError(
            f"Column {name!r} holds a value too large for {dtype} in {row_name(first + int(np.argmax(large)))}, "
            "far from anything seen in training; check it."
        )
