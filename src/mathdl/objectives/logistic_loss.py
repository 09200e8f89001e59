"""The cross-entropy of logistic regression with two classes (6.7)."""

from __future__ import annotations

import numpy as np

from mathdl.errors import InputError
from mathdl.kernels import linear_losses as kernels
from mathdl.objectives.linear_model_loss import LinearModelLoss
from mathdl.objectives.objective import Array, Minimiser
from mathdl.solvers.logistic_without_bias import minimiser_without_bias


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
    name = "logistic"
    curvature = 0.25
    phi_cost = 150
    convex = True
    no_minimiser = "no minimiser was found: it seems that a hyperplane through 0 separates the classes"

    def require_targets(self) -> None:
        """Raise InputError unless y holds one class for each object, -1 or 1."""
        super().require_targets()
        if not np.isin(self.y, (-1, 1)).all():
            raise InputError("LogisticLoss: y holds a number other than -1 and 1; give these for the two classes.")

    def phi_bounds(self, distances: Array) -> tuple[Array, Array]:
        """Return bounds on |phi'|, and on the sizes that phi is a sum of, where |z - y| is at most these distances."""
        return np.ones_like(distances), distances + 1

    def find_minimiser(self, a: Array) -> Minimiser | None:
        """Return the minimiser, where there are many the one nearest to ``a``; None without one."""
        point = minimiser_without_bias(self.X, self.y[:, 0], self.shares, self.regularization, a)
        return None if point is None else Minimiser(point)

    def minimum_below(self, point: Array) -> float | None:
        """Return |grad L|^2 / (4 lambda) at a point, by which the minimum may be below L there; None for lambda = 0."""
        if not self.regularization:
            return None
        at = point.astype(np.float64)
        wide = LogisticLoss(self.X.astype(np.float64), self.y[:, 0], self.sample_weight, self.regularization)
        gradient, error = wide.value_and_gradient(at)[1], wide.rounding_errors(at[None])[1][0]
        return float(((np.abs(gradient) + 2 * error) ** 2).sum() / (4 * self.regularization)) * (1 + 1e-9)
