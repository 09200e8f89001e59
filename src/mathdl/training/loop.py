"""One loop of descent for every rule and every objective that can take many steps in a compiled call."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.descent.batches import BlockOrder
from mathdl.descent.schedules import factor_in_epoch
from mathdl.engine.executable import Update
from mathdl.errors import DivergenceWarning, TrainingInterrupted
from mathdl.interrupts import on_interrupt
from mathdl.status import Status
from mathdl.training.callbacks import Callback
from mathdl.training.history import History
from mathdl.training.training import Training

Array = NDArray[Any]
CALL_SECONDS = 0.25  # seconds that one compiled call should take: often enough for progress and Ctrl-C, chosen
OPERATIONS_PER_SECOND = 1e10  # about what a core does: for the first call, whose time is not known


def train(training: Training, callbacks: Sequence[Callback]) -> History:
    """Train to the end, and return the record; ``callbacks`` are called in this order."""
    loop = _Loop(training, callbacks)
    with on_interrupt(loop.interrupt):
        training.start_clock()
        for callback in callbacks:
            callback.on_start(training)
        # No step at all: it compiles what is not yet compiled, outside the time of training.
        nothing = training.rule.update(training.rule.rate, training.updates)
        training.stepper.take(training.parameters, np.zeros(0, np.int64), 0, 0, nothing)
        training.start_clock()
        while loop.goes_on():
            loop.run_epoch()
        note, message = training.restart_note, training.history.message
        if note and not message.startswith(note):
            training.history.message = f"{note} {message}".strip()
        for callback in callbacks:
            callback.on_end(training)
    if training.history.status == Status.INTERRUPTED:
        interrupted = TrainingInterrupted(training.history.message)
        interrupted.history = training.history
        raise interrupted
    if training.history.status == Status.DIVERGED:
        warnings.warn(training.history.message, DivergenceWarning, stacklevel=3)
    return training.history


@dataclass
class _Call:
    """One compiled call of steps, and what it started from."""

    parameters: Array
    memory: Array
    order: NDArray[np.int64] | BlockOrder
    first: int
    last: int
    update: Update


class _Loop:
    """What drives a run from call to call, and is no part of its state."""

    def __init__(self, training: Training, callbacks: Sequence[Callback]) -> None:
        self.training, self.callbacks = training, callbacks
        self.interrupted = False
        operations = training.stepper.operations
        self.pace = max(1.0, CALL_SECONDS * OPERATIONS_PER_SECOND / operations)  # steps per call, corrected as it goes
        self.calls: deque[_Call] = deque(maxlen=2)

    def goes_on(self) -> bool:
        """Tell whether there is an epoch to run; begin again where the start went nowhere."""
        run = self.training
        if run.wants_restart and run.history.status in (Status.COMPLETED, Status.STOPPED_EARLY):
            run.begin_again()
            self.calls.clear()
            for callback in self.callbacks:
                callback.on_start(run)
        return run.epoch < run.epochs and run.history.status == Status.COMPLETED

    def interrupt(self) -> None:
        """End the run before its next step."""
        self.interrupted = True
        self.training.stepper.stop()

    def run_epoch(self) -> None:
        """Take the epoch's steps, call by call; then validate and tell the callbacks."""
        run = self.training
        for callback in self.callbacks:
            callback.on_epoch_start(run)
        order = run.order(run.epoch)
        rate = run.rate * factor_in_epoch(run.settings.schedule, run.epoch, run.epochs)
        while run.step < run.steps_per_epoch:
            if run.anyone(self.interrupted):
                self._end(Status.INTERRUPTED, f"Interrupted in epoch {run.epoch + 1} of {run.epochs}.")
                return
            update = run.rule.update(rate, run.updates, run.settings.seed)
            last = min(run.steps_per_epoch, run.step + max(1, int(self.pace)))
            call = _Call(run.parameters.copy(), run.stepper.memory.copy(), order, run.step, last, update)
            self.calls.append(call)
            before = perf_counter()
            losses, finite = run.stepper.take(run.parameters, order, run.step, last, update)
            elapsed = perf_counter() - before
            call.last = run.step + len(losses)
            run.losses[run.step : call.last] = losses
            run.step, run.updates = call.last, run.updates + len(losses)
            if not finite or not np.isfinite(run.parameters).all():
                self._diverge(rate)
                return
            if len(losses):
                self.pace = CALL_SECONDS * len(losses) / max(elapsed, 1e-9)
            if run.step < run.steps_per_epoch and not self.interrupted:
                for callback in self.callbacks:
                    callback.on_progress(run)
        self._finish_epoch(rate)

    def _finish_epoch(self, rate: float) -> None:
        """Record the epoch."""
        run, history = self.training, self.training.history
        history.loss.append(run.loss)
        history.learning_rate.append(rate)
        if run.validate is not None:
            for name, value in run.validate().items():
                getattr(history, name).append(value)
        history.seconds.append(run.seconds)
        run.epoch, run.step = run.epoch + 1, 0
        wishes = [callback.on_epoch(run) for callback in self.callbacks]  # every callback is asked
        if any(wishes) and run.epoch < run.epochs:
            self._end(Status.STOPPED_EARLY, f"Stopped after epoch {run.epoch} of {run.epochs}.")

    def _diverge(self, rate: float) -> None:
        """Go back to the parameters before the step that led to a loss that is not finite, by doing the steps again."""
        run = self.training
        if run.history.search is not None and run.may_begin_again:  # the rate is not the user's own
            run.wants_restart = True
            return
        while self.calls:
            call = self.calls.pop()
            run.parameters[:], run.stepper.memory[:] = call.parameters, call.memory
            if call.last > call.first:
                run.stepper.take(run.parameters, call.order, call.first, call.last - 1, call.update)
                if np.isfinite(run.parameters).all():
                    break
        scale = "" if run.about_scale is None else run.about_scale()
        message = (
            f"Training diverged in epoch {run.epoch + 1}: with learning rate {rate:g} the loss was no longer finite. "
            f"The parameters are the last ones with a finite loss; try learning_rate={rate / 10:g}."
        )
        self._end(Status.DIVERGED, f"{message} {scale}".strip())

    def _end(self, status: Status, message: str) -> None:
        self.training.history.status, self.training.history.message = status, message
