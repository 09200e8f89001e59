"""Enclosures of exponential, logarithm, cosine and pi, against sixty decimal places."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.certificates.elementary import cos_bounds, pi_bounds, power_bounds
from mathdl.certificates.enclosures import UNIT_BITS, exp_bounds, log_bounds

UNIT = Decimal(2**UNIT_BITS)


def decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


@given(st.fractions(min_value=-100, max_value=0) | st.floats(-120, 0).map(Fraction))
@settings(deadline=None, derandomize=True, max_examples=400)
def test_the_exponential_lies_between_its_bounds(t: Fraction) -> None:
    with localcontext() as context:
        context.prec = 80
        low, high = exp_bounds(t)
        assert low <= decimal(t).exp() * UNIT <= high
    assert high - low <= 2


@given(st.fractions(min_value=Fraction(1, 10**9)) | st.floats(1e-300, 1e300).map(Fraction))
@settings(deadline=None, derandomize=True, max_examples=400)
def test_the_logarithm_lies_between_its_bounds(x: Fraction) -> None:
    if x <= 0:
        return
    with localcontext() as context:
        context.prec = 80
        low, high = log_bounds(x)
        assert low <= decimal(x).ln() * UNIT <= high
    assert high - low <= 2


def test_what_is_known_exactly() -> None:
    low, high = exp_bounds(Fraction(0))
    assert low <= 2**UNIT_BITS == high
    low, high = log_bounds(Fraction(1))
    assert low <= 0 <= high
    assert exp_bounds(Fraction(-(10**9))) == (0, 1)


def test_what_has_no_enclosure_is_refused() -> None:
    with pytest.raises(ValueError, match="not positive"):
        log_bounds(Fraction(0))
    with pytest.raises(ValueError, match="positive"):
        exp_bounds(Fraction(1, 2))
    with pytest.raises(ValueError, match="too large"):
        power_bounds(Fraction(129))


@given(st.fractions(min_value=0, max_value=100) | st.floats(0, 128).map(Fraction))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_the_exponential_of_positive_numbers_lies_between_its_bounds(t: Fraction) -> None:
    with localcontext() as context:
        context.prec = 120
        low, high = power_bounds(t)
        assert low <= decimal(t).exp() * UNIT <= high
        assert high - low <= 4 + decimal(t + 10).exp()


# Sixty places of pi; its cosine by halving the angle down and doubling it up again.
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


def cosine(t: Fraction) -> Decimal:
    halved = decimal(t) / 2**40
    found = 1 - halved**2 / 2 + halved**4 / 24 - halved**6 / 720
    for _ in range(40):
        found = 2 * found * found - 1
    return found


@given(st.fractions(min_value=-1000, max_value=1000) | st.floats(-100, 100).map(Fraction))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_the_cosine_lies_between_its_bounds(t: Fraction) -> None:
    with localcontext() as context:
        context.prec = 120
        low, high = cos_bounds(t)
        assert low <= cosine(t) * UNIT <= high
    assert high - low <= 2 + abs(t) / 2**20


def test_pi_and_its_cosine() -> None:
    with localcontext() as context:
        context.prec = 80
        low, high = pi_bounds()
        assert low <= PI * UNIT <= high
    assert high - low <= 2
    assert cos_bounds(Fraction(0))[1] == 2**UNIT_BITS
    assert cos_bounds(Fraction(low, 2**UNIT_BITS))[0] <= -(2**UNIT_BITS) + 1
