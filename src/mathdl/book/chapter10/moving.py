"""Shifts, and bars and balls that move."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np


def bar(column: int) -> Any:
    """Return a picture of 8 x 12 pixels with a slanted bar of four pixels that begins in a column."""
    picture = np.zeros((8, 12), int)
    picture[range(2, 6), range(column, column + 4)] = 1
    return picture


SLANTED = ((1, 0), (0, 1))
"""A kernel that looks like the bar."""


def places(response: Any) -> list[tuple[int, int]]:
    """Return the places of the largest entries, counted from 1."""
    return [(int(i) + 1, int(j) + 1) for i, j in np.argwhere(response == response.max())]


def ball(row: int, column: int, radius: int) -> set[tuple[int, int]]:
    """Return the pixels within a radius of a pixel."""
    sides = range(-radius, radius + 1)
    return {(row + i, column + j) for i in sides for j in sides if i * i + j * j <= radius * radius}


def centre(pixels: set[tuple[int, int]]) -> tuple[Fraction, Fraction]:
    """Return the mean of the pixels' places."""
    rows, columns = zip(*pixels, strict=True)
    return Fraction(sum(rows), len(pixels)), Fraction(sum(columns), len(pixels))


RIGHT, DOWN = (0, 1), (1, 0)
"""T_h and T_v as shifts, down and to the right."""


def to_the_right(matrix: Any) -> Any:
    """Return T_h: all columns moved to the next one, the last to the first."""
    return np.roll(matrix, 1, axis=-1)


def down(matrix: Any) -> Any:
    """Return T_v: all rows moved to the next one, the last to the first."""
    return np.roll(matrix, 1, axis=-2)
