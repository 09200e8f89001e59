"""Encoders: what was learned about one column, and the features it makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import as_text, row_name
from mathdl.errors import FileError, InputError

SHOWN_CATEGORIES = 10  # in an error
# A column of a thousand texts may be what it is; one that would fill half a gigabyte is a list of names. Chosen.
MANY_CATEGORIES, MAX_ONE_HOT_NUMBERS = 1_000, 2**26


@dataclass(frozen=True)
class Number:
    """A numeric column, standardised: the mean is subtracted, and the rest divided by the scale."""

    name: str
    mean: float
    scale: float

    @classmethod
    def fit(cls, name: str, values: NDArray[Any]) -> Number:
        """Learn mean and scale of a clean column."""
        return cls(name, *mean_and_scale(values))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The one feature, called as the column."""
        return (self.name,)

    def encode(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the standardised values, of shape (N, 1)."""
        if values.dtype.kind == "O":
            raise InputError(
                f"Column {self.name!r} held numbers in training, but row 1 holds {values[0]!r}; give numbers."
            )
        with np.errstate(over="ignore"):  # what overflows is refused with its row
            standardised: NDArray[np.float64] = (values.astype(np.float64) - self.mean) / self.scale
        return standardised[:, None]

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        return {"name": self.name, "kind": "number", "mean": self.mean, "scale": self.scale}


@dataclass(frozen=True)
class Category:
    """A column of texts or booleans, one-hot encoded; the categories are sorted."""

    name: str
    categories: tuple[str, ...]

    @classmethod
    def fit(cls, name: str, values: NDArray[Any]) -> Category:
        """Collect the categories of a clean column; refuse more than memory is for."""
        categories = tuple(sorted({as_text(value) for value in values}))
        if len(categories) > MANY_CATEGORIES and len(categories) * len(values) > MAX_ONE_HOT_NUMBERS:
            raise InputError(
                f"Column {name!r} holds {len(categories):,} different texts in {len(values):,} rows, and each would "
                "become a feature of its own; drop the column."
            )
        return cls(name, categories)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One feature per category."""
        return tuple(f"{self.name}={category}" for category in self.categories)

    def encode(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return a 1 in the column of each value's category, of shape (N, number of categories)."""
        places = {category: position for position, category in enumerate(self.categories)}
        texts = [as_text(value) for value in values]
        positions = np.array([places.get(text, -1) for text in texts], dtype=np.intp)
        if (positions < 0).any():
            first = int(np.argmax(positions < 0))
            known = ", ".join(self.categories[:SHOWN_CATEGORIES])
            more = "..." if len(self.categories) > SHOWN_CATEGORIES else ""
            raise InputError(
                f"Column {self.name!r} holds {texts[first]!r} in {row_name(first)}, which was not seen in "
                f"training; its categories are {known}{more}."
            )
        one_hot = np.zeros((len(values), len(self.categories)))
        one_hot[np.arange(len(values)), positions] = 1.0
        return one_hot

    def to_dict(self) -> dict[str, Any]:
        """Return a record for JSON."""
        return {"name": self.name, "kind": "category", "categories": list(self.categories)}


def encoder_from_dict(record: Any) -> Number | Category:
    """Rebuild an encoder from its record, which may come from a damaged file."""
    try:
        match record["kind"]:
            case "number":
                mean, scale = float(record["mean"]), float(record["scale"])
                if math.isfinite(mean) and math.isfinite(scale) and scale > 0:
                    return Number(str(record["name"]), mean, scale)
            case "category":
                categories = tuple(map(str, record["categories"]))
                if categories:
                    return Category(str(record["name"]), categories)
    except (KeyError, TypeError, ValueError):
        pass
    raise FileError(f"The record of a column, {record!r}, is not sound; save the model again.")


def mean_and_scale(values: NDArray[Any]) -> tuple[float, float]:
    """Return the mean and the standard deviation of finite values; the scale is 1 where all are equal."""
    values = values.astype(np.float64)
    if values.min() == values.max():
        return float(values[0]), 1.0
    # Relative to the largest value, so that neither the sum nor the squares overflow.
    largest = float(np.abs(values).max())
    relative = values / largest
    scale = largest * float(relative.std())
    return largest * float(relative.mean()), scale if scale > 0 else 1.0
