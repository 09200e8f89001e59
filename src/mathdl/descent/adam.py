"""Adam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_between, require_positive
from mathdl.descent.rule import Rule, require_rate
from mathdl.kernels import adam as kernels
from mathdl.kernels.jit import Kernel


@dataclass(frozen=True)
class Adam(Rule):
    """Adam: each parameter's step is its mean gradient over the root of its mean squared gradient.

    m = beta1 m + (1 - beta1) g and v = beta2 v + (1 - beta2) g^2 are freed from their start at zero, then
    a = a - learning_rate m / (sqrt(v) + epsilon). Weight decay adds weight_decay a to the gradient g.

    Parameters
    ----------
    learning_rate : float or "auto", default 0.001
        Positive. With "auto", training looks for one first: see :func:`~mathdl.find_learning_rate`.
    beta1, beta2 : float, default 0.9 and 0.999
        At least 0, less than 1.
    epsilon : float, default 1e-8
        Positive.
    weight_decay : float, default 0.0
        At least 0.

    Raises
    ------
    InputError
        If a number lies outside its range.

    Examples
    --------
    >>> from mathdl import Adam
    >>> Adam(learning_rate=0.002).learning_rate
    0.002
    """

    learning_rate: float | str = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        self.use_plain_numbers()
        require_rate("Adam", self.learning_rate)
        require_between("Adam: beta1", self.beta1, 0, 1)
        require_between("Adam: beta2", self.beta2, 0, 1)
        require_positive("Adam: epsilon", self.epsilon)
        require_between("Adam: weight_decay", self.weight_decay, 0)

    @property
    def usual_rates(self) -> tuple[float, float]:
        """From 0.0001 to 0.1: a parameter's step is at most about as long as the learning rate."""
        return 0.0001, 0.1

    @property
    def scale_free(self) -> bool:
        """Yes: the gradient is divided by its own root mean square."""
        return True

    @property
    def kernel(self) -> Kernel:
        """The update kernel."""
        return kernels.adam

    @property
    def vectors(self) -> int:
        """Vectors of the parameters' length that the rule remembers."""
        return 2

    def constants(self, learning_rate: float) -> NDArray[np.float64]:
        """The kernel's constants at this learning rate."""
        return np.array([learning_rate, self.beta1, self.beta2, self.epsilon, self.weight_decay], np.float64)
