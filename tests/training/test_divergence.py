"""Training that diverges stops, keeps the last parameters with a finite loss, and says what to try."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import naive
from mathdl import SGD, Adam, Callback, Dense, History, Network
from mathdl.descent.batches import order_of_epoch
from mathdl.errors import DivergenceWarning
from mathdl.training import loop
from mathdl.training.training import Training

X = np.random.default_rng(0).normal(size=(12, 2))
Y = X.sum(axis=1)


def network(dtype: str = "float64") -> Network:
    return Network([Dense(2), Dense(1)], input_shape=(2,), dtype=dtype, seed=1)


def diverge(net: Network, **options: Any) -> History:
    with pytest.warns(DivergenceWarning) as caught:
        history = net.fit(X, Y, loss="mean_square", **options)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert str(caught[0].message) == history.message
    assert history.status == "diverged"
    return history


def last_finite(net: Network, rate: float, batch_size: int) -> tuple[NDArray[np.float64], int]:
    """Descend with the oracle until a loss is not finite; return the parameters before that step, and the epoch."""
    a, before = net.parameters.copy(), net.parameters.copy()
    for epoch in range(99):
        order = order_of_epoch(12, "without_replacement", 0, epoch)
        for first in range(0, 12, batch_size):
            batch = order[first : first + batch_size]
            with np.errstate(all="ignore"):
                value, gradient = naive.loss_and_gradient(net.architecture, (2,), a, X[batch], Y[batch], "mean_square")
            if not np.isfinite(value):
                return before, epoch
            before = a.copy()
            a = a - rate * gradient
    raise AssertionError("it did not diverge")


@pytest.mark.parametrize("batch_size", [12, 5, 1])
@pytest.mark.parametrize("pace", [0.25, 1e-12])  # all steps of an epoch in a call, or one
@pytest.mark.parametrize("rate", [0.7, 3.0])
def test_the_last_parameters_with_a_finite_loss_remain(
    batch_size: int, pace: float, rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CALL_SECONDS", pace)
    net = network()
    expected, epoch = last_finite(net, rate, batch_size)
    history = diverge(net, rule=SGD(rate), batch_size=batch_size, epochs=99)
    assert history.epochs == epoch
    assert f"epoch {epoch + 1}" in history.message
    assert f"try learning_rate={rate / 10:g}" in history.message
    assert np.isfinite(net.parameters).all()
    np.testing.assert_allclose(net.parameters, expected, rtol=1e-6)


@pytest.mark.parametrize("pace", [0.25, 1e-12])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_loss_is_finite_afterwards(pace: float, threads: int, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CALL_SECONDS", pace)
    net = network(dtype)
    history = diverge(net, rule=SGD(2.0, momentum=0.5), batch_size=12, epochs=99, threads=threads)
    assert np.isfinite(net.loss(X, Y, "mean_square"))
    assert np.isfinite(history.loss).all()
    assert len(history.loss) > 3


def test_a_loss_that_is_infinite_from_the_start() -> None:
    net = network()
    net.parameters[:] = 1e200
    history = diverge(net, epochs=3)
    assert history.epochs == 0
    assert (net.parameters == 1e200).all()


@pytest.mark.parametrize("pace", [0.25, 1e-12])
def test_a_last_update_that_is_infinite(pace: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every loss was finite, and yet there is nothing to use."""
    monkeypatch.setattr(loop, "CALL_SECONDS", pace)
    net = network()
    before = net.parameters.copy()
    diverge(net, rule=SGD(1e308), batch_size=12, epochs=1)
    assert np.array_equal(net.parameters, before)


def test_the_rate_of_the_schedule_is_the_one_that_was_too_large() -> None:
    history = diverge(network(), rule=SGD(1.0), epochs=99, schedule=lambda epoch, epochs: 4.0)
    assert "with learning rate 4 " in history.message
    assert "try learning_rate=0.4" in history.message


def test_other_rules_diverge_too() -> None:
    net = network("float32")
    diverge(net, rule=Adam(1e20), batch_size=12, epochs=99)
    assert np.isfinite(net.parameters).all()


def test_callbacks_hear_of_the_end_and_epochs_do_not_end() -> None:
    heard: list[str] = []

    class Listen(Callback):
        def on_epoch(self, training: Training) -> None:
            heard.append("epoch")

        def on_end(self, training: Training) -> None:
            heard.append(training.history.status)

    history = diverge(network(), rule=SGD(3.0), batch_size=12, epochs=99, callbacks=[Listen()])
    assert heard == ["epoch"] * history.epochs + ["diverged"]


def test_training_can_start_anew_afterwards() -> None:
    net = network()
    diverge(net, rule=SGD(3.0), epochs=99)
    net.parameters[:] = network().parameters
    history = net.fit(X, Y, loss="mean_square", rule=SGD(0.05), batch_size=4, epochs=300)
    assert history.loss[-1] < 1e-6
