from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.svm import SVC
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import estimator_checks_generator

from geometry.random_points import two_sets
from mathdl import HardMarginSVM, separate, verify
from mathdl.errors import InputError, NotSeparableError
from models.test_contract import HARD_MARGIN

LABELS_WRITTEN_OUT = {"check_sample_weights_not_an_array", "check_sample_weights_pandas_series"}
ONCE_MORE = [
    check
    for _, check in estimator_checks_generator(HardMarginSVM())
    if check.func.__name__ in set(HARD_MARGIN) - LABELS_WRITTEN_OUT
]


@pytest.mark.parametrize("check", ONCE_MORE, ids=lambda check: check.func.__name__)
def test_scikit_learn_finds_nothing_wrong_on_separable_data(check: Any, monkeypatch: Any) -> None:
    # The same checks, with labels that a coordinate decides.
    coordinates = []
    adapted_X, adapted_y = estimator_checks._enforce_estimator_tags_X, estimator_checks._enforce_estimator_tags_y

    def remembered(estimator: Any, X: Any, **options: Any) -> Any:
        X = adapted_X(estimator, X, **options)
        coordinates.append(np.asarray(X)[:, 0])
        return X

    def separable(estimator: Any, y: Any) -> Any:
        labels, along = np.unique(adapted_y(estimator, y)), coordinates[-1]
        order = np.sort(along)
        quarter = len(order) // 4
        cut = quarter + int(np.argmax(np.diff(order)[quarter : 3 * quarter]))
        return np.where(along > order[cut], labels[1], labels[0])

    monkeypatch.setattr(estimator_checks, "_enforce_estimator_tags_X", remembered)
    monkeypatch.setattr(estimator_checks, "_enforce_estimator_tags_y", separable)
    check(HardMarginSVM())
    assert coordinates


@pytest.mark.parametrize("convert", [pd.Series, estimator_checks._NotAnArray, list, np.array])
def test_weights_of_any_library(convert: Any) -> None:
    X = pd.DataFrame([[1, 1], [1, 2], [5, 1], [6, 4]])
    model = HardMarginSVM().fit(X, pd.Series([1, 1, 2, 2]), sample_weight=convert([1.0, 0.5, 2.0, 1.0]))
    assert model.coef_.tolist() == [[0.5, 0]]


@pytest.mark.parametrize("seed", range(10))
def test_it_agrees_with_svc_where_that_is_hard(seed: int) -> None:
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(60, 1 + seed % 5))
    y = np.where(X @ generator.normal(size=X.shape[1]) > 0.1, "right", "left")
    model, peer = HardMarginSVM().fit(X, y), SVC(kernel="linear", C=1e9, tol=1e-9).fit(X, y)
    assert model.classes_.tolist() == peer.classes_.tolist()
    size = np.abs(peer.coef_).max()  # SVC stops at a few digits less than its tolerance says
    np.testing.assert_allclose(model.coef_, peer.coef_, rtol=0, atol=1e-4 * size)
    np.testing.assert_allclose(model.intercept_, peer.intercept_, rtol=0, atol=1e-4 * size)
    np.testing.assert_allclose(model.dual_coef_ @ X[model.support_], model.coef_, rtol=1e-9, atol=1e-9)
    assert sorted(peer.support_) == model.support_.tolist()
    assert (model.predict(X) == y).all()
    assert model.margin_ == pytest.approx(2 / np.linalg.norm(model.coef_), rel=1e-14)


@pytest.mark.parametrize("seed", range(60))
def test_random_problems_on_all_scales(seed: int) -> None:
    A, B = two_sets(seed)
    X, y = np.vstack([A, B]), np.array(["a"] * len(A) + ["b"] * len(B))
    model = HardMarginSVM()
    if not (found := separate(A, B)).separable:
        with pytest.raises(NotSeparableError) as caught:
            model.fit(X, y)
        assert caught.value.separation.certificate == found.certificate
        return
    assert model.fit(X, y).status_ == "converged"
    assert model.gap_ == 0
    certificate = model.certify()
    assert model.status_ == "certified"
    assert verify(certificate, X, y)


def test_objects_without_weight_count_as_absent() -> None:
    X = [[0.0], [1.0], [1.1], [2.0], [-5.0]]
    y = [0, 0, 1, 1, 1]
    model = HardMarginSVM().fit(X, y, sample_weight=[1, 0, 0, 3, 0])
    assert (model.coef_[0], model.intercept_) == ([1.0], [-1.0])
    assert model.support_.tolist() == [0, 3]
    assert verify(model.certify(), [[0.0], [2.0]], [0, 1], [1, 3])
    with pytest.raises(NotSeparableError):
        HardMarginSVM().fit(X, y)
    with pytest.raises(InputError, match="holds 1 class"):
        HardMarginSVM().fit(X, y, sample_weight=[1, 1, 0, 0, 0])
    assert HardMarginSVM().fit(X[:4], y[:4], sample_weight=2.0).support_.tolist() == [1, 2]


@pytest.mark.parametrize(
    "convert",
    [
        csr_array,
        csr_matrix,
        pd.DataFrame,
        lambda X: X.astype(np.float32),
        lambda X: X.astype(np.int8),
        lambda X: X.tolist(),
        np.asfortranarray,
    ],
)
def test_objects_of_any_library(convert: Any) -> None:
    X = np.array([[0, 0], [0, 1], [2, 0], [2, 3]], dtype=float)
    model = HardMarginSVM().fit(convert(X), [0, 0, 1, 1])
    assert (model.coef_.tolist(), model.intercept_.tolist()) == ([[1, 0]], [-1])
    assert model.predict(convert(X)).tolist() == [0, 0, 1, 1]
    assert model.certify()


def test_classes_that_overlap_raise_with_a_common_point() -> None:
    with pytest.raises(NotSeparableError, match="convex hulls have a point in common") as caught:
        HardMarginSVM().fit([[0.0], [2.0], [1.0]], [False, False, True])
    found = caught.value.separation
    assert found.common_point.tolist() == [1]
    assert verify(found.certificate, [[0.0], [2.0], [1.0]], ["A", "A", "B"])


@pytest.mark.parametrize("labels", [[0, 1], ["no", "yes"], [False, True], [1.0, 2.0], [-1, 1]])
def test_labels_of_any_kind_are_certified(labels: list[Any]) -> None:
    y = np.array([labels[0], labels[1], labels[1]])
    model = HardMarginSVM().fit([[0.0], [1.0], [3.0]], y)
    assert model.predict([[0.2], [0.8]]).tolist() == labels
    assert verify(model.certify(), [[0.0], [1.0], [3.0]], y)
    assert model.certificate_.numbers["positive"] == labels[1]


def test_many_support_vectors_are_inexact_with_a_certified_gap() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(300, 80))
    y = X @ generator.normal(size=80) > 0
    model = HardMarginSVM().fit(X, y)
    assert model.status_ == "inexact"
    assert model.exact_solution_ is None
    assert 0 < model.gap_ <= 1e-9
    assert verify(model.certify(), X, y)
    assert model.status_ == "inexact"
    np.testing.assert_allclose(y[model.support_] * 2 - 1, model.decision_function(X[model.support_]), atol=1e-8)


def test_classes_too_close_for_float64_are_refused() -> None:
    with pytest.raises(InputError, match="multiply X by a large power of two"):
        HardMarginSVM().fit([[0.0], [5e-324]], [0, 1])
    assert HardMarginSVM().fit([[0.0], [2.0**-1000]], [0, 1]).dual_coef_.tolist() == [[-np.inf, np.inf]]


def test_a_margin_of_any_scale_is_a_number() -> None:
    for exponent in (-600, 0, 600):
        X = np.array([[0.0, 0.0], [3.0, 4.0]]) * 2.0**exponent
        assert HardMarginSVM().fit(X, [0, 1]).margin_ == 5 * 2.0**exponent


def test_copies_answer_alike() -> None:
    A, B = two_sets(7)
    X, y = np.vstack([A, B]), np.repeat([0, 1], [len(A), len(B)])
    model = HardMarginSVM().fit(X, y)
    for twin in (pickle.loads(pickle.dumps(model)), clone(model).fit(X, y)):
        assert np.array_equal(twin.coef_, model.coef_)
        assert twin.certify() == model.certify()
