"""The book's statements about regression (chapter 6 and equation (8.17)), each test named after its item.

Where the book as printed is wrong, the corrected statement is tested.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mathdl import LinearRegression, PolynomialRegression
from mathdl.exact.linear_algebra import solve

Array = NDArray[np.float64]
THREE = np.array([[-2.0], [0.0], [1.0]]), np.array([1.0, 2.0, -1.0])
FOUR = np.array([[-2.0, 1.0], [0.0, -1.0], [1.0, 2.0], [3.0, 0.0]]), np.array([1.0, 2.0, -1.0, 0.0])


def exact(X: Any, y: Any) -> LinearRegression:
    return LinearRegression(exact=True).fit(np.array(X, dtype=float), np.array(y, dtype=float))


def noisy_line() -> tuple[Array, Array]:
    x = np.arange(9) / 2
    return x[:, None], 1 + 0.5 * x + 0.3 * np.random.default_rng(61).normal(size=9)


def residuals(model: LinearRegression, X: Array, y: Array) -> list[Fraction]:
    """Return y - (a.x + b) of one target in rational numbers."""
    predicted = [
        sum((a * Fraction(v) for a, v in zip(model.exact_coef_, row, strict=True)), model.exact_intercept_)
        for row in X.tolist()
    ]
    return [Fraction(v) - p for v, p in zip(y.tolist(), predicted, strict=True)]


def sum_of_squares(X: Array, y: Array, a: Any, b: Any) -> Fraction:
    rest = [
        Fraction(v) - Fraction(b) - sum(p * Fraction(q) for p, q in zip(a, row, strict=True))
        for row, v in zip(X, y, strict=True)
    ]
    return sum((r * r for r in rest), Fraction(0))


# ------------------------------------------------------------------------------------- section 6.2: regression


def test_fig_6_1() -> None:
    X, y = noisy_line()
    model = LinearRegression().fit(X, y)
    rest = y - model.predict(X)
    assert abs(rest.sum()) < 1e-10
    assert abs(rest @ X[:, 0]) < 1e-10
    assert np.abs(rest).min() > 0.005
    in_rationals = residuals(exact(X, y), X, y)
    assert sum(in_rationals) == 0
    assert sum(r * Fraction(x) for r, x in zip(in_rationals, X[:, 0].tolist(), strict=True)) == 0


def test_fig_6_2() -> None:
    x = np.linspace(-2, 2, 15)
    model = PolynomialRegression(degree=3).fit(x[:, None], np.sin(1.5 * x))
    rest = np.sin(1.5 * x) - model.predict(x[:, None])
    assert np.sqrt((rest**2).mean()) == pytest.approx(0.0659, abs=5e-5)
    assert np.abs(rest @ x[:, None] ** np.arange(4)).max() < 1e-13


def test_fig_6_3() -> None:
    X, y = noisy_line()
    line, interpolant = LinearRegression().fit(X, y), PolynomialRegression(degree=8).fit(X, y)
    assert np.abs(interpolant.predict(X) - y).max() < 1e-9
    assert np.abs(line.predict(X) - y).min() > 0.005
    fine = np.linspace(0, 4, 4001)[:, None]
    truth = 1 + 0.5 * fine[:, 0]
    off_line, off_interpolant = (np.abs(model.predict(fine) - truth).max() for model in (line, interpolant))
    assert off_line == pytest.approx(0.150, abs=5e-4)
    assert 0.735 <= off_interpolant < 0.736
    assert off_interpolant > 2 * off_line


def test_eq_6_2() -> None:
    """The sum takes the y_i, and the parameters are (a, b) in R^2, though n = 1."""
    X, y = THREE
    assert sum_of_squares(X, y, [Fraction(-1, 2)], Fraction(1, 2)) == Fraction(7, 2)
    rest = residuals(exact(X, y), X, y)
    assert (sum(rest), sum(r * Fraction(x) for r, x in zip(rest, X[:, 0].tolist(), strict=True))) == (0, 0)
    certificate = exact(X, y).certify()
    assert certificate.numbers["minimum"] == "7/6"  # the mean of three squares
    assert certificate.numbers["excess"] == "0"


def test_eq_6_3() -> None:
    model = exact(*THREE)
    assert (model.exact_coef_.tolist(), model.exact_intercept_) == ([Fraction(-1, 2)], Fraction(1, 2))
    generator = np.random.default_rng(63)
    for _ in range(50):
        n = int(generator.integers(2, 9))
        x, y = (generator.integers(-64, 65, size=n) / 8 for _ in range(2))
        if len(set(x)) == 1:
            continue
        xs, ys = [Fraction(v) for v in x.tolist()], [Fraction(v) for v in y.tolist()]
        product, square = sum(a * b for a, b in zip(xs, ys, strict=True)), sum(a * a for a in xs)
        a = (n * product - sum(xs) * sum(ys)) / (n * square - sum(xs) ** 2)
        model = exact(x[:, None], y)
        assert (model.exact_coef_[0], model.exact_intercept_) == (a, (sum(ys) - a * sum(xs)) / n)


def test_eq_6_3_needs_two_distinct_points() -> None:
    model = exact([[3], [3], [3]], [1, 2, 6])
    assert (model.status_, model.exact_coef_[0], model.exact_intercept_) == ("minimum norm", 0, 3)


# -------------------------------------------------------------------------------------------------- exercises


def test_exercise_6_1a() -> None:
    X, y = THREE
    model = exact(X, y)
    assert residuals(model, X, y) == [Fraction(-1, 2), Fraction(3, 2), Fraction(-1)]
    assert sum_of_squares(X, y, model.exact_coef_, model.exact_intercept_) == Fraction(7, 2)


def test_exercise_6_1b() -> None:
    X, y = FOUR
    design = np.hstack([X, np.ones((4, 1))])
    assert (design.T @ design).tolist() == [[14, 0, 2], [0, 6, 2], [2, 2, 4]]
    assert (design.T @ y).tolist() == [-3, -3, 2]
    model = exact(X, y)
    assert model.exact_coef_.tolist() == [Fraction(-3, 8), Fraction(-7, 8)]
    assert model.exact_intercept_ == Fraction(9, 8)
    assert residuals(model, X, y) == [0, 0, 0, 0]  # the four points lie in one plane


SIX_FOUR = np.array([[0.0], [1.0], [2.0], [4.0]]), np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0], [2.0, 5.0]])


def test_exercise_6_4a() -> None:
    X, Y = SIX_FOUR
    model = exact(X, Y)
    A, b = model.exact_coef_, model.exact_intercept_
    assert A.tolist() == [[Fraction(2, 5)], [Fraction(8, 7)]]
    assert b.tolist() == [Fraction(4, 5), 0]
    x = [Fraction(v) for v in X[:, 0].tolist()]
    for k in range(2):
        y = [Fraction(v) for v in Y[:, k].tolist()]
        assert A[k, 0] * sum(v * v for v in x) + b[k] * sum(x) == sum(v * w for v, w in zip(x, y, strict=True))
        assert A[k, 0] * sum(x) + 4 * b[k] == sum(y)


def test_exercise_6_4a_summed_to_m_as_printed_is_another_problem() -> None:
    """The sum runs over the N points, not to m = 2."""
    X, Y = SIX_FOUR
    printed, right = exact(X[:2], Y[:2]), exact(X, Y)
    assert printed.exact_coef_.tolist() == [[-1], [2]]
    assert printed.exact_intercept_.tolist() == [1, 0]
    for k in range(2):
        worse = sum_of_squares(X, Y[:, k], printed.exact_coef_[k], printed.exact_intercept_[k])
        assert worse > sum_of_squares(X, Y[:, k], right.exact_coef_[k], right.exact_intercept_[k])


def shortest_without_constant(X: list[list[int]], y: list[int]) -> list[Fraction]:
    """Return X^T (X X^T)^-1 y."""
    gram = [[sum(a * b for a, b in zip(row, other, strict=True)) for other in X] for row in X]
    weights = solve(gram, [[value] for value in y])
    assert weights is not None
    return [sum((w[0] * row[j] for w, row in zip(weights, X, strict=True)), Fraction(0)) for j in range(len(X[0]))]


def test_exercise_6_4b() -> None:
    X, y = [[1, 0, 1], [0, 1, 1]], [2, -1]
    a = shortest_without_constant(X, y)
    assert a == [Fraction(5, 3), Fraction(-4, 3), Fraction(1, 3)]
    assert sum_of_squares(np.array(X), np.array(y), a, 0) == 0
    generator = np.random.default_rng(64)
    for _ in range(30):
        n = int(generator.integers(1, 6))
        N = int(generator.integers(1, n + 1))
        Z, v = generator.integers(-9, 10, size=(N, n)), generator.integers(-9, 10, size=N)
        if np.linalg.matrix_rank(Z) < N:
            continue
        model, a = exact(Z, v), shortest_without_constant(Z.tolist(), v.tolist())
        assert sum_of_squares(Z, v, a, 0) == 0
        assert set(residuals(model, Z.astype(float), v.astype(float))) == {0}
        # Fitted with a free constant, the shortest coefficients are no longer than with none.
        assert sum(c * c for c in model.exact_coef_) <= sum(c * c for c in a)


def test_exercise_6_4b_affine_independence_is_enough() -> None:
    """N = n + 1 points that span the space affinely are interpolated, since b is free."""
    X, y = np.array([[1.0, 1.0], [2.0, 5.0], [4.0, 2.0]]), np.array([3.0, -2.0, 7.0])
    assert residuals(exact(X, y), X, y) == [0, 0, 0]


def test_exercise_6_4c() -> None:
    """A rule such as the minimum norm is applied to both sets: the fit moves a thousand times as far as the datum."""
    inverse = solve([[1000, 0], [1000, 1]], [[1, 0], [0, 1]])  # of 1000 X
    assert inverse is not None
    assert [1000 * row[0] * Fraction(1, 100) for row in inverse] == [Fraction(1, 100), -10]
    X = np.array([[1.0, 0.0], [1.0, 1 / 1000]])
    before, after = exact(X, [1.0, 1.0]), exact(X, [1.01, 1.0])
    moved = [float(b - a) for a, b in zip(before.exact_coef_, after.exact_coef_, strict=True)]
    assert moved[0] == 0
    assert moved[1] == pytest.approx(-10, rel=1e-12)
    assert before.status_ == after.status_ == "minimum norm"


def test_exercise_6_5a() -> None:
    model = PolynomialRegression(degree=2, exact=True).fit([[-1.0], [0.0], [1.0]], [4.0, 2.0, -8.0])
    assert model.exact_coef_.tolist() == [-6, -4]
    assert model.exact_intercept_ == 2
    assert model.predict([[-1.0], [0.0], [1.0]]).tolist() == [4, 2, -8]
    assert model.certify().numbers["minimum"] == "0"
    line = PolynomialRegression(degree=2, exact=True).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    assert line.exact_coef_.tolist() == [1, 0]  # the degree may be lower than n - 1


def test_exercise_6_5b() -> None:
    """In units of a tenth of t and a fifth of y, in which the four points are whole numbers."""
    X, y = np.array([[0.0], [10.0], [11.0], [20.0]]), np.array([0.0, 5.0, 7.0, 10.0])
    model = PolynomialRegression(degree=3, exact=True).fit(X, y)
    cubic = [Fraction(c) * 10**k / 5 for k, c in enumerate([model.exact_intercept_, *model.exact_coef_])]
    assert cubic == [0, Fraction(-167, 33), Fraction(100, 11), Fraction(-100, 33)]
    values = {t: sum(c * t**k for k, c in enumerate(cubic)) for t in (-1, 3, 4)}
    assert values == {-1: Fraction(189, 11), 3: Fraction(-167, 11), 4: Fraction(-756, 11)}
    assert 3 - values[3] == Fraction(200, 11)
    line = exact(X, y)
    slope, constant = line.exact_coef_[0] * 10 / 5, line.exact_intercept_ / 5
    assert (slope, constant) == (Fraction(812, 803), Fraction(51, 803))
    assert max(abs(slope * t + constant - t) for t in (-1, 4)) < Fraction(11, 100)


# ----------------------------------------------------------------------------------- section 8.6: closed form


def test_eq_8_17() -> None:
    """A_min = (sum y xh^T)(sum xh xh^T)^-1, for y in R^64 and a polynomial of degree 3; the gradient (8.16) is zero."""
    generator = np.random.default_rng(0)
    x = generator.uniform(-1, 1, size=2**13)
    powers = x[:, None] ** np.arange(4)
    Y = powers @ generator.normal(size=(64, 4)).T + 0.1 * generator.normal(size=(2**13, 64))
    closed = np.linalg.solve(powers.T @ powers, powers.T @ Y).T
    model = PolynomialRegression(degree=3).fit(x[:, None], Y)
    found = np.column_stack([model.intercept_, model.coef_])
    assert np.abs(found - closed).max() < 1e-10
    assert np.abs((Y - powers @ found.T).T @ powers).max() / len(x) < 1e-13


def test_eq_8_17_needs_more_distinct_points_than_the_degree() -> None:
    points = np.array([[0.0], [1.0], [2.0], [2.0]])
    for degree, status in [(2, "converged"), (3, "minimum norm")]:
        for in_rationals in (False, True):
            model = PolynomialRegression(degree, exact=in_rationals).fit(points, [1.0, 0.0, 3.0, 5.0])
            assert model.status_ == status
