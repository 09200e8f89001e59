"""The kernels of pooling, padding and joining, each alone, against the definition."""

from __future__ import annotations

import numpy as np
import pytest

import naive
from kernels.one_row import COUNTS, DTYPES, INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT, flat, integers, run
from mathdl.kernels import parallel, zeropad2d
from mathdl.kernels.maxpool2d import pooling

IMAGES = [(1, 2, 2, 2), (3, 4, 6, 2), (2, 5, 7, 2), (2, 6, 3, 3), (1, 3, 2, 1)]  # channels, height, width, block


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize(("channels", "height", "width", "side"), IMAGES)
def test_max_pooling(dtype: str, n: int, channels: int, height: int, width: int, side: int) -> None:
    """Of -1, 0 and 1 several are the largest of nearly every block."""
    x = integers(n, channels, height, width, largest=1)
    y = naive.maxpool2d(x, side)
    dy = integers(*y.shape, seed=1)
    sizes, pool = [channels, height, width, *y.shape[2:]], pooling(side, side, side, side)
    found = run(pool.forward, n, dtype, sizes, {INPUT: flat(x)}, {OUTPUT: flat(y).shape[1]})
    assert np.array_equal(found[OUTPUT], flat(y))
    given = {INPUT: flat(x), OUTPUT_GRADIENT: flat(dy)}
    found = run(pool.backward, n, dtype, sizes, given, {INPUT_GRADIENT: flat(x).shape[1]})
    assert np.array_equal(found[INPUT_GRADIENT], flat(naive.maxpool2d_gradient(x, side, dy)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
def test_global_max_pooling(dtype: str, n: int) -> None:
    x = integers(n, 3, 4, 5, largest=1)
    dy = integers(n, 3, seed=1)
    sizes, pool = [3, 4, 5, 1, 1], pooling(4, 5, 4, 5)
    found = run(pool.forward, n, dtype, sizes, {INPUT: flat(x)}, {OUTPUT: 3})
    assert np.array_equal(found[OUTPUT], naive.globalmaxpool2d(x))
    given = {INPUT: flat(x), OUTPUT_GRADIENT: dy}
    found = run(pool.backward, n, dtype, sizes, given, {INPUT_GRADIENT: 60})
    assert np.array_equal(found[INPUT_GRADIENT], flat(naive.globalmaxpool2d_gradient(x, dy)))


def test_the_first_of_the_largest_gets_the_gradient() -> None:
    x = np.array([[1.0, 3.0, 3.0, 3.0], [2.0, 1.0, 2.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    given = {INPUT: x, OUTPUT_GRADIENT: np.array([[5.0], [7.0], [9.0]])}
    found = run(pooling(2, 2, 2, 2).backward, 3, "float64", [1, 2, 2, 1, 1], given, {INPUT_GRADIENT: 4})
    assert found[INPUT_GRADIENT].tolist() == [[0, 5, 0, 0], [7, 0, 0, 0], [9, 0, 0, 0]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((2, 2), (2, 2)), ((0, 1), (2, 3))])
def test_zero_padding(dtype: str, n: int, padding: naive.Padding) -> None:
    x = integers(n, 2, 3, 4)
    y = naive.zeropad2d(x, padding)
    sizes = [2, 3, 4, padding[0][0], padding[1][0], *y.shape[2:]]
    found = run(zeropad2d.forward, n, dtype, sizes, {INPUT: flat(x)}, {OUTPUT: flat(y).shape[1]})
    assert np.array_equal(found[OUTPUT], flat(y))
    given = {OUTPUT_GRADIENT: flat(integers(*y.shape, seed=1))}
    found = run(zeropad2d.backward, n, dtype, sizes, given, {INPUT_GRADIENT: flat(x).shape[1]})
    truth = naive.zeropad2d_gradient(integers(*y.shape, seed=1), padding)
    assert np.array_equal(found[INPUT_GRADIENT], flat(truth))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
def test_branches_are_copied_and_their_gradients_added(dtype: str, n: int) -> None:
    x = integers(n, 5)
    found = run(parallel.copy, n, dtype, [5], {INPUT: x}, {OUTPUT: 5})
    assert np.array_equal(found[OUTPUT], x)
    found = run(parallel.copy_back, n, dtype, [5], {OUTPUT_GRADIENT: x}, {INPUT_GRADIENT: 5})
    assert np.array_equal(found[INPUT_GRADIENT], x)
    branches = integers(n, 15, seed=1)  # three branches, one after the other
    found = run(parallel.add_gradients, n, dtype, [5, 3], {OUTPUT_GRADIENT: branches}, {INPUT_GRADIENT: 5})
    assert np.array_equal(found[INPUT_GRADIENT], branches.reshape(n, 3, 5).sum(axis=1))
