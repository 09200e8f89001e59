"""What training says at its end where it came to nothing, and names and arguments that people try."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from mathdl import SGD, Adam, CosineSchedule, Dense, Network
from mathdl.engine.executable import Data
from mathdl.errors import DivergenceWarning, InputError, TrivialLossWarning
from mathdl.networks.trivial_loss import trivial_loss
from mathdl.runs.train import train

DIGITS, LABELS = load_digits(return_X_y=True)
DIGITS = DIGITS / 16
RAW, ILL = load_breast_cancer(return_X_y=True)
SCALED = (RAW - RAW.mean(axis=0)) / RAW.std(axis=0)


def network(X: Any, outputs: int, activation: str = "relu") -> Network:
    return Network([Dense(32, activation=activation), Dense(outputs)], input_shape=X.shape[1:])


@pytest.mark.parametrize(
    ("X", "y", "rule", "advice"),
    [
        (
            RAW,
            ILL,
            SGD(0.1),
            r"features are not scaled \(their standard deviations go from 0.00264 to 569\)",
        ),
        (SCALED * 40, ILL, SGD(1e-9), r"The features are not scaled \(they go up to \d+\); give each mean 0"),
        (DIGITS, LABELS, SGD(100.0), "The learning rate 100 is too large; take 2 or less, or 'auto'"),
        (DIGITS, LABELS, Adam(1000.0), "The learning rate 1000 is too large; take 0.1 or less, or 'auto'"),
        (DIGITS, LABELS, Adam(1e-8), "The learning rate 1e-08 is too small; take 0.0001 or more, or 'auto'"),
        (DIGITS.reshape(-1, 1, 8, 8) * 255, LABELS, SGD(1.0), "go up to 255; divide X by 255"),
    ],
)
def test_what_training_came_to_nothing_for(X: Any, y: Any, rule: Any, advice: str) -> None:
    layers = [Dense(32, activation="relu"), Dense(int(y.max()) + 1)]
    if X.ndim > 2:
        from mathdl import Flatten

        layers = [Flatten(), *layers]  # type: ignore[list-item]
    net = Network(layers, input_shape=X.shape[1:])
    with pytest.warns(TrivialLossWarning, match=advice) as caught:
        history = net.fit(X, y, loss="cross_entropy", rule=rule)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert history.status == "completed"
    assert history.message == str(caught[0].message)


def test_following_the_advice_helps() -> None:
    net = network(RAW, 2)
    net.fit(SCALED, ILL, loss="cross_entropy", rule=SGD(0.1))  # warnings are errors here
    assert net.evaluate(SCALED, ILL)[1] > 0.95


def test_targets_that_are_not_scaled() -> None:
    with pytest.warns(TrivialLossWarning, match=r"The targets go up to 9e\+05 in magnitude; scale y"):
        network(DIGITS, 1).fit(DIGITS, LABELS * 1e5, loss="mse")


def test_a_loss_that_was_still_falling() -> None:
    X = np.random.default_rng(0).normal(size=(400, 3))
    net = Network([Dense(1)], (3,))
    net.layers[0].bias[:] = 20  # type: ignore[index]
    with pytest.warns(TrivialLossWarning, match="The loss was still falling; train for more epochs, or take a larger"):
        net.fit(X, X[:, 0], loss="mean_square", rule=Adam(0.001))


def test_training_that_diverges_says_what_is_not_scaled() -> None:
    with pytest.warns(DivergenceWarning, match=r"try learning_rate=0.01. The features are not scaled") as caught:
        history = network(SCALED, 2).fit(SCALED * 1000, ILL, loss="cross_entropy", rule=SGD(0.1))
    assert len(caught) == 1
    assert history.message == str(caught[0].message)


def test_training_is_left_alone_where_there_is_nothing_to_say() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network(DIGITS, 10).fit(DIGITS, LABELS, loss="cross_entropy")
        network(DIGITS, 10).fit(DIGITS, LABELS, loss="cross_entropy", rule=SGD(1e-9), epochs=4)  # too few to tell
        network(DIGITS, 10).fit(DIGITS[:32], LABELS[:32], loss="cross_entropy", rule=SGD(1e-9), epochs=49)
        equal = np.ones((1000, 2))
        network(equal, 2).fit(equal, np.arange(1000) % 2, loss="cross_entropy", epochs=40)  # no better answer exists
        network(equal, 1).fit(SCALED[:, :2], np.zeros(len(SCALED)), loss="mean_square")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "hinge", "mean_square", "huber"])
def test_the_trivial_loss_is_the_least_of_a_constant(loss: str, weighted: bool) -> None:
    """Held against a network whose weights are zero, with its outputs on a grid."""
    random = np.random.default_rng(1)
    X, classes = random.normal(size=(50, 2)), random.integers(0, 2, 50)
    y = {"hinge": 2 * classes - 1, "mean_square": random.normal(size=50), "huber": random.normal(size=50)}
    targets = np.asarray(y.get(loss, classes), float)
    weights = random.random(50) if weighted else None
    net = Network([Dense(2 if loss == "cross_entropy" else 1)], (2,), dtype="float64")
    net.parameters[:] = 0
    reached = []
    for output in np.linspace(-3, 3, 1201):
        net.layers[0].bias[-1] = output  # type: ignore[index]
        reached.append(net.loss(X, targets, loss, weights))
    bound = trivial_loss(loss, Data(X, targets[:, None], weights))
    slack = 0.05 if loss == "huber" else 1e-4  # of huber, the better of mean and median is taken
    assert min(reached) * (1 - 1e-4) <= bound <= min(reached) * (1 + slack)


def test_the_command_says_it_too(tmp_path: Any) -> None:
    with pytest.warns(TrivialLossWarning):
        run = train("digits", learning_rate=1000.0, epochs=10, out=tmp_path / "run")
    assert any("no better than the 2.30" in message and "too large" in message for message in run.messages)
    assert run.metrics["status"] == "completed"


@pytest.mark.parametrize("seed", range(5))
def test_auto_passes_the_plateau_of_sigmoids(seed: int) -> None:
    random = np.random.RandomState(1)
    X = random.random_sample((500, 2))
    y = (X[:, 0] + (2 * (X[:, 1] - 0.5)) ** 2 - 0.75 >= 0).astype(int)
    net = Network([*(Dense(20, activation="sigmoid") for _ in range(2)), Dense(2)], (2,), seed=seed)
    options: dict[str, Any] = {"batch_size": 200, "epochs": 200, "schedule": CosineSchedule(), "seed": seed}
    net.fit(X, y, loss="cross_entropy", rule=Adam("auto"), **options)
    assert net.evaluate(X, y)[1] >= 0.97


def test_verbose_prints_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    history = network(DIGITS, 10).fit(DIGITS, LABELS, loss="cross_entropy", epochs=2, verbose=True)
    lines = [f"Epoch {k + 1} of 2: loss {loss:.6g}\n" for k, loss in enumerate(history.loss)]
    assert capsys.readouterr().out == "".join(lines)
    with pytest.raises(InputError, match="verbose is 'yes'"):
        network(DIGITS, 10).fit(DIGITS, LABELS, loss="cross_entropy", verbose="yes")  # type: ignore[arg-type]


def test_evaluate() -> None:
    net = network(DIGITS, 10)
    with pytest.raises(InputError, match="The network is not trained, so evaluate needs a loss"):
        net.evaluate(DIGITS, LABELS)
    net.fit(DIGITS, LABELS, loss="cross_entropy")
    loss, accuracy = net.evaluate(DIGITS, LABELS)
    assert loss == net.loss(DIGITS, LABELS, "cross_entropy")
    assert accuracy == (net.predict(DIGITS).argmax(axis=1) == LABELS).mean() > 0.94
    line = network(DIGITS, 1)
    line.fit(DIGITS, LABELS, loss="mse")
    loss, r2 = line.evaluate(DIGITS, LABELS)
    assert line.trained_loss == "mean_square"
    assert loss == line.loss(DIGITS, LABELS, "mse")
    assert r2 == pytest.approx(1 - loss / LABELS.var(), rel=1e-5)
    assert np.isnan(line.evaluate(DIGITS[:1], LABELS[:1])[1])  # R2 of a single object


def test_a_loss_that_is_not_here() -> None:
    with pytest.raises(InputError, match="Loss 'mae' is unknown; give 'huber', which grows as the absolute error does"):
        network(DIGITS, 1).fit(DIGITS, LABELS, loss="mae")
