"""``LogisticRegression``: scikit-learn's contract, its peers, and data with and without a minimiser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array, csc_array, csr_array
from sklearn.linear_model import LogisticRegression as Peer

from mathdl import LogisticRegression
from mathdl.errors import ConvergenceWarning, InputError, NotCertifiedError


def drawn(N: int = 150, p: int = 3, classes: int = 2, seed: int = 0) -> tuple[Any, Any]:
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(N, p))
    logits = X @ generator.normal(size=(p, classes)) + generator.gumbel(size=(N, classes)) * 1.5
    return X, logits.argmax(axis=1)


@pytest.mark.parametrize("classes", [2, 3, 4])
@pytest.mark.parametrize("strength", [0.0, 1e-3, 1.0])
def test_scikit_learn_finds_the_same(classes: int, strength: float) -> None:
    X, y = drawn(classes=classes)
    weights = np.random.default_rng(1).uniform(0.1, 3, len(X))
    for given in (None, weights):
        model = LogisticRegression(strength).fit(X, y, given)
        total = len(X) if given is None else given.sum()
        C = 1 / (2 * strength * total) if strength else np.inf
        peer = Peer(C=C, tol=1e-10, max_iter=10_000).fit(X, y, given)
        assert model.status_ == "converged"
        assert np.allclose(model.predict_proba(X), peer.predict_proba(X), atol=1e-5)
        assert np.allclose(model.coef_, peer.coef_, atol=1e-4)
        assert np.allclose(model.decision_function(X), peer.decision_function(X), atol=1e-3)
        assert np.array_equal(model.predict(X), peer.predict(X))
        assert np.allclose(model.predict_log_proba(X), np.log(model.predict_proba(X)), atol=1e-12)
        if classes > 2:
            assert np.abs(model.coef_.sum(axis=0)).max() < 1e-12
            assert abs(model.intercept_.sum()) < 1e-12
            assert model.coef_.shape == (classes, 3)
        else:
            assert model.coef_.shape == (1, 3)


def test_the_objective_is_the_books() -> None:
    X, y = drawn()
    model = LogisticRegression(0.02).fit(X, y)
    logits = X @ model.coef_[0] + model.intercept_[0]
    value = 0.02 * np.sum(model.coef_**2) + np.mean(np.log1p(np.exp(-(2 * y - 1) * logits)))
    assert model.objective_ == pytest.approx(value, rel=1e-14)
    estimate = model.gap_
    assert 0 <= estimate <= 1e-10 * value
    model.certify()
    assert model.status_ == "certified"
    assert estimate <= model.gap_ < 1e-11


def test_scales_and_shifts_change_nothing_but_the_scales() -> None:
    X, y = drawn()
    model = LogisticRegression().fit(X, y)
    for scale, shift in [([1e6, 1e-6, 1.0], [0, 0, 0]), ([1e-3, 1, 1e4], [1e3, -50, 1e5]), ([1, 1, 1], [1e6, 0, 0])]:
        other = LogisticRegression().fit(X * scale + shift, y)
        assert other.objective_ == pytest.approx(model.objective_, rel=1e-9)
        assert np.allclose(other.coef_ * scale, model.coef_, rtol=1e-6)
        assert other.certify().kind == "logistic"
        assert other.gap_ < 1e-8


@pytest.mark.parametrize("strength", [0.0, 0.01])
@pytest.mark.parametrize("classes", [2, 3])
def test_dependent_columns_share_their_weight(strength: float, classes: int) -> None:
    X, y = drawn(classes=classes)
    X = np.round(8 * X) / 8  # so that the sum of two columns is exact
    model = LogisticRegression(strength).fit(X, y)
    doubled = np.column_stack([X, X[:, 0], np.ones(len(X)), X[:, 1] + X[:, 2]])
    other = LogisticRegression(strength).fit(doubled, y)
    assert np.abs(other.coef_[:, 0] - other.coef_[:, 3]).max() < 1e-9
    assert np.abs(other.coef_[:, 4]).max() == 0.0
    if strength == 0:
        assert other.objective_ == pytest.approx(model.objective_, rel=1e-12)
        assert np.allclose(other.predict_proba(doubled), model.predict_proba(X), atol=1e-7)
    else:
        peer = Peer(C=1 / (2 * strength * len(X)), tol=1e-10, max_iter=10_000).fit(doubled, y)
        assert np.allclose(other.coef_, peer.coef_, atol=1e-5)
    assert other.certify().kind == "logistic"
    assert other.gap_ < 1e-10


def test_many_dependent_columns() -> None:
    X, y = drawn(N=2000, p=70)
    model = LogisticRegression().fit(X, y)
    doubled = LogisticRegression().fit(np.column_stack([X, X[:, 0]]), y)
    assert doubled.objective_ == pytest.approx(model.objective_, rel=1e-12)
    assert doubled.coef_[0, 0] == pytest.approx(doubled.coef_[0, 70], rel=1e-6)


def test_columns_that_depend_on_each_other_but_for_rounding_are_not_certified() -> None:
    X, y = drawn()
    rounded = np.column_stack([X, X[:, 0] + X[:, 1]])
    assert np.linalg.matrix_rank(rounded) == 3
    model = LogisticRegression().fit(rounded, y)
    assert model.objective_ == pytest.approx(LogisticRegression().fit(X, y).objective_, rel=1e-12)
    # In exact arithmetic there is a fourth feature, of the size of rounding errors, that could be made use of.
    with pytest.raises(NotCertifiedError, match="too far from balance"):
        model.certify()
    assert model.status_ == "converged"
    assert LogisticRegression(1e-3).fit(rounded, y).certify().kind == "logistic"


def test_more_features_than_objects() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(30, 200)) * 10 ** generator.uniform(-2, 2, 200)
    for classes in (2, 3):
        y = np.arange(30) % classes
        with pytest.warns(ConvergenceWarning, match="strictly"):
            model = LogisticRegression().fit(X, y)
        assert model.score(X, y) == 1
        assert model.certify().kind == "no_minimiser"
        model = LogisticRegression(0.1).fit(X, y)
        peer = Peer(C=1 / (2 * 0.1 * 30), tol=1e-12, max_iter=100_000).fit(X, y)
        assert np.allclose(model.predict_proba(X), peer.predict_proba(X), atol=1e-4)
        assert model.certify().kind == "logistic"
        assert model.gap_ < 1e-9


@pytest.mark.parametrize("classes", [2, 3])
def test_separated_classes_have_no_minimiser(classes: int) -> None:
    X, _ = drawn()
    y = np.digitize(X @ [1.0, -2.0, 0.5], [0.0, 1.5][: classes - 1])
    with pytest.warns(ConvergenceWarning, match="separated strictly.*no minimum.*positive regularization"):
        model = LogisticRegression().fit(X, y)
    assert model.status_ == "no minimiser"
    assert model.score(X, y) == 1
    logits = model.decision_function(X)
    logits = np.column_stack([0 * logits, logits]) if classes == 2 else logits
    lead = logits[np.arange(len(X)), y][:, None] - logits
    assert lead[np.arange(classes) != y[:, None]].min() == pytest.approx(1, abs=1e-12)
    assert model.certify().kind == "no_minimiser"
    assert model.status_ == "no minimiser"
    model = LogisticRegression(1e-6).fit(X, y)
    assert model.status_ == "converged"


def test_weakly_separated_classes_have_none_either() -> None:
    X, y = np.array([[1.0], [2.0], [2.0], [3.0], [4.0]]), ["no", "no", "yes", "yes", "yes"]
    with pytest.warns(ConvergenceWarning, match="separated weakly"):
        model = LogisticRegression().fit(X, y)
    assert model.status_ == "no minimiser"
    assert model.predict(X[[0, 3, 4]]).tolist() == ["no", "yes", "yes"]
    # What cannot be separated is as probable as it is frequent, the rest nearly certain.
    assert model.predict_proba([[2.0]])[0] == pytest.approx([0.5, 0.5], abs=1e-6)
    assert model.objective_ == pytest.approx(2 * np.log(2) / 5, abs=1e-6)
    assert model.certify().kind == "no_minimiser"


def test_the_limit_of_steps() -> None:
    X, y = drawn()
    with pytest.warns(ConvergenceWarning, match="ended after 1 steps"):
        model = LogisticRegression(max_iter=1).fit(X, y)
    assert model.status_ == "limit reached"
    assert model.n_iter_.tolist() == [1]
    best = LogisticRegression().fit(X, y).objective_
    assert model.objective_ - best == pytest.approx(model.gap_, rel=0.5)
    assert model.certify().kind == "logistic"
    assert model.status_ == "limit reached"
    assert model.objective_ - best <= model.gap_


def test_sparse_frames_and_float32_are_all_the_same() -> None:
    X, y = drawn()
    X = np.where(np.abs(X) > 0.5, X, 0).astype(np.float32)
    model = LogisticRegression(0.01).fit(X, y)
    assert np.array_equal(LogisticRegression(0.01).fit(X.astype(np.float64), y).coef_, model.coef_)
    for kind in (csr_array, csc_array, coo_array):
        assert np.array_equal(LogisticRegression(0.01).fit(kind(X), y).coef_, model.coef_)
        assert np.allclose(model.predict_proba(kind(X)), model.predict_proba(X), atol=1e-15)
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    named = LogisticRegression(0.01).fit(frame, pd.Series(y))
    assert np.array_equal(named.coef_, model.coef_)
    assert named.feature_names_in_.tolist() == ["a", "b", "c"]
    named.certify()


def test_weights_are_shares() -> None:
    X, y = drawn()
    counts = np.random.default_rng(1).integers(0, 4, len(X))
    model = LogisticRegression().fit(X, y, counts)
    repeated = LogisticRegression().fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    assert np.allclose(model.coef_, repeated.coef_, rtol=1e-8)
    assert model.objective_ == pytest.approx(repeated.objective_, rel=1e-12)
    scaled = LogisticRegression().fit(X, y, counts * 1e-200)
    assert np.allclose(model.coef_, scaled.coef_, rtol=1e-8)
    assert model.certify().kind == "logistic"
    present = LogisticRegression().fit(X[counts > 0], y[counts > 0], counts[counts > 0])
    assert np.array_equal(present.coef_, model.coef_)


def test_the_decision_boundary() -> None:
    X, y = drawn()
    model = LogisticRegression().fit(X, y)
    line = model.decision_boundary_
    assert np.array_equal(line.value(X) > 0, model.predict(X) == 1)
    with pytest.raises(InputError, match="There are 3 classes"):
        _ = LogisticRegression().fit(*drawn(classes=3)).decision_boundary_


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"regularization": -1.0}, "regularization is -1.0; give a number of at least 0"),
        ({"regularization": "1"}, "regularization is '1'"),
        ({"regularization": np.nan}, "regularization is nan"),
        ({"tol": -1e-3}, "tol is -0.001"),
        ({"max_iter": 0}, "max_iter is 0; give a whole number of at least 1"),
        ({"max_iter": 2.5}, "max_iter is 2.5"),
    ],
)
def test_parameters_that_cannot_be_used(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        LogisticRegression(**parameters).fit(*drawn())


def test_data_that_cannot_be_used() -> None:
    X, y = drawn()
    with pytest.raises(InputError, match="one class only, 1; add objects of another class"):
        LogisticRegression().fit(X, 0 * y + 1)
    with pytest.raises(InputError, match="one class only"):
        LogisticRegression().fit(X, y, (y == 1).astype(float))
    with pytest.raises(ValueError, match="at least one non-zero number"):
        LogisticRegression().fit(X, y, 0 * y)
    with pytest.raises(ValueError, match="NaN"):
        LogisticRegression().fit(X * np.nan, y)
    with pytest.raises(ValueError, match="Negative values in data"):
        LogisticRegression().fit(X, y, -np.ones(len(y)))
    with pytest.raises(ValueError, match="Unknown label type"):
        LogisticRegression().fit(X, X[:, 0])
