"""Numbers in sentences: six figures, on the safe side."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.sentences import is_written
from mathdl.certificates.words import at_least, at_most, in_words

NUMBERS = (
    st.fractions(max_denominator=10**9)
    | st.fractions().map(lambda q: q**40)
    | st.floats(allow_nan=False, allow_infinity=False).map(Fraction)
    | st.builds(lambda k, e: Fraction(k) * Fraction(10) ** e, st.integers(-(10**7), 10**7), st.integers(-30, 30))
)


@given(NUMBERS)
def test_limits_are_rounded_outwards_and_other_numbers_are_named_or_about(number: Fraction) -> None:
    high, low, said = at_most(number), at_least(number), in_words(number)
    assert is_written("most", high, number)
    assert is_written("least", low, number)
    assert is_written("is", said, number)
    assert Fraction(at_most(-number)) == -Fraction(low)
    if high == low:
        assert said == high


@pytest.mark.parametrize(
    ("number", "low", "high", "said"),
    [
        (Fraction(0), "0", "0", "0"),
        (Fraction(1, 3), "0.333333", "0.333334", "about 0.333333"),
        (Fraction(-1, 3), "-0.333334", "-0.333333", "about -0.333333"),
        (Fraction(0.1), "0.1", "0.100001", "0.1 (float64)"),
        (Fraction(1, 10), "0.1", "0.1", "0.1"),
        (Fraction(0.6931471805599453), "0.693147", "0.693148", "about 0.693147"),
        (Fraction(12345651, 10**8), "0.123456", "0.123457", "about 0.123457"),
        (Fraction(999999500001, 10**6), "999999", "1e+06", "about 1e+06"),
        (Fraction(1234567), "1.23456e+06", "1.23457e+06", "about 1.23457e+06"),
        (Fraction(100000), "100000", "100000", "100000"),
        (Fraction(3, 2), "1.5", "1.5", "1.5"),
        (Fraction(1, 10**5), "1e-05", "1e-05", "1e-05"),
        (Fraction(1, 10**4), "0.0001", "0.0001", "0.0001"),
        (Fraction(1, 10**400), "1e-400", "1e-400", "1e-400"),
        (Fraction(199, 100) * 2**1100, "2.70301e+331", "2.70302e+331", "about 2.70301e+331"),
        (Fraction(2) ** 5000, "1.41246e+1505", "1.41247e+1505", "about 1.41247e+1505"),
    ],
)
def test_numbers_in_words(number: Fraction, low: str, high: str, said: str) -> None:
    assert (at_least(number), at_most(number), in_words(number)) == (low, high, said)
