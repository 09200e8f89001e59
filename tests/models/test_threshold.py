"""Thresholds are read as they are meant, and chosen so that no other is better."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl.errors import InputError
from mathdl.models.threshold import Threshold, ThresholdRule, checked_threshold, threshold_rule

GENERATOR = np.random.default_rng(0)
POSITIVE = GENERATOR.random(300) < 0.2
CHANCES = np.clip(np.round(0.3 * POSITIVE + 0.7 * GENERATOR.random(300), 2), 0, 1)


def test_what_can_be_given() -> None:
    assert threshold_rule("0.3") == threshold_rule(0.3) == ThresholdRule("number", 0.3)
    assert threshold_rule("cost=20") == ThresholdRule("cost", 20.0)
    assert threshold_rule(" precision = 0.9") == ThresholdRule("precision", 0.9)


@pytest.mark.parametrize(
    "bad", [0, 1, -0.2, "1.5", "cost=0", "cost=-3", "precision=1", "recall=0.5", "", "x", True, []]
)
def test_what_cannot(bad: object) -> None:
    with pytest.raises(InputError, match="give a number between 0 and 1, cost=R"):
        threshold_rule(bad)


@pytest.mark.parametrize(("value", "code"), [(0.0, 1), (1.0, 1), ("a", 0), (0.5, 2), (0.5, True), (np.nan, 0)])
def test_a_record_that_is_none(value: object, code: object) -> None:
    with pytest.raises(InputError):
        checked_threshold(value, code)  # type: ignore[arg-type]


def test_the_answer() -> None:
    chances = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]])
    assert Threshold(0.3, 1).decide(chances).tolist() == [0, 1, 1]
    assert Threshold(0.9, 0).decide(chances).tolist() == [0, 1, 1]


@pytest.mark.parametrize("ratio", [0.01, 0.5, 1, 3, 20, 1e6])
def test_no_threshold_costs_less(ratio: float) -> None:
    def cost(threshold: float) -> float:
        said = threshold <= CHANCES
        return ratio * float((POSITIVE & ~said).sum()) + float((said & ~POSITIVE).sum())

    chosen, _ = ThresholdRule("cost", ratio).choose(POSITIVE, CHANCES)
    assert 0 < chosen < 1
    assert cost(chosen) == min(cost(other) for other in np.linspace(0.001, 0.999, 1_500))


@pytest.mark.parametrize("least", [0.25, 0.5, 0.9])
def test_no_lower_threshold_is_as_precise(least: float) -> None:
    def precision(threshold: float) -> float:
        said = threshold <= CHANCES
        return float(POSITIVE[said].mean()) if said.any() else 0.0

    chosen, _ = ThresholdRule("precision", least).choose(POSITIVE, CHANCES)
    assert precision(chosen) >= least
    assert all(precision(other) < least for other in np.linspace(0.001, chosen - 0.01, 200))


def test_a_precision_that_is_out_of_reach_is_said() -> None:
    _, why = ThresholdRule("precision", 0.99).choose(np.array([True, False]), np.array([0.2, 0.7]))
    assert why.startswith("no threshold reaches a precision of 0.99")
