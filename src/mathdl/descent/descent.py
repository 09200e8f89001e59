"""The record of a gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.descent.decrease import Decrease, decrease
from mathdl.descent.guarantee import Guarantee, guarantee
from mathdl.descent.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Descent(Run):
    """Where gradient descent went, and how it ended.

    Attributes
    ----------
    objective : Objective
        What was minimised.
    rule : SGD or Adam
        With the learning rate that was used.
    batch_size : int or None
        Objects a step; None where every step used them all.
    steps : ndarray of shape (K,)
        The numbers of the steps after which a point was recorded, from 0 on: every step, or with batches every
        epoch; of very long runs every second, fourth, ... of these, so that at most about 2^24 numbers are kept.
    points : ndarray of shape (K, mu)
        The parameters there.
    values, gradient_norms : ndarray of shape (K,)
        L and the length of its gradient at these points, of the whole L also where steps go by batches.
    status : Status
        Equal to one of these words. "converged": the gradient's length came down to the tolerance. "limit": all steps
        were taken. "diverged": L rose many times in a row, and its gradient is a million times as long as at the start.
        "not finite": the next L or its gradient would not be finite; the last point is the one before.
    message : str
        The same in a sentence.
    object_gradients : int
        How many gradients of single objects' losses the steps took.
    rates : ndarray or None
        The learning rate of every step that was taken, with a schedule; None where it was the rule's in all.
    point : ndarray of shape (mu,)
        The last point.
    value : float
        L at the last point.
    """

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw L by step. As for :func:`mathdl.plots.plot_descent`."""
        from mathdl.plots.descent import plot_descent

        return plot_descent(self, ax=ax)

    def guarantee(self) -> Guarantee:
        """Say how far L was above its minimum at most (Theorem 8.1.2); see :class:`Guarantee`.

        Raises
        ------
        NoGuaranteeError
            If the theorem does not speak of this run; the message says which hypothesis fails.

        Examples
        --------
        >>> from mathdl import SGD, LeastSquares, gradient_descent
        >>> gradient_descent(LeastSquares([[1.0], [2.0]], [2.0, 4.0]), [0.0], SGD(0.125), steps=2).guarantee().bounds
        array([inf, 16.,  8.])
        """
        return guarantee(self)

    def decrease(self) -> Decrease:
        """Say by how much L fell in every step at least, convex or not (exercise 8.5); see :class:`Decrease`.

        Raises
        ------
        NoGuaranteeError
            If this is not known; the message says why.

        Examples
        --------
        >>> from mathdl import Quadratic, SGD, gradient_descent
        >>> gradient_descent(Quadratic([[2.0]]), [1.0], SGD(0.25), steps=2).decrease().slacks
        array([0., 0.])
        """
        return decrease(self)

    def __repr__(self) -> str:
        return f"Descent({self.status} after {self.steps[-1]:,} steps, value {self.value:.6g})"


class Recording:
    """The points met so far, thinned out where there are too many."""

    MAX_NUMBERS = 2**24  # chosen: 128 MB of points

    def __init__(self) -> None:
        self._every, self._count = 1, 0
        self._kept: list[tuple[int, Array, float, float]] = []
        self._last: tuple[int, Array, float, float] | None = None

    def add(self, step: int, point: Array, value: float, norm: float) -> None:
        """Record a point."""
        self._last = (step, point.copy(), value, norm)
        if self._count % self._every == 0:
            self._kept.append(self._last)
            if len(self._kept) > 2 and len(self._kept) * len(point) > self.MAX_NUMBERS:
                self._kept, self._every = self._kept[::2], 2 * self._every
        self._count += 1

    def arrays(self) -> tuple[NDArray[np.int64], Array, NDArray[np.float64], NDArray[np.float64]]:
        """Return steps, points, values and gradient norms; the last point is always among them."""
        kept = self._kept if self._last is None or self._kept[-1] is self._last else [*self._kept, self._last]
        steps, points, values, norms = zip(*kept, strict=True)
        return np.array(steps), np.array(points), np.array(values), np.array(norms)
