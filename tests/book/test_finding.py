"""Findings hold where they should, and fail where they should."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from mathdl.book.finding import (
    Table,
    at_least,
    at_most,
    differs,
    equals,
    erratum,
    near,
    refutes,
    shows,
    written,
)


@pytest.mark.parametrize(
    ("value", "stated", "holds"),
    [
        (3, 3, True),
        (Fraction(6, 2), 3, True),
        (np.float64(0.5), Fraction(1, 2), True),
        (0.1, Fraction(1, 10), False),
        (np.array([[1, 2], [3, 4]]), ((1, 2), (3, 4)), True),
        ([1, 2], (1, 3), False),
        ("a", "a", True),
        ({1, 2}, {2, 1}, True),
        (None, 0, False),
    ],
)
def test_equals_is_exact(value: object, stated: object, holds: bool) -> None:
    assert equals("x", value, stated).holds is holds
    assert differs("x", value, stated).holds is not holds


def test_near_and_bounds() -> None:
    assert near("x", [1.0, 2.0], [1.0, 2.1], 0.2).holds
    assert not near("x", [1.0, 2.0], [1.0, 2.1], 0.05).holds
    assert not near("x", float("nan"), 1.0, 1.0).holds
    assert at_most("x", 1, 1).holds
    assert not at_most("x", 2, 1).holds
    assert at_least("x", 1, 1).holds
    assert not at_least("x", 0, 1).holds
    assert differs("x", 1.0, 1.1, within=0.05).holds
    assert not differs("x", 1.0, 1.1, within=0.2).holds


def test_they_are_written_as_a_reader_needs_them() -> None:
    assert str(equals("slope a", Fraction(1, 2), Fraction(1, 2))) == "slope a = 1/2"
    assert str(equals("slope a", Fraction(1, 3), Fraction(1, 2))) == "slope a = 1/3, not 1/2"
    assert str(near("p", 0.25, 0.25, 1e-6)) == "p = 0.25, within 1e-06 of 0.25"
    assert str(shows("It is so.", True)) == "It is so."
    assert written((1, Fraction(1, 2), [0.1234567])) == "(1, 1/2, (0.123457))"
    assert written({2, 1}) == "{1, 2}"
    assert written(True) == "True"


def test_an_erratum_needs_all_of_its_findings() -> None:
    assert erratum("one", "two", differs("x", 2, 1), equals("x", 2, 2)).holds
    assert not erratum("one", "two", differs("x", 1, 1), equals("x", 2, 2)).holds
    assert not erratum("one", "two", refutes("no", False), equals("x", 2, 2)).holds


def test_a_table_has_head_and_rows() -> None:
    assert Table({"a": [1, 2], "b": [None, "x"]}).rows() == [("a", "b"), (1, None), (2, "x")]
    with pytest.raises(ValueError, match="shorter"):
        Table({"a": [1, 2], "b": [1]}).rows()
