"""The solver of soft margins, against an exact minimum by trying every partition, and its parts one by one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from mathdl.solvers import soft_margin
from mathdl.solvers.soft_margin import level_interval, solve_soft_margin
from mathdl.solvers.soft_margin_bounds import (
    difference_above,
    feasible_multipliers,
    minimum_below,
    objective_above,
)
from mathdl.solvers.soft_margin_interior_point import Within, interior_point
from mathdl.solvers.soft_margin_smoothing import smoothed_guess
from mathdl.solvers.weighted_scatter import weighted_scatter
from solvers.naive_soft_margin import dual_at, exact_minimum, value_at


def problem(seed: int, count: int, features: int, overlap: float = 1.0) -> tuple[Any, Any, Any]:
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(count, features))
    y = np.where(X @ generator.normal(size=features) + overlap * generator.normal(size=count) > 0.2, 1.0, -1.0)
    y[:2] = [1, -1]
    weights = generator.integers(1, 4, count) if seed % 2 else np.ones(count)
    return X, y, weights / weights.sum()


@pytest.mark.parametrize("seed", range(40))
def test_the_minimum_is_the_exact_one(seed: int) -> None:
    generator = np.random.default_rng(seed)
    count, features = int(generator.integers(2, 5)), int(generator.integers(1, 4))
    X = generator.integers(-2, 3, (count, features)) / 2.0
    y = np.array([1.0, -1.0, *generator.choice([1.0, -1.0], count - 2)])
    weights = generator.integers(1, 5, count)
    shares = weights / weights.sum()
    regularization = float(generator.choice([1 / 64, 1 / 8, 1, 8]))
    found = solve_soft_margin(X, y, shares, regularization, 1e-10, 200)
    exact = float(exact_minimum(X, y, [Fraction(int(v), int(weights.sum())) for v in weights], regularization))
    assert found.converged
    assert found.objective == pytest.approx(exact, rel=1e-9)
    assert found.dual_objective <= exact * (1 + 1e-14)
    for b in found.interval:  # as good anywhere in the interval
        assert float(value_at(X, y, shares, regularization, found.w, b)) == pytest.approx(exact, rel=1e-9)
    width = found.interval[1] - found.interval[0]
    for b in (found.interval[0] - 0.01 - width, found.interval[1] + 0.01 + width):  # and nowhere else
        assert float(value_at(X, y, shares, regularization, found.w, b)) > exact * (1 + 1e-6)


def check(X: Any, y: Any, shares: Any, regularization: float, found: soft_margin.SoftMarginSolution) -> None:
    a = found.multipliers
    assert (a >= 0).all()
    assert (a <= shares * (1 + 1e-15)).all()
    assert abs(a @ y) <= 1e-15
    excess = np.maximum(1 - y * (X @ found.w - found.b), 0)
    assert found.objective == pytest.approx(regularization * found.w @ found.w + shares @ excess, rel=1e-13)
    pull = (a * y) @ X
    assert found.dual_objective == pytest.approx(a.sum() - pull @ pull / (4 * regularization), rel=1e-13)
    assert found.gap <= 1e-9
    assert found.interval[0] <= found.b <= found.interval[1]


@pytest.mark.parametrize(
    ("count", "features"), [(3, 40), (30, 30), (60, 59), (200, 3), (1500, 8), (4000, 8), (3000, 90)]
)
@pytest.mark.parametrize("regularization", [1e-6, 0.005, 10.0])
def test_both_values_are_those_of_feasible_points(count: int, features: int, regularization: float) -> None:
    X, y, shares = problem(count, count, features)
    found = solve_soft_margin(X + 3, y, shares, regularization, 1e-9, 200)
    assert found.converged
    check(X + 3, y, shares, regularization, found)


@pytest.mark.parametrize("regularization", [1e-4, 0.1])
def test_a_part_of_the_objects_gives_what_all_give(regularization: float, monkeypatch: pytest.MonkeyPatch) -> None:
    X, y, shares = problem(1, 4000, 6)
    found = solve_soft_margin(X, y, shares, regularization, 1e-11, 200)
    monkeypatch.setattr(soft_margin, "MIN_WORKING_SET", 4000)
    every = solve_soft_margin(X, y, shares, regularization, 1e-11, 200)
    assert found.objective == pytest.approx(every.objective, rel=1e-10)
    np.testing.assert_allclose(found.w, every.w, rtol=1e-6, atol=1e-8)
    assert found.interval == pytest.approx(every.interval, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_few_of_many_objects_take_part(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def counted(X: Any, *more: Any) -> Any:
        sizes.append(len(X))
        return interior_point(X, *more)

    monkeypatch.setattr(soft_margin, "interior_point", counted)
    X, y, shares = problem(seed, 12000, 6)
    assert solve_soft_margin(X, y, shares, 0.005, 1e-9, 200).converged
    assert sizes == [750]


def test_those_that_take_part_can_balance_the_others() -> None:
    signs, shares = np.where(np.arange(3000) < 20, 1.0, -1.0), np.full(3000, 1 / 3000)
    excess = np.linspace(3, 0.1, 3000)  # the few are the farthest within
    for taking in (500, 1000):
        chosen, within = soft_margin._working_set(excess, signs, shares, taking)
        push = (signs * shares)[within].sum()
        assert abs(push) < shares[chosen][signs[chosen] * push < 0].sum() or not within.any()
        assert not within[chosen].any()
    assert len(chosen) == 3000
    chosen, within = soft_margin._working_set(np.where(signs > 0, 0.01, -excess), signs, shares, 500)
    assert len(chosen) == 500
    assert not within.any()


@pytest.mark.parametrize("guess", [(np.zeros(6), 0.0), (np.full(6, 100.0), 50.0), (np.full(6, -0.1), 1e4)])
def test_a_wrong_guess_costs_time_only(guess: tuple[Any, float]) -> None:
    X, y, shares = problem(2, 4000, 6)
    found = solve_soft_margin(X, y, shares, 0.01, 1e-9, 200, guess)
    right = solve_soft_margin(X, y, shares, 0.01, 1e-9, 200)
    assert found.converged
    assert found.objective == pytest.approx(right.objective, rel=1e-8)


def test_few_objects_of_one_class_among_many() -> None:
    X, y, shares = problem(3, 5000, 4)
    y[:] = -1
    y[7] = 1
    found = solve_soft_margin(X, y, shares, 0.01, 1e-9, 200)
    assert found.converged
    check(X, y, shares, 0.01, found)


def test_a_limit_is_told_and_the_multipliers_are_feasible_all_the_same() -> None:
    for count in (100, 4000):
        X, y, shares = problem(4, count, 5)
        found = solve_soft_margin(X, y, shares, 0.005, 1e-9, 1)
        assert not found.converged
        assert found.gap > 1e-9
        assert (found.multipliers >= 0).all()
        assert (found.multipliers <= shares * (1 + 1e-15)).all()


def test_the_bits_do_not_depend_on_the_threads_of_blas() -> None:
    X, y, shares = problem(5, 6000, 120)
    answers = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            answers.append(solve_soft_margin(X, y, shares, 0.005, 1e-9, 200))
    assert answers[0].w.tobytes() == answers[1].w.tobytes()
    assert answers[0].multipliers.tobytes() == answers[1].multipliers.tobytes()


def test_the_guess_is_near_the_minimum() -> None:
    X, y, shares = problem(6, 20000, 10)
    w, b, steps = smoothed_guess(X, y, shares, 0.005)
    least = solve_soft_margin(X, y, shares, 0.005, 1e-9, 200).objective
    reached = 0.005 * w @ w + shares @ np.maximum(1 - y * (X @ w - b), 0)
    assert least < reached < least * 1.01
    assert steps <= 18


def test_objects_that_stay_within_are_a_linear_term() -> None:
    X, y, shares = problem(7, 300, 4)
    whole = solve_soft_margin(X, y, shares, 0.01, 1e-11, 200)
    excess = 1 - y * (X @ whole.w - whole.b)
    chosen, within = np.abs(excess) < 0.5, excess >= 0.5
    signed = (y * shares)[within]
    fixed = Within(signed @ X[within], signed.sum(), shares[within].sum())
    start = (np.zeros(4), 0.0, 1.0)
    w, b, a, _ = interior_point(X[chosen], y[chosen], shares[chosen], 0.01, fixed, start, 1e-12, 100)
    np.testing.assert_allclose(w, whole.w, rtol=1e-6, atol=1e-8)
    assert b == pytest.approx(whole.b, rel=1e-6)
    np.testing.assert_allclose(a, whole.multipliers[chosen], atol=1e-8)


@given(
    st.lists(
        st.tuples(st.integers(-6, 6), st.sampled_from([-1, 1]), st.integers(1, 3)), min_size=2, max_size=12
    ).filter(lambda objects: len({sign for _, sign, _ in objects}) == 2)
)
def test_the_level_interval_is_where_the_mean_hinge_loss_is_least(objects: list[tuple[int, int, int]]) -> None:
    def loss(b: Fraction) -> Fraction:
        return sum((weight * max(Fraction(0), 1 - sign * (value - b)) for value, sign, weight in objects), Fraction(0))

    values, signs, weights = (np.array(column, float) for column in zip(*objects, strict=True))
    corners = sorted({Fraction(value - sign) for value, sign, _ in objects})
    least = min(map(loss, corners))
    best = [b for b in corners if loss(b) == least]
    assert level_interval(values, signs, weights / weights.sum()) == (best[0], best[-1])


@given(st.integers(0, 10**6))
def test_the_scatter_is_that_of_its_definition(seed: int) -> None:
    generator = np.random.default_rng(seed)
    X, weights = generator.normal(size=(50, 4)) + 10, generator.uniform(0.1, 2, 50)
    rows = np.flatnonzero(generator.random(50) < 0.7) if seed % 2 else None
    chosen = np.arange(50) if rows is None else rows
    mean, total = weighted_scatter(X, weights[chosen], np.full(4, 9.0), rows)
    expected = np.average(X[chosen], axis=0, weights=weights[chosen])
    np.testing.assert_allclose(mean, expected, rtol=1e-13)
    apart = X[chosen] - expected
    np.testing.assert_allclose(total, apart.T @ (weights[chosen, None] * apart), rtol=1e-10, atol=1e-11)


def test_the_scatter_of_more_than_a_block() -> None:
    X = np.random.default_rng(0).normal(size=(3001, 150))
    _, total = weighted_scatter(X, np.ones(3001), X[0])
    np.testing.assert_allclose(total, 3000 * np.cov(X.T), rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("seed", range(30))
def test_bounds_hold_in_exact_arithmetic(seed: int) -> None:
    generator = np.random.default_rng(seed)
    count, features = int(generator.integers(2, 20)), int(generator.integers(1, 6))
    X = generator.normal(size=(count, features)) * 10.0 ** generator.integers(-6, 7)
    y = np.array([1.0, -1.0, *generator.choice([1.0, -1.0], count - 2)])
    weights = 10.0 ** generator.uniform(-2, 2, count)
    w, b, regularization = generator.normal(size=features), float(generator.normal()), 10.0 ** generator.uniform(-3, 3)
    total = sum(Fraction(v) for v in weights)
    shares = [Fraction(v) / total for v in weights]
    a = feasible_multipliers(generator.uniform(0, 1.2, count) * weights / weights.sum(), y, weights)
    exact = [Fraction(v) for v in a]
    assert sum(int(sign) * v for sign, v in zip(y, exact, strict=True)) == 0
    assert all(0 <= v <= Fraction(weight) for v, weight in zip(exact, weights, strict=True))
    assert sum(exact) > 0
    value, above = value_at(X, y, shares, regularization, w, b), objective_above(X, y, weights, regularization, w, b)
    assert value <= Fraction(above) <= value * (1 + Fraction(1, 10**12)) + Fraction(1, 10**13) * Fraction(abs(X).max())
    least = dual_at(X, y, regularization, [v / total for v in exact])
    below = minimum_below(X, y, weights, regularization, a)
    assert least - abs(least) / 10**11 <= Fraction(below) <= least
    assert Fraction(difference_above(above, below)) >= Fraction(above) - Fraction(below)


def test_multipliers_of_nothing_and_of_one_object() -> None:
    assert feasible_multipliers(np.zeros(3), np.array([1.0, -1.0, 1.0]), np.ones(3)).tolist() == [0, 0, 0]
    a = feasible_multipliers(np.array([0.25, 0.25]), np.array([1.0, -1.0]), np.ones(2))
    assert a.tolist() == [0.5, 0.5]
    a = feasible_multipliers(np.array([0.3, 0.1, 0.0]), np.array([1.0, -1.0, -1.0]), np.ones(3))
    assert a[0] == a[1] == 3 * 0.1
