from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from geometry.naive_hulls import exact, inner, square_distance
from geometry.random_points import two_sets
from mathdl.solvers import hard_margin as module
from mathdl.solvers.hard_margin import HardMargin, hard_margin


def assert_optimal(found: HardMargin, X: Any, signs: list[int]) -> None:
    """Check the conditions of Karush, Kuhn and Tucker in fractions; they make the objective the least one."""
    values = [sign * (inner(found.normal, x) - found.offset) for sign, x in zip(signs, exact(X), strict=True)]
    assert min(values) == 1
    assert found.support == [i for i, value in enumerate(values) if value == 1]
    assert min(found.multipliers.values()) > 0
    assert set(found.multipliers) <= set(found.support)
    assert sum(signs[i] * a for i, a in found.multipliers.items()) == 0
    for j, value in enumerate(found.normal):
        assert value == sum(signs[i] * a * Fraction(X[i][j]) for i, a in found.multipliers.items())
    square = inner(found.normal, found.normal)
    assert found.half_square == square / 2 == sum(found.multipliers.values()) - square / 2
    assert found.gap == 0


@pytest.mark.parametrize("seed", range(150))
def test_random_problems_on_all_scales(seed: int) -> None:
    A, B = two_sets(seed)
    X, signs = np.vstack([A, B]), [1] * len(A) + [-1] * len(B)
    found = hard_margin(X, signs)
    if found is not None:
        assert_optimal(found, X.tolist(), signs)


@pytest.mark.parametrize("seed", range(40))
def test_the_width_is_the_distance_of_the_hulls(seed: int) -> None:
    A, B = two_sets(seed, 3)
    found, square = hard_margin(np.vstack([A, B]), [1] * len(A) + [-1] * len(B)), square_distance(A, B)
    assert (found is None) == (square == 0)
    if found is not None:
        assert found.half_square == 2 / square


def test_fifty_support_vectors_are_exact() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(400, 49))
    signs = np.where(X @ generator.normal(size=49) > 0, 1, -1).tolist()
    found = hard_margin(X, signs)
    assert found is not None
    assert 45 <= len(found.multipliers) <= 50
    assert_optimal(found, X.tolist(), signs)


def test_more_support_vectors_have_a_small_gap() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(400, 80))
    signs = np.where(X @ generator.normal(size=80) > 0, 1, -1).tolist()
    found = hard_margin(X, signs)
    assert found is not None
    assert 0 < found.gap <= Fraction(1, 10**9) * found.half_square
    rows = exact(X)
    assert min(s * (inner(found.normal, x) - found.offset) for s, x in zip(signs, rows, strict=True)) == 1
    vector = [sum(signs[i] * a * rows[i][j] for i, a in found.multipliers.items()) for j in range(80)]
    assert sum(signs[i] * a for i, a in found.multipliers.items()) == 0
    assert found.half_square - sum(found.multipliers.values()) + inner(vector, vector) / 2 == found.gap
    assert set(found.multipliers) == set(found.support)


def test_where_floating_point_leaves_a_large_gap_the_solution_is_exact(monkeypatch: Any) -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(80, 8))
    signs = np.where(X @ generator.normal(size=8) > 0, 1, -1).tolist()
    find = module.nearest_points
    monkeypatch.setattr(
        module, "nearest_points", lambda rows, signs, limit, *rounds: find(rows, signs, limit and 5, *rounds)
    )
    assert hard_margin(X, signs).gap > 0
    monkeypatch.setattr(module, "MAX_RELATIVE_GAP", 0)
    assert_optimal(hard_margin(X, signs), X.tolist(), signs)


def test_columns_that_nearly_depend_on_one_another_are_decided() -> None:
    powers = np.vander(np.linspace(0, 1, 40), 16)
    assert hard_margin(powers, [1, -1] * 20) is None
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 4))
    X[:, 2:] = X[:, :2] + 1e-10 * X[:, 2:]
    signs = np.where(X[:, 3] > X[:, 1], 1, -1).tolist()
    assert_optimal(hard_margin(X, signs), X.tolist(), signs)
