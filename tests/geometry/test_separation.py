from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from geometry.naive_hulls import exact, inner, square_distance
from geometry.random_points import two_sets
from mathdl import separate, verify
from mathdl.errors import InputError
from mathdl.geometry.separation import Separation


def assert_shown(found: Separation, A: Any, B: Any) -> None:
    """Check what is returned, in fractions, and that the checker accepts the certificate."""
    if found.separable:
        assert found.hyperplane is not None
        assert found.gap is not None
        values = [[inner(found.hyperplane.normal, x) - found.hyperplane.offset for x in exact(S)] for S in (A, B)]
        assert found.gap > 0
        assert max(values[0]) == -found.gap
        assert min(values[1]) == found.gap
        assert found.hyperplane.gap(A, B) == found.gap
        assert (found.common_point, found.weights) == (None, None)
    else:
        assert found.weights is not None
        for points, weights in zip((A, B), found.weights, strict=True):
            assert min(weights) >= 0
            assert sum(weights) == 1
            assert [inner(weights, column) for column in zip(*exact(points), strict=True)] == list(found.common_point)
        assert (found.hyperplane, found.gap, found.margin) == (None, None, None)
    assert verify(found.certificate, np.vstack([A, B]), ["A"] * len(A) + ["B"] * len(B))


@pytest.mark.parametrize("seed", range(150))
def test_random_sets_on_all_scales(seed: int) -> None:
    A, B = two_sets(seed)
    assert_shown(separate(A, B), A, B)


@pytest.mark.parametrize("seed", range(40))
def test_it_decides_as_all_simplices_do(seed: int) -> None:
    A, B = two_sets(seed, 3)
    assert separate(A, B).separable == (square_distance(A, B) > 0)


@pytest.mark.parametrize("seed", range(20))
def test_it_decides_as_a_linear_program_does(seed: int) -> None:
    generator = np.random.default_rng(seed)
    A, B = generator.normal(size=(40, 6)), generator.normal(size=(25, 6)) + generator.choice([0.2, 1.0, 1.5])
    rows = np.vstack([np.c_[A, -np.ones(40)], -np.c_[B, -np.ones(25)]])
    peer = linprog(np.zeros(7), A_ub=rows, b_ub=-np.ones(65), bounds=[(None, None)] * 7)
    found = separate(A, B)
    assert found.separable == (peer.status == 0)
    assert_shown(found, A, B)


def test_one_unit_in_the_last_place_is_enough() -> None:
    A, B = [[1.0, -3.0], [1.0, 5.0]], [[np.nextafter(1.0, 2.0), 0.0]]
    found = separate(A, B)
    assert found.separable
    assert found.margin == np.spacing(1.0)
    assert_shown(found, np.array(A), np.array(B))
    assert not separate(A, [[1.0, 0.0]]).separable


def test_columns_of_very_different_scales() -> None:
    A, B = np.array([[0.0, 1e150], [0.0, -1e150]]), np.array([[1e-150, 3.0], [1e-150, -1e150]])
    found = separate(A, B)
    assert found.margin == pytest.approx(1e-150)
    assert_shown(found, A, B)


def test_swapped_sets_swap_the_sides() -> None:
    A, B = two_sets(8)
    there, back = separate(A, B), separate(B, A)
    assert there.gap == back.gap
    assert (there.hyperplane.normal == -back.hyperplane.normal).all()


def test_many_points_the_hyperplane_rests_on() -> None:
    generator = np.random.default_rng(0)
    A, B = generator.normal(size=(150, 120)), generator.normal(size=(150, 120)) + 0.5
    found = separate(A, B)
    assert_shown(found, A, B)
    assert max(value.numerator.bit_length() for value in found.hyperplane.normal) < 2000


@pytest.mark.parametrize(
    "convert",
    [
        list,
        pd.DataFrame,
        csr_array,
        lambda points: np.array(points, dtype=np.float32),
        lambda p: np.array(p, dtype=object),
    ],
)
def test_points_of_any_library(convert: Any) -> None:
    found = separate(convert([[0.0, 0.5]]), convert([[2.0, 0.5]]))
    assert (list(found.hyperplane.normal), found.hyperplane.offset, found.gap) == ([1, 0], 1, 1)


def test_fractions_that_are_binary_are_taken() -> None:
    assert separate([[Fraction(1, 2)]], [[Fraction(3, 4)]]).hyperplane.offset == Fraction(5, 8)


@pytest.mark.parametrize(
    ("A", "B", "words"),
    [
        ([], [[1.0]], "A has shape"),
        ([[1.0]], np.zeros((0, 1)), "B has shape"),
        ([1.0, 2.0], [[1.0]], "A has shape"),
        ([[]], [[]], "A has shape"),
        ([[np.nan]], [[1.0]], "A holds a number that is NaN or infinite"),
        ([[1.0]], [[np.inf]], "B holds"),
        ([[1.0, 2.0]], [[1.0]], "A has points of dimension 2 and B of dimension 1"),
        ([[1.0], [1.0, 2.0]], [[1.0]], "A is no table of numbers"),
        ([["a"]], [[1.0]], "A is no table of numbers"),
        ([[1j]], [[1.0]], "A is no table of numbers"),
        ([["1"]], [[1.0]], "A is no table of numbers"),
        ([[10**400]], [[1.0]], "A is no table of numbers"),
        ([[np.longdouble(1) / 3]], [[1.0]], "A holds a number that is not a binary"),
        ([[Fraction(1, 3)]], [[1.0]], "A holds a number that is not a binary"),
        ([[2**53 + 1]], [[1.0]], "A holds a number that is not a binary"),
    ],
)
def test_bad_sets_are_refused(A: Any, B: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        separate(A, B)
