"""Mean and scale."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.standardise import mean_and_scale

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1))
def test_finite_whatever_the_size(values: list[float]) -> None:
    mean, scale = mean_and_scale(np.array(values))
    assert math.isfinite(mean)
    assert math.isfinite(scale)
    assert scale > 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_agrees_with_numpy(values: list[float]) -> None:
    mean, scale = mean_and_scale(np.array(values))
    assert mean == pytest.approx(np.mean(values), rel=1e-9, abs=1e-9 * max(map(abs, values)))
    if len(set(values)) > 1 and np.std(values) > 1e-9 * max(map(abs, values)):
        assert scale == pytest.approx(np.std(values), rel=1e-6)


def test_constant_has_scale_one() -> None:
    assert mean_and_scale(np.full(7, 0.1)) == (0.1, 1.0)
    assert mean_and_scale(np.array([0, 0], np.uint8)) == (0.0, 1.0)
