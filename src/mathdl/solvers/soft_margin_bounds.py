"""Bounds for a soft margin that hold in spite of rounding, and multipliers that are feasible exactly.

A sum of n products is off by at most n units of rounding times the sum of their sizes, in whatever order it is made.
Sums over objects or features are made in the longest floating-point numbers that NumPy has.
"""

from __future__ import annotations

from fractions import Fraction
from math import fsum, inf, nextafter
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

LONG = np.longdouble
LONG_ROUNDOFF = float(np.finfo(LONG).eps)  # at most this far is a long sum or product off, relatively
DOUBLE_ROUNDOFF = 2.0**-53  # and one that is rounded to float64
EXTRA_OPERATIONS = 16  # operations beside those of the sums
BLOCK_OBJECTS = 1000  # objects made long at a time


def feasible_multipliers(multipliers: Array, signs: Array, weights: Array) -> Array:
    """Return multipliers in units of the weights that are between 0 and those, and whose signed sum is exactly 0.

    They are multiples of one power of two. What the classes differ by is taken from the largest ones.
    """
    wanted: Array = np.clip(multipliers * weights.sum(), 0, weights)
    largest = float(wanted.max())
    if largest == 0:
        return wanted
    unit = 2.0 ** max(int(np.frexp(largest)[1]) - 53, -1074)
    wholes: list[int] = np.floor(wanted / unit).astype(np.int64).tolist()
    surplus = sum(whole if sign > 0 else -whole for whole, sign in zip(wholes, signs, strict=True))
    for i in np.argsort(-wanted, kind="stable"):
        if surplus * signs[i] > 0:
            taken = min(wholes[i], abs(surplus))
            wholes[i] -= taken
            surplus -= int(signs[i]) * taken
    floats: Array = np.array(wholes, np.float64) * unit
    return floats


def objective_above(X: Array, signs: Array, weights: Array, regularization: float, w: Array, b: float) -> float:
    """Return at least lambda |w|^2 + weighted mean of max(0, 1 - y (w.x - b))."""
    long, losses = w.astype(LONG), np.empty(len(X))
    for first in range(0, len(X), BLOCK_OBJECTS):
        rows = slice(first, first + BLOCK_OBJECTS)
        part = X[rows].astype(LONG)
        off = (len(w) + EXTRA_OPERATIONS) * LONG_ROUNDOFF * (np.abs(part) @ np.abs(long) + abs(b) + 1)
        losses[rows] = np.maximum(1 - signs[rows] * (part @ long - b) + off, 0)
    value = regularization * fsum(w * w) + fsum(weights * losses) / fsum(weights)
    return nextafter(value * (1 + EXTRA_OPERATIONS * DOUBLE_ROUNDOFF), inf)


def minimum_below(X: Array, signs: Array, weights: Array, regularization: float, multipliers: Array) -> float:
    """Return at most the lower bound that feasible multipliers (in units of the weights) give.

    Since they balance exactly, objects count by their distances to any point, and to one of them less is lost to
    rounding.
    """
    centre = X[0].astype(LONG)
    pull, sizes = np.zeros(X.shape[1], LONG), np.zeros(X.shape[1], LONG)
    for first in range(0, len(X), BLOCK_OBJECTS):
        rows = slice(first, first + BLOCK_OBJECTS)
        part, a = X[rows].astype(LONG) - centre, multipliers[rows].astype(LONG)
        pull += (signs[rows] * a) @ part
        sizes += a @ np.abs(part)
    total = fsum(weights)
    largest = (np.abs(pull) + (len(X) + EXTRA_OPERATIONS) * LONG_ROUNDOFF * sizes).astype(np.float64)
    above = fsum(largest * largest) / total**2 / (4 * regularization) * (1 + 2 * EXTRA_OPERATIONS * DOUBLE_ROUNDOFF)
    mean = fsum(multipliers) / total * (1 - EXTRA_OPERATIONS * DOUBLE_ROUNDOFF)
    return nextafter(mean - above - DOUBLE_ROUNDOFF * max(mean, above), -inf)


def difference_above(above: float, below: float) -> float:
    """Return at least the difference of two numbers."""
    difference = above - below
    return difference if Fraction(above) - Fraction(below) <= Fraction(difference) else nextafter(difference, inf)
