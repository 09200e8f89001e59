"""Splitting rows into a training and a test part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError

Rows = NDArray[np.intp]


def split(n: int, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Split n rows at random.

    Parameters
    ----------
    n
        The number of rows, at least 2.
    fraction
        The share of the test part, between 0 and 1.
    seed
        What makes the same split again.

    Returns
    -------
    tuple of numpy.ndarray
        The sorted rows of the training part and of the test part; neither is empty.

    Raises
    ------
    InputError
        If the fraction is not between 0 and 1, the seed is negative, or there are fewer than 2 rows.

    Examples
    --------
    >>> train, test = split(10, 0.2, seed=0)
    >>> len(train), len(test)
    (8, 2)
    """
    generator = _generator(fraction, seed)
    if n < 2:
        raise InputError(f"A split into training and test part needs at least 2 rows, not {n}; give more.")
    order = generator.permutation(n)
    size = min(max(round(n * fraction), 1), n - 1)
    return np.sort(order[size:]), np.sort(order[:size])


def stratified_split(y_codes: NDArray[np.integer], fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Split rows at random so that both parts hold the classes in equal shares.

    Every class of two or more rows has at least one in each part; a class of one row goes to the training.

    Parameters
    ----------
    y_codes
        The class of each row, as codes 0..K-1.
    fraction
        The share of the test part, between 0 and 1.
    seed
        What makes the same split again.

    Returns
    -------
    tuple of numpy.ndarray
        The sorted rows of the training part and of the test part; neither is empty.

    Raises
    ------
    InputError
        If the fraction is not between 0 and 1, the seed is negative, or no class has two rows.

    Examples
    --------
    >>> train, test = stratified_split(np.array([0, 0, 0, 1, 1, 1]), 1 / 3, seed=0)
    >>> len(train), len(test)
    (4, 2)
    """
    generator = _generator(fraction, seed)
    counts = np.bincount(y_codes)
    if not (counts >= 2).any():
        raise InputError(
            f"A split of {len(y_codes)} rows needs a class with at least 2 of them; give more rows per class."
        )
    sizes = _test_sizes(counts, fraction)
    order = generator.permutation(len(y_codes))
    by_class = order[np.argsort(y_codes[order], kind="stable")]
    rank = np.arange(len(y_codes)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_test = rank < np.repeat(sizes, counts)
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
    if not 0 < fraction < 1:
        raise InputError(f"The test fraction is {fraction}; give a number between 0 and 1, such as 0.2.")
    if seed < 0:
        raise InputError(f"The seed is {seed}; give 0 or a positive integer.")
    return np.random.default_rng(seed)
