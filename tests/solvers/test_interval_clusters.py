"""The best clusters of numbers, against all divisions and against a plain dynamic program in fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.kernels.interval_clusters import RUN_NUMBERS
from mathdl.solvers.interval_clusters import exact_cost, interval_clusters


def costs(x: list[float], w: list[float]) -> list[list[Fraction]]:
    """What the intervals from i up to j (not included) cost, exactly; x is sorted."""
    table = []
    for i in range(len(x)):
        mass = first = second = Fraction(0)
        row = [Fraction(0)] * (i + 1)
        for a, b in zip(x[i:], w[i:], strict=True):
            mass, first, second = (
                mass + Fraction(b),
                first + Fraction(b) * Fraction(a),
                second + Fraction(b) * Fraction(a) ** 2,
            )
            row.append(second - first * first / mass)
        table.append(row)
    return table


def least_costs(x: Any, most: int, w: Any = None) -> list[Fraction]:
    """The least costs of at most 1, 2, ... intervals, by the program over all starts of last clusters."""
    order = np.argsort(x, kind="stable")
    x, w = x[order].tolist(), (np.ones(len(x)) if w is None else w[order]).tolist()
    table, n = costs(x, w), len(x)
    best = [Fraction(0)] + [table[0][j] for j in range(1, n + 1)]
    answers = [best[n]]
    for _ in range(1, most):
        best = [min([best[j], *(best[i] + table[i][j] for i in range(1, j))]) for j in range(n + 1)]
        answers.append(best[n])
    return answers


def exact(x: Any, k: int, w: Any = None) -> Fraction:
    """The exact cost of the division found, after a look at the rest of the answer."""
    found = interval_clusters(x, k, w)
    assert (np.diff(found.starts) > 0).all()
    assert len(found.starts) == min(k, len(np.unique(x)))
    assert np.array_equal(found.labels, (x[:, None] >= found.starts).sum(axis=1) - 1)
    assert set(found.starts) <= set(x)
    weights = np.ones(len(x)) if w is None else w
    for c, (start, centre) in enumerate(zip(found.starts, found.centres, strict=True)):
        mine = found.labels == c
        assert x[mine].min() == start
        mean = np.average(x[mine] - start, weights=weights[mine]) + start
        assert centre == pytest.approx(mean, rel=1e-14, abs=1e-14 * (x[mine].max() - start))
    cost = exact_cost(x, found.starts, w)
    assert found.cost == pytest.approx(float(cost), rel=1e-7, abs=1e-26 * float(np.abs(x).max()) ** 2 * weights.sum())
    return cost


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=7), st.integers(1, 3), st.randoms(use_true_random=False))
def test_no_division_at_all_is_better(numbers: list[int], k: int, random: Any) -> None:
    x, w = np.array(numbers, float), np.array([random.choice([1.0, 0.5, 3.0]) for _ in numbers])

    def division(labels: tuple[int, ...]) -> Fraction:
        total = Fraction(0)
        for c in set(labels):
            mine = [i for i, label in enumerate(labels) if label == c]
            mass = sum(Fraction(w[i]) for i in mine)
            mean = sum(Fraction(w[i]) * Fraction(x[i]) for i in mine) / mass
            total += sum(Fraction(w[i]) * (Fraction(x[i]) - mean) ** 2 for i in mine)
        return total

    def divisions(n: int, used: int = 0) -> Any:
        if n == 0:
            yield ()
            return
        for c in range(min(used + 1, k)):
            for rest in divisions(n - 1, max(used, c + 1)):
                yield (c, *rest)

    assert exact(x, k, w) == min(map(division, divisions(len(x))))


@pytest.mark.parametrize(
    "n",
    [
        1,
        2,
        3,
        RUN_NUMBERS - 1,
        RUN_NUMBERS,
        RUN_NUMBERS + 1,
        2 * RUN_NUMBERS + 1,
        pytest.param(300, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_program_finds_the_exact_optimum(n: int, weighted: bool) -> None:
    generator = np.random.default_rng(n)
    w = np.exp(generator.uniform(-14, 14, n)) if weighted else None
    for x in (generator.normal(size=n), np.exp(generator.uniform(-14, 14, n)), generator.integers(-20, 20, n) / 4):
        assert [exact(x, k, w) for k in (1, 2, 3, 4)] == least_costs(x, 4, w)


def test_small_clusters_far_apart_keep_their_digits() -> None:
    """Their sums of squares are 1e-28 of the numbers' squares: nothing would be left of a difference of sums."""
    generator = np.random.default_rng(0)
    near_zero = 1e-20 * generator.integers(0, 100, 60)
    x = np.concatenate([near_zero, 1 + 2.0**-50 * generator.integers(0, 60, 60), [1e6]])
    assert [exact(x, k) for k in range(1, 7)] == least_costs(x, 6)


@pytest.mark.parametrize("power", [-800, -30, 30, 400])
def test_a_power_of_two_scales_everything(power: int) -> None:
    x, w = np.random.default_rng(0).normal(size=(2, 300))
    plain, scaled = (
        interval_clusters(x, 5, np.exp(w)),
        interval_clusters(np.ldexp(x, power), 5, np.ldexp(np.exp(w), 100)),
    )
    assert np.array_equal(scaled.starts, np.ldexp(plain.starts, power))
    assert scaled.cost == np.ldexp(plain.cost, 2 * power + 100)


def test_of_equally_good_divisions_the_clusters_start_early() -> None:
    found = interval_clusters(np.array([-1.0, 0.0, 1.0]), 2)
    assert found.starts.tolist() == [-1, 0]
    x = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    options = [[0, *rest] for rest in combinations(range(1, 6), 3)]
    costs_of = {tuple(starts): exact_cost(x, np.array(starts, float)) for starts in options}
    least = min(costs_of.values())
    assert tuple(interval_clusters(x, 4).starts) == min(starts for starts, cost in costs_of.items() if cost == least)


def test_many_numbers() -> None:
    x = np.random.default_rng(0).normal(size=200_000)
    found = interval_clusters(x, 6)
    boundaries = (found.centres[1:] + found.centres[:-1]) / 2
    ordered = np.sort(x)
    at = np.searchsorted(ordered, found.starts[1:])
    assert (ordered[at - 1] < boundaries).all()
    assert (boundaries <= ordered[at]).all()


@pytest.mark.parametrize("n", range(4, 30, 5))
@pytest.mark.parametrize("k", [2, 3, 4])
def test_what_float64_cannot_tell_apart_is_compared_in_fractions(n: int, k: int) -> None:
    """Tenths are no binary numbers, so divisions that should cost the same do not quite."""
    x = 0.1 * np.arange(n)
    assert exact(x, k) == least_costs(x, k)[-1]
    assert exact(x[::2], 2, x[::2] + 0.1) == least_costs(x[::2], 2, x[::2] + 0.1)[-1]
