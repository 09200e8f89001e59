"""Splitting rows into a training and a test part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import is_number
from mathdl.errors import InputError

Rows = NDArray[np.intp]


def split(n: int, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Split n rows at random; return the sorted rows of the training part and of the test part, neither empty."""
    generator = _generator(fraction, seed)
    if n < 2:
        raise InputError(f"A split into training and test part needs at least 2 rows, not {n}; give more.")
    order = generator.permutation(n)
    size = min(max(round(n * fraction), 1), n - 1)
    return np.sort(order[size:]), np.sort(order[:size])


def stratified_split(y_codes: NDArray[np.integer], fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Split rows at random so that both parts hold the classes (codes 0..K-1) in equal shares.

    Every class of two or more rows has at least one in each part; a class of one row goes to the training.
    """
    generator = _generator(fraction, seed)
    counts = np.bincount(y_codes)
    if not (counts >= 2).any():
        raise InputError(
            f"A split of {len(y_codes)} rows needs a class with at least 2 of them; give more rows per class."
        )
    order = generator.permutation(len(y_codes))
    by_class = order[np.argsort(y_codes[order], kind="stable")]
    rank = np.arange(len(y_codes)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_test = rank < np.repeat(_test_sizes(counts, fraction), counts)
    return np.sort(by_class[~is_test]), np.sort(by_class[is_test])


def _test_sizes(counts: NDArray[np.intp], fraction: float) -> NDArray[np.intp]:
    """Share the test rows out among the classes, by largest remainder."""
    exact = counts * fraction
    sizes = np.floor(exact).astype(np.intp)
    left = round(float(exact.sum())) - int(sizes.sum())
    sizes[np.argsort(sizes - exact, kind="stable")[:left]] += 1
    return np.where(counts >= 2, np.clip(sizes, 1, np.maximum(counts - 1, 1)), 0)


def _generator(fraction: float, seed: int) -> np.random.Generator:
    """Check what every split is given and start its random numbers."""
    if not is_number(fraction) or not 0 < fraction < 1:
        raise InputError(f"The test fraction is {fraction!r}; give a number between 0 and 1, such as 0.2.")
    if seed < 0:
        raise InputError(f"The seed is {seed}; give 0 or a positive integer.")
    return np.random.default_rng(seed)
