"""Predicted against true values."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mathdl.errors import InputError
from mathdl.plots.prediction_scatter import prediction_scatter


def circles(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="(\S+)" cy="(\S+)"', svg)]


def test_a_perfect_model_lies_on_the_line() -> None:
    svg = prediction_scatter(np.array([-3.0, 0.0, 8.0]), np.array([-3.0, 0.0, 8.0]))
    for x, y in circles(svg):
        assert x - 70 == pytest.approx(420 - y, abs=0.02)
    (x, y), *_ = circles(prediction_scatter(np.array([1.0, 2.0]), np.array([2.0, 2.0])))
    assert x - 70 < 420 - y  # too high a prediction stands above the line


def test_what_is_not_finite_is_left_out() -> None:
    truth = np.array([1.0, 2.0, np.nan, 4.0])
    assert len(circles(prediction_scatter(truth, np.array([1.0, np.inf, 3.0, 4.0])))) == 2
    assert "no finite pair" in prediction_scatter(np.array([1.0]), np.array([np.nan]))
    assert "no finite pair" in prediction_scatter(np.array([]), np.array([]))


def test_many_points_are_thinned() -> None:
    values = np.arange(100_000.0)
    assert len(circles(prediction_scatter(values, values))) == 2000


def test_one_value_only() -> None:
    assert len(circles(prediction_scatter(np.zeros(3), np.zeros(3)))) == 3


def test_lengths_must_agree() -> None:
    with pytest.raises(InputError, match=r"shape \(2,\) do not go with predictions of shape \(3,\)"):
        prediction_scatter(np.zeros(2), np.zeros(3))
