"""The kernels that bring samples into the workspace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernels.one_row import COUNTS, DTYPES, in_panels
from mathdl.kernels import gather
from mathdl.kernels.table import GATHER

SAMPLES = 40  # in the source


def gathered(kernel: Any, data: Any, dtype: str, n: int) -> tuple[Any, Any, Any]:
    """Gather n samples out of order; return the order, the samples at their place and, of several, in panels."""
    width = data.shape[1]
    room = in_panels(np.zeros((n, width)), dtype).shape[1] if n > 1 else 0
    place = np.zeros(1, GATHER)[0]
    place.width, place.place, place.panels = width, 2, 2 + width + 1
    order = np.random.default_rng(n).integers(SAMPLES, size=n)
    workspace = np.full((2 + width + 1 + room + 1) * n, np.nan, dtype)
    kernel(data.ravel(), order, workspace, place)
    parts = workspace[2 * n :][: width * n], workspace[(2 + width + 1) * n :][: n * room]
    found, panels = parts[0].reshape(width, n).T.copy(), parts[1].reshape(n, room).copy()
    for part in parts:
        part[:] = np.nan
    assert np.isnan(workspace).all()
    return order, found, panels


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("width", [1, 16, 35])
def test_numbers(dtype: str, n: int, width: int) -> None:
    data = np.random.default_rng(0).normal(size=(SAMPLES, width)).astype(dtype)
    order, found, panels = gathered(gather.same, data, dtype, n)
    np.testing.assert_array_equal(found, data[order])
    if n > 1:
        np.testing.assert_array_equal(panels, in_panels(data[order], dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("width", [1, 16, 35])
def test_bytes_become_numbers_from_0_to_1(dtype: str, n: int, width: int) -> None:
    data = np.random.default_rng(0).integers(256, size=(SAMPLES, width), dtype=np.uint8)
    data[:, 0] = np.arange(SAMPLES) % 2 * 255
    order, found, panels = gathered(gather.image_bytes, data, dtype, n)
    np.testing.assert_allclose(found, data[order] / 255, rtol=2 * np.finfo(dtype).eps)
    assert found[:, 0].tolist() == (order % 2).tolist()
    if n > 1:
        np.testing.assert_array_equal(panels, in_panels(found, dtype))
