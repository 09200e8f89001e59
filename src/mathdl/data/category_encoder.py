"""Categories as features: one-hot, the rare ones together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.encoding import MIN_GAPS, Block, counted, missing_feature, truth

MAX_CATEGORIES = 50  # chosen: features that one column may make; the rest are one more, "other"
MANY_ROWS = 1000  # chosen: from so many rows on, a category that comes once is no feature


@dataclass(frozen=True)
class CategoryEncoder:
    """A 1 in the feature of a value's category; the categories are sorted.

    ``other`` says whether there is a feature for all texts that are none of the categories, and ``indicates`` whether
    there is one for gaps. A text that has no feature is 0 in all of them; ``rare`` has those of training.
    """

    kind: ClassVar[Kind] = Kind.CATEGORY

    name: str
    categories: tuple[str, ...]
    other: bool = False
    indicates: bool = False
    had_gaps: bool = False
    rare: tuple[str, ...] = ()

    @classmethod
    def fit(cls, column: Column) -> Self:
        """Collect the most frequent texts of a column."""
        import pandas as pd

        counts = pd.Series(column.values, dtype=object).value_counts(sort=False)
        gaps = len(column) - int(counts.sum())
        kept = counts[counts >= (2 if len(column) >= MANY_ROWS else 1)].sort_index()
        kept = kept.sort_values(ascending=False, kind="stable")[:MAX_CATEGORIES]
        rest = int(counts.sum() - kept.sum())
        other = rest >= MIN_GAPS
        rare = () if other else tuple(sorted(counts.index.difference(kept.index)))
        return cls(column.name, tuple(sorted(kept.index)), other, gaps >= MIN_GAPS, gaps > 0, rare)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One feature for each category, and perhaps for others and for gaps."""
        names = [f"{self.name}={category}" for category in self.categories]
        names += [f"{self.name}: other"] if self.other else []
        return (*names, *([missing_feature(self.name)] if self.indicates else []))

    @property
    def plan(self) -> ColumnPlan:
        """How the column is to be read."""
        return ColumnPlan(self.kind)

    @property
    def treatment(self) -> str:
        """What is done, in words."""
        count = len(self.categories)
        hot = f"one-hot, {count} most frequent and other" if self.other else f"one-hot, {count} categories"
        return (
            f"{hot}{', gaps: a category of their own' if self.indicates else ', gaps: none' if self.had_gaps else ''}"
        )

    def unknown(self, column: Column) -> NDArray[np.bool_]:
        """Tell which rows hold a text that training cannot have had; where there are others, it may be one of them."""
        if self.other:
            return np.zeros(len(column), bool)
        return self._new(column, self._codes(column))

    def encode(self, column: Column) -> Block:
        """Return the one-hot features."""
        missing = column.missing
        codes = self._codes(column)
        known = codes >= 0
        features = np.zeros((len(column), len(self.feature_names)), np.float32)
        features[np.flatnonzero(known), codes[known]] = 1.0
        if self.other:
            features[~known & ~missing, len(self.categories)] = 1.0
        if self.indicates:
            features[missing, -1] = 1.0
        notes = []
        if unknown := int(self._new(column, codes).sum()):
            what = f"{counted(unknown, 'value', 'values')} of {self.name!r}"
            rare = "not among its most frequent ones, taken as other"
            notes.append(f"{what} {rare if self.other else 'not seen in training, taken as none'}")
        if gaps := 0 if self.had_gaps else int(missing.sum()):
            notes.append(f"{counted(gaps, 'gap', 'gaps')} in {self.name!r} taken as none of the categories")
        return Block(features, tuple(notes))

    def _new(self, column: Column, codes: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Tell which rows hold a text that is neither a category nor one of the rare ones."""
        import pandas as pd

        rare = pd.Series(column.values, dtype=object).isin(self.rare).to_numpy()
        new: NDArray[np.bool_] = (codes < 0) & ~column.missing & ~rare
        return new

    def _codes(self, column: Column) -> NDArray[np.intp]:
        """Return the place of each text among the categories, -1 where it is none of them or missing."""
        import pandas as pd

        codes: NDArray[np.intp] = pd.Index(self.categories, dtype=object).get_indexer(column.values)
        return codes

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        flags = {"other": self.other, "indicates": self.indicates, "had_gaps": self.had_gaps}
        texts = {"categories": list(self.categories), "rare": list(self.rare)}
        return {"name": self.name, "kind": str(self.kind), **texts, **flags}

    @classmethod
    def from_dict(cls, record: Any) -> Self:
        """Rebuild it; raise an error of a damaged record where it is not sound."""
        categories = tuple(map(str, record["categories"]))
        flags = truth(record, "other"), truth(record, "indicates"), truth(record, "had_gaps")
        if len(set(categories)) != len(categories) or not (categories or any(flags[:2])):
            raise ValueError("categories")
        return cls(str(record["name"]), categories, *flags, tuple(map(str, record["rare"])))
