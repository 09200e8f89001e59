"""Least squares in floating point and in rationals, against each other and against elimination in fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from mathdl.blas import one_thread
from mathdl.solvers import exact_least_squares
from mathdl.solvers.exact_least_squares import Column, ExactLeastSquares, ExactSolution, column
from mathdl.solvers.least_squares import least_squares, refine

SCALES = st.sampled_from([-500, -60, 0, 0, 0, 7, 500])  # powers of two: up to 1e150 either way


def exact(X: Any, Y: Any, weights: Any = None) -> ExactSolution:
    whole = [1] * len(X) if weights is None else column(weights).values
    return ExactLeastSquares([column(x) for x in X.T], [column(y) for y in Y.T], whole).solve()


def as_floats(rows: list[list[Fraction]], shape: tuple[int, ...]) -> Any:
    return np.array([[float(value) for value in row] for row in rows]).reshape(shape)


@st.composite
def problems(draw: Any) -> tuple[Any, Any, Any]:
    """Draw X with columns of any size and well-conditioned or dependent directions, Y and weights."""
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    N, p, m = draw(st.integers(1, 12)), draw(st.integers(1, 5)), draw(st.integers(1, 2))
    X = generator.integers(-9, 10, size=(N, p)).astype(float)
    if draw(st.booleans()):
        X[:, -1] = X[:, 0]
    X = X * 2.0 ** np.array(draw(st.lists(SCALES, min_size=p, max_size=p)))
    Y = generator.integers(-9, 10, size=(N, m)) * 2.0 ** draw(SCALES)
    weights = generator.integers(1, 5, size=N).astype(float) if draw(st.booleans()) else None
    return X, Y, weights


@given(problems())
def test_floats_agree_with_rationals_at_every_scale(problem: Any) -> None:
    X, Y, weights = problem
    found, right = least_squares(X, Y, weights), exact(X, Y, weights)
    assert (found.rank == X.shape[1]) == (right.multipliers is None)
    coef = as_floats(right.coef, found.coef.T.shape).T
    # Relative to the largest effect on a prediction.
    size = np.abs(X).max(axis=0)[:, None]
    effect = (np.abs(coef) * size).max(axis=0) + np.abs(Y).max(axis=0)
    assert (np.abs(found.coef - coef) * size <= 1e-11 * effect).all()
    assert (np.abs(found.intercept - as_floats([right.intercept], (-1,))) <= 1e-11 * effect).all()


@given(problems())
def test_rationals_solve_the_normal_equations_and_are_shortest(problem: Any) -> None:
    X, Y, weights = problem
    found = exact(X, Y, weights)
    w = [Fraction(v) for v in (np.ones(len(X)) if weights is None else weights).tolist()]
    rows = [[Fraction(1), *map(Fraction, row)] for row in X.tolist()]
    for k, target in enumerate(Y.T.tolist()):
        b = [found.intercept[k], *found.coef[k]]
        rest = [Fraction(v) - dot(b, row) for v, row in zip(target, rows, strict=True)]
        assert all(dot([u * r for u, r in zip(w, rest, strict=True)], list(c)) == 0 for c in zip(*rows, strict=True))
    if found.multipliers is not None:
        means = [dot(w, [row[j] for row in rows]) / sum(w) for j in range(1, len(rows[0]))]
        centred = [[v - mean for v, mean in zip(row[1:], means, strict=True)] for row in rows]
        weighted = [[u * v for v in row] for u, row in zip(w, centred, strict=True)]
        covariances = [
            [dot(list(a), list(b)) / sum(w) for b in zip(*centred, strict=True)] for a in zip(*weighted, strict=True)
        ]
        for k in range(Y.shape[1]):
            assert [dot(row, found.multipliers[k]) for row in covariances] == found.coef[k]


def dot(a: list[Fraction], b: list[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def test_the_minimum_and_the_excess() -> None:
    X, Y = np.array([[-2.0], [0.0], [1.0]]), np.array([[1.0, 2.0], [2.0, 4.0], [-1.0, -2.0]])
    problem = ExactLeastSquares([column(X[:, 0])], [column(y) for y in Y.T], [1, 1, 1])
    found = problem.solve()
    assert found.coef == [[Fraction(-1, 2)], [-1]]
    assert found.intercept == [Fraction(1, 2), 1]
    assert found.minimum == Fraction(5, 3) * Fraction(7, 2) - Fraction(0)  # (1 + 4) 7/2, as a mean of three
    assert problem.excess(found, np.array([[-0.5], [-1.0]]), np.array([0.5, 1.0])) == 0
    # One more in the first intercept costs 1; one more in its slope costs the mean of x^2.
    assert problem.excess(found, np.array([[-0.5], [-1.0]]), np.array([1.5, 1.0])) == 1
    assert problem.excess(found, np.array([[0.5], [-1.0]]), np.array([0.5, 1.0])) == Fraction(5, 3)
    assert problem.spread() == (Fraction(14, 9) * 5, Fraction(4, 9) * 5)


@pytest.mark.parametrize("N", [1, 2047, 2048, 2049, 5000, 9000])
def test_blocks_of_objects_are_put_together(N: int) -> None:
    generator = np.random.default_rng(N)
    X, Y = generator.normal(size=(N, 3)) + 100, generator.normal(size=(N, 2))
    found, right = least_squares(X, Y), exact(X, Y)
    assert np.allclose(found.coef.T, as_floats(right.coef, (2, 3)), rtol=0, atol=1e-12)


def test_numbers_of_any_sign_and_length_are_multiplied_exactly() -> None:
    values = [0, 1, -1, 2**15, -(2**15), 2**16 - 1, -(2**16), 2**1000 + 12345, -(3**700), 7]
    columns = [Column(values, Fraction(1)), Column(values[::-1], Fraction(1))]
    weights = [1, 5, 2**40, 3, 1, 1, 2, 1, 9, 1]
    problem = ExactLeastSquares(columns, [Column([1] * 10, Fraction(1))], weights)
    total = sum(weights)
    for i, a in enumerate((values, values[::-1])):
        for j, b in enumerate((values, values[::-1])):
            product = sum(w * x * y for w, x, y in zip(weights, a, b, strict=True))
            sums = [sum(w * x for w, x in zip(weights, c, strict=True)) for c in (a, b)]
            assert problem.covariances[i][j] == total * product - sums[0] * sums[1]


@pytest.mark.parametrize("values", [[0.0, -0.0], [1.0, 0.1], [5e-324, -1e-310], [1.7e308, -1e-308], [3.0, 6.0]])
def test_a_column_holds_floats_exactly(values: list[float]) -> None:
    found = column(np.array(values))
    assert [value * found.unit for value in found.values] == [Fraction(value) for value in values]


def test_dependent_columns_of_all_sizes_get_the_shortest_coefficients() -> None:
    base = np.array([1.0, -2.0, 4.0, 0.5])
    X = np.column_stack([base * 2.0**500, base, base * 2.0**-500, [7.0] * 4, [0.0] * 4])
    Y = np.array([[3.0], [1.0], [2.0], [0.0]])
    found, right = least_squares(X, Y), exact(X, Y)
    assert found.rank == 1
    assert np.allclose(found.coef, as_floats(right.coef, (5, 1)), rtol=1e-14, atol=0)
    # The second is 2^-500 times the first, as its column is; the third one would be 2^-1000 times it.
    assert found.coef[1, 0] == pytest.approx(found.coef[0, 0] * 2.0**-500, rel=1e-14)
    assert found.coef[3:, 0].tolist() == [0, 0]


def test_columns_too_far_apart_for_float64_are_fitted() -> None:
    x = np.array([1.0, 2.0, 4.0])
    X = np.column_stack([x * 1e-300, x * 1e300, x * 1e-300])
    found = least_squares(X, x[:, None])
    assert found.rank == 1
    assert np.allclose(X @ found.coef + found.intercept, x[:, None], rtol=1e-14)


@pytest.mark.parametrize("size", [1e-310, 3e307])
def test_columns_at_the_ends_of_float64_are_fitted(size: float) -> None:
    x = np.array([1.0, -2.0, 5.0]) * size
    found = least_squares(x[:, None], x[:, None])
    assert found.coef[0, 0] == pytest.approx(1, rel=1e-14)
    assert abs(found.intercept[0]) <= 1e-14 * size


def test_a_row_left_out_by_an_unlucky_prime_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    X, Y = generator.integers(-9, 10, size=(4, 7)).astype(float), generator.normal(size=(4, 2))
    expected = exact(X, Y)
    monkeypatch.setattr(exact_least_squares, "independent_rows", lambda rows: [2])
    assert exact(X, Y).coef == expected.coef


def test_duplicates_are_found_among_many_objects() -> None:
    generator = np.random.default_rng(1)
    X = generator.normal(size=(20_000, 30)) + 1e6
    X[:, 20], X[:, 21], X[:, 22] = X[:, 3], 2 * X[:, 4], 5.0
    assert least_squares(X, X[:, :1]).rank == 27


def test_refinement_finds_digits_that_float64_lacks() -> None:
    x = np.arange(21)
    terms = (x[:, None] / np.longdouble(20)) ** np.arange(1, 6)
    Y = (1e7 * terms.sum(axis=1, keepdims=True) + 1).astype(np.float64)
    rough = least_squares(terms.astype(np.float64), Y)
    coef, intercept = refine(terms, Y, None, rough.coef, rough.intercept)
    right = exact(terms.astype(np.float64), Y)
    assert abs(float(intercept[0]) - 1) < 1e-8
    assert abs(rough.intercept[0] - float(right.intercept[0])) < 1e-6
    assert np.abs(coef.astype(np.float64) - 1e7).max() < 1e-6


def test_refinement_leaves_a_badly_conditioned_problem_alone() -> None:
    terms = (np.arange(30)[:, None] / np.longdouble(29)) ** np.arange(1, 12)
    Y = np.random.default_rng(0).normal(size=(30, 1))
    rough = least_squares(terms.astype(np.float64), Y)
    coef, intercept = refine(terms, Y, None, rough.coef, rough.intercept)
    assert np.array_equal(coef, rough.coef)
    assert np.array_equal(intercept, rough.intercept)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_bits_do_not_depend_on_threads(threads: int) -> None:
    generator = np.random.default_rng(2)
    X, Y = generator.normal(size=(1000, 400)), generator.normal(size=(1000, 1))  # enough for BLAS to share out
    with threadpool_limits(limits=1, user_api="blas"):
        expected = least_squares(X, Y).coef
    with threadpool_limits(limits=threads, user_api="blas"):
        assert np.array_equal(least_squares(X, Y).coef, expected)


def test_the_limit_of_threads_is_lifted() -> None:
    def threads() -> list[int]:
        return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

    with threadpool_limits(limits=2, user_api="blas"):
        with one_thread():
            assert set(threads()) == {1}
        assert set(threads()) == {2}
