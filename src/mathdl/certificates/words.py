"""Numbers in sentences, to six figures and such that the sentence stays true.

Upper limits are rounded up and lower ones down. A number that is no limit is written as it is where six figures are
exact; where they are those of a float64, which is hardly ever exactly that decimal, "(float64)" follows; else "about"
stands before the nearest six figures.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor, isfinite, log10

SIGNIFICANT_FIGURES = 6


def at_most(limit: Fraction) -> str:
    """Write an upper limit: what is at most the limit is at most the number written."""
    return _written(limit, limit > 0)


def at_least(limit: Fraction) -> str:
    """Write a lower limit: what is at least the limit is at least the number written."""
    return _written(limit, limit < 0)


def in_words(number: Fraction) -> str:
    """Write a number that is no limit."""
    low, high = at_least(number), at_most(number)
    if low == high:
        return low
    nearest = low if 2 * number <= Fraction(low) + Fraction(high) else high
    is_float = isfinite(float(nearest)) and Fraction(float(nearest)) == number
    return f"{nearest} (float64)" if is_float else f"about {nearest}"


def near_minimum(objective: Fraction, gap: Fraction) -> str:
    """Say that a function is at most the objective at a point, and nowhere less than that minus the gap."""
    others = f"below {at_least(objective - gap)} or smaller by more than {at_most(gap)}" if gap else "smaller"
    return f"is at most {at_most(objective)} for the w and b shown; for no others is it {others}"


def _written(number: Fraction, outwards: bool) -> str:
    """Write a number in six figures, rounded away from zero or towards it; zero is written only for zero itself."""
    if not number:
        return "0"
    above, below = abs(number.numerator), number.denominator
    exponent = floor((above.bit_length() - below.bit_length() - 1) * log10(2))  # or up to two more
    figures = 10 ** (SIGNIFICANT_FIGURES + 1)
    while figures > 10**SIGNIFICANT_FIGURES:
        shift = exponent + 1 - SIGNIFICANT_FIGURES
        scaled_above, scaled_below = above * 10 ** max(-shift, 0), below * 10 ** max(shift, 0)
        figures = -(-scaled_above // scaled_below) if outwards else scaled_above // scaled_below
        exponent += 1
    digits = str(figures)
    exponent += len(digits) - SIGNIFICANT_FIGURES - 1
    digits, sign = digits.rstrip("0"), "-" if number < 0 else ""
    if -5 < exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent < SIGNIFICANT_FIGURES:
        digits = digits.ljust(exponent + 1, "0")
        return f"{sign}{digits[: exponent + 1]}.{digits[exponent + 1 :]}".removesuffix(".")
    return f"{sign}{digits[0]}.{digits[1:]}".removesuffix(".") + f"e{exponent:+03d}"
