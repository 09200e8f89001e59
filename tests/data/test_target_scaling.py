"""Scaling of regression targets."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.target_scaling import TargetScaling
from mathdl.errors import FileError, InputError


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_round_trips(y: list[float]) -> None:
    scaling = TargetScaling.fit(y)
    np.testing.assert_allclose(scaling.inverse(scaling.transform(y)), y, rtol=1e-9, atol=1e-9)
    assert TargetScaling.from_dict(json.loads(json.dumps(scaling.to_dict()))) == scaling


def test_standardises() -> None:
    y = np.array([1, 4, 7, 9])
    standardised = TargetScaling.fit(y).transform(y)
    assert standardised.mean() == pytest.approx(0, abs=1e-12)
    assert standardised.std() == pytest.approx(1)
    assert TargetScaling.fit([5.0, 5.0]) == TargetScaling(5.0, 1.0)


def test_inverse_keeps_the_shape() -> None:
    outputs = TargetScaling(10.0, 2.0).inverse(np.ones((3, 1), np.float32))
    np.testing.assert_array_equal(outputs, np.full((3, 1), 12.0))
    assert outputs.dtype == np.float64


def test_bad_targets() -> None:
    with pytest.raises(InputError, match="needs a target of numbers, but it holds text such as 'a'"):
        TargetScaling.fit(["a", "b"])
    with pytest.raises(InputError, match="target is empty"):
        TargetScaling.fit([])
    with pytest.raises(InputError, match="infinite value in row 1"):
        TargetScaling.fit([np.inf])


@pytest.mark.parametrize("record", [None, {}, {"mean": 1.0}, {"mean": 1.0, "scale": -1.0}, {"mean": "x", "scale": 1.0}])
def test_unsound_record(record: object) -> None:
    with pytest.raises(FileError, match="scaling"):
        TargetScaling.from_dict(record)
