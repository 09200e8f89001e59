"""The network estimators work with scikit-learn's tools: copies, clones, pipelines, searches, tables."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mathdl import (
    SGD,
    Activation,
    Adam,
    Callback,
    Checkpoint,
    Conv2D,
    Dense,
    Flatten,
    Network,
    NetworkClassifier,
    NetworkRegressor,
    load_checkpoint,
)
from mathdl.data.splitting import stratified_split
from mathdl.errors import InputError
from mathdl.status import Status


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


@pytest.mark.filterwarnings("ignore::mathdl.errors.TrivialLossWarning")
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


@pytest.mark.filterwarnings("ignore::mathdl.errors.TrivialLossWarning")
def test_a_number_of_the_rule_is_searched() -> None:
    X, y = data()
    model = NetworkRegressor((20,), rule=SGD(0.05, momentum=0.9), epochs=30, random_state=0)
    assert model.get_params()["rule__learning_rate"] == 0.05
    assert "rule__learning_rate" not in model.get_params(deep=False)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), model), {"networkregressor__rule__learning_rate": [1e-9, 0.05]}
    )
    best = search.fit(X, y).best_estimator_[-1]
    assert best.rule == SGD(0.05, momentum=0.9)
    assert clone(best).set_params(rule__momentum=0.5, epochs=2).rule == SGD(0.05, momentum=0.5)
    assert NetworkRegressor().set_params(rule__learning_rate=0.5).rule == Adam(0.5)
    assert model.set_params(rule=SGD(1.0), rule__momentum=0.1).rule == SGD(1.0, momentum=0.1)
    with pytest.raises(InputError, match=r"SGD has no 'speed'; its parameters are learning_rate, momentum"):
        model.set_params(rule__speed=3)
    with pytest.raises(InputError, match="learning_rate is -1"):
        model.set_params(rule__learning_rate=-1)


def images() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    labels = np.arange(80) % 2
    pictures = generator.integers(0, 200, (80, 1, 6, 6))
    pictures[labels == 1, 0, 2:4, 2:4] = 255
    return pictures.astype(np.uint8), np.where(labels, "spot", "none")


def test_images_of_bytes_stay_bytes() -> None:
    X, y = images()
    layers = [Conv2D(3, 3, activation="relu"), Flatten()]
    settings: dict[str, Any] = {"rule": SGD(0.05, momentum=0.9), "batch_size": 16, "epochs": 4}
    model = NetworkClassifier(layers=layers, random_state=5, **settings).fit(X, y, validation=(X[:10], y[:10]))
    network = Network([*layers, Dense(2)], (1, 6, 6), seed=5)
    codes = (y == "spot").astype(int)
    history = network.fit(X, codes, loss="cross_entropy", seed=5, validation=(X[:10], codes[:10]), **settings)
    assert model.network_.parameters.tobytes() == network.parameters.tobytes()
    assert model.history_.validation_loss == history.validation_loss
    assert (model.n_features_in_, model.network_.dtype) == (36, "float32")
    assert model.predict_proba(X).tobytes() == network.predict_proba(X).tobytes()
    np.testing.assert_allclose(model.predict_proba(X.reshape(80, 36) / 255), model.predict_proba(X), rtol=1e-4)
    assert NetworkClassifier(layers=layers, dtype="float64", epochs=1).fit(X, y).network_.dtype == "float64"
    with pytest.raises(InputError, match=r"X has shape \(80, 1, 3, 12\)"):
        model.predict(X.reshape(80, 1, 3, 12))
    with pytest.raises(ValueError, match="35 features, but NetworkClassifier is expecting 36"):
        model.predict(X.reshape(80, 36)[:, 1:])


def test_images_may_be_numbers_or_lists_and_predict_numbers() -> None:
    X, _ = images()
    target = X.mean(axis=(1, 2, 3))
    layers = [Flatten(), Dense(5, activation="tanh")]
    model = NetworkRegressor(layers=layers, epochs=3, random_state=0).fit(X / 255, target)
    assert model.network_.dtype == "float64"
    again = NetworkRegressor(layers=layers, epochs=3, random_state=0).fit((X / 255).tolist(), target.tolist())
    assert again.predict(X / 255).tobytes() == model.predict(X / 255).tobytes()
    with pytest.raises(ValueError, match="NaN"):
        model.predict(np.full((1, 1, 6, 6), np.nan))


def test_a_dtype_is_what_the_network_computes_with() -> None:
    X, y = data()
    model = NetworkRegressor((5,), epochs=2, dtype="float32", random_state=0).fit(X, y)
    assert model.network_.dtype == "float32"
    same = NetworkRegressor((5,), epochs=2, random_state=0).fit(X.astype("float32"), y)
    assert same.predict(X.astype("float32")).tobytes() == model.predict(X).tobytes()
    with pytest.raises(InputError, match="dtype is 'float16'; give 'float32', 'float64' or None"):
        NetworkRegressor(dtype="float16").fit(X, y)
    with pytest.raises(ValueError, match="infinity or a value too large for dtype"):
        NetworkRegressor(dtype="float32").fit(1e300 * X, y)


@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
def test_a_run_goes_on_from_a_checkpoint_to_the_same_bits(kind: Any, tmp_path: Path) -> None:
    X, y = data()
    y = np.where(y > 0, "p", "q") if kind is NetworkClassifier else y
    model = kind((6,), rule=SGD(0.01, momentum=0.9), batch_size=8, random_state=2)
    whole = clone(model).set_params(epochs=7).fit(X, y)
    path = tmp_path / "run.safetensors"
    half = clone(model).set_params(epochs=3).fit(X, y, callbacks=[Checkpoint(path)])
    resumed = clone(model).set_params(epochs=7).fit(X, y, resume=load_checkpoint(path))
    assert (half.n_iter_, resumed.n_iter_, resumed.status_) == (3, 7, Status.COMPLETED)
    assert resumed.history_.loss == whole.history_.loss
    assert resumed.network_.parameters.tobytes() == whole.network_.parameters.tobytes()


def test_early_stopping_watches_a_tenth_of_each_class() -> None:
    X, y = data()
    labels = np.repeat(["a", "b"], [40, 20])
    model = NetworkClassifier((20,), early_stopping=2, epochs=500, random_state=4).fit(X, labels)
    assert model.status_ == "stopped early"
    best = int(np.argmin(model.history_.validation_loss))
    assert model.n_iter_ == best + 3
    # The same by hand.
    kept, held_out = stratified_split((labels == "b").astype(int), 0.1, 4)
    assert np.bincount((labels[held_out] == "b").astype(int)).tolist() == [4, 2]
    watched = (X[held_out], labels[held_out])
    by_hand = NetworkClassifier((20,), early_stopping=2, epochs=500, random_state=4)
    by_hand.fit(X[kept], labels[kept], validation=watched)
    assert by_hand.network_.parameters.tobytes() == model.network_.parameters.tobytes()
    assert model.network_.loss(X[held_out], (labels[held_out] == "b").astype(int), "cross_entropy") == pytest.approx(
        min(model.history_.validation_loss), rel=1e-12
    )
    regressor = NetworkRegressor((20,), early_stopping=True, epochs=3, random_state=4).fit(X, y)
    assert len(regressor.history_.validation_loss) == 3
    for value in (0, -1, 1.5, "yes"):
        with pytest.raises(InputError, match=r"early_stopping is .*; give a whole number of at least 1"):
            NetworkClassifier(early_stopping=value).fit(X, labels)


def test_weights_of_classes_multiply_those_of_objects() -> None:
    X, _ = data()
    labels, weights = np.repeat(["a", "b"], [45, 15]), np.random.default_rng(1).uniform(1, 2, 60)
    of_classes = np.where(labels == "a", 0.5, 3.0)

    def parameters(class_weight: Any, sample_weight: Any) -> bytes:
        model = NetworkClassifier((5,), epochs=3, class_weight=class_weight, random_state=0)
        return bytes(model.fit(X, labels, sample_weight).network_.parameters.tobytes())

    assert parameters({"a": 0.5, "b": 3.0}, None) == parameters(None, of_classes)
    assert parameters({"a": 0.5, "b": 3.0}, weights) == parameters(None, of_classes * weights)
    assert parameters("balanced", None) == parameters(None, np.where(labels == "a", 60 / 90, 60 / 30))
    with pytest.raises(ValueError, match="class_weight"):
        parameters("fair", None)


def test_layers_may_be_the_whole_network() -> None:
    X, y = data()
    whole = [Dense(4, activation="tanh"), Dense(1)]
    model = NetworkRegressor(layers=whole, add_output_layer=False, epochs=2, random_state=0).fit(X, y)
    same = NetworkRegressor(layers=whole[:1], epochs=2, random_state=0).fit(X, y)
    assert model.network_.parameters.tobytes() == same.network_.parameters.tobytes()
    classes = [Dense(4, activation="tanh"), Dense(2, activation="softmax")]
    chances = NetworkClassifier(layers=classes, add_output_layer=False, epochs=2, random_state=0).fit(X, y > 0)
    logits = NetworkClassifier(layers=classes[:1], epochs=2, random_state=0).fit(X, y > 0)
    np.testing.assert_allclose(chances.predict_log_proba(X), logits.predict_log_proba(X), rtol=1e-9)
    with pytest.raises(InputError, match=r"layers end in 1 output, but 2 are needed; let the last layer be a Dense"):
        NetworkClassifier(layers=whole, add_output_layer=False).fit(X, y > 0)


def test_the_unit_of_targets_is_that_of_training_and_validation_data() -> None:
    X, y = data()
    model = NetworkRegressor((4,), epochs=2, random_state=0).fit(X[:40], y[:40], validation=(X[40:], y[40:]))
    assert model.target_mean_ == pytest.approx(y.mean(), rel=1e-12)
    assert model.target_scale_ == pytest.approx(y.std(), rel=1e-12)
    standardised = (y[40:] - y.mean()) / y.std()
    assert model.history_.validation_loss[-1] == pytest.approx(
        model.network_.loss(X[40:], standardised[:, None], "mean_square"), rel=1e-9
    )


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (3, "validation is of type int; give a pair"),
        (([[1.0, 2.0, 3.0, 4.0]], ["c"]), "validation holds 'c' among its labels, which y does not"),
        (([[1.0, 2.0, 3.0, 4.0]], [1]), "among its labels"),
        (([[1.0, 2.0, 3.0, 4.0]], [["a"]]), r"validation has labels of shape \(1, 1\)"),
        (([[1.0, 2.0, 3.0, 4.0]], ["a", "b"]), r"validation has 1 objects and targets of shape \(2,\)"),
        (([[1.0, 2.0]], ["a"]), "X has 2 features, but NetworkClassifier is expecting 4"),
        ((np.zeros((1, 1, 2, 2)), ["a"]), r"validation holds objects of shape \(1, 2, 2\), but X of \(4,\)"),
    ],
)
def test_validation_data_that_do_not_fit_are_refused(validation: Any, message: str) -> None:
    X, y = data()
    with pytest.raises(ValueError, match=message):
        NetworkClassifier((3,), epochs=1).fit(X, np.where(y > 0, "a", "b"), validation=validation)


@pytest.mark.parametrize("targets", [["a"], [float("nan")], [[1.0, 2.0]]])
def test_validation_targets_that_are_no_numbers_like_ys_are_refused(targets: Any) -> None:
    X, y = data()
    with pytest.raises(InputError, match="validation h"):
        NetworkRegressor((3,), epochs=1).fit(X, y, validation=(X[:1], targets))


def test_callbacks_are_a_list() -> None:
    X, y = data()
    with pytest.raises(InputError, match=r"callbacks is .*; give a list of callbacks"):
        NetworkRegressor((3,)).fit(X, y, callbacks=Callback())
