"""The sweeps as a table: values forward, derivatives backward."""

from __future__ import annotations

from fractions import Fraction

import pytest

import mathdl
from mathdl import chain
from mathdl.errors import InputError


def test_it_has_every_node_with_its_value_and_derivative() -> None:
    x, y = mathdl.variables("x y")
    found = chain.sweep(x * y / (1 + y), {x: Fraction(3), y: Fraction(2)})
    assert found.rows == (
        ("x", 3, Fraction(2, 3)),
        ("y", 2, Fraction(1, 3)),
        ("x * y", 6, Fraction(1, 3)),
        ("1 + y", 3, Fraction(-2, 3)),
        ("x * y / (1 + y)", 2, 1),
    )
    assert str(found).splitlines()[2].split() == ["y", "2", "1/3"]


def test_what_is_refused() -> None:
    x = mathdl.variables("x")
    with pytest.raises(InputError, match="f is of type int; give an expression"):
        chain.sweep(3, [1.0])  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"The node abs\(x\) has no derivative there"):
        chain.sweep(abs(x), [0.0])
