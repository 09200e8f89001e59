"""Gradient descent on any objective, all at once (8.3) or by batches (8.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.chain.expression import Expression
from mathdl.checks import (
    MAX_STEPS,
    reals,
    require_at_least,
    require_between,
    require_choice,
    require_unmasked,
)
from mathdl.descent.batches import SAMPLINGS, chances_of, order_of_epoch
from mathdl.descent.descent import Descent, Recording
from mathdl.descent.rule import AUTO, Rule
from mathdl.descent.rules import rule_of
from mathdl.descent.schedules import Schedule, factor_in_epoch, require_schedule
from mathdl.descent.sgd import SGD
from mathdl.errors import InputError
from mathdl.objectives.function import Function, as_objective
from mathdl.objectives.objective import AdditiveObjective, Array, Objective
from mathdl.status import Status

MAX_RISES = 50  # records in a row, each above the one before, after which descent diverges (chosen)
MAX_GROWTH = 1e6  # where the gradient has also become so many times as long as at the start: an oscillation does not

Advance = Callable[[Array, Array, int], tuple[int, bool]]
"""Takes the parameters, which it changes, the gradient there and the steps done; returns these, and all was finite."""


def gradient_descent(
    objective: Objective | Expression,
    start: Any,
    rule: Rule | None = None,
    steps: int = 1000,
    tolerance: float = 1e-8,
    *,
    batch_size: int | None = None,
    sampling: str = "without_replacement",
    sampling_weight: Any = None,
    seed: int = 0,
    schedule: Schedule | None = None,
) -> Descent:
    """Minimise a function by gradient descent (8.3), or an additive loss by stochastic descent (8.11).

    Parameters
    ----------
    objective : Objective or Expression
        ``Function(value, gradient)`` of your own, ``Quadratic``, ``LeastSquares``, ``Huber``, ``LogisticLoss``,
        ``NeuronLoss`` or ``network.objective(X, y, loss)``; or an expression in mu variables.
    start : array-like of shape (mu,)
        The parameters to begin with.
    rule : SGD or Adam, default SGD("auto")
        With the learning rate ``"auto"`` it is 1/d, d the Lipschitz constant of the gradient, and with batches that
        of the gradient of any batch.
    steps : int, default 1000
        Steps to take at most.
    tolerance : float, default 1e-8
        The length of the gradient at which to stop; at least 0.
    batch_size : int, optional
        Objects a step, of an additive loss; by default all. The last batch of an epoch may be smaller.
    sampling : {"without_replacement", "with_replacement"}, default "without_replacement"
        Whether an epoch takes every object once or draws each place of a batch independently (section 8.4).
    sampling_weight : array-like of shape (N,), optional
        Weights of the objects in the draw (section 8.5); drawing has to be with replacement.
    seed : int, default 0
        Seed of the order of objects. The same seed gives the same points to the last bit.
    schedule : callable, optional
        A function (step, steps) -> factor of the learning rate, for a rate tau_k of its own in every step, counted from
        0; or ``StepSchedule``, ``CosineSchedule``, which then count steps instead of epochs.

    Returns
    -------
    Descent

    Raises
    ------
    InputError
        If an argument does not fit, a function of your own disagrees with its gradient, or nothing is known that
        "auto" could follow from.

    Examples
    --------
    >>> from mathdl import LeastSquares, SGD, gradient_descent
    >>> loss = LeastSquares([[1.0], [2.0]], [2.0, 4.0])
    >>> gradient_descent(loss, [0.0], SGD(0.1), steps=2).points.ravel()
    array([0. , 1. , 1.5])
    >>> gradient_descent(loss, [0.0], SGD(0.1), steps=2, schedule=lambda k, steps: 1 / (k + 1)).rates
    array([0.1 , 0.05])
    """
    objective = as_objective(objective)
    rule = SGD(AUTO) if rule is None else rule
    rule = rule_of(rule)
    a = _start(objective, start)
    require_at_least("steps", steps, 0, MAX_STEPS)
    require_at_least("seed", seed, 0)
    require_between("tolerance", tolerance, 0)
    require_schedule(schedule)
    chances = _checked_batches(objective, batch_size, sampling, sampling_weight)
    if batch_size == objective.objects and sampling == "without_replacement":
        batch_size = None
    if rule.is_auto:
        rule = rule.with_rate(_automatic(objective, rule, batch_size))
    if isinstance(objective, Function):
        objective.check_at(a)
    rates = _Rates(rule.rate, schedule, int(steps))
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        if batch_size is None:
            advance = _whole(rule, a, rates)
        else:
            order = partial(order_of_epoch, objective.objects, sampling, int(seed), chances=chances)
            advance = _by_batches(objective, rule, int(batch_size), order, rates)
        descent = _descend(objective, a, rule, int(steps), float(tolerance), batch_size, advance)
    return descent if schedule is None else replace(descent, rates=np.array(rates.taken[: descent.steps[-1]]))


class _Rates:
    """The learning rate of every step, kept where a schedule gives it."""

    def __init__(self, rate: float, schedule: Schedule | None, steps: int) -> None:
        self.rate, self.schedule, self.steps = rate, schedule, steps
        self.taken: list[float] = []

    def of_step(self, step: int) -> float:
        """Return the rate of the next step."""
        if self.schedule is not None:
            self.taken.append(self.rate * factor_in_epoch(self.schedule, step, self.steps, "step"))
        return self.taken[-1] if self.taken else self.rate


def _descend(
    objective: Objective,
    a: Array,
    rule: Rule,
    steps: int,
    tolerance: float,
    batch_size: int | None,
    advance: Advance,
) -> Descent:
    """Go on until the gradient is small, the steps are taken, or nothing good can come of it."""
    value, gradient = objective.value_and_gradient(a)
    if not (np.isfinite(value) and np.isfinite(gradient).all()):
        raise InputError(f"At the start the function is {value}; start where it and its gradient are finite.")
    recording, first, done, rises, before = Recording(), _length(gradient), 0, 0, value
    while True:
        norm = _length(gradient)
        recording.add(done, a, value, norm)
        rises, before = (rises + 1 if value > before else 0), value
        if norm <= tolerance:
            status, why = Status.CONVERGED, f"the gradient's length is {norm:.3g}, at most the tolerance"
            break
        if rises >= MAX_RISES and norm > MAX_GROWTH * first:
            status = Status.DIVERGED
            why = f"the value rose {MAX_RISES} times in a row to {value:.6g}; try a smaller learning rate"
            break
        if done >= steps:
            status, why = Status.LIMIT, f"the gradient's length is still {norm:.3g}"
            break
        done, finite = advance(a, gradient, done)
        value, gradient = objective.value_and_gradient(a)
        if not (finite and np.isfinite(value) and np.isfinite(gradient).all()):
            status, why = Status.NOT_FINITE, "the next value would not be finite; try a smaller learning rate"
            break
    cost = _cost(done, objective.objects, batch_size or objective.objects)
    record = recording.arrays()
    return Descent(objective, rule, batch_size, *record, status, f"After {record[0][-1]:,} steps {why}.", cost)


def _length(gradient: Array) -> float:
    return float(np.linalg.norm(gradient.astype(np.float64)))


def _whole(rule: Rule, a: Array, rates: _Rates) -> Advance:
    """Take one step with the whole gradient."""
    memory = np.zeros((1 + rule.vectors) * len(a), a.dtype)

    def advance(a: Array, gradient: Array, done: int) -> tuple[int, bool]:
        memory[: len(a)] = gradient
        rule.update(rates.of_step(done), done).apply(memory, a)
        return done + 1, True

    return advance


def _by_batches(
    objective: Objective, rule: Rule, batch_size: int, order: Callable[[int], NDArray[np.int64]], rates: _Rates
) -> Advance:
    """Take the steps of an epoch."""
    assert isinstance(objective, AdditiveObjective)  # or batches would have been refused
    stepper, in_epoch = objective.stepper(rule.vectors, batch_size), -(-objective.objects // batch_size)

    def advance(a: Array, gradient: Array, done: int) -> tuple[int, bool]:
        objects, last, finite = order(done // in_epoch), min(in_epoch, rates.steps - done), True
        at_once = last if rates.schedule is None else 1
        for first in range(0, last, at_once):
            update = rule.update(rates.of_step(done), done)
            losses, finite = stepper.take(a, objects, first, first + at_once, update)
            done += len(losses)
            if not finite:
                break
        return done, finite

    return advance


def _start(objective: Objective, start: Any) -> Array:
    """Check the start and return a copy of it."""
    require_unmasked("start", start)
    try:
        a = np.array(reals(np.asarray(start), objective.dtype), order="C")
    except (TypeError, ValueError):
        raise InputError("start holds something that is no number; give one number for each parameter.") from None
    if a.ndim != 1 or a.size == 0 or (objective.size is not None and a.shape != (objective.size,)):
        wanted = "(mu,), one number for each parameter" if objective.size is None else f"({objective.size},)"
        raise InputError(f"start has shape {a.shape}; give an array of shape {wanted}.")
    if not np.isfinite(a).all():
        raise InputError(f"start holds {a[~np.isfinite(a)][0]}; give finite numbers.")
    return a


def _checked_batches(
    objective: Objective, batch_size: int | None, sampling: str, sampling_weight: Any
) -> NDArray[np.float64] | None:
    """Check how batches are drawn; return the objects' chances where they differ."""
    require_choice("sampling", sampling, SAMPLINGS)
    if batch_size is not None:
        require_at_least("batch_size", batch_size, 1)
        if not isinstance(objective, AdditiveObjective):
            raise InputError(f"A {type(objective).__name__} is no mean over objects; leave out batch_size.")
        if batch_size > objective.objects:
            raise InputError(f"batch_size is {batch_size}; give at most {objective.objects}, the number of objects.")
    if sampling_weight is not None and (batch_size is None or sampling != "with_replacement"):
        raise InputError(
            "sampling_weight needs a batch_size and sampling='with_replacement'; give these, or weigh the loss."
        )
    return chances_of(sampling_weight, objective.objects)


def _automatic(objective: Objective, rule: Rule, batch_size: int | None) -> float:
    """Return 1/d."""
    if not isinstance(rule, SGD):
        raise InputError(f"learning_rate='auto' is 1/d for SGD only; give {type(rule).__name__} a number.")
    d = objective.lipschitz
    if batch_size is not None and isinstance(objective, AdditiveObjective):
        d = objective.object_lipschitz
    if d is None:
        raise InputError(
            f"No Lipschitz constant d of the gradient is known for this {type(objective).__name__}, so learning_rate "
            "cannot be 'auto' (1/d); give a number."
        )
    rate = 1 / d if d > 0 else 1.0
    if rate == np.inf:
        raise InputError(f"The Lipschitz constant d = {d:g} is so small that 1/d is infinite; scale the features up.")
    return rate if Fraction(rate) * Fraction(d) <= 1 else float(np.nextafter(rate, 0.0))


def _cost(steps: int, objects: int, batch_size: int) -> int:
    """Return how many gradients of single objects so many steps take; the last batch of an epoch may be smaller."""
    epochs, remaining = divmod(steps, -(-objects // batch_size))
    return epochs * objects + remaining * batch_size
