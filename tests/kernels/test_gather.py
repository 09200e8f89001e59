"""The kernels that bring samples into the workspace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernels.one_row import COUNTS, DTYPES
from mathdl.kernels import gather
from mathdl.kernels.table import PLACE, ROW_WIDTH, ROWS, WIDTH

SAMPLES = 40  # in the source


def gathered(kernel: Any, data: Any, dtype: str, n: int) -> tuple[Any, Any, Any]:
    """Gather n samples out of order; return the order, the features-first part and the copy."""
    width = data.shape[1]
    place = np.zeros(4, np.int64)
    place[WIDTH], place[PLACE], place[ROWS], place[ROW_WIDTH] = width, 2, 2 + width + 1, width + 4
    source = data.ravel().view(np.uint8)
    order = np.random.default_rng(n).integers(SAMPLES, size=n)
    workspace = np.full((2 + width + 1 + width + 4 + 1) * n, np.nan, dtype)
    kernel(source, order, workspace, place)
    values = workspace[2 * n : (2 + width) * n].reshape(width, n).T.copy()
    workspace[2 * n : (2 + width) * n] = np.nan
    rows = workspace[(2 + width + 1) * n :][: n * (width + 4)].reshape(n, width + 4)[:, :width]
    copied = rows.copy() if n > 1 else values  # a single sample needs no second copy
    rows[:] = np.nan
    assert np.isnan(workspace).all()
    return order, values, copied


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("width", [1, 16, 35])
def test_numbers(dtype: str, n: int, width: int) -> None:
    data = np.random.default_rng(0).normal(size=(SAMPLES, width)).astype(dtype)
    order, values, copied = gathered(gather.same, data, dtype, n)
    assert np.array_equal(values, data[order])
    assert np.array_equal(copied, data[order])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("width", [1, 16, 35])
def test_bytes_become_numbers_from_0_to_1(dtype: str, n: int, width: int) -> None:
    data = np.random.default_rng(0).integers(256, size=(SAMPLES, width), dtype=np.uint8)
    data[:, 0] = np.arange(SAMPLES) % 2 * 255
    order, values, copied = gathered(gather.image_bytes, data, dtype, n)
    np.testing.assert_allclose(values, data[order] / 255, rtol=2 * np.finfo(dtype).eps)
    assert values[:, 0].tolist() == (order % 2).tolist()
    assert np.array_equal(copied, values)
