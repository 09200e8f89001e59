"""What descent needs to know of a function: its value, its gradient, and what is known of its shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from math import inf
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import Update
from mathdl.errors import InputError

Array = NDArray[Any]

MAX_EXACT_PARAMETERS = 32  # of problems that are solved exactly by default (chosen: well under a second)


class Stepper(Protocol):
    """What takes the steps: see :class:`mathdl.engine.executable.Steps`."""

    memory: Array
    operations: float

    def take(
        self, parameters: Array, order: Any, first: int, last: int, update: Update | None
    ) -> tuple[NDArray[np.float64], bool]:
        """Take the steps ``first`` to ``last`` of an order; return their losses, and whether all were finite.

        The order is an array of objects; training takes others, too.
        """

    def stop(self) -> None:
        """Make ``take`` return before its next update."""


class Minimiser(NamedTuple):
    """Where a minimum is: in floating point, and exactly where that is known."""

    point: Array
    exact: list[Fraction] | None = None


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
        What to say where ``find_minimiser`` finds none.
    wrong_minimiser : str
        What to do where a point with a smaller L is met.
    """

    size: int | None = None
    dtype: str = "float64"
    objects: int = 1
    no_minimiser: str = "no minimiser of it is known"
    wrong_minimiser: str = "give a minimiser"

    @abstractmethod
    def value_and_gradient(self, a: Array) -> tuple[float, Array]:
        """Compute L(a) and its gradient, of shape (mu,).

        Parameters
        ----------
        a : ndarray of shape (mu,)
        """

    def value(self, a: Array) -> float:
        """Compute L(a).

        Parameters
        ----------
        a : ndarray of shape (mu,)
        """
        return float(self.value_and_gradient(a)[0])

    @property
    def convex(self) -> bool:
        """Whether L is known to be convex."""
        return False

    @property
    def lipschitz(self) -> float | None:
        """An upper bound d on the Lipschitz constant of the gradient; None where none is known."""
        return None

    def find_minimiser(self, a: Array) -> Minimiser | None:
        """Return a minimiser, where there are many the one nearest to ``a``; None where none is known."""
        return None

    def nearest_minimiser(self, a: Array) -> Array | None:
        """Return the same as an array."""
        minimiser = self.find_minimiser(a)
        return None if minimiser is None else minimiser.point

    def gap_errors(self, points: Array, values: Array, minimiser: Array, minimum: float) -> Array:
        """Return by how much rounding may change L at points, less the minimum: a guess from the sizes of L."""
        return 16 * np.finfo(points.dtype).eps * (np.abs(values) + abs(minimum))  # type: ignore[no-any-return]


class CertifiableObjective(Objective):
    """An objective that the checker of certificates knows, too (``certificates/objectives.py``)."""

    wrong_minimiser = "scale the features"

    @property
    @abstractmethod
    def certificate_numbers(self) -> dict[str, Any]:
        """The objective's name and numbers in a certificate."""

    @property
    @abstractmethod
    def training_data(self) -> tuple[Array, Array, Array | None]:
        """X, y and the weights (or None) as certificates speak of them."""

    @property
    @abstractmethod
    def checking_cost(self) -> int:
        """Operations with whole numbers, about a microsecond each, that the checker needs at one point."""

    @abstractmethod
    def rounding_errors(self, points: Array) -> tuple[Array, Array]:
        """Return by how much L, and any component of its gradient, may be off in floating point at every point."""

    def minimum_below(self, point: Array) -> float | None:
        """Return by how much the minimum may be below L at a point that is no exact minimiser; None if not known."""
        return None

    def gap_errors(self, points: Array, values: Array, minimiser: Array, minimum: float) -> Array:
        """Return by how much rounding may change L at points, less the minimum."""
        errors, slopes = self.rounding_errors(np.vstack([points, minimiser]))
        # The minimiser is rounded to a float, where L is a little above its minimum.
        gradient, off = self.value_and_gradient(minimiser)[1], np.abs(minimiser).astype(np.float64)
        lowered = (np.abs(gradient.astype(np.float64)) + slopes[-1]) @ (np.finfo(minimiser.dtype).eps * off)
        return errors[:-1] + errors[-1] + float(lowered)  # type: ignore[no-any-return]


class ExactObjective(CertifiableObjective):
    """An objective whose minimiser is rational and can be computed."""

    @abstractmethod
    def exact_minimiser(self, a: Array) -> list[Fraction] | None:
        """Return the minimiser, where there are many the one nearest to ``a``; None where none is found."""

    @abstractmethod
    def exact_gap(self, point: Array, minimiser: list[Fraction]) -> Fraction:
        """Return how far L is above its minimum at a point."""


class AdditiveObjective(Objective):
    """A loss that is the mean of the losses of single objects (8.8), so that descent may go by batches."""

    @property
    def object_lipschitz(self) -> float | None:
        """An upper bound on the Lipschitz constant of the gradient of every batch; None where none is known."""
        return None

    @abstractmethod
    def stepper(self, vectors: int, batch_size: int) -> Stepper:
        """Return what takes the steps, with memory for the gradient and the rule's so many vectors."""


def finite(bound: float) -> float | None:
    """Return a bound, or None where it is infinite and so none."""
    return bound if bound < inf else None


def rounded(exact: list[Fraction]) -> Minimiser:
    """Return an exact minimiser with the nearest floats."""
    return Minimiser(np.array([float(v) for v in exact]), exact)


def require_objective(objective: object) -> None:
    """Raise InputError unless this is an objective."""
    if not isinstance(objective, Objective):
        raise InputError(
            f"objective is of type {type(objective).__name__}; give a Function(value, gradient) or a loss."
        )
