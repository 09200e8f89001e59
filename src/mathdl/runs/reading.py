"""What a run is told about reading a table, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mathdl.checks import require_truth_value, shortened
from mathdl.data.column import Kind
from mathdl.data.reading_options import ReadingOptions, ReadingProgress
from mathdl.errors import InputError
from mathdl.runs.progress import RunProgress


def reading_options(
    columns: Any, drop: Any, kinds: Any, na: Any, header: Any, shown: Sequence[RunProgress]
) -> ReadingOptions:
    """Return the options; raise InputError at one that is none."""
    for name, value in (("columns", columns), ("drop", drop), ("na", na)):
        texts = value is None or (not isinstance(value, str) and isinstance(value, Sequence))
        if not texts or not all(isinstance(text, str) for text in value or ()):
            raise InputError(f"{name} is {shortened(value)}; give a list of texts.")
    known = set(map(str, Kind))
    if kinds is not None and not (isinstance(kinds, Mapping) and all(kind in known for kind in kinds.values())):
        raise InputError(f"kinds is {shortened(kinds)}; give 'number', 'category' or 'date' by the name of a column.")
    require_truth_value("header", header)

    def progress(done: ReadingProgress) -> None:
        for callback in shown:
            callback.show_reading(done)

    chosen = None if columns is None else tuple(columns)
    return ReadingOptions(
        dict(kinds or {}), chosen, tuple(drop or ()), tuple(na or ()), header, progress if shown else None
    )


def reading_record(options: ReadingOptions) -> dict[str, Any]:
    """Return the options that say something, for the command and the record of a run."""
    found: dict[str, Any] = {"columns": options.columns, "drop": options.drop, "kinds": options.kinds, "na": options.na}
    return {name: value for name, value in found.items() if value} | ({} if options.header else {"header": False})
