"""The kernels that bring samples into the workspace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernels.one_row import COUNTS, DTYPES, in_panels
from mathdl.kernels import gather
from mathdl.kernels.table import COPY, PLACE, WIDTH

SAMPLES = 40  # in the source


def gathered(kernel: Any, data: Any, dtype: str, n: int) -> tuple[Any, Any, Any]:
    """Gather n samples out of order; return the order, the features-first part and the copy in panels."""
    width = data.shape[1]
    room = in_panels(np.zeros((n, width)), dtype).shape[1]
    place = np.zeros(3, np.int64)
    place[WIDTH], place[PLACE], place[COPY] = width, 2, 2 + width + 1
    source = data.ravel().view(np.uint8)
    order = np.random.default_rng(n).integers(SAMPLES, size=n)
    workspace = np.full((2 + width + 1 + room + 1) * n, np.nan, dtype)
    kernel(source, order, workspace, place)
    values = workspace[2 * n : (2 + width) * n].reshape(width, n).T.copy()
    workspace[2 * n : (2 + width) * n] = np.nan
    panels = workspace[(2 + width + 1) * n :][: n * room].reshape(n, room)
    copied = panels.copy() if n > 1 else in_panels(values, dtype)  # a single sample needs no second copy
    panels[:] = np.nan
    assert np.isnan(workspace).all()
    return order, values, copied


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("width", [1, 16, 35])
def test_numbers(dtype: str, n: int, width: int) -> None:
    data = np.random.default_rng(0).normal(size=(SAMPLES, width)).astype(dtype)
    order, values, copied = gathered(gather.same, data, dtype, n)
    assert np.array_equal(values, data[order])
    np.testing.assert_array_equal(copied, in_panels(data[order], dtype).astype(dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("width", [1, 16, 35])
def test_bytes_become_numbers_from_0_to_1(dtype: str, n: int, width: int) -> None:
    data = np.random.default_rng(0).integers(256, size=(SAMPLES, width), dtype=np.uint8)
    data[:, 0] = np.arange(SAMPLES) % 2 * 255
    order, values, copied = gathered(gather.image_bytes, data, dtype, n)
    np.testing.assert_allclose(values, data[order] / 255, rtol=2 * np.finfo(dtype).eps)
    assert values[:, 0].tolist() == (order % 2).tolist()
    np.testing.assert_array_equal(copied, in_panels(values, dtype).astype(dtype))
