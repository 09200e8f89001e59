"""Where probability curves cross 1/2."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from mathdl import LogisticRegression, half_crossings
from mathdl.errors import InputError


@given(st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True))
def test_planted_crossings_are_found(places: list[int]) -> None:
    def curve(x: Any) -> Any:
        return 1 / (1 + np.exp(-np.prod([(x - place / 10 - 0.003) / 5 for place in places], axis=0)))

    assert np.allclose(half_crossings(curve, 0, 10), [place / 10 + 0.003 for place in sorted(places)], atol=1e-9)


def test_scipy_finds_the_same() -> None:
    def curve(x: Any) -> Any:
        return 0.5 + 0.4 * np.sin(3 * x) * np.exp(-x / 5)

    found = half_crossings(curve, 0.5, 6)
    assert len(found) == 5
    for place in found:
        assert place == pytest.approx(brentq(lambda t: curve(t) - 0.5, place - 0.3, place + 0.3), abs=1e-9)
        assert place / (math.pi / 3) == pytest.approx(round(place / (math.pi / 3)), abs=1e-12)


def test_a_stretch_counts_once_and_a_touch_not_at_all() -> None:
    assert half_crossings(lambda x: np.clip((x - 4) / 8 + 0.5, 0.3, 0.5) + np.clip(x - 6, 0, 0.2), 0, 10) == [
        pytest.approx(5, abs=0.01)
    ]
    assert half_crossings(lambda x: 0.5 + (x - 5) ** 2 / 100, 0, 10).size == 0
    assert half_crossings(lambda x: np.full_like(x, 0.5), 0, 10).size == 0


def test_a_classifier_has_one() -> None:
    model = LogisticRegression(0.1).fit([[0.0], [1.0], [3.0], [4.0]], [0, 0, 1, 1])
    assert half_crossings(model, 0, 4) == pytest.approx([2], abs=1e-9)


@pytest.mark.parametrize(
    ("curve", "low", "high", "message"),
    [
        (lambda x: x, 1, 0, "low first"),
        (lambda x: x, 0, math.inf, "finite"),
        (lambda x: x, "0", 1, "finite numbers"),
        (5, 0, 1, "a function of an array"),
        (lambda x: x[:3], 0, 1, "one for each"),
        (lambda x: x + math.nan, 0, 1, "NaN"),
        (lambda x: "p", 0, 1, "no number"),
    ],
)
def test_nonsense_is_refused(curve: Any, low: Any, high: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        half_crossings(curve, low, high)
