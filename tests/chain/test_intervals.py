"""An interval contains every value that an operation has on its arguments, with exact fractions as the oracle."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mathdl
from mathdl import chain
from mathdl.chain.interval import Interval
from mathdl.errors import InputError

mpmath = pytest.importorskip("mpmath")
ENDS = st.floats(-50, 50, allow_nan=False, width=32)
SHARES = st.fractions(0, 1, max_denominator=97)


@st.composite
def intervals(draw: Any) -> tuple[Interval, Fraction]:
    """An interval and a rational point of it."""
    low, high = sorted((draw(ENDS), draw(ENDS)))
    share = draw(SHARES)
    return Interval(low, high), Fraction(low) + share * (Fraction(high) - Fraction(low))


def rational(x: Any, y: Any, kind: int) -> Any:
    return (
        x * y - 3 * x,
        (x + y) ** 3 - x**2,
        x / (1 + y * y),
        chain.maximum(x, y) - chain.minimum(x, 2 * y),
        abs(x - y) * chain.relu(x),
        chain.total([x, y, x * y]),
    )[kind]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(intervals(), intervals(), st.integers(0, 5))
def test_rational_operations_contain_the_exact_value(a: Any, b: Any, kind: int) -> None:
    x, y = mathdl.variables("x y")
    f = rational(x, y, kind)
    inside = chain.evaluate(f, {x: a[0], y: b[0]})
    exact = chain.evaluate(f, {x: a[1], y: b[1]})
    assert exact in inside


ELEMENTARY = {
    "exp": mpmath.exp,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tanh": mpmath.tanh,
    "sigmoid": lambda v: 1 / (1 + mpmath.exp(-v)),
}


@pytest.mark.parametrize("name", ELEMENTARY)
@settings(max_examples=80, derandomize=True, deadline=None)
@given(intervals())
def test_elementary_functions_contain_the_exact_value(name: str, a: tuple[Interval, Fraction]) -> None:
    x = mathdl.variables("x")
    found = chain.evaluate(getattr(chain, name)(x), [a[0]])
    with mpmath.workdps(50):
        exact = ELEMENTARY[name](mpmath.mpf(a[1].numerator) / a[1].denominator)
        assert mpmath.mpf(found.low) <= exact <= mpmath.mpf(found.high)
    assert found.high - found.low <= 60 * math.exp(50)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(intervals())
def test_gradients_on_intervals_contain_the_exact_derivative(a: tuple[Interval, Fraction]) -> None:
    x = mathdl.variables("x")
    f = x**3 / (1 + x**2) - 2 * x
    assert mathdl.gradient(f, [a[1]])[0] in mathdl.gradient(f, [a[0]])[0]


def test_what_has_no_value_on_a_part_of_an_interval() -> None:
    x = mathdl.variables("x")
    with pytest.raises(InputError, match="divide has no value"):
        chain.evaluate(1 / x, [Interval(-1, 1)])
    with pytest.raises(InputError, match="log has no value"):
        chain.evaluate(chain.log(x), [Interval(-1, 1)])
    with pytest.raises(InputError, match="divide the interval"):
        chain.evaluate(chain.where(x > 0, x, -x), [Interval(-1, 1)])
    with pytest.raises(InputError, match="smaller one first"):
        Interval(2, 1)


def test_a_tight_enclosure_stays_tight() -> None:
    x = mathdl.variables("x")
    found = chain.evaluate(chain.sin(x) * chain.exp(x), [Interval(1.0, 1.0)])
    assert math.sin(1) * math.e in found
    assert found.high - found.low < 1e-14


@pytest.mark.parametrize(
    ("f", "exact"),
    [
        (lambda x, y: chain.tan(x), lambda x, y: mpmath.tan(x)),
        (lambda x, y: chain.log(x) * chain.log2(y), lambda x, y: mpmath.log(x) * mpmath.log(y, 2)),
        (lambda x, y: chain.sqrt(x) / y, lambda x, y: mpmath.sqrt(x) / y),
        (lambda x, y: chain.norm([x, y]), lambda x, y: mpmath.hypot(x, y)),
        (lambda x, y: chain.logsumexp([x, y]), lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y))),
        (lambda x, y: chain.relu(x - y) + abs(x - y), lambda x, y: max(x - y, 0) + abs(x - y)),
        (lambda x, y: x**y, lambda x, y: x**y),
    ],
)
def test_other_operations_contain_the_exact_value(f: Any, exact: Any) -> None:
    x, y = mathdl.variables("x y")
    for low, wide in ((0.5, 0.25), (1.0, 2.0**-20), (0.75, 0.0)):
        ends = Interval(low, low + wide), Interval(low / 2, low / 2 + wide)
        found = chain.evaluate(f(x, y), {x: ends[0], y: ends[1]})
        with mpmath.workdps(40):
            for share in (0, 0.3, 1):
                u, v = (mpmath.mpf(each.low) + share * (mpmath.mpf(each.high) - each.low) for each in ends)
                assert mpmath.mpf(found.low) <= exact(u, v) <= mpmath.mpf(found.high)
        assert found.high - found.low <= 30 * wide + 1e-13


def test_a_comparison_holds_for_all_numbers_of_an_interval_or_is_refused() -> None:
    x = mathdl.variables("x")
    for test in (x == 0, x != 0, x < 0, x <= 0, x > 0, x >= 0):
        with pytest.raises(InputError, match="divide the interval"):
            chain.evaluate(chain.where(test, 5, x), [Interval(-1, 1)])
    for test, low, high, holds in [
        (x == 2, 2, 2, True),
        (x == 2, 3, 4, False),
        (x != 2, 3, 4, True),
        (x < 2, 0, 1, True),
        (x < 2, 2, 3, False),
        (x <= 2, 1, 2, True),
        (x <= 2, 3, 3, False),
    ]:
        assert chain.evaluate(chain.where(test, 1, 0), [Interval(low, high)]) == int(holds), (str(test), low, high)


def test_slopes_at_kinks_of_intervals() -> None:
    x, y = mathdl.variables("x y")
    f = abs(x) - chain.maximum(x, y) + 2 * chain.minimum(x, y)
    found = mathdl.gradient(f, [Interval(-2, -1), Interval(3, 4)])
    for slope, exact in zip(found, (1, -1), strict=True):
        assert exact in slope
        assert slope.high - slope.low < 1e-14
    for ends in ((-1, 1), (0, 1), (0, 0)):
        with pytest.raises(InputError, match=r"node abs\(x\) has no derivative there: .* divide the interval\.$"):
            mathdl.gradient(abs(x), [Interval(*ends)])
    with pytest.raises(InputError, match=r"node sqrt\(x\) has no derivative there: 0 lies in the interval"):
        mathdl.gradient(chain.sqrt(x), [Interval(0, 1)])
