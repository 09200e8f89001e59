"""The best division of sorted numbers into intervals, by dynamic programming (exercise 5.2).

What an interval costs is the weighted sum of squared distances to its mean. It is put together from two parts that meet
at the middle of a block, each with its weight, its mean's distance from the middle, and its own cost; nothing is ever
subtracted but neighbouring numbers, so every cost is right to almost all its digits, however far the numbers lie apart.
With R = RUN_NUMBERS, blocks have R, 2 R, 4 R, ... numbers on either side of their middle; a row of the tables holds,
for every number and one size of blocks, the part between the number and the middle of its block. Inside a run of R
numbers a cost grows number by number.
"""

from __future__ import annotations

from typing import NamedTuple

from mathdl.kernels.jit import Integers, Reals, kernel, part

RUN_NUMBERS = 64


class Numbers(NamedTuple):
    """Sorted numbers x with weights w, and the tables: the parts' weights, their means' distances, their costs."""

    x: Reals
    w: Reals
    weight: Reals
    mean: Reals
    cost: Reals


def rows(n: int) -> int:
    """Return how many rows the tables have for ``n`` numbers."""
    return max(0, (n - 1).bit_length() - RUN_NUMBERS.bit_length() + 1)


@kernel
def fill(numbers: Numbers) -> None:
    """Fill the tables."""
    x, w, weight, mean, cost = numbers
    n, half, row = len(x), RUN_NUMBERS, 0
    while half < n:
        for middle in range(half, n, 2 * half):
            extend(x, w, middle - 1, -1, half, row, weight, mean, cost)
            extend(x, w, middle, 1, min(half, n - middle), row, weight, mean, cost)
        half, row = 2 * half, row + n


@part
def extend(
    x: Reals, w: Reals, start: int, step: int, count: int, row: int, weight: Reals, mean: Reals, cost: Reals
) -> None:
    """Let an interval grow from one number on; its mean is counted from there."""
    total, m, s = 0.0, 0.0, 0.0
    for t in range(count):
        i = start + step * t
        more, away = total + w[i], abs(x[i] - x[start]) - m
        s += total * (w[i] / more) * away * away
        m += away * (w[i] / more)
        total = more
        weight[row + i], mean[row + i], cost[row + i] = total, m, s


@kernel
def divide(numbers: Numbers, clusters: int, least: Reals, rows_kept: int, choices: Integers, starts: Integers) -> None:
    """Find where each of the clusters starts; of divisions that cost the same, as computed, one that starts early.

    There are at least as many numbers as clusters, and they differ. ``least`` holds, for every j, the least cost of
    one, two, ... clusters of the numbers 0 to j, a row each; rows are used again after ``rows_kept``. Row q - 1 of
    ``choices`` holds where the last of q + 1 clusters starts; these starts grow with j.
    """
    n = len(numbers.x)
    extend(numbers.x, numbers.w, 0, 1, n, 0, least, least, least)
    for q in range(1, clusters):
        row, before, now, count, stride = (q - 1) * n, (q - 1) % rows_kept * n, q % rows_kept * n, n - q, 1
        if q == clusters - 1:  # of the last row only its last number is asked for
            last_start(numbers, n - 1, q, n - 1, least, before, now, choices, row)
            break
        while 2 * stride <= count:
            stride *= 2
        while stride > 0:
            for r in range(stride - 1, count, 2 * stride):
                j = q + r
                low = choices[row + j - stride] if r >= stride else q
                high = min(j, choices[row + j + stride]) if r + stride < count else j
                last_start(numbers, j, low, high, least, before, now, choices, row)
            stride //= 2
    j = n - 1
    for q in range(clusters - 1, 0, -1):
        starts[q] = choices[(q - 1) * n + j]
        j = starts[q] - 1
    starts[0] = 0


@part
def last_start(
    numbers: Numbers, j: int, low: int, high: int, least: Reals, before: int, now: int, choices: Integers, row: int
) -> None:
    """Find where the last cluster of the numbers 0 to j starts, between ``low`` and ``high``."""
    x, w = numbers.x, numbers.w
    n, found, choice = len(x), float("inf"), high
    total, m, s = 0.0, 0.0, 0.0
    base = j - j % RUN_NUMBERS
    if high >= base:
        for i in range(j, max(low, base) - 1, -1):
            more, away = total + w[i], x[j] - x[i] - m
            s += total * (w[i] / more) * away * away
            m += away * (w[i] / more)
            total = more
            if i <= high and least[before + i - 1] + s <= found:
                found, choice = least[before + i - 1] + s, i
    half, table = RUN_NUMBERS, 0
    while base > low:
        if j // half % 2 == 1:
            base = (j // half - 1) * half
            if high >= base and low < base + half:
                first, last = max(low, base), min(high, base + half - 1)
                found, choice = crossing(numbers, j, base + half, first, last, table, least, before, found, choice)
        half, table = 2 * half, table + n
    least[now + j], choices[row + j] = found, choice


@part
def crossing(
    numbers: Numbers,
    j: int,
    middle: int,
    low: int,
    high: int,
    table: int,
    least: Reals,
    before: int,
    found: float,
    choice: int,
) -> tuple[float, int]:
    """Try the starts from ``low`` to ``high``, all of them left of the middle of a block that j is right of."""
    x, _, weight, mean, cost = numbers
    right, right_cost = weight[table + j], cost[table + j]
    gap = x[middle] - x[middle - 1] + mean[table + j]
    value, where = float("inf"), high
    for i in range(low, high + 1):
        left, apart = weight[table + i], mean[table + i] + gap
        both = cost[table + i] + right_cost + left * (right / (left + right)) * apart * apart
        if least[before + i - 1] + both < value:
            value, where = least[before + i - 1] + both, i
    if value <= found:
        return value, where
    return found, choice
