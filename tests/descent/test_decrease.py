"""How gradient descent lowers smooth functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Adam, Function, NeuronLoss, Quadratic, gradient_descent, verify
from mathdl.errors import NoGuaranteeError, NotCertifiedError


def test_what_is_returned() -> None:
    decrease = gradient_descent(Quadratic([[2.0]], [0.0]), [4.0], SGD(0.25), steps=2).decrease()
    assert (decrease.kappa, decrease.learning_rate) == (1.0, 0.25)
    assert decrease.slacks.tolist() == [0.0, 0.0]  # 16 to 4 is 1/4 * 3/4 * 64
    assert decrease.sums.tolist() == [16.0, 20.0]
    assert decrease.limits.tolist() == [24.0, 30.0]
    assert decrease.smallest.tolist() == [64.0, 16.0]


@pytest.mark.parametrize("seed", range(10))
def test_a_neuron(seed: int) -> None:
    generator = np.random.default_rng(seed)
    loss = NeuronLoss(generator.normal(size=(20, 3)), generator.integers(0, 2, size=20))
    run = gradient_descent(loss, 3 * generator.normal(size=3), steps=200)
    decrease = run.decrease()
    assert (decrease.slacks > -1e-16).all()
    assert (decrease.sums <= decrease.limits).all()
    assert (decrease.limits <= 2 * run.values[0]).all()
    assert (np.arange(1, len(run.steps)) * decrease.learning_rate * decrease.smallest <= decrease.sums).all()
    assert verify(decrease.certificate, *loss.training_data)


def test_long_runs_are_certified_in_part() -> None:
    loss = NeuronLoss(np.ones((300, 1)), np.full(300, 0.25))
    certificate = gradient_descent(loss, [3.0], steps=500, tolerance=0).decrease().certificate
    assert "each of the first 62 steps" in certificate.statement


@pytest.mark.parametrize(
    ("objective", "rule", "reason"),
    [
        (Quadratic([[-2.0]]), SGD(0.75), "0.75 is above 1/d = 0.5"),
        (Quadratic([[2.0]]), Adam(0.1), "plain gradient descent"),
        (Function(lambda a: float(np.sin(a[0])), np.cos), SGD(0.1), "No Lipschitz constant"),
    ],
)
def test_what_is_missing_is_named(objective: Any, rule: Any, reason: str) -> None:
    with pytest.raises(NoGuaranteeError, match=reason):
        gradient_descent(objective, [1.0], rule, steps=3).decrease()


def test_a_thinned_record_is_refused() -> None:
    run = gradient_descent(Quadratic([[2.0]]), [1.0], SGD(0.1), steps=4)
    thinned = replace(run, steps=run.steps[::2], points=run.points[::2], values=run.values[::2])
    with pytest.raises(NoGuaranteeError, match="only 3 were recorded"):
        thinned.decrease()


def test_a_function_is_not_certified() -> None:
    sine = Function(lambda a: float(np.sin(a[0])), np.cos, lipschitz=1.0)
    decrease = gradient_descent(sine, [1.0], steps=20).decrease()
    assert (decrease.slacks > -1e-15).all()
    with pytest.raises(NotCertifiedError, match="cannot know this Function"):
        _ = decrease.certificate


def test_no_step_is_no_decrease() -> None:
    decrease = gradient_descent(Quadratic([[2.0]]), [0.0], SGD(0.1)).decrease()
    assert len(decrease.slacks) == 0
    assert decrease.certificate.numbers["steps"] == [0]
