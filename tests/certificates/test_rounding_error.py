"""Certificates of what rounding does to outputs, against layers evaluated in fractions as they are defined."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import mathdl as m
from certificates.sweep import Oracle
from certificates.test_robustness import outputs
from geometry.naive_hulls import number
from mathdl.certificates import Certificate, Data, verify, write
from mathdl.errors import NotCertifiedError
from mathdl.piecewise import exact_evaluation

MIN_SHARE = 1.0


def make(seed: int) -> tuple[Certificate, Data]:
    rng = np.random.default_rng(seed)
    activation = ["relu", "abs", m.Activation("leaky_relu", slope=0.3)][seed % 3]
    hidden = [m.Dense(int(rng.integers(2, 5)), activation=activation) for _ in range(1 + seed % 2)]
    net = m.Network([*hidden, m.Dense(1 + seed % 3)], (2,), dtype=["float32", "float64"][seed % 2])
    net.parameters[:] = rng.normal(size=net.size) * 10.0 ** rng.integers(-8, 4)
    at = m.evaluate_exactly(net, np.round(rng.normal(size=2), 3))
    return at.certify(), at.data


def judge(certificate: Certificate, data: Data) -> Oracle:
    row = [Fraction(value) for value in data.rows[0]]

    def is_true(numbers: Mapping[str, Any]) -> bool:
        try:
            exact = outputs(numbers["steps"], row, [number(text) for text in numbers["input"]])
            computed, error = [number(text) for text in numbers["computed"]], number(numbers["error"])
            return all(abs(a - b) <= error for a, b in zip(computed, exact, strict=True))
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError):
            return False

    return is_true


def test_an_error_that_is_the_least_bit_too_small_is_refused() -> None:
    net = m.Network(
        [m.Conv2D(2, 2, activation="relu"), m.MaxPool2D(2), m.Flatten(), m.Dense(3, activation="softmax")], (1, 5, 5)
    )
    at = m.evaluate_exactly(net, np.random.default_rng(0).random((1, 5, 5)))
    certificate = at.certify()
    assert at.rounding_error > 0
    assert number(certificate.numbers["error"]) == at.rounding_error
    less = str(at.rounding_error * (1 - Fraction(1, 2**80)))
    refused = verify(write("rounding_error", {**certificate.numbers, "error": less}, at.data), at.data)
    assert not refused
    assert refused.reason == "A computed output is farther from the exact one."


def test_what_the_checker_does_not_accept_is_not_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, data = make(0)
    wrong = write("rounding_error", {**certificate.numbers, "error": "-1"}, data)
    monkeypatch.setattr(exact_evaluation, "write", lambda *_: wrong)
    net = m.Network([m.Dense(1)], (2,))
    with pytest.raises(NotCertifiedError, match="The rounding error is not certified"):
        m.evaluate_exactly(net, [0.5, 0.25]).certify()
