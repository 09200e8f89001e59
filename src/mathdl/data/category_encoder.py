"""Categories as features: one-hot, the rare ones together, gaps as a category of their own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import row_name
from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.gaps import counted, gap_name, gap_note, truth
from mathdl.errors import InputError

MAX_CATEGORIES = 50  # chosen: of more, the most frequent become features, and the rest are "other"
# Chosen: from so many training rows on, one or two rows are too few to learn from what a category means.
LARGE_DATA, MIN_ROWS_IN_LARGE_DATA = 1_000, 3
SHOWN_CATEGORIES = 10  # in an error


@dataclass(frozen=True)
class CategoryEncoder:
    """A column of texts, one-hot encoded; the categories are sorted.

    Where ``other`` is set, any further text is 1 in a feature of its own; else it is 0 in all features. Where
    ``indicator`` is set, a feature is 1 where there is a gap; else it counts as the most frequent category. ``gaps``
    counts those of the training rows.
    """

    name: str
    categories: tuple[str, ...]
    most_frequent: str
    other: bool = False
    gaps: int = 0
    indicator: bool = False

    @classmethod
    def fit(cls, column: Column, rows: NDArray[np.intp]) -> CategoryEncoder:
        """Learn from the rows of a column, of which one text at least stands in enough rows."""
        texts, counts = counted_texts(column, rows)
        least = min_rows(len(rows))
        kept = texts[:MAX_CATEGORIES][counts[:MAX_CATEGORIES] >= least].tolist()
        gaps = len(rows) - int(counts.sum())
        return cls(column.name, tuple(sorted(kept)), kept[0], len(kept) < len(texts), gaps, gaps >= least)

    @property
    def plan(self) -> ColumnPlan:
        """How a column of this name is to be read."""
        return ColumnPlan(Kind.CATEGORY)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One feature per category, and those for the rest and for gaps."""
        names = [f"{self.name}={category}" for category in self.categories]
        names += [f"{self.name}: other"] if self.other else []
        return (*names, *([gap_name(self.name)] if self.indicator else []))

    @property
    def treatment(self) -> str:
        """What is done with the column, in a few words."""
        count = len(self.categories)
        text = f"one-hot, the {count} most frequent and 'other'" if self.other else f"one-hot, {count} categories"
        if self.indicator:
            return f"{text}, gaps as 'missing'"
        return f"{text}, gaps as {self.most_frequent!r}" if self.gaps else text

    def encode(self, column: Column, features: NDArray[Any], *, strict: bool) -> tuple[str, ...]:
        """Write the features of a column into a matrix of shape (rows, features), and return what is to be noted."""
        import pandas as pd

        places = pd.Index(self.categories, dtype=object).get_indexer(cast("Any", column.values))
        gaps = column.missing
        unseen = (places < 0) & ~gaps
        notes = gap_note(self.name, gaps, repr(self.most_frequent), known=self.gaps > 0, strict=strict)
        if self.other:
            places[unseen] = len(self.categories)
        elif unseen.any():
            notes = (*notes, self._unseen(column.values, unseen, strict=strict))
        places[gaps] = features.shape[1] - 1 if self.indicator else self.categories.index(self.most_frequent)
        rows = np.flatnonzero(places >= 0)
        features[:] = 0
        features[rows, places[rows]] = 1
        return notes

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        return {"kind": "category", **asdict(self), "categories": list(self.categories)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> CategoryEncoder:
        """Rebuild an encoder; a ValueError, KeyError or TypeError tells that the record is not sound."""
        categories = record["categories"]
        if not isinstance(categories, list) or not all(isinstance(category, str) for category in categories):
            raise ValueError
        if len(set(categories)) < len(categories) or record["most_frequent"] not in categories:
            raise ValueError
        other, gaps, indicator = truth(record, "other"), counted(record, "gaps"), truth(record, "indicator")
        return cls(str(record["name"]), tuple(categories), record["most_frequent"], other, gaps, indicator)

    def _unseen(self, values: NDArray[Any], unseen: NDArray[np.bool_], *, strict: bool) -> str:
        """Say how many values training had not, or refuse the first."""
        first = int(np.argmax(unseen))
        if strict:
            known = ", ".join(self.categories[:SHOWN_CATEGORIES])
            more = "..." if len(self.categories) > SHOWN_CATEGORIES else ""
            raise InputError(
                f"Column {self.name!r} holds {values[first]!r} in {row_name(first)}, which was not seen in training; "
                f"its categories are {known}{more}."
            )
        count = int(unseen.sum())
        which = f"{count:,} values that training did not have, the first" if count > 1 else "a value"
        had = "" if count > 1 else " that training did not have"
        return f"{self.name!r}: {which} {values[first]!r} in {row_name(first)}{had}, encoded as no category"


def min_rows(rows: int) -> int:
    """Return in how many of the training rows a category must stand to become a feature."""
    return MIN_ROWS_IN_LARGE_DATA if rows >= LARGE_DATA else 1


def counted_texts(column: Column, rows: NDArray[np.intp]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the different texts and how often each occurs, the most frequent first, and alike ones sorted."""
    import pandas as pd

    codes, found = pd.factorize(column.values[rows])
    counts = np.bincount(codes[codes >= 0], minlength=len(found))
    texts = np.asarray(found, dtype=object)
    by_text = np.argsort(texts, kind="stable")
    order = by_text[np.argsort(-counts[by_text], kind="stable")]
    return texts[order], counts[order]
