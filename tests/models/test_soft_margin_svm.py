"""``SoftMarginSVM``: scikit-learn's contract, its peers, and what only it has."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from mathdl import SoftMarginSVM, verify
from mathdl.errors import ConvergenceWarning, InputError
from mathdl.solvers.soft_margin import solve_soft_margin


def problem(seed: int, count: int = 200, features: int = 4) -> tuple[Any, Any]:
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(count, features))
    noisy = X @ generator.normal(size=features) + generator.normal(size=count)
    return X, np.where(noisy > 0.3, "yes", "no")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("weighted", [False, True])
def test_c_of_other_libraries_is_1_over_2_lambda_n(seed: int, weighted: bool) -> None:
    X, y = problem(seed)
    weights = np.random.default_rng(seed).uniform(0.1, 3, len(X)) if weighted else None
    regularization = 10.0 ** -(seed % 3 + 1)
    model = SoftMarginSVM(regularization).fit(X, y, weights)
    total = len(X) if weights is None else weights.sum()
    peer = SVC(kernel="linear", C=1 / (2 * regularization * total), tol=1e-8).fit(X, y, weights)
    np.testing.assert_allclose(model.coef_, peer.coef_, atol=1e-5)
    assert model.intercept_interval_[0] - 1e-5 <= peer.intercept_[0] <= model.intercept_interval_[1] + 1e-5
    signed = np.where(y == "yes", 1, -1) * model.multipliers_ / (2 * regularization)
    np.testing.assert_allclose(signed @ X, model.coef_[0], rtol=1e-6, atol=1e-8)
    assert set(peer.support_) <= set(model.support_)


def test_a_regularised_bias_as_in_linear_svc_gives_another_value() -> None:
    X, y = problem(0)
    model = SoftMarginSVM(0.01).fit(X + 2, y)
    peer = LinearSVC(loss="hinge", C=1 / (2 * 0.01 * len(X)), tol=1e-10, max_iter=10**6).fit(X + 2, y)
    signs, values = np.where(y == "yes", 1, -1), peer.decision_function(X + 2)
    objective = 0.01 * (peer.coef_**2).sum() + np.maximum(1 - signs * values, 0).mean()
    assert model.objective_ < objective < 1.1 * model.objective_


def test_weights_are_repetitions_and_none_is_absence() -> None:
    X, y = problem(1)
    weights = np.random.default_rng(1).integers(0, 4, len(X))
    weighted = SoftMarginSVM(0.02).fit(X, y, weights)
    repeated = SoftMarginSVM(0.02).fit(X.repeat(weights, axis=0), y.repeat(weights))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-7)
    np.testing.assert_allclose(weighted.intercept_interval_, repeated.intercept_interval_, rtol=1e-7)
    assert weighted.multipliers_.shape == (len(X),)
    assert (weighted.multipliers_[weights == 0] == 0).all()
    assert (weights[weighted.support_] > 0).all()
    certificate = weighted.certify()
    assert weighted.status_ == "certified"
    kept = weights > 0
    assert verify(certificate, X[kept], y[kept], weights[kept].astype(float))
    scaled = SoftMarginSVM(0.02).fit(X, y, 1000 * weights)
    np.testing.assert_allclose(scaled.coef_, weighted.coef_, rtol=1e-9)


@pytest.mark.parametrize(
    "convert", [np.asarray, pd.DataFrame, csr_matrix, csr_array, np.asfortranarray, np.ndarray.tolist]
)
def test_tables_and_sparse_matrices_give_the_same(convert: Any) -> None:
    X, y = problem(2)
    X[np.abs(X) < 0.5] = 0
    model, other = SoftMarginSVM().fit(X, y), SoftMarginSVM().fit(convert(X), y)
    assert np.array_equal(other.coef_, model.coef_)
    np.testing.assert_allclose(other.decision_function(convert(X)), model.decision_function(X), rtol=1e-12, atol=1e-12)
    assert other.certify().fingerprint == model.certify().fingerprint


def test_float32_is_what_it_is_as_float64() -> None:
    X, y = problem(3)
    X = X.astype(np.float32)
    assert np.array_equal(SoftMarginSVM().fit(X, y).coef_, SoftMarginSVM().fit(X.astype(np.float64), y).coef_)
    assert SoftMarginSVM().fit(X, y).coef_.dtype == np.float64


def test_answers_within_the_strip_are_not_reliable() -> None:
    X, y = problem(4)
    model = SoftMarginSVM().fit(X, y)
    values, reliable = model.decision_function(X), model.reliable(X)
    assert np.array_equal(reliable, np.abs(values) >= 1)
    three = model.predict_three_way(X)
    assert set(three.tolist()) == {-1, 0, 1}
    assert np.array_equal(three != 0, reliable)
    assert np.array_equal(model.classes_[(three[reliable] > 0).astype(int)], model.predict(X)[reliable])
    assert model.margin_ == pytest.approx(2 / np.linalg.norm(model.coef_))
    distances = model.decision_boundary_.distance(X)
    assert np.array_equal(np.abs(distances) >= model.margin_ / 2 * (1 + 1e-12), values**2 >= 1 + 1e-12)


def test_only_objects_near_the_strip_matter() -> None:
    X, y = problem(5)
    model = SoftMarginSVM(0.1).fit(X, y)
    signs, shares = np.where(y == "yes", 1, -1), 1 / len(X)
    far = np.setdiff1d(np.arange(len(X)), model.support_)
    assert 10 < len(far) < len(X)
    assert (signs[far] * model.decision_function(X)[far] > 1).all()
    assert model.multipliers_[far].max() < 1e-6 * shares
    moved = X.copy()
    moved[far] += signs[far, None] * model.coef_
    np.testing.assert_allclose(SoftMarginSVM(0.1).fit(moved, y).coef_, model.coef_, rtol=1e-6)


@pytest.mark.parametrize("count", [80, 3000])
def test_a_path_gives_the_models_one_by_one(count: int) -> None:
    X, y = problem(6, count)
    weights = np.random.default_rng(6).integers(0, 3, count).astype(float)
    base = SoftMarginSVM(tol=1e-10)
    regularizations = [1e-3, 1.0, 0.03, 0.1, 1e-3]
    models = base.path(pd.DataFrame(X, columns=list("abcd")), y, regularizations, weights)
    assert [model.regularization for model in models] == regularizations
    assert not hasattr(base, "coef_")
    for model in models:
        alone = SoftMarginSVM(model.regularization, tol=1e-10).fit(X, y, weights)
        assert model.objective_ == pytest.approx(alone.objective_, rel=1e-9)
        np.testing.assert_allclose(model.coef_, alone.coef_, rtol=1e-5, atol=1e-7)
        assert model.classes_.tolist() == ["no", "yes"]
        assert model.feature_names_in_.tolist() == list("abcd")
        assert model.tol == 1e-10
    assert models[0].margin_ < models[2].margin_ < models[3].margin_ < models[1].margin_
    models[2].certify()
    assert [model.status_ for model in models[1:3]] == ["converged", "certified"]


def test_a_path_takes_no_more_steps_than_models_one_by_one() -> None:
    X, y = problem(7, 6000, 10)
    regularizations = np.geomspace(1e-3, 1e-2, 6)
    models = SoftMarginSVM().path(X, y, regularizations)
    alone = [SoftMarginSVM(value).fit(X, y) for value in regularizations]
    assert sum(model.n_iter_ for model in models) < sum(model.n_iter_ for model in alone)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
@pytest.mark.parametrize("regularization", [1e-8, 1e-3, 1e8])
def test_extreme_scales_and_lambdas(scale: float, regularization: float) -> None:
    X, y = problem(8, 100)
    model = SoftMarginSVM(regularization).fit(scale * X, y)
    assert model.status_ == "converged"
    assert 0 <= model.objective_ - model.dual_objective_ <= 1e-9 * model.objective_
    model.certify()
    assert model.status_ == "certified"


def test_dependent_features_beside_which_lambda_is_nothing() -> None:
    X, y = problem(8, 100)
    model = SoftMarginSVM(1e-8).fit(1e6 * X[:, :1] * [1, 2, -3, 0.5], y)
    assert model.status_ == "converged"
    assert model.objective_ == pytest.approx(SoftMarginSVM(1e-8).fit(1e6 * np.sqrt(14.25) * X[:, :1], y).objective_)


def test_more_features_than_objects() -> None:
    X, y = problem(9, 30, 500)
    model = SoftMarginSVM(1e-3).fit(X, y)
    peer = SVC(kernel="linear", C=1 / (2 * 1e-3 * 30), tol=1e-10).fit(X, y)
    np.testing.assert_allclose(model.coef_, peer.coef_, atol=1e-7)
    assert model.certify() is model.certificate_


@pytest.mark.parametrize("column", [0.0, 5.0, 1e6])
def test_constant_features_have_no_weight(column: float) -> None:
    X, y = problem(10)
    model, wider = SoftMarginSVM().fit(X, y), SoftMarginSVM().fit(np.column_stack([X, np.full(len(X), column)]), y)
    np.testing.assert_allclose(wider.coef_[0, :4], model.coef_[0], rtol=1e-6)
    assert abs(wider.coef_[0, 4]) * max(column, 1) < 1e-6
    assert wider.objective_ == pytest.approx(model.objective_, rel=1e-9)


def test_equal_objects_of_both_classes_tell_nothing_apart() -> None:
    model = SoftMarginSVM().fit([[1.0, 2.0]] * 5, [0, 0, 1, 1, 1])
    assert np.abs(model.coef_).max() < 1e-8
    assert model.objective_ == pytest.approx(0.8)
    assert model.intercept_ == pytest.approx([1])
    assert SoftMarginSVM().fit([[1.0]] * 4, [0, 0, 1, 1]).intercept_interval_ == pytest.approx([-1, 1])


def test_the_middle_of_the_best_intercepts_is_taken() -> None:
    X, y = [[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1]
    model = SoftMarginSVM(1.0).fit(X, y)
    np.testing.assert_allclose(model.intercept_interval_, [-0.5, 0], atol=1e-9)
    assert model.intercept_ == pytest.approx([-0.25])
    for intercept in np.linspace(*model.intercept_interval_, 7):
        values = np.array(X) @ model.coef_[0] + intercept
        objective = (model.coef_**2).sum() + np.maximum(1 - np.array(y) * values, 0).mean()
        assert objective == pytest.approx(model.objective_, rel=1e-12)


def test_a_limit_is_told() -> None:
    X, y = problem(11)
    with pytest.warns(ConvergenceWarning, match=r"stopped after 3 of 3 steps at a relative gap of \d"):
        model = SoftMarginSVM(max_iter=3).fit(X, y)
    assert model.status_ == "limit reached"
    certificate = model.certify()  # of the gap that was reached
    assert model.status_ == "limit reached"
    gap = float.fromhex(certificate.numbers["gap"])
    assert gap == pytest.approx(model.objective_ - model.dual_objective_, rel=1e-6)


def test_what_rounding_leaves_unproven_is_not_called_certified() -> None:
    X, y = problem(11)
    model = SoftMarginSVM().fit(X, y)
    model.tol = 1e-16
    model.certify()
    assert model.status_ == "inexact"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"regularization": 0}, "regularization is 0; give lambda, a finite number above 0."),
        ({"regularization": -1.0}, "regularization is -1.0"),
        ({"regularization": np.inf}, "regularization is inf"),
        ({"regularization": np.nan}, "regularization is nan"),
        ({"regularization": "1"}, "regularization is '1'"),
        ({"regularization": True}, "regularization is True"),
        ({"tol": 0.0}, "tol is 0.0; give a number between 0 and 1."),
        ({"tol": 1.0}, "tol is 1.0"),
        ({"max_iter": 0}, "max_iter is 0; give a whole number of at least 1."),
        ({"max_iter": 2.5}, "max_iter is 2.5"),
    ],
)
def test_bad_parameters(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        SoftMarginSVM(**options).fit([[0.0], [1.0]], [0, 1])


def test_bad_paths() -> None:
    with pytest.raises(InputError, match="regularizations is empty"):
        SoftMarginSVM().path([[0.0], [1.0]], [0, 1], [])
    with pytest.raises(InputError, match=r"regularization is -1.0"):
        SoftMarginSVM().path([[0.0], [1.0]], [0, 1], [1.0, -1.0])


@pytest.mark.parametrize(
    ("X", "y", "weights", "message"),
    [
        ([[0.0], [1.0]], [1, 1], None, "decides between two classes .* holds 1 class;"),
        ([[0.0], [1.0], [2.0]], [0, 1, 2], None, "decides between two classes .* holds 3 classes;"),
        ([[0.0], [1.0]], [0, 1], [1.0, 0.0], "decides between two classes"),
        ([[0.0], [1.0]], [0, 1], [1.0, -1.0], "Negative values"),
        ([[0.0], [np.nan]], [0, 1], None, "contains NaN"),
        ([[0.0], [np.inf]], [0, 1], None, "contains infinity"),
        ([[0.0], [1.0]], [0, 1, 1], None, "inconsistent numbers of samples"),
        ([[0.0], [1.0]], [0.5, 1.5], None, "Unknown label type"),
    ],
)
def test_bad_data(X: Any, y: Any, weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SoftMarginSVM().fit(X, y, weights)


def test_copies_and_tools_of_scikit_learn() -> None:
    X, y = problem(12)
    model = SoftMarginSVM().fit(X, y)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), clone(model).fit(X, y)):
        assert np.array_equal(twin.decision_function(X), model.decision_function(X))
        assert twin.certify() == model.certify()
    search = GridSearchCV(
        make_pipeline(StandardScaler(), SoftMarginSVM()), {"softmarginsvm__regularization": [1e-3, 0.1, 100.0]}, cv=3
    ).fit(1000 * X + 500, y)
    assert search.best_params_["softmarginsvm__regularization"] < 100
    assert search.best_score_ > 0.7


def test_the_solver_is_given_shares() -> None:
    X, y = problem(13)
    weights = np.random.default_rng(13).uniform(1, 2, len(X))
    found = solve_soft_margin(X, np.where(y == "yes", 1.0, -1.0), weights / weights.sum(), 0.005, 1e-9, 200)
    assert np.array_equal(SoftMarginSVM().fit(X, y, weights).coef_[0], found.w)
