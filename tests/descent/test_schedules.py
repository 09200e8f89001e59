"""How the learning rate changes, and that training uses it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mathdl import SGD, CosineSchedule, StepSchedule
from mathdl.errors import InputError
from training.examples import network, objects


def test_steps() -> None:
    schedule = StepSchedule(3, factor=0.5)
    assert [schedule(epoch, 8) for epoch in range(8)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_cosine() -> None:
    schedule = CosineSchedule(last=0.2)
    found = [schedule(epoch, 10) for epoch in range(11)]
    assert found[0] == 1
    assert found[5] == pytest.approx(0.6)
    assert found[10] == pytest.approx(0.2)
    assert (np.diff(found) < 0).all()
    np.testing.assert_allclose(np.add(found, found[::-1]), 1.2)


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        (None, [1, 1, 1, 1]),
        (StepSchedule(2), [1, 1, 0.1, 0.1]),
        (CosineSchedule(), [1, (1 + np.sqrt(0.5)) / 2, 0.5, (1 - np.sqrt(0.5)) / 2]),
        (lambda epoch, epochs: (epochs - epoch) / epochs, [1, 0.75, 0.5, 0.25]),
    ],
)
def test_training_multiplies_its_rate(schedule: Any, factors: list[float]) -> None:
    X, y = objects(20)
    net, others = network(), network()
    rule = SGD(learning_rate=0.4, momentum=0.5)
    history = net.fit(X, y, loss="cross_entropy", rule=rule, batch_size=20, epochs=4, schedule=schedule)
    np.testing.assert_allclose(history.learning_rate, 0.4 * np.array(factors))
    velocity = np.zeros(others.size)
    for factor in factors:
        velocity = 0.5 * velocity + others.gradient(X, y, "cross_entropy")
        others.parameters -= 0.4 * factor * velocity
    np.testing.assert_allclose(net.parameters, others.parameters, rtol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: StepSchedule(0),
        lambda: StepSchedule(2, factor=0.0),
        lambda: StepSchedule(2, factor=float("nan")),
        lambda: CosineSchedule(last=-0.1),
        lambda: CosineSchedule(last=1.5),
        lambda: CosineSchedule(last=float("nan")),
    ],
)
def test_what_is_no_schedule_is_refused(make: Any) -> None:
    with pytest.raises(InputError, match=r"Schedule: .*; give "):
        make()


@pytest.mark.parametrize("factor", [-1.0, float("nan"), float("inf")])
def test_a_factor_that_is_no_rate_is_refused(factor: float) -> None:
    X, y = objects(4)
    with pytest.raises(InputError, match=r"schedule gives .* in epoch 1"):
        network().fit(X, y, loss="cross_entropy", schedule=lambda epoch, epochs: factor)
