"""Estimators come back from a file as they were: parameters, answers, labels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from files.edited import edit
from mathdl import (
    SGD,
    Activation,
    Adam,
    Conv2D,
    CosineSchedule,
    Flatten,
    NetworkClassifier,
    NetworkRegressor,
    StepSchedule,
    load,
    save,
)
from mathdl.errors import FileError, InputError

X = np.random.default_rng(0).normal(size=(40, 4))
LABELS = {
    "text": np.array(["no", "perhaps", "yes"]),
    "objects": np.array(["no", "perhaps", "yes"], object),
    "integers": np.array([-3, 5, 70]),
    "floats": np.array([0.0, 1.0, 2.0]),
}


@pytest.mark.parametrize("kind", LABELS)
def test_a_classifier_comes_back(tmp_path: Path, kind: str) -> None:
    y = LABELS[kind][np.arange(40) % 3]
    model = NetworkClassifier((5,), epochs=2, random_state=1).fit(X, y)
    save(model, tmp_path / "m.safetensors")
    same = load(tmp_path / "m.safetensors")
    assert isinstance(same, NetworkClassifier)
    assert same.get_params() == model.get_params()
    assert same.classes_.dtype == model.classes_.dtype
    assert same.classes_.tolist() == model.classes_.tolist()
    assert same.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()
    assert same.predict(X).tolist() == model.predict(X).tolist()
    assert (same.n_iter_, same.n_features_in_) == (2, 4)
    assert same.history_ == model.history_
    assert (clone(same).fit(X, y).network_.parameters == model.network_.parameters).all()


@pytest.mark.parametrize("targets", [None, 1, 2])
def test_a_regressor_comes_back(tmp_path: Path, targets: int | None) -> None:
    y = X[:, 0] * 3 + 10 if targets is None else X[:, :targets] * 3 + 10
    frame = pd.DataFrame(X.astype("float32"), columns=list("abcd"))
    model = NetworkRegressor((5,), epochs=2, random_state=1).fit(frame, y)
    save(model, tmp_path / "m.safetensors")
    same = load(tmp_path / "m.safetensors")
    assert isinstance(same, NetworkRegressor)
    assert same.predict(frame).tobytes() == model.predict(frame).tobytes()
    assert same.predict(frame).shape == y.shape
    assert same.feature_names_in_.tolist() == list("abcd")


def test_every_kind_of_parameter_comes_back(tmp_path: Path) -> None:
    model = NetworkClassifier(
        layers=[Conv2D(2, 2, activation=Activation("leaky_relu", slope=0.25)), Flatten()],
        activation={"name": "leaky_relu", "slope": 0.5},
        input_shape=(1, 2, 2),
        rule=Adam(0.01, weight_decay=0.1),
        schedule=StepSchedule(2, factor=0.5),
        epochs=np.int64(2),
        random_state=3,
    ).fit(X, np.arange(40) % 2)
    save(model, tmp_path / "m.safetensors")
    same = load(tmp_path / "m.safetensors").get_params()
    given = model.get_params()
    assert [layer.describe() for layer in same.pop("layers")] == [layer.describe() for layer in given.pop("layers")]
    assert same == given
    assert isinstance(same["input_shape"], tuple)


def test_sgd_a_cosine_and_an_activation_come_back(tmp_path: Path) -> None:
    rule, schedule = SGD(0.1, 0.9, nesterov=True), CosineSchedule(0.1)
    model = NetworkRegressor([3], Activation("tanh"), rule=rule, schedule=schedule, epochs=1).fit(X, X[:, 0])
    save(model, tmp_path / "m.safetensors")
    same = load(tmp_path / "m.safetensors")
    assert (same.rule, same.schedule, same.activation) == (rule, schedule, Activation("tanh"))
    assert same.hidden_layers == [3]


@pytest.mark.parametrize(
    ("name", "value"),
    [("schedule", lambda epoch, epochs: 1.0), ("random_state", np.random.RandomState(0))],
)
def test_a_parameter_that_no_file_can_hold(tmp_path: Path, name: str, value: Any) -> None:
    model = NetworkClassifier((3,), epochs=1, **{name: value}).fit(X, np.arange(40) % 2)
    with pytest.raises(InputError, match=f"{name} is .* which a file cannot hold; set {name}"):
        save(model, tmp_path / "m.safetensors")
    assert os.listdir(tmp_path) == []
    save(model.set_params(**{name: None}), tmp_path / "m.safetensors")


def test_an_estimator_must_be_fitted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not fitted; call fit"):
        save(NetworkRegressor(), tmp_path / "m.safetensors")


def test_a_subclass_is_not_saved_as_its_parent(tmp_path: Path) -> None:
    class Mine(NetworkClassifier):
        pass

    with pytest.raises(InputError, match="A Mine cannot be saved"):
        save(Mine((3,), epochs=1).fit(X, np.arange(40) % 2), tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r, a, m: r["estimator"]["params"].update(spell=1), "spell"),
        (lambda r, a, m: r["estimator"]["params"].update(rule={"rule": {"rule": "Lamb"}}), "'Lamb' is unknown"),
        (
            lambda r, a, m: r["estimator"]["params"].update(rule={"rule": {"rule": "SGD", "learning_rate": -1}}),
            "learning_rate",
        ),
        (lambda r, a, m: r["estimator"]["params"].update(rule={"pickle": "x"}), "stands for nothing known"),
        (lambda r, a, m: r["estimator"]["params"].update(schedule={"schedule": {"schedule": "eval"}}), "nothing known"),
        (lambda r, a, m: r["estimator"].update(n_features_in=5), "5 features"),
        (lambda r, a, m: r["estimator"].update(feature_names_in=["a"]), "feature names"),
        (lambda r, a, m: r["estimator"]["learned"]["classes_"].update(values=[1, 2, 3]), "for 3 classes"),
        (lambda r, a, m: r["estimator"]["learned"]["classes_"].update(dtype="V8"), "of the type"),
        (lambda r, a, m: r["estimator"]["learned"]["classes_"].update(dtype="no"), "damaged"),
        (lambda r, a, m: r["estimator"]["learned"]["history_"].update(luck=1), "luck"),
        (lambda r, a, m: r["estimator"]["learned"]["history_"].update(loss="low"), "loss is 'low'"),
        (lambda r, a, m: r["estimator"]["learned"]["history_"].update(status="lucky"), "'lucky'"),
        (lambda r, a, m: r["estimator"]["learned"].pop("classes_"), "it lacks classes_"),
        (lambda r, a, m: r["estimator"]["learned"].pop("network_"), "it lacks network_"),
    ],
)  # fmt: skip
def test_a_damaged_classifier_is_an_error(tmp_path: Path, change: Any, message: str) -> None:
    path = tmp_path / "m.safetensors"
    save(NetworkClassifier((3,), epochs=1).fit(X, np.arange(40) % 2), path)
    edit(path, change)
    with pytest.raises(FileError, match=message):
        load(path)


@pytest.mark.parametrize(
    ("mean", "message"),
    [(np.zeros(3), "for 3 targets"), (np.array(np.nan), "is not finite"), (np.zeros((1, 1)), "has shape")],
)
def test_a_damaged_regressor_is_an_error(tmp_path: Path, mean: np.ndarray, message: str) -> None:
    path = tmp_path / "m.safetensors"
    save(NetworkRegressor((3,), epochs=1).fit(X, X[:, 0]), path)
    edit(path, lambda r, a, m: a.update(target_mean_=mean, target_scale_=np.ones_like(mean)))
    with pytest.raises(FileError, match=message):
        load(path)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([True, 1], "<i8"),
        ([1, True], "|O"),
        (["a", 1], "<U1"),
        (["a", 1], "|O"),
        ([0, 1.0], "<f8"),
        ([1, 2.5], "<i8"),
        (["a", "bc"], "<U1"),
        (["b", "a"], "<U1"),
        (["a", "a"], "<U1"),
        ([None, None], "|O"),
        ([[1], [2]], "<i8"),
        ("ab", "<U1"),
        ([float("nan"), 1.0], "<f8"),
    ],
)
def test_class_names_that_would_change_or_be_equal_are_refused(tmp_path: Path, values: Any, dtype: str) -> None:
    path = tmp_path / "m.safetensors"
    save(NetworkClassifier((3,), epochs=1).fit(X, np.arange(40) % 2), path)
    edit(path, lambda r, a, m: r["estimator"]["learned"].update(classes_={"values": values, "dtype": dtype}))
    with pytest.raises(FileError, match=r"is damaged: its labels"):
        load(path)


def test_class_weights_of_any_labels_come_back(tmp_path: Path) -> None:
    for labels in (LABELS["text"], LABELS["integers"]):
        weights = dict(zip(labels.tolist(), [1.0, 2.0, 3.5], strict=True))
        model = NetworkClassifier((3,), epochs=1, class_weight=weights).fit(X, labels[np.arange(40) % 3])
        save(model, tmp_path / "m.safetensors")
        assert load(tmp_path / "m.safetensors").class_weight == weights
