"""Certificates of how gradient descent lowers smooth functions."""

from __future__ import annotations

from typing import Any

import pytest

from certificates.descent_problems import SMOOTH, decrease_is_true, objective, run, truth
from certificates.sweep import Oracle
from mathdl.certificates import Certificate, Data, verify, write

MIN_SHARE = 1


def make(seed: int) -> tuple[Certificate, Data]:
    loss = objective(seed, SMOOTH)
    return run(seed, loss).decrease().certificate, Data(*loss.training_data)


def judge(certificate: Certificate, data: Data) -> Oracle:
    return lambda numbers: truth(decrease_is_true, numbers, data)


# L = -a^2 from 1 with tau = 1/4: 1, 3/2, 9/4; it falls by 5/4 and 45/16, and tau |grad L|^2 is 1 and 9/4.
DATA = Data([[-2.0]], [0.0])
NUMBERS: dict[str, Any] = {
    "objective": "quadratic",
    "learning_rate": "1/4",
    "lipschitz": "2",
    "steps": [0, 1, 2],
    "points": [["1"], ["3/2"], ["9/4"]],
    "rounding": "0",
    "excess": "0",
    "limit": "13/4",
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"limit": "3"}, "sum of the squares"),
        ({"excess": "-1/2"}, None),  # L falls by that much more: 5/4 - 3/4
        ({"excess": "-51/100"}, "falls by less in step 1"),
        ({"lipschitz": "199/100"}, "not shown to have"),
        ({"lipschitz": "4"}, None),
        ({"lipschitz": "5"}, "above 1/d"),
        ({"points": [["1"], ["3/2"], ["2"]]}, "no gradient step"),
        ({"points": [["1"], ["3/2"], ["1"]], "rounding": "2"}, "falls by less in step 2"),
        ({"steps": [0, 1, 3]}, "left out"),
        ({"objective": "least squares"}, "missing"),
        ({"threshold": "3"}, "'threshold' is none of the numbers"),
        ({"regularization": "1000"}, "'regularization' is none of the numbers"),
        ({"lipschitz": "-5"}, "d is negative"),
    ],
)
def test_the_checker(change: dict[str, Any], reason: str | None) -> None:
    verdict = verify(write("descent_decrease", NUMBERS | change, DATA), DATA)
    assert verdict.valid == (reason is None), verdict.reason
    assert reason is None or reason in verdict.reason


@pytest.mark.parametrize(("name", "y", "reason"), [("neuron", 2.0, "from 0 to 1"), ("logistic", 0.0, "neither 1 nor")])
def test_targets_are_looked_at(name: str, y: float, reason: str) -> None:
    data = Data([[1.0]], [y])
    numbers = NUMBERS | {"objective": name, "regularization": "0"}
    assert reason in verify(write("descent_decrease", numbers, data), data).reason


def test_weights_are_said_and_a_quadratic_has_none() -> None:
    weighted = Data([[-2.0]], [0.0], [2.0])
    assert "nothing of weights" in verify(write("descent_decrease", NUMBERS, weighted), weighted).reason
    numbers = NUMBERS | {"objective": "neuron", "regularization": "0", "learning_rate": "1e"[:1]}
    assert "(neuron, 1 weighted rows of data)" in write("descent_decrease", numbers, weighted).statement
