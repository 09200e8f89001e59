from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mathdl.exact.dyadic import aligned, balanced, integers

TABLES = arrays(
    np.float64,
    st.tuples(st.integers(1, 5), st.integers(1, 3)),
    elements=st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=True),
)


def value_of(rows: list[list[int]], exponents: list[int]) -> list[list[Fraction]]:
    return [[value * Fraction(2) ** e for value, e in zip(row, exponents, strict=True)] for row in rows]


@given(TABLES)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_the_numbers_are_the_same(X: np.ndarray) -> None:
    exact = [[Fraction(value) for value in row] for row in X.tolist()]
    assert value_of(*integers(X)) == exact
    assert value_of(*balanced(X)) == exact
    rows, exponent = aligned(*integers(X))
    assert value_of(rows, [exponent] * X.shape[1]) == exact


def test_columns_of_any_scale_spread_equally_far() -> None:
    rows, _ = balanced(np.array([[1e-150, 1e150, 5.0], [3e-150, -1e150, 5.0], [2e-150, 0.0, 5.0]]))
    spreads = [max(abs(value - column[0]).bit_length() for value in column) for column in zip(*rows, strict=True)]
    assert spreads[0] == spreads[1] > 0 == spreads[2]
