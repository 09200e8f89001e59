"""Runs of contiguous numbers, of every length around a vector's: sum, copy, zeros."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.one_row import DTYPES, integers
from mathdl.kernels.runs import clear_run, copy_run, fill_run, sum_of

COUNTS = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 70]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", COUNTS)
def test_sum(dtype: str, count: int) -> None:
    w = np.full(count + 80, np.nan, dtype)
    w[5 : 5 + count] = integers(count, seed=count)
    assert sum_of(w, 5, count) == integers(count, seed=count).sum()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", COUNTS)
def test_copy_and_clear(dtype: str, count: int) -> None:
    source, target = np.arange(count + 80).astype(dtype), np.full(count + 80, np.nan, dtype)
    expected = target.copy()
    copy_run(source, 3, target, 5, count)
    expected[5 : 5 + count] = source[3 : 3 + count]
    np.testing.assert_array_equal(target, expected)
    clear_run(target, 5, count)
    expected[5 : 5 + count] = 0
    np.testing.assert_array_equal(target, expected)
    fill_run(target, 5, count, target.dtype.type(0.75))
    expected[5 : 5 + count] = 0.75
    np.testing.assert_array_equal(target, expected)
