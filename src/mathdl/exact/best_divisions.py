"""All best divisions of numbers into clusters, in rational numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_at_least
from mathdl.errors import InputError
from mathdl.exact.rational_points import rational_points

Array = NDArray[Any]
MAX_DIFFERENT = 400  # chosen: different numbers that take a few seconds for ten clusters
MAX_LISTED = 100  # chosen: divisions that are listed


@dataclass(frozen=True, eq=False)
class BestDivisions:
    """The divisions of numbers into clusters that cost least.

    Attributes
    ----------
    cost : Fraction
        What each of them costs: the sum of squared distances of the numbers from their clusters' means.
    count : int
        How many there are.
    labels : ndarray of shape (m, N)
        Of each, or of the first 100 of them, the cluster of each number; clusters are numbered in increasing order.
    """

    cost: Fraction
    count: int
    labels: Array

    @property
    def unique(self) -> bool:
        """Whether there is only one."""
        return self.count == 1


class _Best(NamedTuple):
    """The least cost of the first numbers in so many clusters, in how many ways, and where last clusters start."""

    cost: Fraction
    ways: int
    starts: list[int]


def best_divisions(numbers: Any, n_clusters: int) -> BestDivisions:
    """Find every division of numbers into clusters that costs least, and so whether k-means has a unique answer.

    A best division is one into intervals, with equal numbers together (exercise 5.2), so a dynamic program over the
    sorted numbers finds all of them. It works in fractions: ties are ties, such as at a = 0 in exercise 5.1.

    Parameters
    ----------
    numbers : array-like of shape (N,) or (N, 1)
        Whole or floating-point numbers or fractions, at most 400 different ones.
    n_clusters : int
        At most as many as there are different numbers.

    Returns
    -------
    BestDivisions
        With ``cost``, ``count``, ``unique``, and ``labels`` of up to 100 of them.

    Raises
    ------
    InputError
        If the objects are no finite numbers, or there are too many or too few different ones.

    Examples
    --------
    >>> import mathdl
    >>> found = mathdl.best_divisions([-1, 0, 1], 2)
    >>> found.cost, found.count
    (Fraction(1, 2), 2)
    >>> found.labels
    array([[0, 1, 1],
           [0, 0, 1]])
    """
    points = rational_points("numbers", numbers)
    require_at_least("n_clusters", n_clusters, 1)
    if points.shape[1] > 1:
        raise InputError(f"numbers has {points.shape[1]} columns; give one, since intervals are on a line.")
    values = points[:, 0]
    different, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    n = len(different)
    if n > MAX_DIFFERENT:
        raise InputError(
            f"There are {n} different numbers; give at most {MAX_DIFFERENT}, or use KMeans for one answer."
        )
    if n_clusters > n:
        raise InputError(f"There are {n} different numbers for {n_clusters} clusters; ask for at most {n}.")
    rows = _rows(different.tolist(), counts.tolist(), int(n_clusters))
    labels = [np.searchsorted(starts, np.arange(n), side="right") - 1 for starts in _listed(rows, n)]
    best = rows[-1][n]
    return BestDivisions(best.cost, best.ways, np.array(labels)[:, which.ravel()])


def _rows(x: list[Fraction], counts: list[int], clusters: int) -> list[dict[int, _Best]]:
    """Run the dynamic program; return by clusters, from 0, and by numbers divided what is best."""
    n, unit = len(x), lcm(*(value.denominator for value in x))
    whole: list[int] = [int(value * unit) for value in x]
    mass, first, second = (
        list(accumulate((w * a**power for a, w in zip(whole, counts, strict=True)), initial=0)) for power in range(3)
    )

    def cost(start: int, end: int) -> Fraction:
        total = first[end] - first[start]
        return Fraction(second[end] - second[start]) - Fraction(total * total, mass[end] - mass[start])

    rows = [{0: _Best(Fraction(0), 1, [])}]
    for k in range(1, clusters + 1):
        before, row = rows[-1], {}
        for end in range(k, n - clusters + k + 1) if k < clusters else [n]:
            options = [(before[start].cost + cost(start, end), start) for start in before if start < end]
            least = min(options)[0]
            starts = [start for value, start in options if value == least]
            row[end] = _Best(least, sum(before[start].ways for start in starts), starts)
        rows.append(row)
    return [{end: best._replace(cost=best.cost / unit**2) for end, best in row.items()} for row in rows]


def _listed(rows: list[dict[int, _Best]], n: int) -> list[list[int]]:
    """Return where the clusters start in up to MAX_LISTED of the best divisions, in increasing order."""
    found: list[tuple[list[int], int]] = [([], n)]
    for row in rows[:0:-1]:
        found = [([start, *starts], start) for starts, end in found for start in row[end].starts][:MAX_LISTED]
    return sorted(starts for starts, _ in found)
