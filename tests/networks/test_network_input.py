"""Everything wrong that a network can be given: one sentence that says what was given and what to do."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Activation, Conv2D, Dense, EarlyStopping, Flatten, MaxPool2D, Network, Parallel, ZeroPad2D
from mathdl.errors import InputError, InputWarning

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
        (([Dense(1), "relu"], (2,)), r"layers\[1\] is 'relu', which is no layer; .*, as Dense\(3, activation='relu'\)"),
        (([Dense(1), Activation("tanh")], (2,)), r"layers\[1\] is .*; give the activation to the layer before it"),
        (([Dense], (2,)), r"layers\[0\] is .*, which is no layer; make one of the class, as Dense\(...\)"),
        ((["dense"], (2,)), r"layers\[0\] is 'dense', which is no layer; give a layer, as Dense\(3\)"),
        (((Dense(1) for _ in range(2)), (2,)), "layers is <generator .*; give a list"),
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
    (X[:, :1], r"X has shape \(5, 1\), but the network takes \(N, 2\); an object of X has 1 number where"),
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
    ("shape", "given", "advice", "follow"),
    [
        (
            (3, 16, 16),
            (20, 16, 16, 3),
            "the channels come first: give X.transpose(0, 3, 1, 2)",
            lambda X: X.transpose(0, 3, 1, 2),
        ),
        ((1, 8, 8), (5, 8, 8), "give X[:, None]", lambda X: X[:, None]),
        ((1, 8, 8), (8, 8), "for a single object give X[None, None]", lambda X: X[None, None]),
        ((1, 8, 8), (1, 8, 8), "for a single object give X[None]", lambda X: X[None]),
        ((64,), (64,), "for a single object give X[None]", lambda X: X[None]),
        ((64,), (5, 8, 8), "give X.reshape(-1, 64)", lambda X: X.reshape(-1, 64)),
        ((1, 8, 8), (5, 64), "give X.reshape(-1, 1, 8, 8)", lambda X: X.reshape(-1, 1, 8, 8)),
        ((1,), (5,), "give X[:, None]", lambda X: X[:, None]),
        ((64,), (5, 60), "an object of X has 60 numbers where the network takes 64", None),
        ((64,), (), "an object of X has 1 number where the network takes 64", None),
    ],
)
def test_advice_on_a_shape_is_right_when_followed(shape: Any, given: Any, advice: str, follow: Any) -> None:
    net, bad = Network([Flatten(), Dense(2)], shape), np.random.default_rng(0).normal(size=given)
    with pytest.raises(InputError, match=re.escape(advice)):
        net(bad)
    if follow is not None:
        good = follow(bad)
        assert net(good).shape == (len(good), 2)
        if bad.ndim == 4:  # each picture is still itself
            assert (good[3, 2] == bad[3, :, :, 2]).all()


@pytest.mark.parametrize(
    ("loss", "outputs", "y", "advice", "follow"),
    [
        ("cross_entropy", 3, np.eye(3)[CLASSES], "as y.argmax(axis=1)", lambda y: y.argmax(axis=1)),
        ("cross_entropy", 3, np.array(CLASSES) + 1, "from 0 to 2: give y - 1", lambda y: y - 1),
        (
            "cross_entropy",
            3,
            np.array(list("bacab")),
            "np.unique(y, return_inverse=True)[1]",
            lambda y: np.unique(y, return_inverse=True)[1],
        ),
        (
            "cross_entropy",
            3,
            np.array(list("01210"), object),
            "NetworkClassifier names of classes",
            lambda y: y.astype(int),
        ),
        ("hinge", 1, np.array([0, 1, 1, 0, 1]), "-1 or 1: give 2 * y - 1", lambda y: 2 * y - 1),
        (
            "binary_cross_entropy",
            1,
            np.array([-1, 1, 1, -1, 1]),
            "from 0 to 1: give (y + 1) / 2",
            lambda y: (y + 1) / 2,
        ),
    ],
)
def test_advice_on_targets_is_right_when_followed(loss: str, outputs: int, y: Any, advice: str, follow: Any) -> None:
    net = network(outputs)
    with pytest.raises(InputError, match=re.escape(advice)):
        net.fit(X, y, loss=loss)
    assert net.fit(X, follow(y), loss=loss).status == "completed"


@pytest.mark.parametrize("dtype", ["datetime64[s]", "timedelta64[s]", "U3", "S3"])
def test_what_only_looks_like_numbers(dtype: str) -> None:
    strange = np.arange(10).astype(dtype)
    with pytest.raises(InputError, match="X holds something that is no number"):
        network()(strange.reshape(5, 2))
    with pytest.raises(InputError, match=r"y holds (texts|something that is no number)"):
        network().fit(X, strange[:5], loss="mean_square")
    with pytest.raises(InputError, match="sample_weight holds something that is no number"):
        network().loss(X, CLASSES, "cross_entropy", sample_weight=strange[:5])


@pytest.mark.parametrize(
    ("loss", "activation", "warns"),
    [
        ("cross_entropy", "relu", True),
        ("cross_entropy", "sigmoid", True),
        ("cross_entropy", "softmax", False),
        ("cross_entropy", "identity", False),
        ("cross_entropy", "leaky_relu", False),
        ("binary_cross_entropy", "sigmoid", False),
        ("binary_cross_entropy", "tanh", True),
        ("hinge", "tanh", False),
        ("hinge", "relu", True),
        ("mean_square", "relu", False),
    ],
)
def test_a_final_activation_that_the_loss_does_not_expect(loss: str, activation: str, warns: bool) -> None:
    net = Network([Dense(3, activation=activation), Flatten()], input_shape=(2,))
    y = CLASSES if loss == "cross_entropy" else np.ones((5, 3))
    expected = pytest.warns(InputWarning, match=f"The last layer ends in {activation}, and the {loss} loss takes")
    with expected if warns else contextlib.nullcontext() as caught:
        net.fit(X, y, loss=loss, epochs=1)
    if warns:
        assert caught[0].filename == __file__  # type: ignore[index]


def test_more_outputs_than_classes() -> None:
    many, y = np.zeros((400, 2)), np.arange(400) % 10
    with pytest.warns(InputWarning, match="The largest class number in y is 9, but the network has 12 outputs"):
        network(12).fit(many, y, loss="cross_entropy", epochs=1)
    network(10).fit(many, y, loss="cross_entropy", epochs=1)
    network(12).fit(many[:40], y[:40], loss="cross_entropy", epochs=1)  # so few need not hold every class


@pytest.mark.parametrize("name", ["score", "compile", "nothing"])
def test_names_of_other_libraries(name: str) -> None:
    net = network()
    with pytest.raises(AttributeError, match=f"'Network' object has no attribute '{name}'") as caught:
        getattr(net, name)
    assert str(caught.value).endswith("'nothing'") == (name == "nothing")
    assert not hasattr(net, name)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("lr", "SGD(learning_rate=...)"),
        ("optimizer", "rule=Adam(...)"),
        ("validation_data", "validation=(X, y)"),
        ("x", "one of rule, "),
    ],
)
def test_arguments_of_other_libraries(name: str, advice: str) -> None:
    for call in ("fit", "find_learning_rate"):
        with pytest.raises(InputError, match=rf"^{call} takes no argument '{name}'; give .*{re.escape(advice)}"):
            getattr(network(), call)(X, CLASSES, loss="cross_entropy", **{name: 1})


def test_networks_that_are_too_large() -> None:
    for layers in ([Dense(10**8)], [ZeroPad2D(10**5)], [Parallel([[ZeroPad2D(10**5), MaxPool2D(2)]])]):
        with pytest.raises(
            InputError, match=r"would return \S+ numbers for an object, more than 268,435,456|parameters"
        ):
            Network([*layers], (10, 4, 4) if not isinstance(layers[0], Dense) else (10,))
    with pytest.raises(InputError, match="The network would have 1e\\+09 parameters, more than 268,435,456"):
        Network([Dense(10**5), Dense(10**4)], (1,))
    with pytest.raises(InputError, match="an object of input_shape has more than"):
        Network([Dense(1)], (10**30,))


def test_a_checkpoint_is_loaded_before_it_is_resumed() -> None:
    with pytest.raises(InputError, match=r"resume is of type str; give load_checkpoint\('run.safetensors'\)\."):
        network().fit(X, CLASSES, loss="cross_entropy", resume="run.safetensors")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="resume is of type int; give what load_checkpoint returns"):
        network().fit(X, CLASSES, loss="cross_entropy", resume=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        ("cross_entropy", CLASSES[:4], "y has 4 entries for 5 objects in X; give one for each object"),
        ("cross_entropy", 3, "y has 0 entries for 5 objects"),
        ("cross_entropy", None, "fit needs targets: give X and y, or batches of both|y has 0 entries"),
        ("cross_entropy", list("abcab"), "y holds texts, but .* needs numbers; give NetworkClassifier names"),
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
        with pytest.raises(InputError, match="Loss 'mean_squared_error' is unknown; give 'mean_square'"):
            getattr(net, call)(X, np.zeros(5), loss="mean_squared_error")
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
        ({"epochs": 0}, "epochs is 0; give a whole number of at least 1"),
        ({"epochs": 2.5}, "epochs is 2.5; give a whole number"),
        ({"batch_size": 0}, "batch_size is 0; give a whole number of at least 1"),
        ({"batch_size": "all"}, "batch_size is 'all'; give a whole number"),
        ({"seed": -1}, "seed is -1; give a whole number of at least 0"),
        ({"threads": 0}, "threads is 0; give a whole number of at least 1"),
        ({"rule": "rmsprop"}, r"rule is 'rmsprop'; give SGD\(...\) or Adam\(...\)"),
        ({"rule": SGD}, "rule is <class.*; give SGD"),
        (
            {"sampling": "some"},
            "sampling is 'some'; give 'without_replacement', 'with_replacement', 'in_blocks' or None",
        ),
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
