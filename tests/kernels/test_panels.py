"""Transposition, by blocks in registers and number by number at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.one_row import DTYPES
from mathdl.kernels.panels import transpose


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rows", [1, 3, 8, 16, 21])
@pytest.mark.parametrize("columns", [1, 4, 8, 17])
def test_transpose(dtype: str, rows: int, columns: int) -> None:
    source_step, target_step = columns + 3, rows + 5
    matrix = np.arange(1, rows * columns + 1).reshape(rows, columns)
    w = np.full(1 + rows * source_step + columns * target_step, np.nan, dtype)
    source = w[1 : 1 + rows * source_step].reshape(rows, source_step)
    source[:, :columns] = matrix
    start = 1 + source.size
    expected = w.copy()
    expected[start:].reshape(columns, target_step)[:, :rows] = matrix.T
    transpose(w, 1, source_step, start, target_step, rows, columns)
    np.testing.assert_array_equal(w, expected)
