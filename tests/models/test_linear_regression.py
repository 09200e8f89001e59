"""Linear regression: scikit-learn's contract, peers, rationals, scales, degenerate data."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LinearRegression as Peer

from mathdl import LinearRegression, verify
from mathdl.errors import InputError, NotCertifiedError
from mathdl.models import least_squares_regressor
from models import nist


def data(N: int = 60, p: int = 4, m: int = 0) -> tuple[Any, Any, Any]:
    generator = np.random.default_rng(N + p + m)
    X = generator.normal(size=(N, p)) * [1, 10, 0.1, 1][:p] + 3
    y = X @ generator.normal(size=(p, m or 1)) + generator.normal(size=(N, m or 1)) - 7
    return X, y if m else y[:, 0], generator.integers(0, 4, size=N).astype(float)


@pytest.mark.parametrize("m", [0, 1, 3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("kind", ["array", "float32", "frame", "csr", "csc"])
def test_a_peer_agrees(m: int, weighted: bool, exact: bool, kind: str) -> None:
    X, y, weights = data(m=m)
    X = X.astype(np.float32).astype(np.float64)
    shapes: dict[str, Any] = {
        "array": X,
        "float32": X.astype(np.float32),
        "frame": pd.DataFrame(X, columns=list("abcd")),
        "csr": sparse.csr_array(X),
        "csc": sparse.csc_array(X),
    }
    given, weights = shapes[kind], weights if weighted else None
    model = LinearRegression(exact=exact).fit(given, y, sample_weight=weights)
    peer = Peer().fit(X, y, sample_weight=weights)
    for name in ("coef_", "intercept_"):
        assert np.shape(getattr(model, name)) == np.shape(getattr(peer, name))
        assert np.allclose(getattr(model, name), getattr(peer, name), rtol=1e-11, atol=1e-11)
    assert model.predict(given).shape == y.shape
    assert np.allclose(model.predict(given), peer.predict(X), rtol=1e-11, atol=1e-11)
    assert model.status_ == "converged"


@pytest.mark.parametrize(("N", "p"), [(3, 5), (1, 2), (10, 4)])
@pytest.mark.parametrize("exact", [False, True])
def test_dependent_features_get_the_shortest_coefficients_as_a_peer_s_do(N: int, p: int, exact: bool) -> None:
    generator = np.random.default_rng(N)
    X, y = generator.integers(-4, 5, size=(N, p)).astype(float), generator.normal(size=(N, 2))
    X[:, -1] = X[:, 0]
    model, peer = LinearRegression(exact=exact).fit(X, y), Peer().fit(X, y)
    assert model.status_ == "minimum norm"
    assert np.allclose(model.coef_, peer.coef_, rtol=0, atol=1e-12)
    assert np.allclose(model.intercept_, peer.intercept_, rtol=0, atol=1e-12)
    certificate = model.certify()
    assert model.status_ == "minimum norm"
    assert "as short as the one shown" in certificate.statement


def test_exact_coefficients_are_fractions_and_the_others_their_roundings() -> None:
    X, y, weights = data(m=2)
    model = LinearRegression(exact=True).fit(X, y, sample_weight=weights)
    assert model.exact_coef_.shape == model.coef_.shape == (2, 4)
    assert all(isinstance(value, Fraction) for value in [*model.exact_coef_.ravel(), *model.exact_intercept_])
    assert model.coef_.tolist() == [[float(value) for value in row] for row in model.exact_coef_]
    assert model.intercept_.tolist() == [float(value) for value in model.exact_intercept_]
    assert not hasattr(LinearRegression().fit(X, y), "exact_coef_")


def test_a_certificate_speaks_about_the_objects_with_weight() -> None:
    X, y, weights = data()
    model = LinearRegression().fit(X, y, sample_weight=weights)
    assert model.status_ == "converged"
    certificate = model.certify()
    assert model.status_ == "certified"
    counts = weights > 0
    assert verify(certificate, X[counts], y[counts], weights[counts])
    assert verify(certificate, X, y, weights)
    assert not verify(certificate, X, y).same_data
    minimum, excess = (float(Fraction(eval_text(certificate.numbers[name]))) for name in ("minimum", "excess"))
    assert minimum == pytest.approx(np.average((y - model.predict(X)) ** 2, weights=weights), rel=1e-12)
    assert excess < 1e-25 * minimum


def eval_text(text: str) -> Fraction:
    above, _, below = text.partition("/")
    return Fraction(int(above, 0), int(below or "1", 0))


def test_objects_without_weight_are_absent() -> None:
    X, y, weights = data()
    counts = weights > 0
    first = LinearRegression().fit(X, y, sample_weight=weights)
    second = LinearRegression().fit(X[counts], y[counts], sample_weight=weights[counts])
    assert np.array_equal(first.coef_, second.coef_)
    with pytest.raises(ValueError, match="at least one non-zero number"):
        LinearRegression().fit(X, y, sample_weight=np.zeros(len(X)))


@pytest.mark.parametrize("exact", [False, True])
def test_features_and_targets_of_any_size_are_fitted_alike(exact: bool) -> None:
    """Powers of two change nothing but the exponents."""
    X, y, _ = data(m=2)
    plain = LinearRegression(exact=exact).fit(X, y)
    for shifts, target in [((500, -500, 0, 100), 0), ((-500, 500, 3, 0), 498), ((0, 0, 0, 0), -400)]:
        scaled = LinearRegression(exact=exact).fit(X * 2.0 ** np.array(shifts), y * 2.0**target)
        assert np.array_equal(scaled.coef_, plain.coef_ * 2.0 ** (target - np.array(shifts)))
        assert np.array_equal(scaled.intercept_, plain.intercept_ * 2.0**target)
        assert np.allclose(scaled.predict(X * 2.0 ** np.array(shifts)), y * 2.0**target, rtol=0, atol=10 * 2.0**target)
        scaled.certify()
        assert scaled.status_ == "certified"


@pytest.mark.parametrize("exact", [False, True])
def test_coefficients_beyond_float64_are_an_error(exact: bool) -> None:
    with pytest.raises(InputError, match="beyond the range of float64"):
        LinearRegression(exact=exact).fit([[0.0], [1e-200]], [0.0, 1e200])


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    ("X", "y", "coef", "intercept"),
    [
        ([[5.0]], [3.0], [0.0], 3.0),  # one object
        ([[1.0, 2.0], [1.0, 2.0]], [1.0, 2.0], [0.0, 0.0], 1.5),  # the same object twice
        ([[0.0, 1.0], [0.0, 2.0]], [1.0, 3.0], [0.0, 2.0], -1.0),  # a feature of zeros
        ([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]], [1.0, 3.0, 7.0], [0.0, 2.0], -1.0),  # a constant feature
        ([[1.0], [2.0], [4.0]], [0.3, 0.3, 0.3], [0.0], 0.3),  # constant targets
        ([[1.0], [2.0]], [1e150, -1e150], [-2e150], 3e150),
    ],
)
def test_degenerate_data(X: Any, y: Any, coef: Any, intercept: float, exact: bool) -> None:
    model = LinearRegression(exact=exact).fit(X, y)
    assert np.allclose(model.coef_, coef, rtol=1e-14, atol=1e-15)
    assert model.intercept_ == pytest.approx(intercept, rel=1e-14)
    assert verify(model.certify(), np.array(X), y)


@pytest.mark.parametrize("exact", [False, True])
def test_longley(exact: bool) -> None:
    """NIST's certified digits: the deflator, which has a decimal, enters in tenths so that all numbers are whole."""
    rows = np.array(nist.LONGLEY)
    X, y = np.rint(rows[:, 1:] * [10, 1, 1, 1, 1, 1]), rows[:, 0]
    model = LinearRegression(exact=exact).fit(X, y)
    certified = np.array(nist.LONGLEY_COEFFICIENTS, dtype=float)
    if exact:
        fractions = [model.exact_intercept_, 10 * model.exact_coef_[0], *model.exact_coef_[1:]]
        assert [f"{float(value):.14e}" for value in fractions] == [f"{value:.14e}" for value in certified]
    else:
        found = np.array([model.intercept_, 10 * model.coef_[0], *model.coef_[1:]])
        assert np.abs(found / certified - 1).max() < 1e-12
        as_printed = LinearRegression().fit(rows[:, 1:], y)
        assert np.abs(as_printed.coef_ / certified[1:] - 1).max() < 1e-12


def test_what_would_take_too_long_is_not_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y, _ = data()
    model = LinearRegression().fit(X, y)
    monkeypatch.setattr(least_squares_regressor, "MOST_TERMS", 3)
    with pytest.raises(NotCertifiedError, match="60 objects and 4 terms would take too long"):
        model.certify()
    monkeypatch.undo()
    monkeypatch.setattr(least_squares_regressor, "MOST_PRODUCTS", 900)
    with pytest.raises(NotCertifiedError, match="60 objects and 4 terms would take too long"):
        model.certify()


def test_features_that_only_rounding_tells_apart_are_not_certified() -> None:
    x = np.random.default_rng(0).normal(size=20)
    X = np.column_stack([x, 0.1 * x])
    model = LinearRegression().fit(X, x + 1)
    assert model.status_ == "minimum norm"
    with pytest.raises(
        NotCertifiedError, match=r"independent, which floating-point numbers could not tell.*exact=True"
    ):
        model.certify()


def test_coefficients_that_rounding_spoils_are_not_certified() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=20) + 1000
    model = LinearRegression(exact=True).fit(np.column_stack([x, 0.1 * x]), generator.normal(size=20))
    with pytest.raises(NotCertifiedError, match=r"Rounded to float64.*nearly depend on one another"):
        model.certify()
    assert model.status_ == "converged"


def test_a_new_fit_forgets_what_the_one_before_left() -> None:
    model = LinearRegression(exact=True).fit([[0.0], [1.0], [3.0]], [1.0, 2.0, 2.0])
    model.certify()
    model.set_params(exact=False).fit([[0.0], [1.0], [4.0]], [1.0, 2.0, 2.0])
    assert model.status_ == "converged"
    assert not any(hasattr(model, name) for name in ("certificate_", "exact_coef_", "exact_intercept_"))
