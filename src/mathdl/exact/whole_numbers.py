"""Numbers as whole numbers over one denominator."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm


def over_one_denominator(numbers: Iterable[float | Fraction]) -> tuple[list[int], int]:
    """Return numerators and the one denominator below all of them.

    Examples
    --------
    >>> over_one_denominator([0.5, Fraction(2, 3)])
    ([3, 4], 6)
    """
    ratios = [number.as_integer_ratio() for number in numbers]
    denominator = lcm(*{below for _, below in ratios})
    return [above * (denominator // below) for above, below in ratios], denominator


def in_proportion(numbers: Iterable[float | Fraction]) -> list[int]:
    """Return whole numbers in the proportions of these, without a common divisor.

    Examples
    --------
    >>> in_proportion([0.5, 0.0, 1.5])
    [1, 0, 3]
    """
    numerators, _ = over_one_denominator(numbers)
    divisor = gcd(*numerators) or 1
    return [value // divisor for value in numerators]
