"""The estimators keep scikit-learn's contract: its own checks, and the tools that rely on them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from mathdl import SGD, Activation, Conv2D, Dense, Flatten, NetworkClassifier, NetworkRegressor

MOMENTUM: dict[str, Any] = {"rule": SGD(0.01, momentum=0.9), "batch_size": 8, "epochs": 100}
ESTIMATORS = [
    NetworkClassifier(),
    NetworkRegressor(),
    NetworkClassifier(**MOMENTUM),
    NetworkRegressor(layers=[Dense(60, activation="tanh")], **MOMENTUM),
]


def expected_failures(estimator: NetworkClassifier | NetworkRegressor) -> dict[str, str]:
    """The check's 27 objects are one batch of 32, whose gradient knows no order; smaller batches depend on it."""
    if estimator.batch_size >= 32:
        return {}
    return {
        "check_sample_weight_equivalence_on_dense_data": "a repeated object comes in several batches, a weighted one "
        "in a single batch, so stochastic descent takes other steps"
    }


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_scikit_learn_finds_nothing_wrong(estimator: Any, check: Any) -> None:
    check(estimator)


def data() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 4))
    return X, X[:, 0] * X[:, 1] + X[:, 2]


@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
def test_copies_of_a_trained_model_answer_alike_and_a_clone_trains_alike(kind: Any) -> None:
    X, y = data()
    y = y > 0 if kind is NetworkClassifier else y
    layers = [Conv2D(3, 2, activation="relu"), Flatten(), Dense(5, activation="tanh")]
    model = kind(layers=layers, input_shape=(1, 2, 2), epochs=3, rule=SGD(0.05, momentum=0.5), random_state=1)
    model.fit(X, y)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), clone(model).fit(X, y)):
        assert np.array_equal(twin.predict(X), model.predict(X))
        assert np.array_equal(twin.network_.parameters, model.network_.parameters)
        assert twin.network_.parameters is not model.network_.parameters


def test_a_clone_with_an_activation_of_the_users_own_trains_alike() -> None:
    X, y = data()
    squash = Activation("squash", function=lambda x: x / (1 + abs(x)), derivative=lambda x: 1 / (1 + abs(x)) ** 2)
    model = NetworkRegressor((6,), activation=squash, epochs=2, random_state=0).fit(X, y)
    assert np.array_equal(clone(model).fit(X, y).predict(X), model.predict(X))


def test_training_leaves_the_given_layers_alone() -> None:
    X, y = data()
    layer = Dense(5, activation="relu")
    first = NetworkRegressor(layers=[layer], epochs=1, random_state=0).fit(X, y)
    second = NetworkRegressor(layers=[layer], epochs=1, random_state=1).fit(X[:, :2], y)
    assert layer.weights is None
    assert first.network_.layers[0].weights.shape == (5, 4)
    assert second.network_.layers[0].weights.shape == (5, 2)


def test_a_pipeline_is_searched_and_cross_validated() -> None:
    X, y = data()
    X = 1000 * X + 500
    pipeline = make_pipeline(StandardScaler(), NetworkRegressor(epochs=100, random_state=0))
    grid = {"networkregressor__hidden_layers": [(), (50,)], "networkregressor__rule": [SGD(0.05), None]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    assert search.best_params_["networkregressor__hidden_layers"] == (50,)  # the target holds a product
    assert search.best_score_ > 0.7
    scores = cross_val_score(search.best_estimator_, X, y, cv=3)
    assert scores.mean() == search.best_score_


def test_feature_names_are_kept_and_checked() -> None:
    import pandas as pd

    X, y = data()
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    model = NetworkRegressor(epochs=1).fit(frame, y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert model.n_features_in_ == 4
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["b", "a", "c", "d"]])
