"""How the learning rate changes from epoch to epoch, or from step to step: a factor to multiply it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, inf, pi

from mathdl.checks import MAX_STEPS, is_number, require_at_least, require_positive
from mathdl.errors import InputError

Schedule = Callable[[int, int], float]
"""A function of the epoch or step (from 0) and the number of them that returns the factor."""


@dataclass(frozen=True)
class StepSchedule:
    """Multiply the learning rate by ``factor`` after every ``every`` epochs.

    Parameters
    ----------
    every : int
        Epochs between two steps; at least 1.
    factor : float, default 0.1
        Positive.

    Raises
    ------
    InputError
        If a number lies outside its range.

    Examples
    --------
    >>> from mathdl import StepSchedule
    >>> [StepSchedule(2, factor=0.5)(epoch, 5) for epoch in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        require_at_least("StepSchedule: every", self.every, 1)
        require_positive("StepSchedule: factor", self.factor)

    def __call__(self, epoch: int, epochs: int) -> float:
        """Return the factor in an epoch.

        Parameters
        ----------
        epoch : int
            From 0.
        epochs : int
            All epochs.
        """
        _check_epoch(epoch, epochs)
        try:
            return float(self.factor) ** (int(epoch) // int(self.every))
        except OverflowError:
            return inf


@dataclass(frozen=True)
class CosineSchedule:
    """Let the learning rate fall along half a cosine, from itself in the first epoch towards ``last`` times itself.

    Parameters
    ----------
    last : float, default 0.0
        The factor that would be reached one epoch after the end; from 0 to 1.

    Raises
    ------
    InputError
        If ``last`` lies outside its range.

    Examples
    --------
    >>> from mathdl import CosineSchedule
    >>> [round(CosineSchedule()(epoch, 4), 3) for epoch in range(4)]
    [1.0, 0.854, 0.5, 0.146]
    """

    last: float = 0.0

    def __post_init__(self) -> None:
        if not is_number(self.last) or not 0 <= self.last <= 1:
            raise InputError(f"CosineSchedule: last is {self.last!r}; give a number from 0 to 1.")

    def __call__(self, epoch: int, epochs: int) -> float:
        """Return the factor in an epoch. As for :meth:`StepSchedule.__call__`."""
        _check_epoch(epoch, epochs)
        return self.last + (1 - self.last) * (1 + cos(pi * epoch / epochs)) / 2


def require_schedule(schedule: object) -> None:
    """Raise InputError unless this is a function, or None."""
    if schedule is not None and not callable(schedule):
        raise InputError(f"schedule is {schedule!r}; give StepSchedule(...), CosineSchedule(...) or a function.")


def factor_in_epoch(schedule: Schedule | None, epoch: int, epochs: int, unit: str = "epoch") -> float:
    """Return the factor of the learning rate in an epoch, or a step; raise InputError where the schedule gives none."""
    if schedule is None:
        return 1.0
    try:
        factor = schedule(epoch, epochs)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"The schedule fails in {unit} {epoch + 1} ({error}); correct the function.") from error
    if not is_number(factor) or not 0 <= factor < inf:
        raise InputError(f"The schedule gives {factor!r} in {unit} {epoch + 1}; give a factor of at least 0.")
    return float(factor)


def _check_epoch(epoch: int, epochs: int) -> None:
    """Raise InputError unless this is one of so many epochs."""
    require_at_least("epochs", epochs, 1, MAX_STEPS)
    require_at_least("epoch", epoch, 0, MAX_STEPS)
