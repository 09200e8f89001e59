"""What descent needs to know of a function: its value, its gradient, and what is known of its shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import Update

Array = NDArray[Any]


class Stepper(Protocol):
    """What takes the steps: see :class:`mathdl.engine.executable.Steps`."""

    memory: Array
    operations: float

    def take(
        self, parameters: Array, order: NDArray[np.int64], first: int, last: int, update: Update | None
    ) -> tuple[NDArray[np.float64], bool]:
        """Take the steps ``first`` to ``last`` of an order; return their losses, and whether all were finite."""

    def stop(self) -> None:
        """Make ``take`` return before its next update."""


class Objective(ABC):
    """A function L of mu parameters that is to be minimised.

    Attributes
    ----------
    size : int or None
        mu; None where any number of parameters will do.
    dtype : str
        What the parameters are.
    objects : int
        How many gradients of single objects a gradient of L is the mean of.
    no_minimiser : str
        What to say where ``nearest_minimiser`` finds none.
    """

    size: int | None = None
    dtype: str = "float64"
    objects: int = 1
    no_minimiser: str = "no minimiser of it is known"

    @abstractmethod
    def value_and_gradient(self, a: Array) -> tuple[float, Array]:
        """Compute L(a) and its gradient, of shape (mu,)."""

    @property
    def convex(self) -> bool:
        """Whether L is known to be convex."""
        return False

    @property
    def lipschitz(self) -> float | None:
        """An upper bound d on the Lipschitz constant of the gradient; None where none is known."""
        return None

    def nearest_minimiser(self, a: Array) -> Array | None:
        """Return a minimiser, where there are many the one nearest to ``a``; None where none is known."""
        return None


class AdditiveObjective(Objective):
    """A loss that is the mean of the losses of single objects (8.8), so that descent may go by batches."""

    @property
    def object_lipschitz(self) -> float | None:
        """An upper bound on the Lipschitz constant of the gradient of every batch; None where none is known."""
        return None

    @abstractmethod
    def stepper(self, vectors: int, batch_size: int) -> Stepper:
        """Return what takes the steps, with memory for the gradient and the rule's so many vectors."""
