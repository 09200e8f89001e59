"""NetworkClassifier: labels of any type, probabilities, images, weights, and what it does not take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax

from mathdl import SGD, Adam, Conv2D, Dense, Flatten, MaxPool2D, Network, NetworkClassifier
from mathdl.errors import DivergenceWarning, InputError


def three_groups(objects: int = 90) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    codes = np.arange(objects) % 3
    centres = np.array([[4.0, 0.0], [-2.0, 3.0], [-2.0, -3.0]])
    return centres[codes] + 0.3 * generator.normal(size=(objects, 2)), codes


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["rose", "tulip", "aster"], "U"),
        ([7, -3, 1000], "i"),
        ([1.0, 0.0, 2.0], "f"),
        (np.array(["rose", "tulip", "aster"], dtype=object), "O"),
        (pd.Series(["rose", "tulip", "aster"], dtype="category"), "O"),
        ([True, False, True], "b"),
    ],
)
def test_labels_of_any_type_come_back(names: Any, kind: str) -> None:
    X, codes = three_groups()
    labels = names.iloc[codes] if isinstance(names, pd.Series) else np.asarray(names)[codes]
    model = NetworkClassifier(epochs=30, random_state=0).fit(X, labels)
    answers = model.predict(X)
    assert answers.dtype.kind == model.classes_.dtype.kind == kind
    assert model.classes_.tolist() == sorted(set(np.asarray(labels).tolist()))
    assert answers.tolist() == np.asarray(labels).tolist()
    assert model.score(X, labels) == 1


def test_probabilities_are_the_networks_and_their_logarithm_never_overflows() -> None:
    X, codes = three_groups()
    model = NetworkClassifier((8,), epochs=5, random_state=0).fit(X, codes)
    probabilities = model.predict_proba(X)
    assert np.array_equal(probabilities, model.network_.predict_proba(X))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-14)
    assert np.array_equal(model.predict(X), model.classes_[probabilities.argmax(axis=1)])
    np.testing.assert_allclose(model.predict_log_proba(X), log_softmax(model.network_(X), axis=1), atol=1e-12)
    model.network_.parameters *= 1000
    assert (model.predict_proba(X) == 0).any()
    assert np.isfinite(model.predict_log_proba(X)).all()


def test_two_classes_have_two_probabilities() -> None:
    X, codes = three_groups()
    model = NetworkClassifier(epochs=5, random_state=0).fit(X, codes == 0)
    assert model.network_.output_shape == (2,)
    assert model.predict_proba(X).shape == (len(X), 2)


@pytest.mark.parametrize(
    ("given", "dtype"),
    [("float32", "float32"), ("float64", "float64"), ("int64", "float64"), ("uint8", "float64")],
)
def test_float32_stays_and_anything_else_becomes_float64(given: str, dtype: str) -> None:
    X, codes = three_groups()
    X = np.round(20 * (X + 8)).astype(given)
    model = NetworkClassifier(epochs=1, random_state=0).fit(X, codes)
    assert model.network_.dtype == model.predict_proba(X.astype("float64")).dtype.name == dtype
    # Bytes are numbers like any other here, not pixels to be divided by 255.
    assert np.array_equal(model.predict_proba(X), model.predict_proba(X.astype("float64")))


def test_rows_become_images() -> None:
    generator = np.random.default_rng(0)
    images = generator.uniform(size=(60, 1, 6, 6))
    labels = np.where(np.arange(60) % 2, "bright spot", "none")
    images[1::2, 0, 2, 3] += 3
    model = NetworkClassifier(
        layers=[Conv2D(3, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(6, activation="tanh")],
        input_shape=(1, 6, 6),
        rule=Adam(0.01),
        epochs=60,
        random_state=0,
    ).fit(images.reshape(60, 36), labels)
    assert [layer["layer"] for layer in model.network_.architecture] == [
        "Conv2D",
        "MaxPool2D",
        "Flatten",
        "Dense",
        "Dense",
    ]
    assert model.network_.input_shape == (1, 6, 6)
    assert np.array_equal(model.predict_proba(images.reshape(60, 36)), model.network_.predict_proba(images))
    assert model.score(images.reshape(60, 36), labels) == 1


def test_probabilities_of_equal_objects_are_their_shares_of_the_weight() -> None:
    X, labels, weights = np.zeros((4, 1)), ["a", "b", "b", "c"], [3.0, 1.0, 2.0, 4.0]
    model = NetworkClassifier((), rule=SGD(1.0), epochs=300, random_state=0).fit(X, labels, weights)
    np.testing.assert_allclose(model.predict_proba([[0.0]]), [[0.3, 0.3, 0.4]], rtol=1e-9)


def test_an_object_of_weight_zero_does_not_count() -> None:
    X, codes = three_groups()
    weights = np.where(np.arange(90) % 4, 1.5, 0.0)
    X[weights == 0] = 1e300
    weighted = NetworkClassifier(epochs=3, random_state=0).fit(X, codes, weights)
    without = NetworkClassifier(epochs=3, random_state=0).fit(X[weights > 0], codes[weights > 0], weights[weights > 0])
    assert np.array_equal(weighted.network_.parameters, without.network_.parameters)


@pytest.mark.parametrize(
    ("weights", "message"), [([0.0] * 90, "zero"), ([-1.0] + [1.0] * 89, "negative"), ([1.0] * 3, "expected")]
)
def test_weights_that_say_nothing_are_refused(weights: list[float], message: str) -> None:
    X, codes = three_groups()
    with pytest.raises(ValueError, match=f"(?i){message}"):
        NetworkClassifier().fit(X, codes, weights)


def test_the_random_state_is_scikit_learns() -> None:
    X, codes = three_groups()

    def train(random_state: Any) -> np.ndarray:
        model = NetworkClassifier((5,), epochs=2, random_state=random_state)
        return np.array(model.fit(X, codes).network_.parameters)

    assert np.array_equal(train(3), train(3))
    assert not np.array_equal(train(3), train(4))
    layers = [Dense(5, activation="relu"), Dense(3)]
    network = Network(layers, (2,), "float64", seed=3)
    network.fit(X, codes, loss="cross_entropy", rule=Adam(), epochs=2, seed=3)
    assert np.array_equal(train(3), network.parameters), "a number is both of the network's seeds"
    assert np.array_equal(train(np.random.RandomState(3)), train(np.random.RandomState(3)))
    one = np.random.RandomState(3)
    assert not np.array_equal(train(one), train(one))
    before = np.random.get_state()
    try:
        np.random.seed(3)
        assert np.array_equal(train(None), train(np.random.RandomState(3)))
        assert not np.array_equal(train(None), train(np.random.RandomState(3)))
    finally:
        np.random.set_state(before)


def test_the_record_has_one_entry_an_epoch_and_follows_the_schedule() -> None:
    X, codes = three_groups()
    model = NetworkClassifier(
        rule=SGD(0.5), epochs=4, schedule=lambda epoch, epochs: 1 - epoch / epochs, random_state=0
    ).fit(X, codes)
    assert model.n_iter_ == len(model.history_.loss) == 4
    assert model.history_.learning_rate == [0.5, 0.375, 0.25, 0.125]
    assert model.history_.loss[-1] < model.history_.loss[0]
    parameters = model.network_.parameters.copy()
    assert np.array_equal(model.fit(X, codes).network_.parameters, parameters), "fit starts anew"


def test_it_writes_an_epoch_a_line_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    X, codes = three_groups()
    model = NetworkClassifier(epochs=2, random_state=0, verbose=True).fit(X, codes)
    expected = [f"Epoch {k} of 2: loss {loss:.6g}" for k, loss in enumerate(model.history_.loss, 1)]
    assert capsys.readouterr().out.splitlines() == expected
    NetworkClassifier(epochs=2, random_state=0).fit(X, codes)
    assert capsys.readouterr().out == ""


def test_after_divergence_the_model_answers_and_can_be_trained_again() -> None:
    X, codes = three_groups()
    model = NetworkClassifier((5, 5), activation="identity", rule=SGD(1e200), random_state=0)
    with pytest.warns(DivergenceWarning, match="try learning_rate"):
        model.fit(X, codes)
    assert model.history_.status == "diverged"
    assert np.isfinite(model.network_.parameters).all()
    assert set(model.predict(X)) <= {0, 1, 2}
    assert model.set_params(rule=SGD(0.1), epochs=20).fit(X, codes).score(X, codes) == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"hidden_layers": 5}, r"hidden_layers is 5; give a tuple of whole numbers"),
        ({"hidden_layers": (0,)}, r"units is 0; give a whole number of at least 1"),
        ({"activation": "rely"}, r"'rely' is unknown; choose one of"),
        ({"layers": Dense(2)}, r"layers is Dense.*; give a list of layers"),
        ({"layers": ["Dense"]}, r"layers\[0\] is 'Dense', which is no layer"),
        ({"input_shape": 2}, r"input_shape is 2; give positive whole numbers"),
        ({"input_shape": (-2, -1)}, r"input_shape is \(-2, -1\); give positive whole numbers"),
        ({"input_shape": (1, 2, 3)}, r"\(1, 2, 3\), which is 6 numbers, but X has 2 features"),
        ({"input_shape": (1, 1, 2), "layers": [Dense(2)]}, r"Dense needs flat inputs.*put Flatten\(\) before it"),
        ({"rule": "rmsprop"}, r"rule is 'rmsprop'; give SGD"),
        ({"batch_size": 0}, r"batch_size is 0; give a whole number"),
        ({"epochs": 0}, r"epochs is 0; give a whole number"),
        ({"threads": 0}, r"threads is 0; give a whole number"),
    ],
)
def test_parameters_that_cannot_be_used_are_named(parameters: dict[str, Any], message: str) -> None:
    X, codes = three_groups()
    model = NetworkClassifier(**parameters)
    with pytest.raises(InputError, match=message):
        model.fit(X, codes)
    assert not hasattr(model, "network_")


def test_one_class_only_is_refused() -> None:
    with pytest.raises(InputError, match="at least two classes, but y holds one class only, 'a'; add"):
        NetworkClassifier().fit([[0.0], [1.0]], ["a", "a"])
