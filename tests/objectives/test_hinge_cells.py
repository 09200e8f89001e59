"""The cells of the hinge loss: as many as there are, each with its gradient."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from mathdl import hinge_cells
from mathdl.errors import InputError


def mean_loss(X: Any, y: Any, w: Any, b: Fraction) -> Fraction:
    """The definition."""
    values = [sum(v * Fraction(x) for v, x in zip(w, row, strict=True)) - b for row in X]
    return Fraction(sum(max(Fraction(0), 1 - sign * value) for sign, value in zip(y, values, strict=True))) / len(y)


@pytest.mark.parametrize("number", range(6))
def test_cells(number: int) -> None:
    generator = np.random.default_rng(number)
    X = generator.integers(-2, 3, size=(1 + number, 1 + number % 2)).tolist()
    y = [1, -1, 1, -1, -1, 1][: len(X)]
    cells = hinge_cells(X, y)
    assert len({cell.active for cell in cells}) == len(cells)
    tiny = Fraction(1, 10**9)
    for cell in cells:
        losses = [mean_loss([row], [sign], cell.normal, cell.offset) for row, sign in zip(X, y, strict=True)]
        assert [i for i, value in enumerate(losses) if value > 0] == list(cell.active)
        parameters = [*cell.normal, cell.offset]
        for k, slope in enumerate(cell.gradient):
            ends = [[value + (j == k) * step for j, value in enumerate(parameters)] for step in (-tiny, tiny)]
            low, high = (mean_loss(X, y, end[:-1], end[-1]) for end in ends)
            assert (high - low) / (2 * tiny) == slope
    # Every point of a fine grid that is on no plane is in one of them.
    found = {cell.active for cell in cells}
    grid = [Fraction(k, 3) + Fraction(1, 1000) for k in range(-9, 10)]
    for *w, b in product(grid, repeat=len(X[0]) + 1):
        assert tuple(i for i in range(len(X)) if mean_loss([X[i]], [y[i]], w, b + tiny) > 0) in found


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[0], [1]], [0, 1], "give -1 or 1 for each object"),
        ([[0], [1]], [1], "1 labels for 2 objects"),
        ([[np.nan]], [1], "NaN or infinite"),
        ([[0]] * 13, [1] * 13, "give at most 12"),
    ],
)
def test_bad_input(X: Any, y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        hinge_cells(X, y)
