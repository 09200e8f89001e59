"""Arrays of expressions: NumPy's arithmetic, products and sums, entry by entry as for numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import mathdl
from mathdl import chain
from mathdl.chain.expression import Expression
from mathdl.errors import InputError

A, B = np.arange(6.0).reshape(2, 3) / 4, np.arange(3.0) - 1


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: a @ b,
        lambda a, b: (a @ b) @ (a @ b),
        lambda a, b: a + b,
        lambda a, b: 2 - a * b,
        lambda a, b: a.sum(),
        lambda a, b: a.sum(axis=0),
        lambda a, b: (a**2).mean(),
        lambda a, b: np.dot(b, b),
        lambda a, b: a.T @ a,
        lambda a, b: abs(a - 1),
        lambda a, b: -a / (1 + b**2),
        lambda a, b: a[0] @ a[1],
    ],
)
def test_numpys_arithmetic(f: Any) -> None:
    a, b = mathdl.variables("a", 2, 3), mathdl.variables("b", 3)
    made, expected = f(a, b), f(A, B)
    assert np.shape(made) == np.shape(expected)
    if np.ndim(expected) == 0:
        assert isinstance(made, Expression)
    assert chain.evaluate(made, dict(zip([*a.flat, *b], [*A.flat, *B], strict=True))) == pytest.approx(
        expected, rel=1e-14
    )


def test_arrays_as_points() -> None:
    v = mathdl.variables("v", 2)
    f = v @ v
    assert mathdl.gradient(f, {"v[0]": 1.0, "v[1]": 2.0}) == mathdl.gradient(f, {"v": [1.0, 2.0]}) == [2, 4]
    m = mathdl.variables("m", 2, 2)
    assert chain.evaluate(m @ v, {"m": [[1, 2], [3, 4]], "v": np.array([5, 6])}).tolist() == [17, 39]
    assert chain.evaluate(f, [np.array([1.0, 2.0]), np.array([0.0, 1.0])]).tolist() == [1, 5]  # two points at once
    assert mathdl.gradient(f, [np.array([1.0, 2.0]), np.array([0.0, 1.0])])[0].tolist() == [2, 4]
    assert mathdl.jacobian(v * v, [Fraction(1), Fraction(3)]).tolist() == [[2, 0], [0, 6]]


def test_the_naive_product_over_all_paths_is_the_gradient() -> None:
    x, y = mathdl.variables("x y")
    f = chain.sin(x * y) * x + x * y
    paths = chain.counts_by_paths(f)
    assert paths.additions == 3  # x by three ways, y by two
    assert mathdl.check_gradient(f, None, [0.5, 2.0])


def test_gradients_at_many_points_are_those_at_each() -> None:
    x, y = mathdl.variables("x y")
    f = abs(x) * chain.maximum(x, y) - chain.minimum(2 * x, y) + chain.relu(-x) + Fraction(1, 3) * chain.tan(x)
    points = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
    together = np.array(mathdl.gradient(f, list(points)))
    assert together.dtype == np.float64
    np.testing.assert_allclose(together.T, [mathdl.gradient(f, point) for point in points.T], rtol=1e-15)
    assert chain.evaluate(f, list(points)).dtype == np.float64
    kinks = (abs(x - 1) + y, "abs"), (chain.maximum(x, y + 1), "maximum"), (chain.sqrt(x - 1) + y, "sqrt")
    for kinked, name in kinks:
        with pytest.raises(InputError, match=f"one of the points there is no derivative, at the node {name}"):
            mathdl.gradient(kinked, [np.array([1.0, 2.0]), np.array([0.0, 0.0])])
