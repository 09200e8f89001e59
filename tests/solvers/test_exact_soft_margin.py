"""The soft margin in exact arithmetic, against an exact minimum by trying every partition."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mathdl.solvers import exact_soft_margin as exact
from mathdl.solvers import soft_margin
from mathdl.solvers.soft_margin import solve_soft_margin
from solvers.naive_soft_margin import dual_at, exact_minimum


def problem(seed: int) -> tuple[Any, Any, Any, float, Any]:
    """Few objects, many of them in special position; weights whose shares are exact; multipliers good or bad."""
    generator = np.random.default_rng(seed)
    features = int(generator.integers(1, 4))
    X = generator.integers(-2, 3, (4, features)) / 2.0
    if seed % 2:
        X = generator.normal(size=(4, features)) * 10.0 ** generator.integers(-3, 4, features)
    signs = np.array([1.0, -1.0, *generator.choice([1.0, -1.0], 2)])
    shares = generator.permutation([1, 2, 2, 3]) / 8
    guess = np.zeros(4) if seed % 3 == 0 else generator.uniform(0, 1, 4) * shares
    return X, signs, shares, float(10 ** generator.uniform(-4, 4)), guess


@pytest.mark.parametrize("seed", range(60))
def test_the_multipliers_are_exactly_best_whatever_they_were(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    X, signs, shares, regularization, guess = problem(seed)
    ends = []
    rounded = exact.ActiveSet.normal

    def remembered(active: Any) -> Any:
        ends.append(active.multipliers)
        return rounded(active)

    monkeypatch.setattr(exact.ActiveSet, "normal", remembered)
    found = exact.exact_soft_margin(X, signs, shares, regularization, guess)
    assert found is not None
    w, a = found
    least = exact_minimum(X, signs, shares.tolist(), regularization)
    assert dual_at(X, signs, regularization, ends[0]) == least
    assert a.tolist() == [float(value) for value in ends[0]]
    pull = [sum(v * int(s) * Fraction(x) for v, s, x in zip(ends[0], signs, column, strict=True)) for column in X.T]
    assert w.tolist() == [float(value / (2 * Fraction(regularization))) for value in pull]


def test_where_rounding_ends_the_search_it_is_finished_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(30, 4))
    signs = np.where(X[:, 0] + generator.normal(size=30) > 0, 1.0, -1.0)
    shares = np.full(30, 1 / 30)
    right = solve_soft_margin(X, signs, shares, 0.01, 1e-9, 200)
    interior_point = soft_margin.interior_point

    def rough(*given: Any) -> Any:
        *problem, _, steps = given
        return interior_point(*problem, 1e-4, steps)

    monkeypatch.setattr(soft_margin, "interior_point", rough)
    finished = solve_soft_margin(X, signs, shares, 0.01, 1e-9, 200)
    assert finished.converged
    assert finished.objective == pytest.approx(right.objective, rel=1e-9)
    assert finished.gap <= 1e-13
    monkeypatch.setattr(exact, "MAX_EXACT_NUMBERS", 100)
    unfinished = solve_soft_margin(X, signs, shares, 0.01, 1e-9, 200)
    assert not unfinished.converged
    assert unfinished.gap > 1e-9


def test_a_constant_feature_that_is_large_says_nothing() -> None:
    signs = np.repeat([1.0, -1.0], [13, 5])
    found = solve_soft_margin(np.full((18, 1), 1e9), signs, np.full(18, 1 / 18), 4.57e-7, 1e-9, 200)
    assert found.converged
    assert found.objective == pytest.approx(10 / 18, rel=1e-9)
    assert 0 <= found.gap <= 1e-9
