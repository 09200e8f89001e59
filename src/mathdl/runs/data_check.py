"""What a run finds in its data before it learns from them, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data import ImageSet, Table
from mathdl.data.preprocessing import ColumnSummary
from mathdl.runs.prepared_data import SplitData

MAX_OUTLIERS = 0.05  # of the values; more of them are no outliers
FAR = 10  # times the middle half's width beyond it; chosen
SHOWN_CLASSES = 5


@dataclass(frozen=True)
class DataCheck:
    """What there is; ``messages`` are what the user should look at."""

    source: str
    objects: int
    columns: int | None
    target: str
    classes: Mapping[str, int]
    without_target: int
    messages: tuple[str, ...]
    table: Sequence[tuple[str, str]] = ()  # names and texts about the columns of a table
    summaries: Sequence[ColumnSummary] = ()
    decision: str = ""  # how to choose another task
    tests: int = 0  # objects of a test part that the data bring
    noun: str = "rows"  # what objects are

    def lines(self) -> list[tuple[str, str]]:
        """Return what is printed before the training: names and texts."""
        what = f"{self.objects:,} {self.noun}"
        size = "" if self.columns is None else f", {self.columns} column{'s' * (self.columns != 1)}"
        size += f" and {self.tests:,} to test" if self.tests else ""
        goal = "" if not self.target else f" {self.target!r}"
        kind = self._classes() or ("a number" if goal else "")
        return [
            (self.source, f"{what}{size}" + (f"; target{goal}: {kind}{self.decision}" if kind else "")),
            *self.table,
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        unsaid = ("source", "target", "messages", "table", "summaries", "decision", "tests", "noun")
        found = {name: value for name, value in asdict(self).items() if name not in unsaid}
        return found | ({"column_summaries": [row._asdict() for row in self.summaries]} if self.summaries else {})

    def _classes(self) -> str:
        """Say how many classes there are and, of a few, how the objects are shared among them."""
        if not self.classes:
            return ""
        count, total = len(self.classes), sum(self.classes.values())
        if count > SHOWN_CLASSES:
            return f"{count} classes"
        if count == 2:
            rare = min(reversed(list(self.classes)), key=lambda name: self.classes[name])
            return f"2 classes, {100 * self.classes[rare] / total:.3g} % {rare!r}"
        first, *others = (f"{name!r} {n:,}" for name, n in self.classes.items())
        return f"{count} classes: " + ", ".join([f"{first} {self.noun}", *others])


def data_check(split: SplitData, options: Mapping[str, Any], *, semisupervised: bool = False) -> DataCheck:
    """Look at data that are split."""
    source, codes, classes = split.source, split.target.codes, dict[str, int]()
    kept = split.train if split.validation is None else np.concatenate([split.train, split.validation])
    rows = np.union1d(kept, split.test) if source.test is None else kept
    if codes is not None and split.classes is not None:
        counts = np.bincount(codes[rows], minlength=len(split.classes))
        classes = {str(label): int(n) for label, n in zip(split.classes.tolist(), counts, strict=True)}
    outliers = ""
    if split.task == "regression" and options.get("loss") != "huber" and split.target.labels is not None:
        outliers = about_outliers(split.target.labels[rows], source.target_name)
    columns = len(source.columns) + (source.target is not None) if isinstance(source, Table) else None
    noun = "rows" if columns is not None else "images" if isinstance(source, ImageSet) else "signals"
    aside = _about_unlabelled(len(split.unlabelled), semisupervised=semisupervised)
    messages = tuple(message for message in (aside, *split.messages, outliers) if message)
    table: list[tuple[str, str]] = []
    summaries: list[ColumnSummary] = []
    if split.preprocessing is not None and isinstance(source, Table):
        table = [("columns", split.preprocessing.columns_sentence())]
        if gaps := split.preprocessing.missing_sentence(source.columns):
            table.append(("missing", gaps))
        summaries = split.preprocessing.summaries(source.columns)
    return DataCheck(
        source.name,
        len(source),
        columns,
        source.target_name,
        classes,
        len(split.unlabelled),
        messages,
        table,
        summaries,
        f" ({split.hint})" if split.hint else "",
        0 if source.test is None else len(source.test),
        noun,
    )


def _about_unlabelled(rows: int, *, semisupervised: bool) -> str:
    """Say what was done with rows without a target where it is not said elsewhere."""
    if not rows or semisupervised:
        return ""
    verb = "row has no target and was" if rows == 1 else "rows have no target and were"
    return f"{rows:,} {verb} set aside."


def about_outliers(values: NDArray[np.float64], name: str) -> str:
    """Warn of a few values so far from the others that a mean square error is mostly about them."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    far = (values > high + FAR * (high - low)) | (values < low - FAR * (high - low))
    count = int(far.sum())
    squares = (values - middle) ** 2
    few = 0 < count <= MAX_OUTLIERS * len(values) and high > low
    if not few or squares[far].sum() < squares[~far].sum():
        return ""
    extreme = values[np.argmax(np.abs(values - middle))]
    these, they = ("value", "it weighs") if count == 1 else ("values", "they weigh")
    return (
        f"{count:,} of {len(values):,} {these} of {name or 'the target'} lie far from the others (up to "
        f"{_short(extreme)}, where half lie from {_short(low)} to {_short(high)}), and in a mean square {they} most: "
        "check them; with --loss huber the others count."
    )


def _short(value: float) -> str:
    """Write a number with about five figures."""
    return f"{value:,.0f}" if 1_000 <= abs(value) < 1e12 else f"{value:.5g}"
