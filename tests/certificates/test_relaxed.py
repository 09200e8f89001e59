"""What a number behind a kink may be, by the checker: everything that it can be, to the last unit."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from mathdl.certificates.relaxed import Relaxed

SMALL = st.integers(-12, 12)


@st.composite
def forms(draw: st.DrawFn) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """A number and some coefficients of numbers from -1 to 1."""
    coefficients = draw(st.lists(SMALL.filter(bool), min_size=1, max_size=4))
    return draw(SMALL), tuple(range(len(coefficients))), tuple(coefficients)


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
