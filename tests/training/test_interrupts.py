"""Ctrl-C, and going on from where it came: to the last bit as if it had not."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Adam, Callback, CosineSchedule, Dense, EarlyStopping, Network, StepSchedule
from mathdl.errors import InputError, TrainingInterrupted
from mathdl.training import loop
from mathdl.training.training import Training, TrainingState
from training.examples import At, network, nothing, objects, press_ctrl_c

RULES = {"momentum": SGD(0.2, momentum=0.9), "adam": Adam(0.02), "plain": SGD(0.3)}
OPTIONS: dict[str, Any] = {"loss": "cross_entropy", "batch_size": 4, "epochs": 4, "seed": 6}


@pytest.fixture(autouse=True)
def one_step_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)


def interrupted(net: Network, samples: int, **options: Any) -> tuple[At, TrainingInterrupted]:
    """Fit 22 objects until Ctrl-C comes after so many."""
    X, y = objects(22)
    button = At(samples, press_ctrl_c)
    options["callbacks"] = [*options.pop("callbacks", []), button]
    with pytest.raises(TrainingInterrupted) as caught:
        net.fit(X, y, **{**OPTIONS, **options})
    return button, caught.value


def through_a_file(state: TrainingState) -> TrainingState:
    """Do to a state what a checkpoint does."""
    arrays = {name: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape) for name, a in state.arrays.items()}
    return TrainingState(arrays, json.loads(json.dumps(state.record)))


@pytest.mark.parametrize("samples", [4, 8, 20, 22, 30, 66, 84])
def test_an_interrupt_ends_training_after_a_whole_step(samples: int) -> None:
    net = network()
    button, end = interrupted(net, samples)
    assert isinstance(end, KeyboardInterrupt)
    assert end.history.status == "interrupted"
    assert end.history.epochs == samples // 22
    assert str(end) == end.history.message == f"Interrupted in epoch {samples // 22 + 1} of 4."
    assert button.state is not None
    assert np.array_equal(net.parameters, button.state.arrays["parameters"])


@pytest.mark.parametrize("samples", [4, 12, 20, 22, 26, 44, 70, 84])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("sampling", ["without_replacement", "with_replacement"])
def test_a_resumed_run_is_the_uninterrupted_one(samples: int, rule: str, sampling: str) -> None:
    X, y = objects(22)
    weights = np.random.default_rng(3).uniform(0.5, 1, size=22)
    settings = {"rule": RULES[rule], "schedule": StepSchedule(2, 0.5), "sampling": sampling, "sample_weight": weights}
    whole, part, rest = network(), network(), network(seed=8)
    expected = whole.fit(X, y, **OPTIONS, **settings)
    button, _ = interrupted(part, samples, **settings)
    assert button.state is not None
    history = rest.fit(X, y, resume=through_a_file(button.state), **OPTIONS, **settings)
    assert np.array_equal(rest.parameters, whole.parameters)
    assert history.loss == expected.loss
    assert history.learning_rate == expected.learning_rate
    assert (history.status, history.message) == ("completed", "")
    assert history.seconds == sorted(history.seconds)


@pytest.mark.parametrize("samples", [12, 22, 50, 66])
def test_early_stopping_is_resumed_with_its_best_parameters(samples: int) -> None:
    X, y = objects(22)
    other, classes = objects(9, seed=1)
    settings = {"rule": SGD(0.5), "validation": (other, (classes + 1) % 3), "schedule": CosineSchedule()}
    whole, part, rest = network(), network(), network(seed=8)
    expected = whole.fit(X, y, **OPTIONS, **settings, callbacks=[EarlyStopping(3)])
    button, _ = interrupted(part, samples, **settings, callbacks=[EarlyStopping(3)])
    assert button.state is not None
    state = through_a_file(button.state)
    history = rest.fit(X, y, resume=state, **OPTIONS, **settings, callbacks=[EarlyStopping(3)])
    assert expected.validation_loss.index(min(expected.validation_loss)) < expected.epochs - 1
    assert np.array_equal(rest.parameters, whole.parameters)
    assert (history.status, history.validation_loss) == (expected.status, expected.validation_loss)


def test_a_run_may_be_resumed_for_more_epochs() -> None:
    X, y = objects(22)
    whole, rest = network(), network()
    keep = At(22 * 4, nothing)
    rest.fit(X, y, **OPTIONS, callbacks=[keep])
    assert keep.state is not None
    whole.fit(X, y, **{**OPTIONS, "epochs": 6})
    rest.fit(X, y, **{**OPTIONS, "epochs": 6}, resume=keep.state)
    assert np.array_equal(rest.parameters, whole.parameters)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("batch_size", {"batch_size": 5}),
        ("seed", {"seed": 7}),
        ("sampling", {"sampling": "with_replacement"}),
        ("rule", {"rule": Adam(0.01)}),
        ("rule", {"rule": SGD(0.02)}),
    ],
)
def test_other_settings_are_refused(name: str, change: dict[str, Any]) -> None:
    X, y = objects(22)
    button, _ = interrupted(network(), 30)
    net = network()
    before = net.parameters.copy()
    with pytest.raises(InputError, match=rf"made with {name} .*, but this run has .*; resume with the same settings"):
        net.fit(X, y, **{**OPTIONS, **change}, resume=button.state)
    assert np.array_equal(net.parameters, before)


def test_other_data_and_networks_are_refused() -> None:
    button, _ = interrupted(network(), 30)
    with pytest.raises(InputError, match="objects 22, but this run has 23"):
        network().fit(*objects(23), **OPTIONS, resume=button.state)
    with pytest.raises(InputError, match="dtype 'float64', but this run has 'float32'"):
        network(dtype="float32").fit(*objects(22), **OPTIONS, resume=button.state)
    with pytest.raises(InputError, match="size 33, but this run has 9"):
        Network([Dense(3)], input_shape=(2,), dtype="float64").fit(*objects(22), **OPTIONS, resume=button.state)


class PressTwice(Callback):
    def on_progress(self, training: Training) -> None:
        press_ctrl_c()
        press_ctrl_c()


def test_the_handler_from_before_is_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    interrupted(network(), 12)
    assert signal.getsignal(signal.SIGINT) is before
    X, y = objects(22)
    network().fit(X, y, **OPTIONS)
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(ZeroDivisionError):
        network().fit(X, y, **OPTIONS, callbacks=[At(8, lambda: 1 / 0)])
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_press_does_not_wait() -> None:
    X, y = objects(22)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as caught:
        network().fit(X, y, **OPTIONS, callbacks=[PressTwice()])
    assert not isinstance(caught.value, TrainingInterrupted)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_ignored_interrupt_stays_ignored() -> None:
    X, y = objects(22)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert network().fit(X, y, **OPTIONS, callbacks=[At(8, press_ctrl_c)]).status == "completed"
    finally:
        signal.signal(signal.SIGINT, before)


LONG = {
    "one long call": ([Dense(200, activation="relu"), Dense(10)], 40, 20_000, 64, 1),
    "two threads": ([Dense(200, activation="relu"), Dense(10)], 40, 20_000, 64, 2),
    "large batches": ([Dense(200, activation="relu"), Dense(10)], 40, 20_000, 20_000, 2),
    "many small steps": ([Dense(2, bias=False)], 1, 2_400_000, 1, 1),
}


class PressSoon(Callback):
    """Press Ctrl-C from another thread while the first call runs."""

    def on_start(self, training: Training) -> None:
        threading.Timer(0.3, self.press).start()

    def press(self) -> None:
        self.pressed = time.perf_counter()
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("name", LONG)
def test_an_answer_comes_within_a_second(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first call's usual length, when nobody yet knows how long a step takes."""
    monkeypatch.undo()
    layers, features, count, batch_size, threads = LONG[name]
    net = Network(layers, input_shape=(features,))
    X = np.random.default_rng(0).normal(size=(count, features)).astype("float32")
    y = np.arange(count) % net.output_shape[0]
    options: dict[str, Any] = {"loss": "cross_entropy", "rule": SGD(1e-4), "batch_size": batch_size}
    net.fit(X[:1], y[:1], **options, epochs=1)
    button = PressSoon()
    with pytest.raises(TrainingInterrupted):
        net.fit(X, y, **options, epochs=1000, threads=threads, callbacks=[button])
    assert time.perf_counter() - button.pressed < 1
    assert np.isfinite(net.parameters).all()
