"""Runs that go wrong are told so, each by its own sentence, and ordinary runs are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from mathdl import SGD, Adam, CosineSchedule, Dense, Flatten, Network, Watch
from mathdl.models.network_defaults import default_layers
from mathdl.training.warning_signs import warning_signs

pytestmark = [
    pytest.mark.usefixtures("affordable"),
    pytest.mark.filterwarnings("ignore::mathdl.errors.TrivialLossWarning"),
]
IMAGES, LABELS = load_digits(return_X_y=True)
IMAGES = (IMAGES / 16).astype("float32")[:1200]
LABELS = LABELS[:1200]


def watched(layers: Any, *, bias: float | None = None, **options: Any) -> tuple[Watch, float]:
    """Train on digits; return what was seen, and the accuracy on the training objects."""
    net = Network([*layers, Dense(10)], (64,), seed=1)
    if bias is not None and net.layers[0].bias is not None:
        net.layers[0].bias[:] = bias
    settings: dict[str, Any] = {"rule": SGD(0.05, 0.9), "batch_size": 32, "epochs": 12, "schedule": CosineSchedule()}
    net.fit(IMAGES, LABELS, loss="cross_entropy", callbacks=[watch := Watch()], **(settings | options))
    return watch, float((net(IMAGES).argmax(axis=1) == LABELS).mean())


def only(watch: Watch, start: str) -> str:
    """The only warning, which begins so."""
    assert [sentence.split(":")[0] for sentence in watch.warnings] == [start], watch.warnings
    return watch.warnings[0]


def relu(*units: int) -> list[Dense]:
    return [Dense(count, activation="relu") for count in units]


def test_ten_sigmoids_let_gradients_vanish() -> None:
    watch, accuracy = watched([Dense(32, activation="sigmoid") for _ in range(10)])
    assert accuracy < 0.3
    sentence = only(watch, "Gradients vanish")
    assert "layer 1 Dense is" in sentence
    assert "times smaller than that of layer 11 Dense" in sentence
    assert "'relu'" in sentence
    assert watched(relu(*[32] * 10))[0].warnings == []


def test_a_product_of_ten_derivatives_of_sigmoids() -> None:
    """At most 4^-10 of the last layer's gradient reaches the first (6.3.3); of ReLUs all of it does."""
    for activation, reaches in (("sigmoid", 4.0**-10), ("relu", 1.0)):
        layers = [*(Dense(1, activation=activation, bias=False) for _ in range(10)), Dense(1, bias=False)]
        net = Network(layers, (1,), dtype="float64")
        net.parameters[:] = 1.0
        net.fit([[0.5]], [3.0], loss="mean_square", rule=SGD(1e-9), epochs=1, callbacks=[watch := Watch()])
        norms = list(watch.gradient_norm.values())
        # The gradients are delta_1 0.5 and delta_11 h_10, and delta_1 is delta_11 times the ten derivatives.
        before_last = 0.5 if activation == "relu" else 0.659
        share = norms[0][0] / 0.5 / (norms[-1][0] / before_last)
        assert share == 1.0 if activation == "relu" else 0 < share <= reaches


@pytest.mark.parametrize("depth", [1, 2])
def test_biases_far_below_zero_are_dead_relus(depth: int) -> None:
    watch, _ = watched(relu(*[32] * depth), bias=-100.0)
    assert "100 % of the units of layer 1 Dense" in only(watch, "Dead ReLUs")


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_learning_rate_that_kills_relus(seed: int) -> None:
    watch, accuracy = watched(relu(64, 64), rule=SGD(2.0, 0.9), seed=seed)
    assert accuracy < 0.3
    assert "smaller learning rate" in only(watch, "Dead ReLUs")


@pytest.mark.parametrize("rule", [SGD(1e-8), Adam(1e-9)], ids=repr)
@pytest.mark.parametrize("schedule", [None, CosineSchedule()])
def test_steps_that_are_too_small(rule: Any, schedule: Any) -> None:
    watch, _ = watched(relu(32), rule=rule, schedule=schedule)
    assert "use a larger learning rate" in only(watch, "Steps are tiny")


@pytest.mark.parametrize("schedule", [None, CosineSchedule()])
@pytest.mark.parametrize(
    ("layers", "rule"), [([Dense(32, activation="tanh")], SGD(5.0)), ([], SGD(1.0, weight_decay=1.0))]
)
def test_steps_that_are_too_large(layers: Any, rule: Any, schedule: Any) -> None:
    watch, _ = watched(layers, rule=rule, schedule=schedule)
    assert "use a smaller learning rate" in only(watch, "Steps are wild")


def test_a_learning_rate_that_saturates_units() -> None:
    watch, accuracy = watched([Dense(32, activation="tanh")], rule=Adam(3.0))
    assert accuracy < 0.9
    assert "use a smaller learning rate" in only(watch, "Gradients vanish")


def test_inputs_that_are_far_too_large() -> None:
    net = Network([Dense(16, activation="tanh"), Dense(10)], (64,), seed=1)
    assert net.layers[0].weights is not None
    net.layers[0].weights[:] /= 1e5
    options: dict[str, Any] = {"loss": "cross_entropy", "rule": SGD(1e-12), "batch_size": 32, "epochs": 12}
    net.fit(IMAGES * 1e5, LABELS, callbacks=[watch := Watch()], **options)
    assert "scale the inputs" in only(watch, "Gradients explode")


@pytest.mark.parametrize(
    ("layers", "options"),
    [
        ([], {}),
        (relu(64), {}),
        (relu(64, 64), {"rule": SGD(0.1)}),
        (relu(64, 64, 32, 32), {"schedule": None}),
        ([Dense(64, activation="tanh"), Dense(32, activation="tanh")], {"rule": Adam()}),
        ([Dense(64, activation="sigmoid")], {"batch_size": 8}),
        (relu(16), {"batch_size": 1, "rule": SGD(0.01), "epochs": 3}),
        ([Dense(32, activation="leaky_relu")], {"batch_size": 1200, "epochs": 100}),
    ],
)
def test_ordinary_runs_give_no_warning(layers: Any, options: Any) -> None:
    watch, accuracy = watched(layers, **options)
    assert len(watch.epochs) > 1
    assert accuracy > 0.9
    assert watch.warnings == []


def test_the_default_network_gives_no_warning() -> None:
    net = Network([*default_layers((1, 8, 8)), Dense(10)], (1, 8, 8), seed=0)
    options: dict[str, Any] = {"loss": "cross_entropy", "rule": SGD(0.05, 0.9), "batch_size": 16, "epochs": 6}
    net.fit(IMAGES.reshape(-1, 1, 8, 8), LABELS, callbacks=[watch := Watch()], **options)
    assert watch.warnings == []


def test_a_network_that_starts_at_the_minimum_is_told_nothing_false() -> None:
    net = Network([Flatten(), Dense(1)], (1,), dtype="float64")
    net.parameters[:] = [2.0, 1.0]
    X = np.linspace(-1, 1, 500)[:, None]
    net.fit(X, 2 * X + 1, loss="mean_square", rule=SGD(0.1), epochs=200, callbacks=[watch := Watch()])
    assert "unless the loss is as low as it can be" in only(watch, "Steps are tiny")


# ------------------------------------------------------------------------------------------------ the thresholds


def signs(
    rms: Any = ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),
    dead: Any = ((0.0, 0.0, 0.0),),
    ratio: Any = ((1e-3, 1e-3, 1e-3), (1e-3, 1e-3, 1e-3)),
    losses: Any = (2.0, 1.0),
) -> list[str]:
    names = [f"{k} Dense" for k in range(1, len(rms) + 1)]
    by_name = [dict(zip(names, part, strict=False)) for part in (rms, dead, ratio)]
    return [sentence.split(":")[0] for sentence in warning_signs(by_name[0], by_name[1], by_name[2], losses)]


NAN = float("nan")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, []),
        ({"rms": [[9e-4] * 3, [1.0] * 3]}, ["Gradients vanish"]),
        ({"rms": [[1.1e-3] * 3, [1.0] * 3]}, []),
        ({"rms": [[9e-4, 1.0, 9e-4], [1.0] * 3]}, ["Gradients vanish"]),
        ({"rms": [[9e-4, 1.0, 1.0], [1.0] * 3]}, []),
        ({"rms": [[9e-4, 9e-4, 1.0, 1.0], [1.0] * 4]}, []),
        ({"rms": [[0.0] * 3, [1.0] * 3]}, ["Gradients vanish"]),
        ({"rms": [[0.0] * 3, [0.0] * 3]}, []),
        ({"rms": [[0.0] * 3, [1.0] * 3], "dead": [[0.0, 0.0, 1.0]]}, ["Dead ReLUs"]),
        ({"rms": [[1100.0] * 3, [1.0] * 3]}, ["Gradients explode"]),
        ({"rms": [[900.0] * 3, [1.0] * 3]}, []),
        ({"rms": [[1.0] * 3, [0.0] * 3]}, ["Gradients explode"]),
        ({"rms": [[1.0, 9.0, 1100.0]] * 2, "losses": (1.0, 2.0)}, ["Gradients explode"]),
        ({"rms": [[1.0, 9.0, 1100.0]] * 2}, []),
        ({"rms": [[1.0, 9.0, 900.0]] * 2, "losses": (1.0, 2.0)}, []),
        ({"dead": [[0.0, 0.0, 0.96]]}, ["Dead ReLUs"]),
        ({"dead": [[0.0, 1.0, 0.95]]}, []),
        ({"ratio": [[9e-7] * 3] * 2}, ["Steps are tiny"]),
        ({"ratio": [[9e-7] * 3, [9e-7, 1.1e-6, 9e-7]]}, []),
        ({"ratio": [[9e-7] * 3] * 2, "dead": [[1.0] * 3]}, ["Dead ReLUs"]),
        ({"ratio": [[1e-3] * 3, [1e-3, 0.2, 0.2]]}, ["Steps are wild"]),
        ({"ratio": [[1e-3] * 3, [0.2, 0.2, 0.09]]}, []),
        ({"rms": [[NAN] * 3] * 2, "dead": [[NAN] * 3], "ratio": [[NAN] * 3] * 2}, []),
        ({"rms": [[1.0], [1.0]], "dead": [[0.9]], "ratio": [[1e-9], [0.9]]}, []),  # the end is not enough to tell
        ({"rms": [[1.0], [1.0]], "dead": [[0.9]], "ratio": [[1e-9], [1e-9]]}, []),
        ({"rms": [[9e-4], [1.0]]}, ["Gradients vanish"]),  # the end is enough where nothing else was measured
        ({"rms": [[1100.0], [1.0]]}, ["Gradients explode"]),
        ({"rms": [[1.0], [1.0]], "dead": [[1.0]], "ratio": [[1e-3], [1e-3]]}, ["Dead ReLUs"]),
        ({"rms": [[], []], "dead": [[]], "ratio": [[], []], "losses": ()}, []),
    ],
)
def test_thresholds(record: dict[str, Any], expected: list[str]) -> None:
    assert signs(**record) == expected


def test_dead_relus_of_one_branch_are_no_harm() -> None:
    names = ["1.1.1 Dense", "1.1.2 Dense", "2 Dense"]
    steady = {name: [1e-3] * 3 for name in names}
    assert warning_signs(steady, {"1.1.2 Dense": [0.0, 1.0, 1.0]}, steady, [2.0, 1.0]) == []


def sentence(rms: Any) -> str:
    names = ["1 Dense", "2 Dense"]
    return warning_signs(dict(zip(names, rms, strict=True)), {}, {name: [1e-3] for name in names}, [1.0])[0]


def test_numbers_in_sentences_have_one_figure() -> None:
    assert "layer 1 Dense is 30,000 times smaller than that of layer 2 Dense" in sentence([[3.4e-5] * 2, [1.0] * 2])
    assert "1 Dense is 2e+20 times smaller" in sentence([[5e-21] * 2, [1.0] * 2])
    assert "layer 1 Dense is 0 in most of the run" in sentence([[0.0] * 3, [1.0] * 3])
    assert "layer 1 Dense is 30,000 times larger than that of layer 2 Dense" in sentence([[3.4e4] * 2, [1.0] * 2])
    assert "layer 1 Dense is not 0, but that of 2 Dense is" in sentence([[1.0] * 2, [0.0] * 2])


def test_units_that_saturate_in_training_are_told_from_gradients_that_vanish_at_once() -> None:
    assert "use a smaller learning rate" in sentence([[1.0, 1e-5, 1e-5], [1.0] * 3])
    assert "use activation 'relu'" in sentence([[1e-5] * 3, [1.0] * 3])
    assert signs(rms=[[1.0, 1e-5, 1e-5], [1.0] * 3], ratio=[[1e-3] * 3, [0.2] * 3]) == ["Steps are wild"]
    assert signs(rms=[[1e-5] * 3, [1.0] * 3], ratio=[[1e-3] * 3, [0.2] * 3]) == ["Gradients vanish", "Steps are wild"]


def test_units_that_were_dead_before_the_first_step_are_told_so() -> None:
    dead = {"1 Dense": [1.0, 1.0]}
    steps = {"1 Dense": [1e-3, 1e-3], "2 Dense": [1e-3, 1e-3]}
    rms = {"1 Dense": [0.0, 0.0], "2 Dense": [0.1, 0.1]}
    assert (
        "they were dead before the first step: see that the features vary" in warning_signs(rms, dead, steps, [1.0])[0]
    )
    dead = {"1 Dense": [0.5, 1.0]}
    assert "train anew with a smaller learning rate" in warning_signs(rms, dead, steps, [1.0])[0]
