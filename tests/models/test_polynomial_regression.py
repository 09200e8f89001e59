"""Polynomial regression: scikit-learn's contract, peers, rationals, high degrees, degenerate data."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LinearRegression as PeerLine
from sklearn.preprocessing import PolynomialFeatures
from sklearn.utils.estimator_checks import parametrize_with_checks

from mathdl import LinearRegression, PolynomialRegression, verify
from mathdl.errors import InputError
from mathdl.solvers.chebyshev_basis import ChebyshevBasis
from models import nist


@pytest.mark.slow
@parametrize_with_checks([PolynomialRegression(exact=True)])
def test_scikit_learn_finds_nothing_wrong_with_rationals(estimator: Any, check: Any) -> None:
    check(estimator)


def data(N: int = 80, p: int = 3, m: int = 0) -> tuple[Any, Any, Any]:
    generator = np.random.default_rng(N + p + m)
    X = generator.normal(size=(N, p)) + [0.5, -2.0, 0.0][:p]
    y = np.sin(X @ generator.normal(size=(p, m or 1))) + 0.1 * generator.normal(size=(N, m or 1))
    return X, y if m else y[:, 0], generator.integers(0, 4, size=N).astype(float)


@pytest.mark.parametrize("m", [0, 1, 2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("degree", "exact"), [(1, False), (2, False), (3, False), (2, True)])
def test_monomials_of_a_peer_agree(m: int, weighted: bool, degree: int, exact: bool) -> None:
    X, y, weights = data(m=m)
    weights = weights if weighted else None
    monomials = PolynomialFeatures(degree, include_bias=False).fit(X)
    peer = PeerLine().fit(monomials.transform(X), y, sample_weight=weights)
    model = PolynomialRegression(degree, exact=exact).fit(X, y, sample_weight=weights)
    assert np.array_equal(model.powers_, monomials.powers_)
    for name in ("coef_", "intercept_"):
        assert np.shape(getattr(model, name)) == np.shape(getattr(peer, name))
        assert np.allclose(getattr(model, name), getattr(peer, name), rtol=0, atol=1e-10)
    assert np.allclose(model.predict(X), peer.predict(monomials.transform(X)), rtol=0, atol=1e-11)
    assert model.predict(X).shape == y.shape


def test_sparse_features_are_taken() -> None:
    X, y, _ = data()
    model = PolynomialRegression().fit(sparse.csr_array(X), y)
    assert np.array_equal(model.predict(sparse.csr_array(X)), PolynomialRegression().fit(X, y).predict(X))


@pytest.mark.parametrize("degree", [1, 2, 5, 20])
def test_monomials_are_the_same_polynomial_exactly(degree: int) -> None:
    generator = np.random.default_rng(degree)
    basis = ChebyshevBasis.over(generator.normal(size=(9, 1 if degree > 5 else 2)) + 10, degree)
    coef = [Fraction(c) for c in generator.normal(size=len(basis.terms)).tolist()]
    found, constant = basis.monomials(coef)
    X = generator.normal(size=(5, len(basis.centres)))
    columns = basis.columns(X)
    for i, row in enumerate(X.tolist()):
        value = constant
        for c, powers in zip(found, basis.powers.tolist(), strict=True):
            for x, power in zip(row, powers, strict=True):
                c *= Fraction(x) ** power
            value += c
        assert value == sum(c * values[i] * unit for c, (values, unit) in zip(coef, columns, strict=True))
    floats = np.array([[float(v * unit) for v in values] for values, unit in columns]).T
    assert np.allclose(basis.values(X), floats, rtol=1e-9)


@pytest.mark.parametrize("low", [-1e150, -3.0, 0.0, 1e-150, 1000.0, 1e150])
def test_the_box_holds_the_data_and_little_else(low: float) -> None:
    X = low + np.random.default_rng(0).uniform(size=(50, 3)) * [1e-3, 1.0, abs(low)]
    basis = ChebyshevBasis.over(X, 1)
    u = basis.values(X)
    varied = X.min(axis=0) < X.max(axis=0)
    assert np.abs(u).max() <= 1
    assert (np.abs(u).max(axis=0)[varied] > 0.8).all()


def test_degree_20_far_from_zero() -> None:
    """On [1000, 1001] monomials up to 1e60 are useless; the basis predicts as well as it does on [0, 1]."""
    x = np.linspace(0, 1, 401)
    y = np.sin(8 * x)
    model = PolynomialRegression(degree=20).fit(1000 + x[:, None], y)
    assert model.status_ == "converged"
    here = (1000 + x) - 1000
    best = np.polynomial.Chebyshev.fit(here, y, 20)
    fine = np.linspace(1000, 1001, 1001)
    assert np.abs(model.predict(fine[:, None]) - best(fine - 1000)).max() < 1e-11
    assert np.abs(model.predict(1000 + x[:, None]) - y).max() < 1e-11
    assert np.isfinite(model.coef_).all()


def test_degree_20_is_certified() -> None:
    x = np.linspace(1000, 1001, 101)
    model = PolynomialRegression(degree=20).fit(x[:, None], np.sin(8 * x))
    certificate = model.certify()
    assert model.status_ == "certified"
    assert certificate.numbers["degree"] == 20


@pytest.mark.parametrize("exact", [False, True])
def test_too_few_points_for_the_degree(exact: bool) -> None:
    X, y = np.array([[0.0, 1.0], [1.0, 5.0], [2.0, 2.0], [2.0, 2.0]]), np.array([1.0, 2.0, 3.0, 5.0])
    model = PolynomialRegression(degree=3, exact=exact).fit(X, y)
    assert model.status_ == "minimum norm"
    assert np.allclose(model.predict(X), [1, 2, 4, 4], rtol=0, atol=1e-13)
    assert verify(model.certify(), X, y)


def test_rationals_and_floats_choose_the_same_of_many() -> None:
    X, y, _ = data(N=7)
    first, second = (PolynomialRegression(degree=2, exact=exact).fit(X, y) for exact in (False, True))
    assert first.status_ == second.status_ == "minimum norm"
    assert np.allclose(first.basis_coef_, second.basis_coef_, rtol=0, atol=1e-13)
    assert np.allclose(first.coef_, second.coef_, rtol=0, atol=1e-12)


def test_degree_1_is_linear_regression() -> None:
    X, y, _ = data()
    first, second = PolynomialRegression(1, exact=True).fit(X, y), LinearRegression(exact=True).fit(X, y)
    assert first.exact_coef_.tolist() == second.exact_coef_.tolist()
    assert first.exact_intercept_ == second.exact_intercept_


def test_monomials_beyond_float64_are_infinite_and_predictions_are_not() -> None:
    x = np.linspace(1, 2, 30)
    X, plain = x[:, None] * 2.0**-500, PolynomialRegression(degree=3).fit(x[:, None], np.exp(x))
    model = PolynomialRegression(degree=3).fit(X, np.exp(x))
    assert np.isinf(model.coef_).tolist() == [False, False, True]
    assert np.array_equal(model.predict(X), plain.predict(x[:, None]))


def test_features_of_any_size_are_fitted_alike() -> None:
    X, y, _ = data(p=2)
    plain = PolynomialRegression(degree=3).fit(X, y)
    scaled = PolynomialRegression(degree=3).fit(X * [2.0**500, 2.0**-500], y * 2.0**490)
    assert np.array_equal(scaled.basis_coef_, plain.basis_coef_ * 2.0**490)
    assert np.array_equal(scaled.predict(X * [2.0**500, 2.0**-500]), plain.predict(X) * 2.0**490)


@pytest.mark.parametrize("degree", [-1, 1.5, "2", True, None])
def test_a_degree_that_is_no_natural_number_is_an_error(degree: Any) -> None:
    with pytest.raises(InputError, match=r"degree is .*; give a whole number of at least 0"):
        PolynomialRegression(degree).fit([[0.0], [1.0]], [0.0, 1.0])


def test_targets_without_range_are_an_error() -> None:
    with pytest.raises(InputError, match="beyond the range of float64"):
        PolynomialRegression(2).fit([[0.0], [0.1], [1.0]], [1.7e308, -1.7e308, 1.7e308])


# --------------------------------------------------------------------------------------- NIST's reference sets


def test_filip() -> None:
    x, y = np.array(nist.FILIP_X), np.array(nist.FILIP_Y)
    certified = np.array(nist.FILIP_COEFFICIENTS, dtype=float)
    model = PolynomialRegression(degree=10).fit(x[:, None], y)
    found = np.array([model.intercept_, *model.coef_])
    assert np.abs(found / certified - 1).max() < 1e-12


def test_filip_in_rationals() -> None:
    """In units in which the decimals are whole numbers; to the last certified digit, which is rounded."""
    x, y = np.rint(np.array(nist.FILIP_X) * 1e9), np.rint(np.array(nist.FILIP_Y) * 1e4)
    model = PolynomialRegression(degree=10, exact=True).fit(x[:, None], y)
    for k, (value, text) in enumerate(
        zip([model.exact_intercept_, *model.exact_coef_], nist.FILIP_COEFFICIENTS, strict=True)
    ):
        assert f"{float(value * 10 ** (9 * k) / 10**4):.14e}" == f"{float(text):.14e}"


@pytest.mark.parametrize("index", range(5))
def test_wampler(index: int) -> None:
    X, targets = np.arange(21.0)[:, None], nist.WAMPLER_Y[index]
    certified = [Fraction(1, 10**k) if index == 1 else Fraction(1) for k in range(6)]
    model = PolynomialRegression(degree=5).fit(X, [value / 100_000 for value in targets])
    for value, right in zip([model.intercept_, *model.coef_], certified, strict=True):
        assert abs(value / float(right) - 1) < 1e-9
    exact = PolynomialRegression(degree=5, exact=True).fit(X, np.array(targets, dtype=float))
    assert [value / 100_000 for value in [exact.exact_intercept_, *exact.exact_coef_]] == certified


def test_many_targets_at_once_are_the_closed_form() -> None:
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


def test_there_must_be_more_distinct_points_than_the_degree() -> None:
    points = np.array([[0.0], [1.0], [2.0], [2.0]])
    for degree, status in [(2, "converged"), (3, "minimum norm")]:
        for in_rationals in (False, True):
            model = PolynomialRegression(degree, exact=in_rationals).fit(points, [1.0, 0.0, 3.0, 5.0])
            assert model.status_ == status
