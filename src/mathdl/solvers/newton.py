"""Damped Newton's method for logistic regression's objective.

- Problem: minimise f.
- Given: an objective that offers value, gradient and, when asked, the Hessian at a point; the first point.
- Result: the points that the method comes by, one after the other, each with its Newton decrement squared,
  g.H^-1 g; half of it is about what the value still exceeds the minimum by.
- Stopping rule: the caller's; the points end where rounding leaves no descent.

A Hessian is kept for steps that hardly change it, and where it is costly for as long as the decrement falls well; what
gradients say of it on the way corrects it (BFGS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf, sqrt
from typing import Any

from numpy.typing import NDArray

from mathdl.solvers.logistic_objective import LogisticObjective, LogisticPoint

Array = NDArray[Any]

MAX_CHANGE_WITH_KEPT_HESSIAN = 0.1  # expected change of a difference of logits, up to which any Hessian is kept
SLOW_DECREASE = 0.1  # what a decrement has to fall to in so many steps, or a kept Hessian is given up
SLOW_STEPS = 3
SUFFICIENT_DECREASE = 1e-4  # of what the gradient promises
VALUE_ROUNDING = 1e-14  # relative error of a value
MIN_STEP = 2.0**-40  # of a step: shorter ones leave nothing but rounding


def newton(
    objective: LogisticObjective, point: LogisticPoint, costly: bool = False, renewed: float = 0.0
) -> Iterator[tuple[LogisticPoint, float]]:
    """Yield points of descent, each with its squared decrement; infinity where a step with a new Hessian is due first.

    ``point`` has its Hessian. Where that is costly, it is computed anew for the last steps, from where half the squared
    decrement over the value is ``renewed``.
    """
    metric, before, fresh, decrements = _Metric(objective.solver(point)), None, True, [inf]
    while True:
        step = -metric.solve(point.gradient)
        decrement = float(-point.gradient @ step)
        last = costly and not fresh and decrement <= 2 * renewed * point.value
        if last or (len(decrements) > SLOW_STEPS and decrement > SLOW_DECREASE * decrements[-SLOW_STEPS]):
            point = objective.evaluate(point.x, before, True)
            metric, fresh, decrements, renewed = _Metric(objective.solver(point)), True, [inf], 0.0 if last else renewed
            step = -metric.solve(point.gradient)
            decrement = float(-point.gradient @ step)
        yield point, inf if last else decrement
        expected = point.change * sqrt(max(decrement, 0.0) / decrements[-1]) if decrements[-1] > 0 else 0.0
        fresh = not costly and (decrements == [inf] or expected > MAX_CHANGE_WITH_KEPT_HESSIAN)
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
        solution = self._scale * self._solve(right)
        for (step, change), weight in zip(self._pairs, reversed(weights), strict=True):
            solution = solution + step * (weight - change @ solution / (step @ change))
        return solution


def _descend(
    objective: LogisticObjective, point: LogisticPoint, step: Array, decrement: float, fresh: bool
) -> LogisticPoint | None:
    """Halve the step until the value falls by enough; None where no step does."""
    length = 1.0
    while length > MIN_STEP:
        trial = objective.evaluate(point.x + length * step, point, fresh)
        if trial.value <= point.value - SUFFICIENT_DECREASE * length * decrement + VALUE_ROUNDING * abs(point.value):
            return trial
        length /= 2
    return None
