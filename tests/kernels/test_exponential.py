"""The exponential of vectors."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.one_row import DTYPES
from mathdl.kernels.exponential import exponential, exponential_less_one
from mathdl.kernels.jit import Reals, part
from mathdl.kernels.simd import lanes_of, load, store_up_to


@part
def exponentials(x: Reals, y: Reals) -> None:
    for i in range(0, len(x), lanes_of(x)):
        store_up_to(y, i, exponential(load(x, i)), lanes_of(x))


@part
def exponentials_less_one(x: Reals, y: Reals) -> None:
    for i in range(0, len(x), lanes_of(x)):
        store_up_to(y, i, exponential_less_one(load(x, i)), lanes_of(x))


def of(x: np.ndarray) -> np.ndarray:
    y = np.empty_like(x)
    exponentials(x, y)
    return y


@pytest.mark.parametrize("dtype", DTYPES)
def test_it_is_right_to_two_units_in_the_last_place(dtype: str) -> None:
    generator = np.random.default_rng(0)
    low, high = (-87.0, 88.0) if dtype == "float32" else (-708.0, 709.0)
    x = np.concatenate([generator.uniform(low, high, 40_000), generator.normal(size=40_000), np.zeros(16)])
    x = x.astype(dtype)
    expected = np.exp(x.astype(np.longdouble))
    error = np.abs(of(x) - expected) / np.spacing(expected.astype(dtype))
    assert error.max() < 2
    assert (of(x)[-16:] == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_no_normal_number_is_treated_as_by_numpy(dtype: str) -> None:
    tiny = -100.0 if dtype == "float32" else -740.0
    x = np.array([np.nan, np.inf, -np.inf, 1e30, -1e30, tiny, 0.0, -0.0] * 2, dtype)
    with np.errstate(over="ignore", under="ignore"):
        expected = np.exp(x)
    np.testing.assert_allclose(of(x), expected, rtol=0.05, atol=0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_less_one_it_is_right_near_zero_too(dtype: str) -> None:
    generator = np.random.default_rng(0)
    x = np.concatenate([generator.uniform(-80, 0, 40_000), -(10 ** generator.uniform(-30, 0, 40_000)), np.zeros(16)])
    x, y = x.astype(dtype), np.empty(len(x), dtype)
    exponentials_less_one(x, y)
    expected = np.expm1(x.astype(np.longdouble))
    assert (np.abs(y - expected) / np.spacing(np.abs(expected).astype(dtype))).max() < 3
    assert (y[-16:] == 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_less_one_ends_at_minus_one_and_keeps_nan(dtype: str) -> None:
    x, y = np.array([np.nan, -np.inf, -1e30, -1000.0] * 4, dtype), np.empty(16, dtype)
    exponentials_less_one(x, y)
    np.testing.assert_array_equal(y, [np.nan, -1, -1, -1] * 4)
