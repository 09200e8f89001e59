"""Whether objects keep their class nearby: what is certified holds at exact samples, what is refuted is wrong."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_digits

from mathdl import (
    Activation,
    Adam,
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    Network,
    NetworkClassifier,
    Parallel,
    Residual,
    ZeroPad2D,
    certify_robustness,
    evaluate_exactly,
    robust_by_intervals,
    verify,
)
from mathdl.errors import InputError

NETWORKS = [
    ([Dense(6, activation="relu"), Dense(5, activation="abs"), Dense(3, activation="softmax")], (4,)),
    ([Dense(6, activation=Activation("leaky_relu", slope=1.7)), Dense(4, activation="relu"), Dense(1)], (3,)),
    (
        [Conv2D(2, 2, activation="relu"), MaxPool2D((2, 3), stride=1), Flatten(), Dense(3, activation="softmax")],
        (2, 4, 5),
    ),
    (
        [Dropout(0.5), ZeroPad2D(1, 0.5), Conv2D(3, 3, activation="abs"), GlobalMaxPool2D(), Dense(3)],
        (1, 3, 3),
    ),
    (
        [Conv1D(2, 3, activation="relu", padding="same"), MaxPool1D(3), Flatten(), Dense(2, activation="softmax")],
        (2, 9),
    ),
    (
        [
            Residual([Conv2D(1, 3, activation="relu", padding="same")]),
            Parallel(
                [
                    [MaxPool2D(2), Flatten(), Dense(3, activation="abs")],
                    [AveragePool2D(2), Conv2D(2, 2, activation=Activation("leaky_relu", slope=1.0)), Flatten()],
                    [Conv2D(2, 2, activation="relu"), GlobalMaxPool2D()],
                ]
            ),
            Dense(4, activation="relu"),
            Dense(3),
        ],
        (1, 4, 4),
    ),
]


def code(net, x):
    """Return the class in exact arithmetic."""
    values = evaluate_exactly(net, x).value.ravel().tolist()
    return values.index(max(values)) if len(values) > 1 else int(values[0] > 0)


@pytest.mark.parametrize(("layers", "shape"), NETWORKS, ids=repr)
def test_verdicts_hold_at_exact_samples(layers, shape):
    rng = np.random.default_rng(0)
    parts = set()
    for seed in (4, 5):
        net = Network(layers, shape, seed=seed)
        net.parameters[:] += rng.normal(size=net.size) * 0.2
        x = rng.normal(size=(1, *shape)).astype(np.float32)
        own, radius, verdict = code(net, x[0]), 0.05, "certified"
        while verdict == "certified" and radius < 20:
            found = certify_robustness(net, x, [own], radius, limits=None, seconds=1000)
            (verdict,) = found.verdicts
            if verdict == "certified":
                proof = found.certificates[0].numbers["proof"]
                parts.add("split" if isinstance(proof, list) else "factors" if proof else "at once")
                assert verify(found.certificates[0], found.data)
                for _ in range(8):
                    signs = np.sign(rng.normal(size=shape)) * (rng.random(shape) < 0.9)
                    assert code(net, x[0] + 0.999 * radius * signs) == own
            radius *= 1.6
        if verdict == "refuted":
            (point,) = found.counterexamples
            pairs = zip(point.ravel().tolist(), x.ravel().tolist(), strict=True)
            assert max(abs(Fraction(a) - Fraction(b)) for a, b in pairs) <= Fraction(found.radius)
            assert code(net, point) == found.classes[0] != own
        parts.add(verdict)
    assert {"at once", "refuted"} <= parts
    assert parts & {"split", "factors"}
    assert "undecided" not in parts


def with_a_hidden_counterexample(point, sharpness):
    """Return a network of class 0 everywhere but within 1 / sharpness of a point."""
    n = len(point)
    net = Network([Dense(2 * n, activation="relu"), Dense(1, activation="relu"), Dense(2)], (n,), dtype="float64")
    first, second, last = net.layers
    first.weights[:], first.bias[:] = np.vstack([np.eye(n), -np.eye(n)]), np.concatenate([-point, point])
    second.weights[:], second.bias[:] = -sharpness, 1
    last.weights[:], last.bias[:] = [[0], [4]], [2, 0]
    return net


@pytest.mark.parametrize("sharpness", [1.0, 1e2, 1e4, 1e8])
@pytest.mark.parametrize("inputs", [1, 3, 8])
def test_no_network_with_a_hidden_counterexample_is_certified(inputs, sharpness):
    rng = np.random.default_rng(inputs)
    for _ in range(6):
        centre = rng.random(inputs)
        point = np.clip(centre + 0.1 * rng.uniform(-1, 1, inputs), 0, 1)
        net = with_a_hidden_counterexample(point, sharpness)
        assert code(net, point) == 1
        found = certify_robustness(net, centre[None], [0], 0.1, seconds=1000)
        assert found.verdicts[0] != "certified"
        outside = certify_robustness(net, centre[None] + 1, [0], 1e-3, limits=None, seconds=1000)
        assert outside.verdicts[0] == ("refuted" if code(net, centre + 1) else "certified")


DENSE = [Flatten(), Dense(64, activation="relu"), Dense(32, activation="relu"), Dense(10)]
LENET = [
    Conv2D(6, 3, activation="relu", padding="same"),
    MaxPool2D(2),
    Conv2D(16, 3, activation="relu"),
    Flatten(),
    Dense(32, activation="relu"),
    Dense(10),
]


@pytest.mark.parametrize(
    ("layers", "count", "least"),
    [(DENSE, 20, 18), *(pytest.param(layers, 100, 90, marks=pytest.mark.slow) for layers in (DENSE, LENET))],
)
def test_nine_of_ten_digits_are_decided_within_a_minute(layers, count, least):
    pictures = load_digits()
    order = np.random.default_rng(0).permutation(len(pictures.target))
    X, y = (pictures.images / 16)[order, None], pictures.target[order]
    net = Network(layers, (1, 8, 8))
    net.fit(X[200:], y[200:], loss="cross_entropy", epochs=40)
    found = certify_robustness(net, X[:count], y[:count], 0.05)
    assert found.verdicts.count("undecided") <= count - least, found
    assert found.verdicts.count("certified") >= count / 2, found


def test_bytes_labels_and_limits():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, size=(60, 1, 2, 2), dtype=np.uint8)
    y = np.where(X[:, 0, 0, 0] > 127, "light", "dark")
    model = NetworkClassifier((), rule=Adam(0.1), epochs=20).fit(X.reshape(60, 4) / 255, y)
    found = certify_robustness(model, X.reshape(60, 4) / 255, y, 0.01)
    assert set(found.verdicts) <= {"certified", "refuted"}
    black = Network([Flatten(), Dense(2)], (1, 1, 1))
    black.parameters[:] = 0, 1, 0, 0.25  # of class 1 from -0.25 on
    at_zero = np.zeros((1, 1, 1, 1), np.uint8)
    assert certify_robustness(black, at_zero, [1], 0.5).verdicts == ["certified"]
    assert certify_robustness(black, at_zero, [1], 0.5, limits=None).verdicts == ["refuted"]
    assert certify_robustness(black, at_zero, [1], 0).verdicts == ["certified"]
    assert certify_robustness(black, at_zero[:0], [], 0.5).verdicts == []


def test_equal_outputs_are_neither_certified_nor_refuted():
    net = Network([Dense(2)], (1,))
    net.parameters[:] = 0
    found = certify_robustness(net, [[0.5]], [0], 0.1)
    assert found.verdicts == ["undecided"]
    assert repr(found) == "Robustness (radius 0.1: 0 of 1 objects certified, 0 refuted, 1 undecided)"


NET = Network([Dense(2)], (2,))
X = [[0.5, 0.25]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((NET, X, [0], -0.1), "^radius is -0.1; give a finite number of at least 0.$"),
        ((NET, X, [0], np.inf), "^radius is inf; give a finite number"),
        ((NET, X, [0, 1], 0.1), r"^y has shape \(2,\) for 1 objects; give one class for each.$"),
        ((NET, X, [2], 0.1), "^y holds 2, which is no class of the model; its classes are"),
        ((NET, [[0.5, 1.5]], [0], 0.1), "^X goes from 0.5 to 1.5, beyond the limits 0 and 1; give limits that hold"),
        ((NET, X, [0], 0.1, (1, 0)), r"^limits is \(1, 0\); give \(low, high\), finite and low first, or None.$"),
        ((NET, X, [0], 0.1, (0, np.inf)), "^limits is"),
        ((NET, X, [0], 0.1, (0, 1), -1), "^seconds is -1; give a number of at least 0.$"),
        ((NET, [[0.5]], [0], 0.1), "^X has shape"),
        (("net", X, [0], 0.1), "^network is 'net'; give a Network"),
        (
            (Network([Dense(2, activation="sigmoid"), Dense(2)], (2,)), X, [0], 0.1),
            r"^layers\[0\]: Dense has the activation 'sigmoid', which is not piecewise affine; choose",
        ),
    ],
)
def test_bad_input_is_refused_in_a_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        certify_robustness(*arguments)


@pytest.mark.parametrize(("layers", "shape"), NETWORKS, ids=repr)
def test_what_intervals_prove_is_so(layers, shape):
    """No exact sample of a box has another class, and the bounds are those of one box at a time or better."""
    for seed in range(2):
        net = Network(layers, shape, dtype=["float64", "float32"][seed % 2], seed=seed)
        rng = np.random.default_rng(seed)
        net.parameters[:] += rng.normal(size=net.size) * 0.3
        X = rng.uniform(size=(23, *shape)).astype(net.dtype)
        outputs = net(X)
        own = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0).astype(int)
        for radius in (0.0, 0.003, 0.05):
            proved = robust_by_intervals(net, X, own, radius)
            assert not robust_by_intervals(net, X, 1 - np.minimum(own, 1), radius)[own < 2].any()
            assert proved.all() or radius > 0
            for k in np.flatnonzero(proved)[:2].tolist():
                _, corners = near(X[k], radius, rng)
                assert all(class_of(net, corner) == own[k] for corner in corners)


def near(x, radius, rng):
    """Corners of a box within [0, 1] as fractions, rounded inwards to numbers of the network's type."""
    signs = rng.choice([-1, 1], size=(6, *x.shape))
    ends = np.clip(x.astype(np.float64) + signs * radius * (1 - 1e-6), 0, 1).astype(x.dtype)
    return radius, ends


def class_of(net, x):
    values = evaluate_exactly(net, x).value.ravel().tolist() if final_plain(net) else net(x[None])[0].tolist()
    return int(np.argmax(values)) if len(values) > 1 else int(values[0] > 0)


def final_plain(net):
    return net.layers[-1].activation.name != "softmax"


def test_differences_of_outputs_are_bounded_at_once():
    """Both outputs move together, so one stays larger by 1 whatever the input is."""
    net = Network([Dense(2)], (1,), dtype="float64")
    net.parameters[:] = 1, 1, 1, 0
    assert robust_by_intervals(net, [[0.5]], [0], 100.0, limits=None).tolist() == [True]
    net.parameters[:] = 1, 1, 0, 0  # equal everywhere: neither is proved
    assert robust_by_intervals(net, [[0.5], [0.5]], [0, 1], 0.0).tolist() == [False, False]


def test_a_margin_below_the_rounding_is_not_proved():
    """Exactly the outputs differ by 2^-60 less than what 0.1 and 0.3 are rounded by."""
    net = Network([Dense(2)], (2,), dtype="float64")
    net.parameters[:] = 0.1, 0.3, 0.3, 0.1, 0.0, 0.0
    assert robust_by_intervals(net, [[0.7, 0.7]], [0], 0.0).tolist() == [False]


def test_networks_with_curved_layers_and_an_estimators_labels():
    X, y = load_digits(n_class=2, return_X_y=True)
    labels = np.array(["no", "yes"])[y]
    model = NetworkClassifier((8,), activation="tanh", random_state=0, epochs=30, robustness=0.1).fit(X / 16, labels)
    proved = robust_by_intervals(model, X / 16, labels, 0.1)
    assert proved.mean() > 0.9
    assert robust_by_intervals(model, X / 16, labels, 0.3).mean() < proved.mean()
    assert (model.predict(X / 16)[proved] == labels[proved]).all()


@pytest.mark.parametrize("radius", [-1.0, np.inf, np.nan, "a"])
def test_a_radius_that_is_none_is_refused(radius):
    with pytest.raises(InputError, match=r"radius is .*; give a finite number of at least 0"):
        robust_by_intervals(Network([Dense(2)], (1,)), [[0.5]], [0], radius)
