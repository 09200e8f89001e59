"""No division of numbers into so many clusters has a smaller sum of squared distances to their means (section 5.3).

Numbers: ``clusters`` k, ``cuts`` and ``cost``. Stated: the cuts divide the numbers into intervals whose weighted sum of
squares is the cost, and no division into at most k clusters has less. Best clusters are intervals, so a dynamic program
over the sorted numbers, in integers, finds the least; its last clusters start later the later they end.
"""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from itertools import accumulate, pairwise

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, in_words, scaled


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    if type(k := numbers.plain("clusters")) is not int or k < 1:
        raise Refused("'clusters' is no positive whole number")
    stated = f"The cuts divide {data.count} numbers into clusters whose squared distances to their means add up to"
    return f"{stated} {in_words(numbers.number('cost'))}; no division into at most {k} clusters has a smaller sum."


def check(numbers: Numbers, data: Data) -> None:
    """Compute the cost of the stated clusters and the least there is."""
    if data.features != 1:
        raise Refused("the objects have more than one feature")
    (rows, below), (weights, share) = data.integers, scaled(data.weights or [1.0] * data.count)
    masses: dict[int, int] = {}
    for (x,), w in zip(rows, weights, strict=True):
        masses[x] = masses.get(x, 0) + w
    points = sorted(x for x, w in masses.items() if w)
    n, k = len(points), min(numbers.plain("clusters"), len(points))
    sums = [list(accumulate((masses[x] * x**power for x in points), initial=0)) for power in range(3)]

    def cost(start: int, end: int) -> Fraction:
        w, s, q = (each[end] - each[start] for each in sums)
        return Fraction(q * w - s * s, w)

    ends = [0, *(bisect_left(points, cut * below) for cut in numbers.vector("cuts", k - 1)), n]
    if any(start >= end for start, end in pairwise(ends)):
        raise Refused("the cuts are not in order, or there is no number between two of them")
    stated = numbers.number("cost") * share * below**2
    if sum(cost(start, end) for start, end in pairwise(ends)) != stated:
        raise Refused("the stated cost is not that of the clusters")
    least = {end: cost(0, end) for end in range(1, n + 1)}  # of the first numbers in q = 1 intervals
    for q in range(2, k + 1):
        before, least, tasks = least, {}, [(q if q < k else n, n, q - 1, n - 1)]
        while tasks:
            low, high, first, last = tasks.pop()
            if low <= high:
                end = (low + high) // 2
                options = range(first, min(last, end - 1) + 1)
                least[end], place = min((before[start] + cost(start, end), start) for start in options)
                tasks += [(low, end - 1, first, place), (end + 1, high, place, last)]
    if least[n] < stated:
        raise Refused("there are clusters that cost less")
