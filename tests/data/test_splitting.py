"""Splits into training and test part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.splitting import split, stratified_split
from mathdl.errors import InputError

fractions = st.floats(0.01, 0.99)


@given(st.integers(2, 300), fractions, st.integers(0, 5))
def test_split_is_a_partition(n: int, fraction: float, seed: int) -> None:
    train, test = split(n, fraction, seed)
    assert sorted([*train, *test]) == list(range(n))
    assert len(train) > 0
    assert abs(len(test) - n * fraction) <= 1
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()


@given(st.lists(st.integers(0, 6), min_size=2, max_size=200), fractions, st.integers(0, 5))
def test_stratified_split_keeps_the_shares(codes: list[int], fraction: float, seed: int) -> None:
    y = np.array(codes)
    counts = np.bincount(y)
    if counts.max() < 2:
        return
    train, test = stratified_split(y, fraction, seed)
    assert sorted([*train, *test]) == list(range(len(y)))
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()
    in_test = np.bincount(y[test], minlength=len(counts))
    for count, tested in zip(counts, in_test, strict=True):
        if count >= 2:
            assert 1 <= tested <= count - 1
            assert abs(tested - count * fraction) <= 1
        else:
            assert tested == 0


def test_total_is_the_fraction() -> None:
    y = np.repeat(np.arange(7), 13)
    assert len(stratified_split(y, 0.2, 0)[1]) == 18


def test_the_largest_remainder_gets_the_row_left_over() -> None:
    y = np.repeat([0, 1], [11, 13])  # a fifth: 2.2 and 2.6 rows, 5 in all
    assert np.bincount(y[stratified_split(y, 0.2, 0)[1]]).tolist() == [2, 3]


def test_seeds() -> None:
    y = np.arange(100) % 3
    for first, again, other in (
        (split(100, 0.2, 0), split(100, 0.2, 0), split(100, 0.2, 1)),
        (stratified_split(y, 0.2, 0), stratified_split(y, 0.2, 0), stratified_split(y, 0.2, 1)),
    ):
        np.testing.assert_array_equal(first[1], again[1])
        assert (first[1] != other[1]).any()


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, 2.0, float("nan")])
def test_bad_fraction(fraction: float) -> None:
    with pytest.raises(InputError, match=f"test fraction is {fraction}; give a number between 0 and 1"):
        split(10, fraction, 0)
    with pytest.raises(InputError, match="test fraction"):
        stratified_split(np.array([0, 0, 1]), fraction, 0)


def test_too_small_and_negative_seed() -> None:
    with pytest.raises(InputError, match="at least 2 rows, not 1"):
        split(1, 0.5, 0)
    with pytest.raises(InputError, match="split of 3 rows needs a class with at least 2"):
        stratified_split(np.array([0, 1, 2]), 0.5, 0)
    with pytest.raises(InputError, match="split of 0 rows"):
        stratified_split(np.array([], np.int64), 0.5, 0)
    with pytest.raises(InputError, match="seed is -1"):
        split(10, 0.5, -1)
