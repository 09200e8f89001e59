"""The cross-entropy of logistic regression with two classes (6.7)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.errors import InputError
from mathdl.kernels import linear_losses as kernels
from mathdl.objectives.linear_model_loss import LinearModelLoss
from mathdl.objectives.minimiser import logistic_minimiser
from mathdl.objectives.objective import Array


class LogisticLoss(LinearModelLoss):
    """The loss L(w) = sum_i s_i log(1 + exp(-y_i x_i . w)) + lambda |w|^2 of logistic regression (6.7).

    Parameters
    ----------
    X : array-like of shape (N, p)
        Objects; give them a column of ones for a bias.
    y : array-like of shape (N,)
        Classes, -1 or 1.
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
    >>> from mathdl import LogisticLoss
    >>> LogisticLoss([[1.0], [2.0]], [-1, 1]).value_and_gradient(np.array([0.0]))
    (0.6931471805599453, array([-0.25]))
    """

    phi = kernels.LOGISTIC
    curvature = 0.25
    convex = True
    no_minimiser = "no minimiser was found: it seems that a hyperplane through 0 separates the classes"

    def __init__(self, X: Any, y: Any, sample_weight: Any = None, regularization: float = 0.0) -> None:
        super().__init__(X, y, sample_weight, regularization)
        if not np.isin(self.y, (-1, 1)).all():
            raise InputError("LogisticLoss: y holds a number other than -1 and 1; give these for the two classes.")

    def nearest_minimiser(self, a: Array) -> Array | None:
        """Return the minimiser, where there are many the one nearest to ``a``; None without one."""
        return logistic_minimiser(self, a)
