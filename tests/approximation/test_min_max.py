"""Maxima of minima of affine maps, against interpolation by barycentric coordinates; which are homogeneous."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay

import mathdl as m
from mathdl.errors import InputError


@given(st.lists(st.integers(-6, 6), min_size=2, max_size=8, unique=True), st.data())
@settings(deadline=None, derandomize=True, max_examples=60)
def test_one_variable(knots: list[int], data: Any) -> None:
    values = data.draw(st.lists(st.integers(-8, 8), min_size=len(knots), max_size=len(knots)))
    form = m.min_max_form([[t] for t in knots], values)
    order = np.argsort(knots)
    points = np.linspace(min(knots), max(knots), 8 * (max(knots) - min(knots)) + 1)
    expected = np.interp(points, np.array(knots)[order], np.array(values)[order])
    assert np.allclose([float(form([t])) for t in points], expected, atol=1e-12)
    assert np.allclose(form.network()(points[:, None])[:, 0], expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n", [2, 3])
def test_several_variables(n: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    points = generator.integers(-4, 5, (12 - 2 * n, n))
    points = np.unique(points, axis=0)
    values = generator.integers(-4, 5, len(points))
    triangles = Delaunay(points)
    form = m.min_max_form(points, values)
    inside = generator.dirichlet(np.ones(n + 1), 30)
    chosen = triangles.simplices[generator.integers(len(triangles.simplices), size=30)]
    where = (inside[:, :, None] * points[chosen]).sum(axis=1)
    expected = LinearNDInterpolator(triangles, values)(where)
    assert np.allclose([float(form(p)) for p in where], expected, atol=1e-9)
    assert np.allclose(form.network()(where)[:, 0], expected, atol=1e-8)
    assert [form(p) for p in points] == values.tolist()
    far = 100 * generator.normal(size=(50, n))
    assert np.allclose(form.network()(far)[:, 0], [float(form(p)) for p in far], rtol=1e-9)


def test_it_is_exact_in_fractions() -> None:
    form = m.min_max_form([[0], [Fraction(1, 3)], [1]], [0, Fraction(1, 7), 0])
    assert form([Fraction(1, 6)]) == Fraction(1, 14)


def fan(values: list[int]) -> Any:
    """A function in the plane that is linear on four quadrants, or not at the origin."""
    corners = [[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]
    return m.min_max_form(corners, values, [[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1]])


@pytest.mark.parametrize("values", [[0, 1, 2, 3, 4], [0, 1, -1, 1, -1], [0, 0, 0, 0, 0], [0, 5, -2, 0, 1]])
def test_homogeneous_functions_are_networks_without_biases(values: list[int]) -> None:
    form = fan(values)
    found = m.without_biases(form)
    assert found
    assert found.network is not None
    assert not any(layer.has_bias for layer in found.network.layers)
    points = np.random.default_rng(0).normal(size=(200, 2))
    expected = [float(form(p)) for p in points]
    assert np.allclose(found.network(points)[:, 0], expected, atol=1e-12)
    assert np.allclose(found.network(3 * points)[:, 0], 3 * np.array(expected), atol=1e-11)


@pytest.mark.parametrize("form", [fan([1, 1, 2, 3, 4]), m.min_max_form([[0], [1], [2]], [0, 1, 0])], ids=str)
def test_a_witness_shows_that_others_are_not(form: Any) -> None:
    found = m.without_biases(form)
    assert not found
    assert found.network is None
    assert found.factor is not None
    assert found.point is not None
    assert form([found.factor * v for v in found.point]) != found.factor * form(found.point)


@pytest.mark.parametrize(
    ("points", "values", "simplices", "says"),
    [
        ([[0], [1]], [0], None, "2 points of 1 numbers and 1 values"),
        ([[0], [0]], [0, 1], None, "different points"),
        ([[0, 0], [1, 1], [2, 2]], [0, 1, 2], None, "hyperplane"),
        ([[0, 0], [1, 1], [2, 2]], [0, 1, 2], [[0, 1, 2]], "flat"),
        ([[0], [1]], [0, 1], [[0, 2]], "simplices are not lists"),
        ([[0], [1]], [0, 1], [[0, 1, 1]], "simplices are not lists"),
        ([[0], [np.nan]], [0, 1], None, "finite"),
        ([[0], [1, 2]], [0, 1], None, "give a table of numbers"),
        ([[k] for k in range(500)], range(500), None, "at most 100"),
        ([[0], [1]], "ab", None, "values"),
    ],
)
def test_bad_input(points: Any, values: Any, simplices: Any, says: str) -> None:
    with pytest.raises(InputError) as raised:
        m.min_max_form(points, values, simplices)
    assert says in str(raised.value)


def test_bad_input_of_the_others() -> None:
    with pytest.raises(InputError, match="give what min_max_form returns"):
        m.without_biases(abs)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="x has 2 numbers; give 1"):
        m.min_max_form([[0], [1]], [0, 1])([0, 1])
