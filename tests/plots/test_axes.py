"""Scales and their ticks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.plots.axes import Scale, drawable, round_range, round_step

NUMBERS = st.floats(-1e12, 1e12, allow_subnormal=False).filter(lambda v: v == 0 or abs(v) > 1e-12)


@given(st.lists(NUMBERS, min_size=1, max_size=20))
@settings(deadline=None, derandomize=True)
def test_a_round_range_holds_its_values_and_is_not_much_larger(values: list[float]) -> None:
    low, high = round_range(values)
    slack = 1e-6 * (high - low)
    assert low - slack <= min(values) <= max(values) <= high + slack
    assert low < high
    if max(values) - min(values) > 1e-6 * max(map(abs, values)):
        assert high - low <= 2 * (max(values) - min(values)) + slack


@given(NUMBERS, st.floats(1e-6, 1e12))
@settings(deadline=None, derandomize=True)
def test_ticks_lie_on_the_scale_and_are_few(low: float, span: float) -> None:
    if span < 1e-6 * abs(low):
        return
    scale = Scale(low, low + span, 0.0, 100.0)
    ticks = scale.ticks()
    assert 2 <= len(ticks) <= 7
    assert all(-1e-3 <= scale(tick) <= 100.001 for tick in ticks)
    assert ticks == sorted(set(ticks))


@given(st.floats(1e-30, 1e20), st.floats(20.0, 1e30))
@settings(deadline=None, derandomize=True)
def test_logarithmic_ticks(low: float, ratio: float) -> None:
    scale = Scale(low, low * ratio, 0.0, 100.0, logarithmic=True)
    ticks = scale.ticks()
    assert 1 <= len(ticks) <= 9
    assert all(-1e-3 <= scale(tick) <= 100.001 for tick in ticks)


def test_known_ticks() -> None:
    assert Scale(0.0, 1.0, 0.0, 1.0).ticks() == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert Scale(0.04, 2.3, 0.0, 1.0, logarithmic=True).ticks() == [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
    assert Scale(1e-4, 2.0, 0.0, 1.0, logarithmic=True).ticks() == [1e-4, 1e-3, 1e-2, 0.1, 1.0]


def test_a_scale_is_a_straight_line_or_a_straight_line_of_logarithms() -> None:
    assert Scale(2.0, 4.0, 50.0, 10.0)(3.0) == 30.0
    assert Scale(1.0, 100.0, 0.0, 10.0, logarithmic=True)(10.0) == pytest.approx(5.0)


def test_steps_and_what_can_be_drawn() -> None:
    assert [round_step(span, 5) for span in (1, 7, 12, 40)] == [0.2, 2, 5, 10]
    assert [drawable(v) for v in (None, math.nan, math.inf, -1e301, 0.0, -5.0)] == [False] * 4 + [True] * 2
