"""Everything wrong that a network can be given: one sentence that says what was given and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Conv2D, Dense, EarlyStopping, Flatten, Network
from mathdl.errors import InputError

X = np.random.default_rng(0).normal(size=(5, 2))
CLASSES = [0, 1, 2, 1, 0]


def network(units: int = 3, dtype: str = "float64") -> Network:
    return Network([Dense(4, activation="tanh"), Dense(units)], input_shape=(2,), dtype=dtype)


def replaced(array: Any, place: Any, value: float) -> Any:
    changed = np.array(array, float)
    changed[place] = value
    return changed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], (2,)), r"layers is \[\]; give a list of at least one layer"),
        ((Dense(1), (2,)), "layers is Dense.*; give a list of at least one layer"),
        (([Dense(1), "relu"], (2,)), "layers is .*'relu'.*; give a list"),
        ((7, (2,)), "layers is 7; give a list"),
        (([Dense(1)], ()), r"input_shape is \(\); give positive whole numbers"),
        (([Dense(1)], (0,)), r"input_shape is \(0,\); give positive whole numbers"),
        (([Dense(1)], (2.5,)), r"input_shape is \(2.5,\); give positive whole numbers"),
        (([Dense(1)], None), "input_shape is None; give positive whole numbers"),
        (([Dense(1)], "28"), "input_shape is '28'; give positive whole numbers"),
        (([Dense(1)], (2,), "float16"), "dtype is 'float16'; give 'float32' or 'float64'"),
        (([Dense(1)], (2,), "real"), "dtype is 'real'; give 'float32' or 'float64'"),
        (([Dense(1)], (2,), "float32", -1), "seed is -1; give a whole number of at least 0"),
        (([Dense(1)], (2,), "float32", 0.5), "seed is 0.5; give a whole number of at least 0"),
        (([Dense(1)], (2,), "float32", None), "seed is None; give a whole number of at least 0"),
    ],
)
def test_networks_that_cannot_be(arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Network(*arguments)


def test_a_number_may_stand_for_a_shape() -> None:
    assert Network([Dense(1)], input_shape=3).input_shape == (3,)  # type: ignore[arg-type]
    assert Network([Dense(1)], input_shape=np.array([3])).input_shape == (3,)  # type: ignore[arg-type]


BAD_X = [
    (replaced(X, (3, 1), np.nan), r"X\[3, 1\] is nan; every number must be finite as float64"),
    (replaced(X, (0, 0), np.inf), r"X\[0, 0\] is inf; every number must be finite"),
    (X[:, :1], r"X has shape \(5, 1\), but the network takes \(N, 2\), objects first; reshape X"),
    (X[0], r"X has shape \(2,\), but the network takes \(N, 2\)"),
    (3.0, r"X has shape \(\), but the network takes \(N, 2\)"),
    (X[None], r"X has shape \(1, 5, 2\)"),
    ([["a", "b"]], "X holds something that is no number; give an array of numbers"),
    ([[1.0, 2.0], [1.0]], "X holds something that is no number"),
    ([[None, 1.0]], r"X( holds something that is no number|\[0, 0\] is)"),
    (X + 1j, "X holds something that is no number"),
]


@pytest.mark.parametrize(("bad", "message"), BAD_X)
def test_objects(bad: Any, message: str) -> None:
    net = network()
    before = net.parameters.copy()
    for call in (
        lambda: net(bad),
        lambda: net.predict_proba(bad),
        lambda: net.loss(bad, CLASSES, "cross_entropy"),
        lambda: net.gradient(bad, CLASSES, "cross_entropy"),
        lambda: net.fit(bad, CLASSES, loss="cross_entropy"),
        lambda: net.fit(X, CLASSES, loss="cross_entropy", validation=(bad, CLASSES)),
    ):
        with pytest.raises(InputError, match=message) as caught:
            call()
        assert "\n" not in str(caught.value)
    assert np.array_equal(net.parameters, before)


def test_a_number_too_large_for_the_dtype() -> None:
    net, bad = network(units=1, dtype="float32"), replaced(X, (1, 0), 1e300)
    with pytest.raises(InputError, match=r"X\[1, 0\] is 1e\+300; every number must be finite as float32"):
        net(bad)
    with pytest.raises(InputError, match=r"y\[2\] is 1e\+300; the mean_square loss needs a finite number"):
        net.loss(X, replaced(np.zeros(5), 2, 1e300), "mean_square")
    with pytest.raises(InputError, match="sample_weight holds a number that is negative or not finite"):
        net.loss(X, np.zeros(5), "mean_square", sample_weight=replaced(np.ones(5), 2, 1e300))


def test_a_late_number_is_found() -> None:
    with pytest.raises(InputError, match=r"X\[9000, 1\] is -inf"):
        network()(replaced(np.zeros((9001, 2)), (9000, 1), -np.inf))


def test_no_objects() -> None:
    for call in ("loss", "gradient", "fit"):
        with pytest.raises(InputError, match="X is empty; give at least one object"):
            getattr(network(), call)(X[:0], [], loss="cross_entropy")


def test_images_of_another_size_or_kind() -> None:
    net = Network([Conv2D(2, 2), Flatten()], input_shape=(1, 4, 4))
    for shape in ((3, 1, 5, 4), (3, 3, 4, 4), (3, 4, 4), (3, 16)):
        with pytest.raises(InputError, match=rf"X has shape \({shape[0]}, .*takes \(N, 1, 4, 4\)"):
            net(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        ("cross_entropy", CLASSES[:4], "y has 4 entries for 5 objects in X; give one for each object"),
        ("cross_entropy", 3, "y has 0 entries for 5 objects"),
        ("cross_entropy", None, "y holds something that is no number|y has 0 entries"),
        ("cross_entropy", list("abcab"), "y holds something that is no number; the cross_entropy loss needs numbers"),
        ("cross_entropy", [0, 1, 3, 1, 0], r"y\[2\] is 3; the cross_entropy loss needs a class number from 0 to 2"),
        ("cross_entropy", [0, -1, 2, 1, 0], r"y\[1\] is -1; the cross_entropy loss needs a class number from 0 to 2"),
        ("cross_entropy", [0, 1, 0.5, 1, 0], r"y\[2\] is 0.5; the cross_entropy loss needs a class number"),
        ("cross_entropy", [0, 1, np.nan, 1, 0], r"y\[2\] is nan; the cross_entropy loss needs a class number"),
        ("cross_entropy", np.eye(3)[CLASSES], r"y has shape \(5, 3\), but the cross_entropy loss .* needs \(5,\)"),
        (
            "mean_square",
            CLASSES,
            r"y has shape \(5,\), but the mean_square loss of a network with 3 outputs needs \(5, 3\)",
        ),
        ("mean_square", np.full((5, 3), np.inf), r"y\[0\] is inf; the mean_square loss needs a finite number"),
        (
            "binary_cross_entropy",
            np.full((5, 3), 2),
            r"y\[0\] is 2; the binary_cross_entropy loss needs a number from 0",
        ),
        ("hinge", np.eye(3)[CLASSES], r"y\[0\] is 0; the hinge loss needs -1 or 1"),
        ("hinge", np.full((5, 3), np.nan), r"y\[0\] is nan; the hinge loss needs -1 or 1"),
    ],
)
def test_targets(loss: str, y: Any, message: str) -> None:
    net = network()
    for call in (
        lambda: net.loss(X, y, loss),
        lambda: net.gradient(X, y, loss),
        lambda: net.fit(X, y, loss=loss),
    ):
        with pytest.raises(InputError, match=message):
            call()


def test_losses() -> None:
    net = network(units=1)
    for call in ("loss", "gradient", "fit", "backpropagate"):
        with pytest.raises(InputError, match="Loss 'mse' is unknown; choose one of mean_square, cross_entropy"):
            getattr(net, call)(X, np.zeros(5), loss="mse")
        with pytest.raises(InputError, match="cross_entropy needs at least two outputs; use binary_cross_entropy"):
            getattr(net, call)(X, np.zeros(5), loss="cross_entropy")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 1, 1, 1], r"sample_weight has shape \(4,\) for 5 objects; give one"),
        (np.ones((5, 1)), r"sample_weight has shape \(5, 1\) for 5 objects"),
        ([1, 1, -1, 1, 1], "sample_weight holds a number that is negative or not finite, or only zeros"),
        ([1, 1, np.nan, 1, 1], "sample_weight holds a number that is negative or not finite"),
        ([1, 1, np.inf, 1, 1], "sample_weight holds a number that is negative or not finite"),
        ([0, 0, 0, 0, 0], "sample_weight holds .* only zeros"),
        (list("abcde"), "sample_weight holds something that is no number"),
    ],
)
def test_weights(weights: Any, message: str) -> None:
    net = network()
    for call in (
        lambda: net.loss(X, CLASSES, "cross_entropy", sample_weight=weights),
        lambda: net.gradient(X, CLASSES, "cross_entropy", sample_weight=weights),
        lambda: net.fit(X, CLASSES, loss="cross_entropy", sample_weight=weights),
    ):
        with pytest.raises(InputError, match=message):
            call()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs is 0; give a whole number from 1 to 1,024"),
        ({"epochs": 2.5}, "epochs is 2.5; give a whole number"),
        ({"batch_size": 0}, "batch_size is 0; give a whole number from 1 to 1,024"),
        ({"batch_size": "all"}, "batch_size is 'all'; give a whole number"),
        ({"seed": -1}, "seed is -1; give a whole number of at least 0"),
        ({"threads": 0}, "threads is 0; give a whole number of at least 1"),
        ({"rule": "adam"}, r"rule is 'adam'; give SGD\(...\) or Adam\(...\)"),
        ({"rule": SGD}, "rule is <class.*; give SGD"),
        ({"sampling": "some"}, "sampling is 'some'; give 'without_replacement' or 'with_replacement'"),
        ({"callbacks": EarlyStopping()}, "callbacks is .*; give a list of callbacks"),
        ({"callbacks": [print]}, "callbacks is .*; give a list of callbacks"),
        ({"validation": X}, r"validation is .*; give a pair \(X, y\)"),
        ({"validation": (X,)}, r"validation is .*; give a pair \(X, y\)"),
        ({"validation": (X, CLASSES[:2])}, "y has 2 entries for 5 objects"),
        ({"schedule": 0.5}, "schedule is 0.5; give StepSchedule"),
    ],
)
def test_training_options(options: dict[str, Any], message: str) -> None:
    net = network()
    before = net.parameters.copy()
    with pytest.raises(InputError, match=message):
        net.fit(X, CLASSES, loss="cross_entropy", **options)
    assert np.array_equal(net.parameters, before)
    assert net.trained_loss is None


def test_nothing_to_train() -> None:
    net = Network([Flatten()], input_shape=(2,))
    with pytest.raises(InputError, match="The network has no parameters to train; add a Dense or Conv2D layer"):
        net.fit(X, X, loss="mean_square")


@pytest.mark.parametrize("loss", ["mean_square", "hinge"])
def test_probabilities_of_a_loss_without_any(loss: str) -> None:
    net = network(units=1)
    net.fit(X, np.ones(5), loss=loss, epochs=1)
    with pytest.raises(InputError, match=f"The {loss} loss gives no probabilities; train with 'cross_entropy'"):
        net.predict_proba(X)


def test_one_object_for_backpropagation() -> None:
    with pytest.raises(InputError, match="X has shape"):
        network().backpropagate(X, 0, "cross_entropy")
    with pytest.raises(InputError, match=r"y\[0\] is 7"):
        network().backpropagate(X[0], 7, "cross_entropy")
