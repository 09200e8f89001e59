"""Certificates of how gradient descent lowers smooth functions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from certificates.descent_problems import SMOOTH, decrease_is_true, objective, run, truth
from certificates.mutations import mutants
from mathdl.certificates import Certificate, Data, verify, write

SAMPLE, ALL = range(0, 600, 7), range(600)


def sweep(seeds: range, count: int) -> Counter[str]:
    """Certify, and change certificates; a statement that the oracle finds false must not be accepted."""
    found: Counter[str] = Counter()
    for seed in seeds:
        loss = objective(seed, SMOOTH)
        certificate, data = run(seed, loss).decrease().certificate, Data(*loss.training_data)
        found[SMOOTH[seed % len(SMOOTH)]] += 1
        assert verify(Certificate.from_json(certificate.to_json()), data)
        assert decrease_is_true(certificate, data), seed
        for mutant in mutants(certificate, data, count, seed):
            true, accepted = truth(decrease_is_true, mutant, data), bool(verify(mutant, data))
            found[f"mutant {'true' if true else 'false'}, {'accepted' if accepted else 'refused'}"] += 1
            assert true or not accepted, (seed, mutant)
    return found


def test_decreases_are_certified_and_no_false_one_is_accepted() -> None:
    found = sweep(SAMPLE, 3)
    assert min(found[name] for name in SMOOTH) >= 10
    assert found["mutant false, refused"] > 100
    assert found["mutant true, accepted"] > 20


@pytest.mark.slow
def test_six_hundred_decreases() -> None:
    found = sweep(ALL, 6)
    assert sum(found[name] for name in SMOOTH) == 600


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
