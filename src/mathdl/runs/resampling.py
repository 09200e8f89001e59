"""The bootstrap: how far a score may move when other objects of the same kind are drawn."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

RESAMPLES, FEWER_RESAMPLES, FEW_OBJECTS = 500, 200, 2_000  # chosen: 500 up to so many objects, 200 beyond
MAX_OBJECTS = 50_000  # that are resampled, over all outputs; of more some are drawn, and the interval made narrower
CHUNK = 4_000_000  # weights at a time


def interval_of(
    measure: Callable[[Array, Array], Array], n: int, seed: int, level: float, value: float, *, outputs: int = 1
) -> tuple[float, float]:
    """Return the bootstrap's interval of a score that is ``value`` on all n objects.

    ``measure`` takes weights of shape (B, m) and the m objects that they weigh, and returns B scores. Their deviations
    from their median are laid around the value, so that a score which resampling pushes to one side lies inside its own
    interval.
    """
    generator = np.random.default_rng(seed)
    kept = min(n, max(FEW_OBJECTS, MAX_OBJECTS // outputs))
    rows = np.arange(n) if kept == n else np.sort(generator.choice(n, kept, replace=False))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of resamples in which a class is not there
        found = np.concatenate([measure(weights, rows) for weights in _weights(kept, generator)])
    found = found[np.isfinite(found)]
    if not len(found) or not np.isfinite(value):
        return value, value
    low, high = np.quantile(found - np.median(found), [(1 - level) / 2, (1 + level) / 2]) * np.sqrt(kept / n)
    return float(value + low), float(value + high)


def _weights(n: int, generator: np.random.Generator) -> Iterator[Array]:
    """Give how often each of n objects is drawn in every resample, some resamples at a time."""
    left = RESAMPLES if n <= FEW_OBJECTS else FEWER_RESAMPLES
    while left:
        size = min(left, max(1, CHUNK // n))
        drawn = generator.integers(0, n, (size, n)) + n * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)
        left -= size


def weighted_roc_auc(positive: Array, sure: Array, weights: Array) -> Array:
    """Return the area under the ROC curve for every row of weights; ties count half."""
    there, other = _by_threshold(positive, sure, weights)
    before = np.cumsum(there, axis=1) - there
    area: Array = ((before + there / 2) * other).sum(axis=1) / (there.sum(axis=1) * other.sum(axis=1))
    return area


def weighted_average_precision(positive: Array, sure: Array, weights: Array) -> Array:
    """Return the average precision for every row of weights."""
    there, other = _by_threshold(positive, sure, weights)
    right = np.cumsum(there, axis=1)
    precision = right / np.maximum(right + np.cumsum(other, axis=1), 1)
    result: Array = (there * precision).sum(axis=1) / there.sum(axis=1)
    return result


def _by_threshold(positive: Array, sure: Array, weights: Array) -> tuple[Array, Array]:
    """Return the weights of positive and of other objects at each different value, the surest first."""
    order = np.argsort(-sure, kind="stable")
    values = sure[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    sorted_weights = weights[:, order]
    is_it = positive[order]
    there = np.add.reduceat(sorted_weights * is_it, starts, axis=1)
    return there, np.add.reduceat(sorted_weights, starts, axis=1) - there
