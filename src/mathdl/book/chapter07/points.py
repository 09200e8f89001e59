"""The points of the exercises of chapter 7, and exact hard margins of them."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl

# Exercise 7.2, with the points added one after the other.
FOUR, SIGNS = [[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1]
FIVE, SIGNS_5 = [*FOUR, [-1, 1]], [*SIGNS, -1]
SIX, SIGNS_6 = [*FIVE, [0.5, 1]], [*SIGNS_5, 1]
# Exercise 7.3.
PARALLELOGRAM = [[0, 0], [1, 0], [1, 1], [2, 1]]
# Figures 7.4 and 7.5, and exercise 7.6c.
RED, BLUE = [[0, 0], [0, 1]], [[2, 0], [2, 1]]


def repeated(n: int) -> tuple[list[list[float]], list[int]]:
    """Return (0, 0) with the label -1 and (1, 0) with 1, n times each (exercise 7.5)."""
    return [[0.0, 0.0]] * n + [[1.0, 0.0]] * n, [-1] * n + [1] * n


def widest(X: Any, y: Any) -> Any:
    """Return the hard margin's w, b and multipliers as fractions."""
    return mathdl.HardMarginSVM().fit(X, y).exact_solution_


def plane(solution: Any) -> Any:
    """Return w and b of a hard margin as one pair."""
    return solution.normal, solution.offset


def values(solution: Any, X: Any) -> Any:
    """Return w.x - b for each point, exactly."""
    return mathdl.Hyperplane(np.array(solution.normal), solution.offset).value(X)
