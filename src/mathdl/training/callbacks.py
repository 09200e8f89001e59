"""What can be called while training runs."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mathdl.checks import require_at_least, require_between, require_choice
from mathdl.errors import InputError, InputWarning
from mathdl.status import Status

if TYPE_CHECKING:  # it would load the compiler
    from mathdl.training.training import Training

WENT_BACK = "The parameters are those after epoch"  # how a message says that the last ones were not kept


@dataclass(frozen=True)
class SearchProgress:
    """How far a search for a learning rate is: the rate being tried, steps done, and in all as far as is known."""

    learning_rate: float
    steps: int
    total_steps: int


class Callback:
    """Something that watches training; define the methods that you need in a subclass.

    Each is given the :class:`~mathdl.training.training.Training`, which tells how far it is.

    Attributes
    ----------
    order : int
        Callbacks of a lower order are called first, those of the same order as they were given. 0 unless a subclass
        says otherwise; Watch has -1 and Checkpoint 1, since what others keep must be of the epoch that is saved.

    Examples
    --------
    >>> from mathdl import Callback
    >>> class Print(Callback):
    ...     def on_epoch(self, training):
    ...         print(training.epoch, training.history.loss[-1])
    """

    order = 0

    def on_search(self, progress: SearchProgress) -> None:
        """Run about four times a second while a learning rate is looked for, before training starts.

        Parameters
        ----------
        progress : SearchProgress
            The learning rate being tried, the steps done, and those in all as far as is known.
        """

    def on_start(self, training: Training) -> None:
        """Run before the first step.

        Parameters
        ----------
        training : Training
            The run, as far as it is.
        """

    def on_epoch_start(self, training: Training) -> None:
        """Run before the first step of each epoch, or of what an interruption left of it. As for :meth:`on_start`."""

    def on_progress(self, training: Training) -> None:
        """Run about four times a second. As for :meth:`on_start`."""

    def on_epoch(self, training: Training) -> bool | None:
        """Run after each epoch; return True to stop. As for :meth:`on_start`."""

    def on_end(self, training: Training) -> None:
        """Run at the end, however it came. As for :meth:`on_start`."""


def in_order(callbacks: object) -> tuple[Callback, ...]:
    """Return callbacks as they are called; raise InputError at anything else, and warn of methods that never are."""
    if not isinstance(callbacks, list | tuple) or not all(isinstance(one, Callback) for one in callbacks):
        raise InputError(f"callbacks is {callbacks!r}; give a list of callbacks.")
    known = [name for name in vars(Callback) if name.startswith("on_")]
    for callback in callbacks:
        for name in dir(type(callback)):
            if name.startswith("on_") and name not in known:
                what = f"{type(callback).__name__} has a method {name}, which training never calls"
                warnings.warn(f"{what}; it calls {', '.join(known)}.", InputWarning, stacklevel=3)
    return tuple(sorted(callbacks, key=lambda callback: callback.order))


class EarlyStopping(Callback):
    """Stop when the validation loss has been above its lowest for ``patience`` epochs; go back to the best parameters.

    Parameters
    ----------
    patience : int, default 5
        Epochs to wait for a lower loss; at least 1.
    monitor : {"validation_loss", "loss"}, default "validation_loss"
        Which record to watch.
    tolerance : float, default 0.0
        How far above the lowest a loss may be, as a share of it, and still pass for as low: on few validation objects
        small differences say nothing. While it is no further, training goes on, and its last parameters stay.

    Raises
    ------
    InputError
        If an argument lies outside its range, or there are no validation data to watch.

    Examples
    --------
    >>> from mathdl import EarlyStopping
    >>> EarlyStopping(patience=3).patience
    3
    """

    def __init__(self, patience: int = 5, monitor: str = "validation_loss", tolerance: float = 0.0) -> None:
        require_at_least("EarlyStopping: patience", patience, 1)
        require_choice("EarlyStopping: monitor", monitor, ("validation_loss", "loss"))
        self.patience = patience
        require_between("EarlyStopping: tolerance", tolerance, 0)
        self.monitor = monitor
        self.tolerance = tolerance

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, monitor={self.monitor!r}, tolerance={self.tolerance!r})"

    def on_start(self, training: Training) -> None:
        """Check that there is something to watch."""
        if self.monitor == "validation_loss" and not training.validates:
            raise InputError("EarlyStopping watches the validation loss; give fit validation=(X, y) or monitor='loss'.")

    def on_epoch(self, training: Training) -> bool:
        """Keep the parameters of the best epoch; say when to stop."""
        record = getattr(training.history, self.monitor)
        if _lowest(record) == len(record) - 1:
            training.arrays["best"] = training.parameters.copy()
        return len(record) - 1 - self._last_as_low(record) >= self.patience

    def _last_as_low(self, record: list[float]) -> int:
        """Return the place of the last loss that passes for as low as the lowest."""
        best = _lowest(record)
        bound = record[best] + self.tolerance * abs(record[best])
        return max([best, *(place for place, loss in enumerate(record) if loss < bound)])

    def on_end(self, training: Training) -> None:
        """Go back to the best parameters, unless training is to be resumed."""
        ended = training.history.status in (Status.COMPLETED, Status.STOPPED_EARLY)
        if ended and "best" in training.arrays:
            record = getattr(training.history, self.monitor)
            if self._last_as_low(record) < len(record) - 1:
                training.parameters[:] = training.arrays["best"]
                best, measure = _lowest(record), self.monitor.replace("_", " ")
                kept = f"{WENT_BACK} {best + 1}, where the {measure} was lowest."
                training.history.message = f"{training.history.message} {kept}".strip()


def _lowest(record: list[float]) -> int:
    """Return the place of the lowest number."""
    return int(np.argmin(np.where(np.isnan(record), np.inf, record)))
