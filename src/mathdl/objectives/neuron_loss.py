"""The mean square loss of a single sigmoid neuron: smooth, and not convex."""

from __future__ import annotations

import numpy as np

from mathdl.errors import InputError
from mathdl.kernels import linear_losses as kernels
from mathdl.objectives.linear_model_loss import LinearModelLoss
from mathdl.objectives.objective import Array


class NeuronLoss(LinearModelLoss):
    """The loss L(w) = sum_i s_i (sigma(x_i . w) - y_i)^2 + lambda |w|^2 of one neuron with the sigmoid sigma.

    It is smooth but not convex: exercise 8.5 says what gradient descent does on it.

    Parameters
    ----------
    X : array-like of shape (N, p)
        Objects; give them a column of ones for a bias.
    y : array-like of shape (N,)
        Targets from 0 to 1.
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
    >>> from mathdl import NeuronLoss
    >>> NeuronLoss([[1.0], [2.0]], [0, 1]).value_and_gradient(np.array([0.0]))
    (0.25, array([-0.125]))
    """

    phi = kernels.NEURON
    name = "neuron"
    # At y = 0 phi'' is 2 s^2 (1 - s) (2 - 3 s) with s = sigma(z), at most 0.15406 in size; y = 1 mirrors it, and
    # phi'' is affine in y.
    curvature = 0.1541
    phi_cost = 150

    def require_targets(self) -> None:
        """Raise InputError unless y holds one number from 0 to 1 for each object."""
        super().require_targets()
        if not ((self.y >= 0) & (self.y <= 1)).all():
            raise InputError("NeuronLoss: y holds a number outside 0 to 1; give targets that a sigmoid can reach.")

    def phi_bounds(self, distances: Array) -> tuple[Array, Array]:
        """Return bounds on |phi'|, and on the sizes that phi is a sum of, where |z - y| is at most these distances."""
        return np.ones_like(distances), distances + 1
