"""What a number behind a kink may be, by the checker: everything that it can be, to the last unit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.certificates.rationals import Refused
from mathdl.certificates.relaxed import Relaxed, refuse_unless_positive

SMALL = st.integers(-12, 12)


@st.composite
def forms(draw: st.DrawFn) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """A number and some coefficients of numbers from -1 to 1; often hardly positive, or hardly negative."""
    coefficients = draw(st.lists(SMALL.filter(bool), min_size=1, max_size=4))
    reach = sum(map(abs, coefficients))
    return (
        draw(SMALL) // 4 + draw(st.sampled_from([-reach, 0, reach])),
        tuple(range(len(coefficients))),
        tuple(coefficients),
    )


@given(forms(), st.integers(-3, 9), st.integers(-3, 9), st.data())
def test_a_kink_lies_within_its_relaxation(
    form: tuple[int, tuple[int, ...], tuple[int, ...]], above: int, below: int, data: st.DataObject
) -> None:
    constant, names, coefficients = form
    relaxed = Relaxed(len(names), {})
    found, of, factors = relaxed.bent(form, above, below, 1)
    width = sum(k for name, k in zip(of, factors, strict=True) if name >= len(names))
    largest = [Fraction(1 if c > 0 else -1) for c in coefficients]
    drawn = [data.draw(st.fractions(-1, 1, max_denominator=9)) for _ in names]
    for places in (largest, [-s for s in largest], drawn):
        argument = constant + sum(c * s for c, s in zip(coefficients, places, strict=True))
        value = (above if argument > 0 else below) * argument
        line = found + sum(k * places[name] for name, k in zip(of, factors, strict=True) if name < len(names))
        assert abs(value - line) <= width


def test_what_may_be_zero_is_not_positive() -> None:
    names = Relaxed(1, {})
    refuse_unless_positive((2, (0,), (-1,)), 1, names, [])
    with pytest.raises(Refused, match="not shown"):
        refuse_unless_positive((1, (0,), (-1,)), 1, names, [])
