"""Huber's loss of a linear model: squares of small residuals, lengths of large ones."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from mathdl.checks import require_positive
from mathdl.kernels import linear_losses as kernels
from mathdl.objectives.exact_loss import minimiser_of_huber
from mathdl.objectives.linear_model_loss import LinearModelLoss
from mathdl.objectives.minimiser import huber_minimiser
from mathdl.objectives.objective import Array


class Huber(LinearModelLoss):
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
    curvature = 2.0
    convex = True
    no_minimiser = "no minimiser was found in floating point"

    def __init__(
        self, X: Any, y: Any, threshold: float = 1.0, sample_weight: Any = None, regularization: float = 0.0
    ) -> None:
        super().__init__(X, y, sample_weight, regularization)
        require_positive("Huber: threshold", threshold)
        self.threshold = float(threshold)

    def exact_minimiser(self, a: Array) -> list[Fraction] | None:
        """Return a minimiser in rational numbers; None where none was found."""
        guess = huber_minimiser(self, a)
        return None if guess is None else minimiser_of_huber(self, guess, [Fraction(v) for v in a.tolist()])

    def nearest_minimiser(self, a: Array) -> Array | None:
        """Return a minimiser, where squares alone leave many open the one nearest to ``a``; None if none was found."""
        if self.is_small:
            exact = self.exact_minimiser(a)
            if exact is not None:
                return np.array([float(v) for v in exact])
        return huber_minimiser(self, a)
