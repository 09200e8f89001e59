"""Stochastic gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_between, require_truth_value
from mathdl.descent.rule import Rule, require_rate
from mathdl.errors import InputError
from mathdl.kernels import sgd as kernels
from mathdl.kernels.jit import Kernel
from mathdl.kernels.narrow import MIN_VECTOR_INPUTS


@dataclass(frozen=True)
class SGD(Rule):
    """Stochastic gradient descent (8.11), a = a - learning_rate g, with optional momentum.

    With momentum the velocity is v = momentum v + g and the step a = a - learning_rate v; Nesterov's step is
    a = a - learning_rate (g + momentum v). Weight decay adds weight_decay a to the gradient g.

    Parameters
    ----------
    learning_rate : float or "auto", default 0.01
        The step size tau; positive. With "auto", training looks for one first: see :func:`~mathdl.find_learning_rate`.
    momentum : float, default 0.0
        At least 0, less than 1.
    nesterov : bool, default False
        Whether to take Nesterov's step; needs a momentum.
    weight_decay : float, default 0.0
        At least 0.

    Raises
    ------
    InputError
        If a number lies outside its range, or ``nesterov`` is set without momentum.

    Examples
    --------
    >>> from mathdl import SGD
    >>> SGD(learning_rate=0.1, momentum=0.9)
    SGD(learning_rate=0.1, momentum=0.9, nesterov=False, weight_decay=0.0)
    """

    learning_rate: float | str = 0.01
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        self.use_plain_numbers()
        require_rate("SGD", self.learning_rate)
        require_between("SGD: momentum", self.momentum, 0, 1)
        require_between("SGD: weight_decay", self.weight_decay, 0)
        require_truth_value("SGD: nesterov", self.nesterov)
        if self.nesterov and self.momentum == 0:
            raise InputError("SGD: nesterov=True with momentum 0; give a momentum, for example 0.9.")

    @property
    def usual_rates(self) -> tuple[float, float]:
        """From 0.002 to 2 without momentum; with it a step is as long as 1 / (1 - momentum) steps without."""
        return 0.002 * (1 - self.momentum), 2.0 * (1 - self.momentum)

    @property
    def scale_free(self) -> bool:
        """No: a step is as long as the gradient makes it."""
        return False

    @property
    def kernel(self) -> Kernel:
        """The update kernel."""
        return kernels.nesterov if self.nesterov else kernels.momentum if self.momentum else kernels.plain

    def outer_kernel(self, width: int) -> Kernel | None:
        """Return the update kernel for batches of one object, without momentum."""
        if self.momentum:
            return None
        return kernels.plain_narrow(width) if 0 < width < MIN_VECTOR_INPUTS else kernels.plain_outer

    @property
    def vectors(self) -> int:
        """Vectors of the parameters' length that the rule remembers."""
        return 1 if self.momentum else 0

    def constants(self, learning_rate: float) -> NDArray[np.float64]:
        """The kernel's constants at this learning rate."""
        return np.array([learning_rate, self.momentum, self.weight_decay], np.float64)
