"""Quadratic functions."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from mathdl.checks import reals, require_unmasked
from mathdl.errors import InputError
from mathdl.exact.curvature import eigenvalue_from_above, is_surely_semidefinite
from mathdl.exact.definite import eigenvalue_bound, is_semidefinite
from mathdl.exact.dyadic import aligned, integers
from mathdl.exact.quadratic_function import QuadraticFunction
from mathdl.objectives.objective import MAX_EXACT_PARAMETERS, Array, ExactObjective, Minimiser, finite, rounded


class Quadratic(ExactObjective):
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
        require_unmasked("Quadratic: Q", Q)
        require_unmasked("Quadratic: b", b)
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
            raise InputError("Quadratic: Q or b holds a number that is not finite; give finite numbers.")
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

    @property
    def certificate_numbers(self) -> dict[str, Any]:
        """The objective's name."""
        return {"objective": "quadratic"}

    @property
    def checking_cost(self) -> int:
        """Operations with whole numbers that the checker needs at one point."""
        return len(self.b) ** 2

    @cached_property
    def exact(self) -> QuadraticFunction:
        """The function in rational numbers."""
        rows, exponent = aligned(*integers(self.Q))
        return QuadraticFunction(rows, Fraction(2) ** exponent, [[Fraction(v) for v in self.b.tolist()]])

    @cached_property
    def convex(self) -> bool:
        """Whether Q is known to have no negative eigenvalue.

        Of one that is too large for exact arithmetic and has an eigenvalue near 0 it is not known.
        """
        if (self.Q.diagonal() < 0).any():
            return False
        if len(self.b) <= 2 * MAX_EXACT_PARAMETERS:
            return is_semidefinite(self.exact.matrix)
        return is_surely_semidefinite(self.Q)

    @cached_property
    def lipschitz(self) -> float | None:
        """The largest size of an eigenvalue of Q, hardly rounded up."""
        if len(self.b) <= MAX_EXACT_PARAMETERS:
            return finite(eigenvalue_bound(self.exact.matrix, self.exact.unit, absolute=True))
        return finite(max(eigenvalue_from_above(self.Q), eigenvalue_from_above(-self.Q)))

    @np.errstate(over="ignore", invalid="ignore")
    def rounding_errors(self, points: Array) -> tuple[Array, Array]:
        """Return by how much L, and any component of its gradient, may be off in floating point at every point."""
        a = np.abs(points.astype(np.float64))
        off = (len(self.b) + 4) * float(np.finfo(points.dtype).eps) * (a @ np.abs(self.Q) + np.abs(self.b))
        return (a * off).sum(axis=1), off.max(axis=1)

    def exact_minimiser(self, a: Array) -> list[Fraction] | None:
        """Return the minimiser, where there are many the one nearest to ``a``, in rational numbers."""
        return self.exact.minimiser(a.tolist()) if self.convex else None

    def exact_gap(self, point: Array, minimiser: list[Fraction]) -> Fraction:
        """Return how far L is above its minimum at a point."""
        return self.exact.gap(point.tolist(), minimiser)

    def find_minimiser(self, a: Array) -> Minimiser | None:
        """Return the minimiser, where there are many the one nearest to ``a``; None without one."""
        if not self.convex:
            return None
        if len(self.b) <= MAX_EXACT_PARAMETERS:
            exact = self.exact_minimiser(a)
            return None if exact is None else rounded(exact)
        change: Array = np.linalg.lstsq(self.Q, self.b - self.Q @ a, rcond=None)[0]
        sizes = np.abs(self.Q) @ np.abs(a + change) + np.abs(self.b)
        off = np.abs(self.Q @ (a + change) - self.b)
        tolerance = 64 * len(self.b) * np.finfo(np.float64).eps * sizes.max()
        return Minimiser(a + change) if (off <= tolerance).all() else None
