"""The data of a linear model as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.dyadic import aligned, integers
from mathdl.exact.nearest_solution import Vector
from mathdl.exact.whole_numbers import over_one_denominator

Array = NDArray[Any]

EVERY = slice(None)


class ExactLinearModel:
    """Objects, targets, weights and lambda of a loss sum_i s_i phi(x_i W, y_i) + lambda |W|^2, exactly as given."""

    def __init__(self, X: Array, y: Array, weights: Sequence[float], regularization: float) -> None:
        rows, exponent = aligned(*integers(X.astype(np.float64)))
        shares, _ = over_one_denominator(weights)
        self.rows, self.unit = np.array(rows, dtype=object), Fraction(2) ** exponent
        self.shares, self.total = np.array(shares, dtype=object), sum(shares)
        self.regularization, self._y = Fraction(regularization), y

    @cached_property
    def targets(self) -> list[Vector]:
        """The columns of y."""
        return [[Fraction(value) for value in column] for column in self._y.T.tolist()]

    def hessian(self, chosen: Array | slice = EVERY, curvature: float = 2.0) -> tuple[list[list[int]], Fraction]:
        """Return curvature times the chosen objects' shares of x x^T plus 2 lambda I, as whole numbers times a unit."""
        rows, shares = self.rows[chosen], self.shares[chosen]
        p = self.rows.shape[1]
        products = rows.T @ (rows * shares[:, None]) if len(rows) else np.zeros((p, p), dtype=object)
        factor = Fraction(curvature) * self.unit**2 / self.total
        (scale, shift), denominator = over_one_denominator([factor, 2 * self.regularization])
        return [
            [int(scale * v + shift * (i == j)) for j, v in enumerate(row)] for i, row in enumerate(products.tolist())
        ], Fraction(1, denominator)

    def pull(self, values: Sequence[Fraction]) -> Vector:
        """Return the sum of share times value times x."""
        wholes, denominator = over_one_denominator(values)
        return [
            v * self.unit / (denominator * self.total)
            for v in (self.shares * np.array(wholes, dtype=object)) @ self.rows
        ]

    def residuals(self, w: Vector) -> Vector:
        """Return x . w - y for every object, of one target each."""
        wholes, denominator = over_one_denominator(w)
        outputs = self.rows @ np.array(wholes, dtype=object)
        return [v * self.unit / denominator - y for v, y in zip(outputs, self.targets[0], strict=True)]
