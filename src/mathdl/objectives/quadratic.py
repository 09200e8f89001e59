"""Quadratic functions."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from mathdl.checks import reals
from mathdl.errors import InputError
from mathdl.exact.dyadic import aligned, integers
from mathdl.objectives.exact_loss import nearest_solution
from mathdl.objectives.lipschitz import NARROW, is_convex, lipschitz_of_matrix
from mathdl.objectives.objective import Array, Objective


class Quadratic(Objective):
    """The function L(a) = a . Q a / 2 - b . a.

    Parameters
    ----------
    Q : array-like of shape (mu, mu)
        Symmetric.
    b : array-like of shape (mu,), default zero

    Raises
    ------
    InputError
        If shapes or values do not fit.

    Examples
    --------
    >>> from mathdl import Quadratic, SGD, gradient_descent
    >>> gradient_descent(Quadratic([[2.0, 0.0], [0.0, 4.0]]), [1.0, 1.0], SGD(0.25), steps=1).point
    array([0.5, 0. ])
    """

    no_minimiser = "it has none in reach of floating point, since b is not in the range of Q"

    def __init__(self, Q: Any, b: Any = None) -> None:
        try:
            self.Q = np.array(reals(np.atleast_1d(Q), "float64"))
            self.b = np.zeros(len(self.Q)) if b is None else np.array(reals(np.asarray(b), "float64"))
        except (TypeError, ValueError):
            raise InputError("Quadratic: Q or b holds something that is no number; give arrays of numbers.") from None
        if self.Q.ndim != 2 or self.Q.shape != self.Q.T.shape or self.Q.size == 0 or self.b.shape != (len(self.Q),):
            raise InputError(
                f"Quadratic: Q has shape {self.Q.shape} and b {self.b.shape}; give a square matrix, a number a row."
            )
        if not (np.isfinite(self.Q).all() and np.isfinite(self.b).all()):
            raise InputError("Quadratic: Q or b holds a number that is not finite; mend it.")
        if (self.Q != self.Q.T).any():
            i, j = (int(k) for k in np.argwhere(self.Q != self.Q.T)[0])
            raise InputError(
                f"Quadratic: Q[{i}, {j}] is {self.Q[i, j]} but Q[{j}, {i}] is {self.Q[j, i]}; give a symmetric matrix."
            )
        self.size: int = len(self.Q)

    def value_and_gradient(self, a: Array) -> tuple[float, Array]:
        """Compute L(a) and its gradient Q a - b."""
        image = self.Q @ a
        return float(a @ image / 2 - self.b @ a), image - self.b

    @property
    def training_data(self) -> tuple[Array, Array, None]:
        """Q and b in the places of X and y, as certificates speak of them."""
        return self.Q, self.b, None

    @cached_property
    def convex(self) -> bool:
        """Whether Q is known to have no negative eigenvalue."""
        return is_convex(self.Q)

    @cached_property
    def lipschitz(self) -> float | None:
        """The largest size of an eigenvalue of Q, hardly rounded up."""
        return lipschitz_of_matrix(self.Q)

    def exact_minimiser(self, a: Array) -> list[Fraction] | None:
        """Return the minimiser, where there are many the one nearest to ``a``, in rational numbers."""
        rows, exponent = aligned(*integers(self.Q))
        right = [Fraction(v) / Fraction(2) ** exponent for v in self.b.tolist()]
        return nearest_solution(rows, right, [Fraction(v) for v in a.tolist()]) if self.convex else None

    def nearest_minimiser(self, a: Array) -> Array | None:
        """Return the minimiser, where there are many the one nearest to ``a``; None without one."""
        if not self.convex:
            return None
        if self.size <= NARROW:
            exact = self.exact_minimiser(a)
            return None if exact is None else np.array([float(v) for v in exact])
        change: Array = np.linalg.lstsq(self.Q, self.b - self.Q @ a, rcond=None)[0]
        sizes = np.abs(self.Q) @ np.abs(a + change) + np.abs(self.b)
        off = np.abs(self.Q @ (a + change) - self.b)
        return a + change if (off <= 64 * self.size * np.finfo(np.float64).eps * sizes.max()).all() else None
