"""Limits for statements in words: to six figures, and never below what is stated."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, Context
from fractions import Fraction

from mathdl.certificates.rationals import in_words

_UPWARDS = Context(6, ROUND_CEILING, MIN_EMIN, MAX_EMAX)


def at_most(number: Fraction) -> str:
    """Return a number to six figures, rounded upwards: what is at most that number is at most this."""
    text = in_words(number)
    if "^" not in text and Fraction(text) >= number:
        return text
    above = _UPWARDS.divide(number.numerator, number.denominator)
    text = f"{float(above):.6g}"
    return text if abs(float(above)) < float("inf") and Fraction(text) >= number else f"{above:e}"
