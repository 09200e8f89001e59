"""What encoders share: the block of features that one makes, and checks of what a file says of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Chosen: from so many gaps on, that a value is missing becomes a feature; of fewer nothing can be learned.
MIN_GAPS = 5


class Block(NamedTuple):
    """The features of one column, of shape (N, features), and clauses that say what was met in it."""

    features: NDArray[np.floating]
    notes: tuple[str, ...] = ()


def missing_feature(name: str) -> str:
    """Return what the feature is called that says where a value is missing."""
    return f"{name} is missing"


def unambiguous(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of which no two are alike: those that come again are numbered from 2 on.

    A column "a=b" may stand beside a column "a" that holds "b".
    """
    names = tuple(names)
    taken, found = set(names), dict[str, None]()
    for name in names:
        free, number = name, 1
        while free in found or (number > 1 and free in taken):
            number += 1
            free = f"{name} ({number})"
        found[free] = None
    return tuple(found)


def counted(count: int, one: str, many: str) -> str:
    """Write a number of things."""
    return f"{count:,} {one if count == 1 else many}"


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


def finite(record: Any, name: str) -> float:
    """Return a finite number of a record; raise ValueError where it is none."""
    value = float(record[name])
    if not math.isfinite(value):
        raise ValueError(name)
    return value


def positive(record: Any, name: str) -> float:
    """Return a positive number of a record; raise ValueError where it is none."""
    value = finite(record, name)
    if value <= 0:
        raise ValueError(name)
    return value


def truth(record: Any, name: str) -> bool:
    """Return a truth value of a record; raise ValueError where it is none."""
    value = record[name]
    if not isinstance(value, bool):
        raise ValueError(name)
    return value
