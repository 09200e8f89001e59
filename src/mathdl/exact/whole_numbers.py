"""Numbers as whole numbers over one denominator, and back."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, inf, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray


def over_one_denominator(numbers: Iterable[float | Fraction]) -> tuple[list[int], int]:
    """Return numerators and the one denominator below all of them."""
    ratios = [number.as_integer_ratio() for number in numbers]
    denominator = lcm(*{below for _, below in ratios})
    return [above * (denominator // below) for above, below in ratios], denominator


def in_proportion(numbers: Iterable[float | Fraction]) -> list[int]:
    """Return whole numbers in the proportions of these, without a common divisor."""
    numerators, _ = over_one_denominator(numbers)
    divisor = gcd(*numerators) or 1
    return [value // divisor for value in numerators]


def nearest_float(number: Fraction) -> float:
    """Return the nearest float; an infinite one where the number is too large."""
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


def relative(rows: list[list[int]]) -> NDArray[Any]:
    """Return points relative to the first one, at most 1 in size, each number rounded to float64."""
    shifted = np.array(rows, dtype=object) - np.array(rows[0], dtype=object)
    bits = max((value.bit_length() for row in shifted for value in row), default=0)
    return np.asarray((shifted / (1 << bits)).astype(np.float64))
