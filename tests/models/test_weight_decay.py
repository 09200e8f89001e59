"""A weight decay is looked for as long as the loss on objects left out falls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, make_moons
from sklearn.preprocessing import StandardScaler

from mathdl import SGD, Callback, NetworkClassifier, NetworkRegressor
from mathdl.errors import InputError, TrainingInterrupted
from mathdl.models.declaration import RunFacts
from mathdl.models.weight_decay import lowest_loss

RULE = SGD(0.03, momentum=0.9)


def diabetes() -> tuple[Any, Any]:
    X, y = load_diabetes(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@pytest.mark.parametrize(
    ("loss", "first", "found", "trials"),
    [
        (lambda decay: abs(np.log10(decay) + 2), 0.01, 0.01, 4),
        (lambda decay: abs(np.log10(decay) + 1), 0.01, 0.1, 5),
        (lambda decay: abs(np.log10(decay) + 3), 0.01, 0.001, 6),
        (lambda decay: -decay, 0.01, 1.0, 5),  # no stronger one is on the grid
        (lambda decay: decay, 0.01, 3.2e-5, 8),
        (lambda decay: 1.0, 0.01, 0.01, 4),
        (lambda decay: np.nan, 0.01, 0.01, 4),  # training diverged everywhere
        # A dale where the walk begins, and a deeper one far from it.
        (lambda decay: min(3 + abs(np.log10(decay) + 2.5), abs(np.log10(decay) + 0.5)), 0.01, 0.32, 5),
        (lambda decay: abs(np.log10(decay)), 50.0, 1.0, 2),
    ],
)
def test_the_walk(loss: Callable[[float], float], first: float, found: float, trials: int) -> None:
    tried: list[float] = []

    def loss_with(decay: float) -> float:
        tried.append(decay)
        return float(loss(decay))

    assert lowest_loss(loss_with, first) == found
    assert len(tried) == len(set(tried)) == trials


def test_noise_is_held_back_and_what_can_be_learned_is_not() -> None:
    X, y = diabetes()
    noisy = NetworkRegressor((32,), rule=RULE, weight_decay="auto", epochs=60, random_state=0).fit(X, y)
    assert noisy.weight_decay_ >= 0.03
    X, y = make_moons(400, noise=0.1, random_state=0)
    clear = NetworkClassifier((32,), rule=RULE, weight_decay="auto", epochs=60, random_state=0).fit(X, y)
    assert clear.weight_decay_ <= 0.01
    assert clear.score(X, y) > 0.97


def test_it_trains_as_with_the_decay_that_was_found() -> None:
    X, y = diabetes()
    settings = {"rule": RULE, "epochs": 20, "random_state": 3}
    found = NetworkRegressor((8,), weight_decay="auto", **settings).fit(X, y)
    assert found.settings()["weight_decay"] == found.weight_decay_
    given = NetworkRegressor((8,), weight_decay=found.weight_decay_, **settings).fit(X, y)
    assert np.array_equal(given.network_.parameters, found.network_.parameters)
    by_rule = NetworkRegressor((8,), **{**settings, "rule": SGD(0.03, 0.9, weight_decay=found.weight_decay_)}).fit(X, y)
    assert np.array_equal(by_rule.network_.parameters, found.network_.parameters)
    one = NetworkRegressor((8,), weight_decay="auto", threads=1, **settings).fit(X, y)
    assert np.array_equal(one.network_.parameters, found.network_.parameters)


def test_a_few_objects_are_not_divided() -> None:
    X = np.arange(10.0)[:, None]
    assert NetworkRegressor((2,), weight_decay="auto", epochs=2).fit(X, X[:, 0]).weight_decay_ == 0.01
    with pytest.raises(InputError, match="NetworkRegressor: weight_decay is -1"):
        NetworkRegressor(weight_decay=-1).fit(X, X[:, 0])


def test_a_class_of_two_objects_and_a_rate_to_be_found() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(60, 3)), np.repeat(["a", "b"], [58, 2])
    model = NetworkClassifier((4,), rule=SGD("auto"), weight_decay="auto", epochs=5, random_state=0).fit(X, y)
    assert model.classes_.tolist() == ["a", "b"]
    assert model.history_.search is not None


def test_an_interruption_says_what_was_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object) -> float:
        raise TrainingInterrupted("Interrupted in epoch 1 of 20.")

    monkeypatch.setattr("mathdl.models.network_estimator.lowest_loss", interrupted)
    X, y = diabetes()
    with pytest.raises(TrainingInterrupted, match="while a weight decay was looked for") as caught:
        NetworkRegressor((2,), weight_decay="auto").fit(X, y)
    assert caught.value.history is None


class Seen(Callback):
    """Counts the epochs that it is told of."""

    epochs = 0

    def on_epoch(self, training: Any) -> None:
        self.epochs += 1


def test_callbacks_see_the_training_alone() -> None:
    X, y = diabetes()
    NetworkRegressor((2,), weight_decay="auto", epochs=3).fit(X, y, callbacks=[seen := Seen()])
    assert seen.epochs == 3


@pytest.mark.parametrize("seed", range(3))
def test_diabetes_by_default(seed: int) -> None:
    """What ``mathdl train`` does without an option; the best linear model reaches about 0.40 on these splits."""
    X, y = diabetes()
    rows = np.random.default_rng(seed).permutation(len(y))
    train, test = rows[88:], rows[:88]
    of = RunFacts("regression", (10,), 1, len(train), images=False, classes=None, seed=seed, threads=None)
    model = NetworkRegressor.for_run(of, {}).fit(X[train], y[train])
    with_ridge = np.linalg.lstsq(np.c_[X[train], np.ones(len(train))], y[train], rcond=None)[0]
    residual = y[test] - np.c_[X[test], np.ones(len(test))] @ with_ridge
    linear = 1 - np.mean(residual**2) / y[test].var()
    assert model.score(X[test], y[test]) >= linear - 0.03
