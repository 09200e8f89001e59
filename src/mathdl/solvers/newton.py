"""Damped Newton's method for a smooth convex function.

- Problem: minimise f.
- Givens: an objective that offers value, gradient and, when asked, the Hessian at a point; the first point.
- Result: the points that the method comes by, one after the other, each with its Newton decrement squared,
  g.H^-1 g; half of it is about what the value still exceeds the minimum by.
- Stopping rule: the caller's; the points end where rounding leaves no descent.

A Hessian is kept for steps that hardly change it, and where it is dear for as long as the decrement falls well; what
gradients say of it on the way corrects it (BFGS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf, sqrt
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

Array = NDArray[Any]

KEPT = 0.1  # the expected change of the point, in the objective's measure, up to which any Hessian is kept
SLOW = 0.1  # what a decrement has to fall to in so many steps, or a kept Hessian is given up
STEPS = 3
DESCENT = 1e-4  # of what the gradient promises
ROUNDING = 1e-14  # relative error of a value
SHORTEST = 2.0**-40  # of a step


class Point(Protocol):
    """A point with what is known there."""

    @property
    def x(self) -> Array:
        """Where it is."""

    @property
    def value(self) -> float:
        """The function's value."""

    @property
    def gradient(self) -> Array:
        """Its gradient."""

    @property
    def change(self) -> float:
        """How far the step to this point was, in the objective's measure."""


P = TypeVar("P", bound=Point)


class Objective(Protocol[P]):
    """A function to minimise."""

    def evaluate(self, x: Array, before: P | None, hessian: bool) -> P:
        """Return what is known at x, to which a step led from ``before``."""

    def solver(self, point: P) -> Callable[[Array], Array]:
        """Return the function that solves linear equations with the Hessian at a point."""


def newton(objective: Objective[P], point: P, dear: bool = False, renewed: float = 0.0) -> Iterator[tuple[P, float]]:
    """Yield points of descent, each with its decrement squared.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    point : Point
        The first point, with its Hessian.
    dear : bool, default False
        Whether a Hessian costs as much as many values and gradients.
    renewed : float, default 0.0
        Half the squared decrement over the value at which the Hessian, where dear, is computed anew for the last steps.

    Yields
    ------
    (Point, float)
        A point, and g.H^-1 g there, with H as it is known; infinity where a step with a new H is due first.
    """
    metric, before, fresh, decrements = _Metric(objective.solver(point)), None, True, [inf]
    while True:
        step = -metric.solve(point.gradient)
        decrement = float(-point.gradient @ step)
        last = dear and not fresh and decrement <= 2 * renewed * point.value
        if last or (len(decrements) > STEPS and decrement > SLOW * decrements[-STEPS]):
            point = objective.evaluate(point.x, before, True)
            metric, fresh, decrements, renewed = _Metric(objective.solver(point)), True, [inf], 0.0 if last else renewed
            step = -metric.solve(point.gradient)
            decrement = float(-point.gradient @ step)
        yield point, inf if last else decrement
        expected = point.change * sqrt(max(decrement, 0.0) / decrements[-1]) if decrements[-1] > 0 else 0.0
        fresh = not dear and (decrements == [inf] or expected > KEPT)
        trial = _descend(objective, point, step, decrement, fresh)
        if trial is None:
            return
        if fresh:
            metric, decrements = _Metric(objective.solver(trial)), []
        else:
            metric.learn(trial.x - point.x, trial.gradient - point.gradient)
        point, before = trial, point
        decrements.append(decrement)


class _Metric:
    """The inverse of a Hessian, corrected by steps and what they did to the gradient."""

    def __init__(self, solve: Callable[[Array], Array]) -> None:
        self._solve, self._scale = solve, 1.0
        self._pairs: list[tuple[Array, Array]] = []

    def learn(self, step: Array, change: Array) -> None:
        """Make the inverse take the gradient's change to the step."""
        if step @ change > 0:
            self._pairs.append((step, change))
            self._scale = float(step @ change / (change @ self._solve(change)))

    def solve(self, right: Array) -> Array:
        """Multiply by the corrected inverse."""
        weights = []
        for step, change in reversed(self._pairs):
            weights.append(step @ right / (step @ change))
            right = right - weights[-1] * change
        found = self._scale * self._solve(right)
        for (step, change), weight in zip(self._pairs, reversed(weights), strict=True):
            found = found + step * (weight - change @ found / (step @ change))
        return found


def _descend(objective: Objective[P], point: P, step: Array, decrement: float, fresh: bool) -> P | None:
    """Halve the step until the value falls by enough; None where no step does."""
    length = 1.0
    while length > SHORTEST:
        trial = objective.evaluate(point.x + length * step, point, fresh)
        if trial.value <= point.value - DESCENT * length * decrement + ROUNDING * abs(point.value):
            return trial
        length /= 2
    return None
