"""A table: named columns, one of which may be the target."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from mathdl.data.column import Column
from mathdl.data.reading_options import AS_THEY_COME, ReadingOptions, listing
from mathdl.errors import InputError

SHOWN_COLUMNS = 5  # in a note
FRAME, MAPPING = "the DataFrame", "the mapping"  # what tables in memory are called


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of features, columns by name, with a target each where there is one.

    ``target_name`` is empty where there is no target; ``name`` is what the table is called in reports; ``test`` is the
    test part where the table comes with one; ``notes`` are sentences about how it was read.
    """

    columns: Mapping[str, Column]
    target: Column | None
    target_name: str
    name: str
    test: Table | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.columns:
            besides = "" if self.target is None else f" besides the target {self.target_name!r}"
            raise InputError(f"{subject(self.name)} has no column{besides}; add a feature.")
        rows = len(self)
        if rows == 0:
            raise InputError(f"{subject(self.name)} has no rows; give at least one.")
        for column, values in self.columns.items():
            if len(values) != rows:
                other = "the first one" if self.target is None else f"the target {self.target_name!r}"
                raise InputError(
                    f"Column {column!r} of {self.name} has {len(values)} values, but {other} has {rows}; give one "
                    "value per row."
                )

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())) if self.target is None else self.target)


def table_of(
    columns: Mapping[str, Column],
    target: str | None,
    source: str,
    options: ReadingOptions = AS_THEY_COME,
    *,
    needs_target: bool = True,
    notes: tuple[str, ...] = (),
) -> Table:
    """Take the target and the features that are wanted out of columns; an error says which columns there are."""
    if target is None and not needs_target:
        features = _wanted(columns, options)
        return Table(features, None, "", source, notes=(*notes, *_notes_of(features)))
    if target is not None and not isinstance(target, str):
        raise InputError(f"The target is {target!r}; name one column.")
    if target in options.drop:
        raise InputError(f"The target {target!r} is also to be dropped; name another target, or do not drop it.")
    if target is None or target not in columns:
        raise InputError(_no_target(list(columns), target, source))
    features = _wanted({name: column for name, column in columns.items() if name != target}, options)
    read = {**features, target: columns[target]}
    return Table(features, columns[target], target, source, notes=(*notes, *_notes_of(read)))


def _notes_of(columns: Mapping[str, Column]) -> list[str]:
    """Say how columns were read, once for all that were read the same way."""
    alike: dict[str, list[str]] = {}
    for name, column in columns.items():
        for note in column.notes:
            alike.setdefault(note, []).append(repr(name))
    notes = []
    for note, names in alike.items():
        more = f" and {len(names) - SHOWN_COLUMNS:,} more" if len(names) > SHOWN_COLUMNS else ""
        notes.append(f"{', '.join(names[:SHOWN_COLUMNS])}{more}: {note}.")
    return [*notes, *_about_missing_words(columns.values())]


def _about_missing_words(columns: Iterable[Column]) -> tuple[str, ...]:
    """Say in one sentence which columns of text hold what elsewhere stands for a missing value."""
    found = [column for column in columns if column.missing_words]
    if not found:
        return ()
    shown = []
    for column in found[:SHOWN_COLUMNS]:
        words = [f"{word!r} in {rows:,} row{'s' * (rows != 1)}" for word, rows in column.missing_words.items()]
        shown.append(f"{column.name!r} ({', '.join(words)})")
    more = [f"{len(found) - SHOWN_COLUMNS} more"] if len(found) > SHOWN_COLUMNS else []
    options = " ".join(f"--na {shlex.quote(word)}" for word in {word: 0 for one in found for word in one.missing_words})
    return (f"Text that looks missing is kept as text in {', '.join([*shown, *more])}; {options} takes it as missing.",)


def _wanted(columns: Mapping[str, Column], options: ReadingOptions) -> dict[str, Column]:
    """Return the columns that are to be learned from."""
    chosen = columns if options.columns is None else options.columns
    return {name: column for name, column in columns.items() if name in chosen and name not in options.drop}


def _no_target(names: list[str], target: str | None, source: str) -> str:
    """Say that there is no such target, and list the columns."""
    shown = listing(names)
    if target is None:
        return f"No target was named for {source}; name the column to learn, one of: {shown}."
    parts = [part.strip() for part in target.split(",")]
    if len(parts) > 1 and all(part in names for part in parts):
        return f"The target {target!r} names {len(parts)} columns of {source}; name one."
    by_lower_case = {name.lower(): name for name in names}
    close = get_close_matches(target.lower(), by_lower_case, n=1)
    hint = f" perhaps {by_lower_case[close[0]]!r} is meant;" if close else ""
    return f"{subject(source)} has no column {target!r};{hint} its columns are: {shown}."


def subject(source: str) -> str:
    """Return the name of the data as a sentence begins with it: "The DataFrame", but "flowers.csv"."""
    return f"T{source[1:]}" if source in (MAPPING, FRAME) else source
