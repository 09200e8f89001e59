"""What can be called while training runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mathdl.errors import InputError

if TYPE_CHECKING:
    from mathdl.training.learning_rate_trials import Trials
    from mathdl.training.loop import Training


class Callback:
    """Something that watches training; define the methods that you need in a subclass.

    Each is given the :class:`~mathdl.training.loop.Training`, which tells how far it is.

    Examples
    --------
    >>> from mathdl import Callback
    >>> class Print(Callback):
    ...     def on_epoch(self, training):
    ...         print(training.epoch, training.history.loss[-1])
    """

    def on_search(self, trials: Trials) -> None:
        """Run about four times a second while a learning rate is looked for, before training starts."""

    def on_start(self, training: Training) -> None:
        """Run before the first step."""

    def on_progress(self, training: Training) -> None:
        """Run about four times a second."""

    def on_epoch(self, training: Training) -> bool | None:
        """Run after each epoch; return True to stop."""

    def on_end(self, training: Training) -> None:
        """Run at the end, however it came."""


class EarlyStopping(Callback):
    """Stop when the validation loss has not fallen for ``patience`` epochs, and go back to the best parameters.

    Parameters
    ----------
    patience : int, default 5
        Epochs to wait for a lower loss; at least 1.
    monitor : {"validation_loss", "loss"}, default "validation_loss"
        Which record to watch.

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

    def __init__(self, patience: int = 5, monitor: str = "validation_loss") -> None:
        if patience < 1:
            raise InputError(f"EarlyStopping: patience is {patience}; give at least 1.")
        if monitor not in ("validation_loss", "loss"):
            raise InputError(f"EarlyStopping: monitor is {monitor!r}; give 'validation_loss' or 'loss'.")
        self.patience = patience
        self.monitor = monitor

    def on_start(self, training: Training) -> None:
        """Check that there is something to watch."""
        if self.monitor == "validation_loss" and not training.validates:
            raise InputError("EarlyStopping watches the validation loss; give fit validation=(X, y) or monitor='loss'.")

    def on_epoch(self, training: Training) -> bool:
        """Keep the parameters of the best epoch; say when to stop."""
        record = getattr(training.history, self.monitor)
        best = int(np.argmin(np.where(np.isnan(record), np.inf, record)))
        if best == len(record) - 1:
            training.arrays["best"] = training.parameters.copy()
        return len(record) - 1 - best >= self.patience

    def on_end(self, training: Training) -> None:
        """Go back to the best parameters, unless training is to be resumed."""
        if training.history.status in ("completed", "stopped early") and "best" in training.arrays:
            training.parameters[:] = training.arrays["best"]
