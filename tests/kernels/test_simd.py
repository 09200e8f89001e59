"""Vectors of 64 bytes against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kernels.one_row import DTYPES, integers
from mathdl.kernels import simd
from mathdl.kernels.jit import kernel


@kernel
def copy_up_to(x: Any, y: Any, start: int, count: int) -> None:
    simd.store_up_to(y, start, simd.load_up_to(x, start, count), 64 // x.itemsize)


@kernel
def store_some(x: Any, y: Any, start: int, count: int) -> None:
    simd.store_up_to(y, start, simd.load(x, start), count)


@kernel
def arithmetic(x: Any, y: Any, z: Any, out: Any) -> None:
    lanes = 64 // x.itemsize
    u, v, c = simd.load(x, 0), simd.load(y, 0), simd.load(z, 0)
    simd.store_up_to(out, 0, simd.multiply_add(u, v, c), lanes)
    simd.store_up_to(out, lanes, simd.add(u, v), lanes)
    simd.store_up_to(out, 2 * lanes, simd.maximum(u, v), lanes)
    simd.store_up_to(out, 3 * lanes, simd.where_equal(u, v, c, simd.spread(z, 1)), lanes)
    out[4 * lanes] = simd.total(u)


def lanes_of(dtype: str) -> int:
    return 64 // np.dtype(dtype).itemsize


@pytest.mark.parametrize("dtype", DTYPES)
def test_load_up_to_fills_with_zeros(dtype: str) -> None:
    lanes = lanes_of(dtype)
    x = np.arange(1, 3 * lanes + 1).astype(dtype)
    for count in range(1, lanes + 4):
        y = np.full(3 * lanes, np.nan, dtype)
        copy_up_to(x, y, 3, count)
        expected = np.full(3 * lanes, np.nan)
        expected[3 : 3 + lanes] = 0
        expected[3 : 3 + min(count, lanes)] = x[3 : 3 + min(count, lanes)]
        np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_store_up_to_touches_no_more(dtype: str) -> None:
    lanes = lanes_of(dtype)
    x = np.arange(1, 3 * lanes + 1).astype(dtype)
    for count in range(1, lanes + 4):
        y = np.full(3 * lanes, np.nan, dtype)
        store_some(x, y, 5, count)
        expected = np.full(3 * lanes, np.nan)
        expected[5 : 5 + min(count, lanes)] = x[5 : 5 + min(count, lanes)]
        np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arithmetic_equals_numpy(dtype: str) -> None:
    lanes = lanes_of(dtype)
    x, y, z = integers(3, lanes, largest=3).astype(dtype)
    y[2:4] = x[2:4]
    out = np.full(4 * lanes + 1, np.nan, dtype)
    arithmetic(x, y, z, out)
    np.testing.assert_array_equal(out[:lanes], x * y + z)
    np.testing.assert_array_equal(out[lanes : 2 * lanes], x + y)
    np.testing.assert_array_equal(out[2 * lanes : 3 * lanes], np.maximum(x, y))
    np.testing.assert_array_equal(out[3 * lanes : 4 * lanes], np.where(x == y, z, z[1]))
    assert out[4 * lanes] == x.sum()


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_lane_is_added_to_the_total(dtype: str) -> None:
    lanes = lanes_of(dtype)
    out = np.zeros(4 * lanes + 1, dtype)
    for lane in range(lanes):
        x = np.zeros(lanes, dtype)
        x[lane] = 2
        arithmetic(x, x, x, out)
        assert out[4 * lanes] == 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_is_never_the_larger_and_never_equal(dtype: str) -> None:
    lanes = lanes_of(dtype)
    x, y, z = np.ones(lanes, dtype), np.ones(lanes, dtype), np.arange(lanes).astype(dtype)
    y[3] = np.nan
    out = np.zeros(4 * lanes + 1, dtype)
    arithmetic(x, y, z, out)
    assert out[2 * lanes + 3] == 1
    assert out[3 * lanes + 3] == z[1]


@kernel
def choices(x: Any, y: Any, out: Any, source: Any) -> None:
    lanes = simd.lanes_of(x)
    simd.store_up_to(out, 0, simd.where_positive(simd.load(x, 0), simd.load(y, 0), simd.zeros(x)), lanes)
    simd.store_up_to(out, lanes, simd.load_bytes(source, 1, x), lanes)


@pytest.mark.parametrize("dtype", DTYPES)
def test_where_positive_and_bytes(dtype: str) -> None:
    lanes = lanes_of(dtype)
    x, y = np.resize([1, -1, 0, np.nan, -0.0, 2], lanes).astype(dtype), np.arange(1, lanes + 1).astype(dtype)
    source, out = np.resize([0, 255, 51, 128], lanes + 1).astype(np.uint8), np.empty(2 * lanes, dtype)
    choices(x, y, out, source)
    np.testing.assert_array_equal(out[:lanes], np.where(x > 0, y, 0))
    np.testing.assert_allclose(out[lanes:], source[1:] / 255, rtol=2 * np.finfo(dtype).eps)
    assert out[lanes] == 1
