"""No division of numbers into so many clusters has a smaller sum of squared distances to their means (section 5.3).

Numbers: ``clusters`` k, ``cuts`` and ``cost``. Stated: the cuts divide the numbers into intervals whose (weighted) sum
of squares is the cost, and no division into at most k clusters has less. Best clusters are intervals, so a dynamic
program over the sorted numbers finds the least; its last clusters start later the later they end.
"""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from itertools import pairwise

from mathdl.certificates.data import Data
from mathdl.certificates.intervals import Intervals
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused
from mathdl.certificates.words import in_words

IN_PLAIN_WORDS = "No other division of these numbers into so many clusters is tighter."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    if type(k := numbers.plain("clusters")) is not int or not 1 <= k < 2**63:
        raise Refused("'clusters' is no positive whole number")
    distances = f"{data.weighted}squared distances to their means add up to {in_words(numbers.number('cost'))}"
    return (
        f"The cuts divide {data.count} numbers into clusters whose {distances}; no division into at most {k} clusters "
        "has a smaller sum."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compute the cost of the stated clusters and the least there is."""
    if data.features != 1:
        raise Refused("the objects have more than one feature")
    sums = Intervals(data)
    n, k = sums.count, min(numbers.plain("clusters"), sums.count)
    afford(k * n * n.bit_length() * (1 + sums.bits // 512))
    cuts = [bisect_left(sums.points, cut * sums.below) for cut in numbers.vector("cuts", k - 1)]
    ends = [0, *cuts, n]
    if any(start >= end for start, end in pairwise(ends)):
        raise Refused("the cuts are not in order, or there is no number between two of them")
    stated = numbers.number("cost") * sums.unit
    if sum(map(sums.cost, ends, ends[1:])) != stated:
        raise Refused("the stated cost is not that of the clusters")
    least = [Fraction(0), *(sums.cost(0, end) for end in range(1, n + 1))]  # of q = 1 intervals
    for q in range(2, k + 1):
        before, least, tasks = least, [Fraction(0)] * (n + 1), [(q if q < k else n, n, q - 1, n - 1)]
        floors = sums.floors(before)
        while tasks:
            low, high, first, last = tasks.pop()
            if low <= high:
                end = (low + high) // 2
                least[end], start = sums.best(before, floors, range(first, min(last, end - 1) + 1), end)
                tasks += [(low, end - 1, first, start), (end + 1, high, start, last)]
    if least[n] < stated:
        raise Refused("there are clusters that cost less")
