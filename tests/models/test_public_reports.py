"""Problems on which other libraries went wrong in public, each with the right answer."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from mathdl import HardMarginSVM, KMeans, LinearRegression, LogisticRegression, PolynomialRegression
from mathdl.errors import ConvergenceWarning


@pytest.mark.parametrize("exact", [False, True])
def test_a_feature_that_is_another_one_plus_two_shares_its_weight(exact: bool) -> None:  # scikit-learn 9073
    generator = np.random.default_rng(0)
    x = generator.integers(-9, 10, (20, 2)).astype(float)
    X, y = np.column_stack([x, x[:, 1] + 2]), 3 * x[:, 0] + 4 * x[:, 1] + 5
    model = LinearRegression(exact=exact).fit(X, y)
    np.testing.assert_allclose(model.coef_, [3, 2, 2], rtol=1e-12)
    assert model.intercept_ == pytest.approx(1, rel=1e-11)
    assert model.status_ == "minimum norm"


@pytest.mark.parametrize("unit", [1.0, 1000.0])
def test_degree_9_goes_through_ten_points_in_any_unit(unit: float) -> None:
    x, y = unit * np.arange(1.0, 11.0)[:, None], np.random.default_rng(1).integers(-500, 500, 10).astype(float)
    for exact in (False, True):
        model = PolynomialRegression(9, exact=exact).fit(x, y)
        np.testing.assert_allclose(model.predict(x), y, rtol=0, atol=1e-9)


def test_features_far_from_zero_are_as_good_as_centred_ones() -> None:  # numpy 5702
    steps = np.arange(12.0)
    y = np.cos(steps)
    for degree in (1, 3):
        near = PolynomialRegression(degree).fit(steps[:, None], y).predict(steps[:, None])
        far = PolynomialRegression(degree).fit(4_155_915_305 + steps[:, None], y)
        np.testing.assert_allclose(far.predict(4_155_915_305 + steps[:, None]), near, rtol=0, atol=1e-13)


def test_the_hard_margin_of_three_points() -> None:
    X, y = [[1.5, 2.5], [2.5, 1.5], [2.5, 2.5]], [True, True, False]
    model = HardMarginSVM().fit(X, y)
    assert model.coef_.tolist() == [[-2, -2]]
    assert model.intercept_.tolist() == [9]
    assert model.margin_ == pytest.approx(0.5**0.5, rel=1e-15)
    model.certify()
    assert model.status_ == "certified"


def test_an_infimum_that_is_not_attained() -> None:  # statsmodels 1705
    with pytest.warns(ConvergenceWarning, match="weakly"):
        model = LogisticRegression().fit([[0.0], [0.0], [0.0], [1.0], [1.0]], [0, 1, 0, 1, 1])
    assert model.status_ == "no minimiser"
    assert 0.3819085009 < model.objective_ < 0.54
    assert model.certify().kind == "no_minimiser"


@pytest.mark.parametrize("features", [1, 2])
def test_more_clusters_than_different_points(features: int) -> None:
    different = np.random.default_rng(2).normal(size=(9, features))
    X = different[[*range(9), *range(8)]]
    with pytest.warns(ConvergenceWarning, match="9 clusters hold all objects, fewer than the 10 asked for"):
        model = KMeans(10, random_state=0).fit(X)
    assert model.inertia_ == 0
    assert len(np.unique(model.labels_)) == 9


def test_weights_of_numbers_in_clusters() -> None:
    model = KMeans(2).fit([[1.0], [2.0], [4.0]], sample_weight=[0.5, 0.2, 0.3])
    assert model.inertia_ == pytest.approx(1 / 7, rel=1e-15)
    np.testing.assert_allclose(model.cluster_centers_.ravel(), [9 / 7, 4], rtol=1e-15)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_degree_0_is_the_mean(exact: bool, several: bool) -> None:  # numpy 26065
    X, y = np.arange(5.0)[:, None], np.arange(2.0, 7.0)
    targets: Any = np.column_stack([y, 2 * y]) if several else y
    model = PolynomialRegression(0, exact=exact).fit(X, targets)
    assert model.predict([[9.0]]).tolist() == ([[4, 8]] if several else [4])
    assert model.coef_.shape == ((2, 0) if several else (0,))
    assert model.powers_.shape == (0, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "degree at most 0" in model.certify().statement
    assert model.status_ == "certified"
