"""Exact numbers as texts and as integers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.certificates.rationals import Refused, combination, rational, scaled, text_of

RATIONALS = st.fractions() | st.floats(allow_nan=False, allow_infinity=False)


@given(RATIONALS)
@settings(deadline=None, derandomize=True)
def test_a_number_comes_back_from_its_text(number: float | Fraction) -> None:
    assert rational(text_of(number)) == Fraction(number)


def test_long_numbers_are_written_in_hexadecimal_and_come_back() -> None:
    number = Fraction(3**20_000, 2**40_000)
    assert text_of(number).startswith("0x")
    assert rational(text_of(number)) == number


@pytest.mark.parametrize(
    "text",
    ["", "a", "1.5", "1e3", "1/0", "1/-2", "0x1p99999", "nan", "inf", " 1", "1 ", "9" * 5000, 3, None, [1], "\u0661"],
)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(Refused, match="no number"):
        rational(text)


@given(st.lists(RATIONALS, max_size=6))
@settings(deadline=None, derandomize=True)
def test_integers_over_one_denominator_are_the_numbers(numbers: list[float | Fraction]) -> None:
    integers, denominator = scaled(numbers)
    assert denominator > 0
    assert [Fraction(above, denominator) for above in integers] == [Fraction(number) for number in numbers]


def test_a_combination_of_rows() -> None:
    assert combination([2, 0, -1], [[1, 2], [5, 5], [3, 4]], 2) == [-1, 0]
    assert combination([0], [[1, 2]], 2) == [0, 0]


def test_floats_are_exact_beyond_the_range_and_length_of_floats() -> None:
    assert rational("0x1.0000000000000000000000001p+4") == 16 + Fraction(16, 16**25)
    assert rational("-0x1p-3000") == -Fraction(1, 2**3000)
    assert rational("0x1.8p+1") == 3
    assert rational("0x.8p+1".replace("0x.", "0x0.")) == 1


def test_leading_zeros_are_read() -> None:
    assert rational("007/010") == Fraction(7, 10)


def test_long_common_denominators_are_refused() -> None:
    numbers = [Fraction(1, 3**5000 + 2 * k) for k in range(300)]
    with pytest.raises(Refused, match="common denominator"):
        scaled(numbers)
    one = Fraction(1, 3**700_000)  # longer than the limit, but it is no common one
    assert scaled([one, one]) == ([1, 1], 3**700_000)
    with pytest.raises(Refused, match="common denominator"):
        scaled([one] * 4000)
