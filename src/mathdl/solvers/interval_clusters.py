"""The best k clusters of numbers.

Problem: divide N numbers x_i with weights w_i into at most k clusters such that the sum of w_i times the squared
distance of x_i to its cluster's mean is least (section 5.3 in dimension one).
Given: the numbers, their positive weights, k. Result: where each cluster starts, its mean, and the sum.
Stopping rule: none. Best clusters are intervals (exercise 5.2), so a dynamic program over the sorted numbers finds the
global minimum; the starts of last clusters grow with the number that they end at, so it takes O(k N log N) steps. Where
other divisions cost almost the same, as on a grid of decimal numbers, those few are compared again in fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.kernels import interval_clusters as kernels

Array = NDArray[Any]
MAX_EXACT_NUMBERS = 100_000  # numbers up to which divisions that float64 cannot tell apart are compared in fractions
MAX_EXACT_PAIRS = 20_000  # starts of neighbouring clusters up to which they are
COST_ROUNDING = 1e-11  # what a cost may be off, relatively


@dataclass(frozen=True, eq=False)
class IntervalClusters:
    """Numbers divided into intervals: as many as were asked for, or as there are different numbers if that is less."""

    starts: Array
    centres: Array
    labels: Array
    cost: float


def interval_clusters(values: Array, clusters: int, weights: Array | None = None) -> IntervalClusters:
    """Find the best division of finite numbers; of equally good ones, one whose clusters start early.

    Weights are positive; all alike by default.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    new = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    x, w = ordered[new], np.add.reduceat(np.ones(len(values)) if weights is None else weights[order], new)
    starts = x[_starts(_near_one(x), _near_one(w), min(clusters, len(x)))]
    labels = (np.searchsorted(starts, values, side="right") - 1).astype(np.int32)
    centres = starts + np.bincount(labels, _times(values - starts[labels], weights)) / np.bincount(labels, weights)
    with np.errstate(over="ignore"):  # the cost of huge numbers is infinite
        cost = float(_times((values - centres[labels]) ** 2, weights).sum())
    return IntervalClusters(starts, centres, labels, cost)


def exact_cost(values: Array, starts: Array, weights: Array | None = None) -> Fraction:
    """Return the cost of a division of float64 numbers exactly."""
    labels, total = np.searchsorted(starts, values, side="right"), Fraction(0)
    weights = np.ones(len(values)) if weights is None else weights
    for label in np.unique(labels):
        x = [Fraction(value) for value in values[labels == label].tolist()]
        w = [Fraction(weight) for weight in weights[labels == label].tolist()]
        first = sum((b * a for a, b in zip(x, w, strict=True)), Fraction(0))
        total += sum((b * a * a for a, b in zip(x, w, strict=True)), Fraction(0)) - first * first / sum(w)
    return total


def _starts(x: Array, w: Array, clusters: int) -> Array:
    """Return the places where clusters of different, sorted numbers start."""
    if clusters == 1 or len(x) > MAX_EXACT_NUMBERS:
        return _divide(x, w, clusters, rows_kept=2)[0]
    starts, least = _divide(x, w, clusters, rows_kept=clusters)
    _, least_after = _divide(-x[::-1], w[::-1].copy(), clusters, rows_kept=clusters)
    n, total = len(x), least[-1, -1] * (1 + COST_ROUNDING)
    candidates = [[0]]
    for q in range(1, clusters):  # where cluster q may start: at every place with q clusters before and the rest after
        cost = least[q - 1, q - 1 : n - clusters + q] + least_after[clusters - q - 1, ::-1][q : n - clusters + q + 1]
        candidates.append((q + np.flatnonzero(cost <= total)).tolist())
    pairs = sum(len(a) * len(b) for a, b in pairwise(candidates))
    return starts if pairs < clusters or pairs > MAX_EXACT_PAIRS else _best_of(x, w, candidates)


def _divide(x: Array, w: Array, clusters: int, rows_kept: int) -> tuple[Array, Array]:
    """Run the dynamic program; return the starts, and a table of least costs."""
    n = len(x)
    size = max(1, kernels.rows(n) * n)
    numbers, least = kernels.Numbers(x, w, np.empty(size), np.empty(size), np.empty(size)), np.empty((rows_kept, n))
    choices: Array = np.zeros(max(1, (clusters - 1) * n), np.int32)
    starts: Array = np.zeros(clusters, np.int64)
    kernels.fill(numbers)
    kernels.divide(numbers, clusters, least.reshape(-1), rows_kept, choices, starts)
    return starts, least


def _best_of(x: Array, w: Array, candidates: list[list[int]]) -> Array:
    """Find the best of few starts in fractions, where float64 cannot tell them apart."""
    points = [(Fraction(a), Fraction(b)) for a, b in zip(x.tolist(), w.tolist(), strict=True)]
    sums = [list(accumulate((b * a**power for a, b in points), initial=Fraction(0))) for power in range(3)]

    def cost(start: int, end: int) -> Fraction:
        mass, first, second = (each[end] - each[start] for each in sums)
        return second - first * first / mass

    best: dict[int, tuple[Fraction, list[int]]] = {0: (Fraction(0), [])}
    for ends in (*candidates[1:], [len(x)]):
        before, best = best, {}
        for end in ends:
            options = [(value + cost(start, end), start) for start, (value, _) in before.items() if start < end]
            if options:
                value, start = min(options)
                best[end] = value, [*before[start][1], start]
    return np.array(best[len(x)][1])


def _near_one(numbers: Array) -> Array:
    """Multiply by a power of two, so that no square overflows."""
    scaled: Array = np.ldexp(numbers, -int(np.frexp(np.abs(numbers).max())[1]))
    return scaled


def _times(numbers: Array, weights: Array | None) -> Array:
    """Weigh numbers."""
    return numbers if weights is None else numbers * weights
