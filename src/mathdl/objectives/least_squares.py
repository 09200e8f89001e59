"""The least-squares loss of a linear model (8.15)."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import numpy as np

from mathdl.exact.quadratic_function import QuadraticFunction
from mathdl.kernels import linear_losses as kernels
from mathdl.objectives.linear_model_loss import LinearModelLoss
from mathdl.objectives.objective import Array, ExactObjective, Minimiser, rounded


class LeastSquares(LinearModelLoss, ExactObjective):
    """The mean square loss L(W) = sum_i s_i |x_i W - y_i|^2 + lambda |W|^2 of a linear model (8.15).

    Parameters
    ----------
    X : array-like of shape (N, p)
        Objects, the book's x^; for polynomials of degree d the powers 1, x, ..., x^d. float32 stays float32.
    y : array-like of shape (N,) or (N, n)
        Targets.
    sample_weight : array-like of shape (N,), optional
        Weights of the objects in the loss (section 8.5), not all zero; s_i is the share of w_i in their sum.
    regularization : float, default 0.0
        lambda.

    Raises
    ------
    InputError
        If shapes or values do not fit.

    Examples
    --------
    >>> from mathdl import LeastSquares, SGD, gradient_descent
    >>> loss = LeastSquares([[1.0, 0.0], [1.0, 1.0]], [1.0, 3.0])
    >>> gradient_descent(loss, [0.0, 0.0], SGD("auto"), steps=200).point.round(6)
    array([1., 2.])
    """

    phi = kernels.LEAST_SQUARES
    name = "least squares"
    curvature = 2.0
    convex = True
    no_minimiser = "no minimiser was found in floating point"

    def require_targets(self) -> None:
        """Take any number of outputs."""

    def phi_bounds(self, distances: Array) -> tuple[Array, Array]:
        """Return bounds on |phi'|, and on the sizes that phi is a sum of, where |z - y| is at most these distances."""
        return 2 * distances, distances**2

    @property
    def checking_cost(self) -> int:
        """Operations with whole numbers that the checker needs at one point: those of a product with the Hessian."""
        return self.size * self.features

    @cached_property
    def function(self) -> QuadraticFunction:
        """The loss as a quadratic function in rational numbers, up to a constant."""
        linear = [[2 * v for v in self.exact.pull(y)] for y in self.exact.targets]
        return QuadraticFunction(*self.exact.hessian(), linear)

    def exact_minimiser(self, a: Array) -> list[Fraction] | None:
        """Return the minimiser (8.17), where there are many the one nearest to ``a``, in rational numbers."""
        return self.function.minimiser(a.tolist())

    def exact_gap(self, point: Array, minimiser: list[Fraction]) -> Fraction:
        """Return how far L is above its minimum at a point."""
        return self.function.gap(point.tolist(), minimiser)

    def find_minimiser(self, a: Array) -> Minimiser | None:
        """Return the minimiser (8.17), of many the one nearest to ``a``; None where floating point finds none."""
        if self.is_small:
            exact = self.exact_minimiser(a)
            return None if exact is None else rounded(exact)
        roots = np.sqrt(self.shares)[:, None]
        W = np.asarray(a, np.float64).reshape(self.features, self.outputs)
        rows, right = roots * self.X, roots * (self.y - self.X @ W)
        if self.regularization:
            ridge = np.sqrt(self.regularization)
            rows = np.vstack([rows, ridge * np.eye(self.features)])
            right = np.vstack([right, -ridge * W])
        change: Array = np.linalg.lstsq(rows, right, rcond=None)[0]
        off, sizes = rows.T @ (right - rows @ change), np.abs(rows).T @ (np.abs(right) + np.abs(rows) @ np.abs(change))
        return Minimiser((W + change).reshape(-1)) if (np.abs(off) <= 1e-9 * sizes.max()).all() else None
