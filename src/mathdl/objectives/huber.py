"""Huber's loss of a linear model: squares of small residuals, lengths of large ones."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from mathdl.certificates import text_of
from mathdl.checks import require_positive
from mathdl.kernels import linear_losses as kernels
from mathdl.objectives.linear_model_loss import LinearModelLoss
from mathdl.objectives.objective import Array, ExactObjective, Minimiser, rounded
from mathdl.solvers.huber import ExactHuberProblem, HuberProblem


class Huber(LinearModelLoss, ExactObjective):
    """The loss L(w) = sum_i s_i h(x_i . w - y_i) + lambda |w|^2 with h(r) = r^2 for |r| <= t, 2 t |r| - t^2 beyond.

    With one object it is the function on which gradient descent comes no faster than its bound says.

    Parameters
    ----------
    X : array-like of shape (N, p)
        Objects.
    y : array-like of shape (N,)
        Targets.
    threshold : float, default 1.0
        t; positive.
    sample_weight : array-like of shape (N,), optional
        Weights of the objects in the loss, not all zero; s_i is the share of w_i in their sum.
    regularization : float, default 0.0
        lambda.

    Raises
    ------
    InputError
        If shapes or values do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import Huber
    >>> Huber([[1.0]], [0.0], threshold=0.5).value_and_gradient(np.array([2.0]))
    (1.75, array([1.]))
    """

    phi = kernels.HUBER
    name = "Huber"
    curvature = 2.0
    phi_cost = 15
    convex = True
    no_minimiser = "no minimiser was found in floating point"

    def __init__(
        self, X: Any, y: Any, threshold: float = 1.0, sample_weight: Any = None, regularization: float = 0.0
    ) -> None:
        super().__init__(X, y, sample_weight, regularization)
        require_positive("Huber: threshold", threshold)
        self.threshold = float(threshold)

    def phi_bounds(self, distances: Array) -> tuple[Array, Array]:
        """Return bounds on |phi'|, and on the sizes that phi is a sum of, where |z - y| is at most these distances."""
        t = self.threshold
        return np.minimum(2 * distances, 2 * t), np.minimum(distances**2, 2 * t * distances)

    @property
    def certificate_numbers(self) -> dict[str, Any]:
        """The loss's name, lambda and threshold."""
        return super().certificate_numbers | {"threshold": text_of(self.threshold)}

    @cached_property
    def _problem(self) -> HuberProblem:
        return HuberProblem(self.X, self.y[:, 0], self.shares, self.regularization, self.threshold)

    @cached_property
    def _exact_problem(self) -> ExactHuberProblem:
        return ExactHuberProblem(self.exact, self.threshold)

    def exact_minimiser(self, a: Array) -> list[Fraction] | None:
        """Return a minimiser in rational numbers; None where none was found."""
        guess = self._problem.minimiser(a)
        return None if guess is None else self._exact_problem.minimiser(guess, a)

    def exact_gap(self, point: Array, minimiser: list[Fraction]) -> Fraction:
        """Return how far L is above its minimum at a point."""
        value = self._exact_problem.value
        return value([Fraction(v) for v in point.tolist()]) - value(minimiser)

    def find_minimiser(self, a: Array) -> Minimiser | None:
        """Return a minimiser, where squares alone leave many open the one nearest to ``a``; None if none was found."""
        guess = self._problem.minimiser(a)
        exact = None if guess is None or not self.is_small else self._exact_problem.minimiser(guess, a)
        if exact is not None:
            return rounded(exact)
        return None if guess is None else Minimiser(guess)
