"""What ONNX Runtime answers for trained models: what they predict, their preprocessing included."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import mathdl
from exchange.runtime import run
from mathdl import (
    Certificate,
    ClusterOutlierDetector,
    HardMarginSVM,
    KMeans,
    LinearRegression,
    LogisticRegression,
    NetworkClassifier,
    NetworkRegressor,
    PolynomialRegression,
    SoftMarginSVM,
    from_onnx,
    to_onnx,
)
from mathdl.errors import InputError
from mathdl.exchange.onnx_models import ESTIMATORS
from mathdl.models.registry import estimators
from mathdl.models.trained_model import TrainedModel

Array = NDArray[Any]
GENERATOR = np.random.default_rng(5)
X = np.concatenate([GENERATOR.normal(size=(40, 3)) - 2, GENERATOR.normal(size=(40, 3)) + 2])
NEW = np.random.default_rng(6).normal(size=(50, 3)) * 2
TWO = np.repeat(["left", "right"], 40)
THREE = np.tile([3, 5, 8], 27)[:80]
LINE = X @ [1.0, -2.0, 0.5] + 3
MODELS: dict[str, Callable[[], list[Any]]] = {
    "ClusterOutlierDetector": lambda: [ClusterOutlierDetector(2, random_state=0).fit(X)],
    "HardMarginSVM": lambda: [HardMarginSVM().fit(X, TWO)],
    "KMeans": lambda: [KMeans(4, random_state=0).fit(X), KMeans(3, random_state=0).fit(X.astype(np.float32))],
    "LinearRegression": lambda: [
        LinearRegression().fit(X, LINE),
        LinearRegression().fit(X, np.stack([LINE, X[:, 0]], 1)),
    ],
    "LogisticRegression": lambda: [
        LogisticRegression(0.01).fit(X, TWO),
        LogisticRegression(0.01).fit(X, THREE),
        LogisticRegression(0.1).fit(X, TWO == "left"),
    ],
    "NetworkClassifier": lambda: [
        NetworkClassifier((5,), epochs=2, random_state=0).fit(X, TWO),
        NetworkClassifier((5,), epochs=2, dtype="float64", random_state=0).fit(X, THREE.astype(float)),
    ],
    "NetworkRegressor": lambda: [
        NetworkRegressor((5,), epochs=2, random_state=0).fit(X, LINE * 1000),
        NetworkRegressor((5,), epochs=2, random_state=0).fit(X, np.stack([LINE, X[:, 0]], 1)),
    ],
    "PolynomialRegression": lambda: [
        *(PolynomialRegression(degree).fit(X, LINE**2) for degree in (0, 1, 2, 4)),
        PolynomialRegression(3).fit(X, np.stack([LINE**3, X[:, 0]], 1)),
    ],
    "SoftMarginSVM": lambda: [SoftMarginSVM(0.1).fit(X, TWO)],
}


@cache
def fitted(name: str) -> list[Any]:
    """Fit the examples of an estimator."""
    return MODELS[name]()


def tolerance(kind: Any) -> float:
    """How far answers may differ relative to their size: a few roundings of the type that computes."""
    return 1e-5 if np.dtype(kind) == np.float32 else 1e-12


def compare(found: dict[str, Array], model: Any, inputs: Any, computes: str = "float64") -> None:
    """Compare the outputs with what the model predicts."""
    wanted = np.asarray(model.predict(inputs))
    if wanted.dtype.kind == "f":
        scale = float(np.abs(wanted).max())
        np.testing.assert_allclose(found["prediction"], wanted, rtol=0, atol=100 * tolerance(computes) * scale)
    else:
        assert found["prediction"].tolist() == wanted.tolist()
    inner = getattr(model, "model", model)
    if "probabilities" in found:
        chances = np.asarray(model.predict_proba(inputs))
        assert found["probabilities"].shape == chances.shape
        np.testing.assert_allclose(found["probabilities"], chances, rtol=0, atol=10 * tolerance(computes))
        np.testing.assert_allclose(found["probabilities"].sum(axis=1), 1, atol=1e-5)
    else:
        assert not hasattr(inner, "predict_proba")


def test_every_estimator_has_a_row() -> None:
    assert set(ESTIMATORS) == set(estimators()) == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_answers_are_those_of_the_estimator(name: str) -> None:
    for model in fitted(name):
        written = to_onnx(model)
        rows = NEW.astype(model.input_dtype)
        found = run(written, {"X": rows})
        compare(found, model, rows, model.input_dtype)
        for output, method in (("margin", "decision_function"), ("score", "score_samples")):
            assert (output in found) == (name.endswith("SVM") if output == "margin" else "Outlier" in name)
            if output in found:
                np.testing.assert_allclose(found[output], getattr(model, method)(rows), rtol=1e-12, atol=1e-12)
        metadata = {each.key: each.value for each in written.metadata_props}
        assert metadata["mathdl.model"] == name
        if hasattr(model, "classes_"):
            assert json.loads(metadata["mathdl.classes"]) == model.classes_.tolist()


def test_two_classes_have_two_probabilities() -> None:
    for model in (fitted("LogisticRegression")[0], fitted("NetworkClassifier")[0]):
        chances = run(to_onnx(model), {"X": NEW.astype(model.input_dtype)})["probabilities"]
        assert chances.shape == (50, 2)
        np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-6)


def test_lines_and_logistic_models_come_back_as_networks() -> None:
    line, logistic = fitted("LinearRegression")[0], fitted("LogisticRegression")[1]
    assert repr(from_onnx(to_onnx(line)).layers) == "[Dense(units=1)]"
    np.testing.assert_allclose(from_onnx(to_onnx(line))(NEW)[:, 0], line.predict(NEW), rtol=1e-12)
    back = from_onnx(to_onnx(logistic))
    assert back.dtype == "float64"
    np.testing.assert_allclose(back(NEW), logistic.predict_proba(NEW), atol=1e-12)
    regressor = fitted("NetworkRegressor")[0]
    rows = NEW.astype(np.float32)
    np.testing.assert_allclose(from_onnx(to_onnx(regressor))(rows)[:, 0], regressor.predict(rows), rtol=1e-4)


def test_a_certificate_and_its_fingerprint_go_along() -> None:
    model = LinearRegression(exact=True).fit([[0.0], [1.0], [3.0]], [1.0, 2.0, 2.0])
    certificate = model.certify()
    metadata = {each.key: each.value for each in to_onnx(model).metadata_props}
    assert Certificate.from_json(metadata["mathdl.certificate"]) == certificate
    assert metadata["mathdl.fingerprint"] == certificate.fingerprint
    with pytest.raises(InputError, match="certificate is 5; give a Certificate"):
        to_onnx(model, 5)  # type: ignore[arg-type]


def orders(count: int, seed: int = 0) -> dict[str, list[Any]]:
    """Make a table with numbers and categories, gaps in both, and categories that are rare."""
    generator = np.random.default_rng(seed)
    kinds = np.array([*"abc", None, *(f"rare {k}" for k in range(60))], object)
    weights = np.array([20, 20, 20, 8, *(0.5,) * 60])
    return {
        "size of it": [None if generator.random() < 0.15 else float(x) for x in generator.normal(5, 2, count)],
        "weight": generator.normal(1, 3, count).tolist(),
        "kind": kinds[generator.choice(len(kinds), count, p=weights / weights.sum())].tolist(),
        "prediction": [str(x) for x in np.array(["yes", "no"])[generator.integers(2, size=count)]],
    }


def columns_for(table: dict[str, list[Any]]) -> dict[str, Array]:
    """Return a table as ONNX Runtime takes it: NaN and the empty text are missing."""
    found = {}
    for name, values in table.items():
        texts = any(isinstance(value, str) for value in values)
        filled = [("" if texts else np.nan) if value is None else value for value in values]
        found[name] = np.array(filled, object if texts else np.float64)[:, None]
    return found


@pytest.mark.parametrize("name", ["linear", "network", "logistic", "kmeans"])
def test_tables_with_gaps_and_categories(name: str) -> None:
    table, new = orders(300), orders(100, 1)
    new["kind"][:3] = ["never seen", None, "a"]
    generator = np.random.default_rng(2)
    target = None if name == "kmeans" else generator.normal(size=300).tolist()
    if name == "logistic":
        target = ["good" if w > 1 else "bad" for w in table["weight"] + 3 * generator.normal(size=300)]
    data = table if target is None else {**table, "goal": target}
    options: dict[str, Any] = {"epochs": 2} if name == "network" else {}
    if name == "logistic":
        options["threshold"] = 0.3
    trained = mathdl.train(data, target=None if target is None else "goal", model=name, cv=0, **options).model
    written = to_onnx(trained)
    assert [each.name for each in written.graph.input] == list(table)
    found = run(written, columns_for(new))
    found["prediction"] = found.pop("prediction_")  # a column is called so
    compare(found, trained, pd.DataFrame(new), trained.model.input_dtype)
    if name == "logistic":
        plain = trained.model.classes_[found["probabilities"].argmax(axis=1)]
        assert (plain != found["prediction"]).any()  # the threshold counts
    metadata = {each.key: each.value for each in written.metadata_props}
    assert json.loads(metadata["mathdl.preprocessing"]) == trained.preprocessing.to_dict()


def test_pictures_are_bytes() -> None:
    generator = np.random.default_rng(0)
    pictures, labels = generator.integers(0, 256, (60, 1, 8, 8)).astype(np.uint8), np.repeat(["dark", "light"], 30)
    layers = [mathdl.Conv2D(2, 3, "relu"), mathdl.Flatten(), mathdl.Dense(2)]
    network = NetworkClassifier(layers=layers, add_output_layer=False, epochs=1, random_state=0).fit(pictures, labels)
    rows = LogisticRegression(0.1).fit(pictures.reshape(60, -1) / 255, labels)
    for model in (TrainedModel(network), TrainedModel(rows, image_shape=(1, 8, 8))):
        written = to_onnx(model)
        compare(run(written, {"X": pictures}), model, pictures, model.model.input_dtype)
        back = from_onnx(written)
        np.testing.assert_allclose(
            back(pictures if back.input_shape == (1, 8, 8) else pictures.reshape(60, -1)),
            model.predict_proba(pictures),
            atol=1e-5,
        )


def test_signals_are_standardised() -> None:
    generator = np.random.default_rng(0)
    signals, labels = generator.normal(3, 2, (60, 2, 30)), np.repeat([0, 1], 30)
    signals[30:, 1] *= 3
    trained = mathdl.train((signals, labels), epochs=1, cv=0).model
    written = to_onnx(trained)
    compare(run(written, {"X": signals}), trained, signals, "float32")
    X = signals.astype(np.float32)
    np.testing.assert_allclose(from_onnx(written)(X), trained.predict_proba(signals), atol=1e-5)


def test_what_onnx_cannot_say_is_refused() -> None:
    days = pd.date_range("2024-01-01", periods=40).astype(str).tolist()
    data = {"when": days, "x": list(range(40)), "y": [float(k % 7) for k in range(40)]}
    trained = mathdl.train(data, target="y", model="linear", cv=0).model
    with pytest.raises(InputError, match="no operators for dates, and the model reads 'when'"):
        to_onnx(trained)
    for wrong in (LinearRegression(), 5, None, "model.safetensors"):
        with pytest.raises(InputError, match="give a Network, a TrainedModel, or a fitted"):
            to_onnx(wrong)
