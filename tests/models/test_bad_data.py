"""Data that every estimator refuses in one sentence of ours: what would be read as other numbers than it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl import (
    ClusterOutlierDetector,
    HardMarginSVM,
    KMeans,
    LinearRegression,
    LogisticRegression,
    NetworkClassifier,
    NetworkRegressor,
    PolynomialRegression,
    SoftMarginSVM,
)
from mathdl.errors import InputError

CLASSIFIERS: list[Any] = [HardMarginSVM(), SoftMarginSVM(), LogisticRegression(0.1), NetworkClassifier((), epochs=1)]
REGRESSORS: list[Any] = [LinearRegression(), PolynomialRegression(), NetworkRegressor((), epochs=1)]
CLUSTERERS: list[Any] = [KMeans(2), ClusterOutlierDetector(2)]
ESTIMATORS = [*CLASSIFIERS, *REGRESSORS, *CLUSTERERS]

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 1.0], [4.0, 6.0], [5.0, 5.0]])
CODES = [0, 0, 1, 0, 1, 1]
DAYS = np.arange("2020-01-01", "2020-01-07", dtype="datetime64[D]")
MASK = np.arange(6) == 2

BAD_X: dict[str, tuple[Any, str]] = {
    "masked": (np.ma.array(X, mask=X == 3), "X has masked values"),
    "rows that are masked": ([np.ma.array(row, mask=row == 3) for row in X], "X has masked values"),
    "dates": (DAYS[:, None], "X holds dates instead of numbers"),
    "a list of dates": ([[day] for day in DAYS], "X holds dates instead of numbers"),
    "durations": ((DAYS - DAYS[0])[:, None], "X holds durations instead of numbers"),
    "a table with a date": (pd.DataFrame({"day": DAYS, "number": X[:, 0]}), "X holds dates instead of numbers"),
    "texts": (X.astype(str), "X holds texts instead of numbers"),
    "a list of texts": (X.astype(str).tolist(), "X holds texts instead of numbers"),
    "rows of different lengths": ([[1.0], *X[1:].tolist()], "X has rows of different lengths"),
}
BAD_WEIGHTS: dict[str, tuple[Any, str]] = {
    "masked": (np.ma.array(np.ones(6), mask=MASK), "sample_weight has masked values"),
    "dates": (DAYS, "sample_weight holds dates instead of numbers"),
    "durations": (DAYS - DAYS[0], "sample_weight holds durations instead of numbers"),
    "texts": (["1"] * 6, "sample_weight holds texts instead of numbers"),
    "an infinite number": (np.inf, "sample_weight is inf; give finite numbers"),
    "no number": (np.nan, "sample_weight is nan; give finite numbers"),
    "a sum that is infinite": ([1e308] * 6, "sample_weight holds numbers whose sum is beyond float64"),
}


def target_of(estimator: Any) -> Any:
    return CODES if estimator in CLASSIFIERS else X[:, 1] if estimator in REGRESSORS else None


def name(value: Any) -> str:
    return type(value).__name__ if hasattr(value, "fit") else str(value)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name)
@pytest.mark.parametrize("what", BAD_X)
def test_objects(estimator: Any, what: str) -> None:
    bad, message = BAD_X[what]
    with pytest.raises(InputError, match=message):
        estimator.fit(bad, target_of(estimator))
    estimator.fit(X, target_of(estimator))
    if hasattr(estimator, "predict"):
        with pytest.raises(InputError, match=message):
            estimator.predict(bad)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name)
@pytest.mark.parametrize("what", BAD_WEIGHTS)
def test_weights(estimator: Any, what: str) -> None:
    bad, message = BAD_WEIGHTS[what]
    with pytest.raises(InputError, match=message):
        estimator.fit(X, target_of(estimator), sample_weight=bad)


@pytest.mark.parametrize("estimator", [*CLASSIFIERS, *REGRESSORS], ids=name)
def test_masked_targets(estimator: Any) -> None:
    with pytest.raises(InputError, match="y has masked values"):
        estimator.fit(X, np.ma.array(target_of(estimator), mask=MASK))


@pytest.mark.parametrize("estimator", REGRESSORS, ids=name)
@pytest.mark.parametrize("y", [DAYS, DAYS - DAYS[0], list(DAYS), pd.Series(DAYS)], ids=["dates", "days", "list", "pd"])
def test_dates_as_targets(estimator: Any, y: Any) -> None:
    with pytest.raises(InputError, match=r"y holds (dates|durations) instead of numbers"):
        estimator.fit(X, y)


@pytest.mark.parametrize("estimator", [*CLASSIFIERS, *REGRESSORS], ids=name)
def test_a_mask_that_hides_nothing_is_none(estimator: Any) -> None:
    assert estimator.fit(np.ma.array(X), np.ma.array(target_of(estimator)), np.ma.array(np.ones(6))) is estimator


@pytest.mark.parametrize("estimator", CLUSTERERS, ids=name)
@pytest.mark.parametrize("data", [X * 1e200, X[:, :1] * 1e200], ids=["points", "numbers"])
def test_distances_whose_squares_are_beyond_float64(estimator: Any, data: Any) -> None:
    with pytest.raises(InputError, match="squared distances is beyond float64; scale the features"):
        estimator.fit(data)


def test_parameters_of_other_types_and_sizes() -> None:
    plain = KMeans(3, random_state=0, threads=1, tol=0.125, n_init=2, max_iter=7).fit(X)
    same = KMeans(
        np.int8(3), random_state=0, threads=np.int8(1), tol=np.float16(0.125), n_init=np.int16(2), max_iter=np.uint8(7)
    ).fit(X)
    assert same.cluster_centers_.tobytes() == plain.cluster_centers_.tobytes()
    with pytest.raises(InputError, match=r"max_iter is 10{30}; give a whole number of at most"):
        KMeans(2, max_iter=10**30).fit(X)
    plain_svm = SoftMarginSVM(0.125, tol=2.0**-10).fit(X, CODES)
    svm = SoftMarginSVM(np.float16(0.125), tol=np.float16(2.0**-10), max_iter=10**30).fit(X, CODES)
    assert svm.coef_.tobytes() == plain_svm.coef_.tobytes()
    logistic = LogisticRegression(np.float16(0.125), tol=np.float16(2.0**-10), max_iter=10**30).fit(X, CODES)
    assert logistic.status_ == "converged"
    assert PolynomialRegression(np.int8(1)).fit(X, X[:, 0]).predict(X[:1]) == pytest.approx([0.0], abs=1e-12)
    with pytest.raises(InputError, match=r"degree is 10{30}; give a whole number of at most 1000"):
        PolynomialRegression(10**30).fit(X, X[:, 0])
    with pytest.raises(InputError, match="degree 1000 in 2 features has more than 20000 coefficients"):
        PolynomialRegression(1000).fit(X, X[:, 0])
