from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from geometry.naive_hulls import inner, square_distance
from geometry.random_points import two_sets
from mathdl.exact import nearest_points as module
from mathdl.exact.dyadic import aligned, integers
from mathdl.exact.nearest_points import NearestPoints, TooManyRounds, nearest_points


def problem(seed: int, largest: int) -> tuple[list[list[int]], list[int]]:
    A, B = two_sets(seed, largest)
    return aligned(*integers(np.vstack([A, B])))[0], [1] * len(A) + [-1] * len(B)


def assert_nearest(found: NearestPoints, rows: list[list[int]], signs: list[int]) -> None:
    """Check the conditions of an optimum one by one."""
    for sign in (1, -1):
        assert sum(weight for i, weight in found.weights.items() if signs[i] == sign) == 1
    assert min(found.weights.values()) > 0
    vector = [sum(signs[i] * weight * rows[i][j] for i, weight in found.weights.items()) for j in range(len(rows[0]))]
    assert vector == [found.scale * value for value in found.direction]
    assert found.values == [inner(found.direction, row) for row in rows]
    upper = min(value for value, sign in zip(found.values, signs, strict=True) if sign > 0)
    lower = max(value for value, sign in zip(found.values, signs, strict=True) if sign < 0)
    assert found.scale * (upper - lower) == inner(vector, vector)


@pytest.mark.parametrize("seed", range(80))
def test_the_distance_is_the_least_over_all_simplices(seed: int) -> None:
    rows, signs = problem(seed, 3)
    found = nearest_points(rows, signs)
    assert_nearest(found, rows, signs)
    distance = found.scale**2 * inner(found.direction, found.direction)
    assert distance == square_distance(rows[: signs.count(1)], rows[signs.count(1) :])


@pytest.mark.parametrize("seed", range(120))
def test_without_a_good_guess_the_exact_rounds_find_the_same_points(seed: int, monkeypatch: Any) -> None:
    rows, signs = problem(seed, 9)
    found = nearest_points(rows, signs)
    monkeypatch.setattr(module, "_guess", lambda X, s: dict.fromkeys(range(len(signs)), 1.0))
    from_all = nearest_points(rows, signs, None)
    monkeypatch.setattr(module, "_guess", lambda X, s: {signs.index(1): 1.0, signs.index(-1): 1.0})
    from_one = nearest_points(rows, signs)
    for other in (from_all, from_one):
        assert_nearest(other, rows, signs)
        assert other.direction == found.direction


def test_beyond_the_limit_the_direction_still_separates() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(300, 12))
    signs = np.where(X @ generator.normal(size=12) > 0, 1, -1).tolist()
    rows = aligned(*integers(X))[0]
    exact, near = nearest_points(rows, signs, None), nearest_points(rows, signs, 5)
    assert exact.exact
    assert not near.exact
    assert len(near.weights) > 5
    assert min(v for v, s in zip(near.values, signs, strict=True) if s > 0) > max(
        v for v, s in zip(near.values, signs, strict=True) if s < 0
    )
    lengths = [float(found.scale**2 * inner(found.direction, found.direction)) for found in (exact, near)]
    assert lengths[1] == pytest.approx(lengths[0], rel=1e-9)


def test_beyond_the_limit_a_common_point_is_exact() -> None:
    X = np.random.default_rng(0).normal(size=(60, 12))
    found = nearest_points(aligned(*integers(X))[0], [1] * 30 + [-1] * 30, 2)
    assert found.exact
    assert not any(found.direction)
    assert all(isinstance(weight, Fraction) for weight in found.weights.values())


def test_it_gives_up_after_so_many_exact_rounds(monkeypatch: Any) -> None:
    rows, signs = problem(0, 9)
    monkeypatch.setattr(module, "_guess", lambda X, s: {signs.index(1): 1.0, signs.index(-1): 1.0})
    with pytest.raises(TooManyRounds):
        nearest_points(rows, signs, None, 1)
    assert nearest_points(rows, signs, None, 20) == nearest_points(rows, signs)
