"""One loop of descent for every rule and every objective that can take many steps in a compiled call."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_at_least
from mathdl.descent.batches import SAMPLINGS, order_of_epoch
from mathdl.descent.rule import Rule, require_rule
from mathdl.descent.schedules import Schedule, factor_in_epoch
from mathdl.engine.executable import Update
from mathdl.errors import DivergenceWarning, InputError, TrainingInterrupted
from mathdl.interrupts import on_interrupt
from mathdl.objectives.objective import Stepper
from mathdl.training.callbacks import Callback
from mathdl.training.history import History
from mathdl.training.learning_rate_search import LearningRateSearch

if TYPE_CHECKING:
    from mathdl.training.watch import Probe

Array = NDArray[Any]
PACE = 0.25  # seconds that one compiled call should take


@dataclass(frozen=True)
class TrainingState:
    """All that a run needs to go on where it stopped: arrays by name, and a record that JSON can hold."""

    arrays: dict[str, Array]
    record: dict[str, Any]


@dataclass
class Training:
    """A run of descent: how far it is, and the loop that drives it.

    Attributes
    ----------
    parameters : ndarray
        The parameters, changed in place.
    epoch, epochs : int
        Whole epochs done, and to do in all.
    samples, total_samples : int
        Objects that went through, and that will in all.
    loss : float
        Mean loss of this epoch so far.
    seconds : float
        Time spent training, including before a resumption.
    history : History
        The record by epoch.
    arrays : dict
        What else a resumed run needs, by name; callbacks may add to it.
    """

    parameters: Array
    stepper: Stepper
    objects: int
    rule: Rule
    batch_size: int
    epochs: int
    seed: int
    sampling: str
    schedule: Schedule | None = None
    callbacks: Sequence[Callback] = ()
    validate: Callable[[], dict[str, float]] | None = None
    probe: Callable[[int, int], Probe] | None = None  # for so many objects, drawn with this seed
    epoch: int = 0
    history: History = field(default_factory=History)
    arrays: dict[str, Array] = field(default_factory=dict)
    _step: int = 0  # within the epoch
    _updates: int = 0
    _before: float = 0.0  # seconds of the runs that this one resumes
    _interrupted: bool = False

    def __post_init__(self) -> None:
        if self.sampling not in SAMPLINGS:
            raise InputError(f"sampling is {self.sampling!r}; give 'without_replacement' or 'with_replacement'.")
        self._steps = -(-self.objects // self.batch_size)
        self._losses = np.zeros(self._steps)
        self._calls: deque[_Call] = deque(maxlen=2)
        self._pace = max(1.0, PACE * 1e10 / self.stepper.operations)  # steps per call, corrected as it goes
        self._start = perf_counter()

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.parameters)

    @property
    def validates(self) -> bool:
        """Whether there are validation data."""
        return self.validate is not None

    @property
    def samples(self) -> int:
        """Objects that went through so far."""
        return self.epoch * self.objects + min(self._step * self.batch_size, self.objects)

    @property
    def total_samples(self) -> int:
        """Objects that will have gone through at the end."""
        return self.epochs * self.objects

    @property
    def loss(self) -> float:
        """Mean of the batches' losses in this epoch so far, weighted by their sizes."""
        if self._step == 0:
            return self.history.loss[-1] if self.history.loss else float("nan")
        sizes = np.full(self._step, float(self.batch_size))
        if self._step == self._steps:
            sizes[-1] = self.objects - (self._steps - 1) * self.batch_size
        return float((self._losses[: self._step] * sizes).sum() / sizes.sum())

    @property
    def seconds(self) -> float:
        """Seconds of training."""
        return self._before + perf_counter() - self._start

    @property
    def steps(self) -> int:
        """Steps that will have been taken at the end."""
        return self.epochs * self._steps

    def next_update(self) -> Update:
        """Return the update of the next step, at the learning rate of the last epoch (at the start, the rule's own)."""
        return self._update(self.history.learning_rate[-1] if self.history.learning_rate else self.rule.rate)

    def state(self) -> TrainingState:
        """Return all that is needed to resume from here."""
        size = self.size
        arrays = {
            "parameters": self.parameters.copy(),
            "memory": self.stepper.memory[size:].copy(),
            "losses": self._losses[: self._step].copy(),
            **{f"extra.{name}": array.copy() for name, array in self.arrays.items()},
        }
        record = {
            "epoch": self.epoch,
            "step": self._step,
            "updates": self._updates,
            "seconds": self.seconds,
            "history": self.history.to_dict(),
            **self._identity(),
        }
        return TrainingState(arrays, record)

    def _identity(self) -> dict[str, Any]:
        """What a resumed run must share with the one that it resumes."""
        return {
            "objects": self.objects,
            "size": self.size,
            "dtype": self.parameters.dtype.name,
            "batch_size": self.batch_size,
            "seed": self.seed,
            "sampling": self.sampling,
            "rule": self.rule.describe(),
        }

    def take_rate(self, search: LearningRateSearch) -> None:
        """Train with the learning rate that a search found, in place of "auto"."""
        self.rule, self.history.search = self.rule.with_rate(search.learning_rate), search

    def resume(self, state: TrainingState) -> None:
        """Take up a state that ``state`` returned; raise InputError where it is of another run."""
        history = History.from_dict(state.record["history"])
        if self.rule.is_auto and history.search is not None:
            self.take_rate(history.search)
        for name, mine in self._identity().items():
            if state.record.get(name) != mine:
                raise InputError(
                    f"The checkpoint was made with {name} {state.record.get(name)!r}, but this run has {mine!r}; "
                    "resume with the same settings, or start anew."
                )
        self.parameters[:] = state.arrays["parameters"]
        self.stepper.memory[self.size :] = state.arrays["memory"]
        self.epoch, self._step = int(state.record["epoch"]), int(state.record["step"])
        self._losses[: self._step] = state.arrays["losses"]
        self._updates, self._before = int(state.record["updates"]), float(state.record["seconds"])
        self.history = history
        if self.history.status == "interrupted":
            self.history.status, self.history.message = "completed", ""
        extra = {name.removeprefix("extra."): a for name, a in state.arrays.items() if name.startswith("extra.")}
        self.arrays.update(extra)

    def run(self) -> History:
        """Train to the end, and return the record."""
        with on_interrupt(self._interrupt):
            self._start = perf_counter()
            for callback in self.callbacks:
                callback.on_start(self)
            # No step at all: it compiles what is not yet compiled, outside the time of training.
            nothing = self._update(self.rule.rate)
            self.stepper.take(self.parameters, np.zeros(0, np.int64), 0, 0, nothing)
            self._start = perf_counter()
            while self.epoch < self.epochs and self.history.status == "completed":
                self._run_epoch()
            for callback in self.callbacks:
                callback.on_end(self)
        if self.history.status == "interrupted":
            interrupted = TrainingInterrupted(self.history.message)
            interrupted.history = self.history
            raise interrupted
        if self.history.status == "diverged":
            warnings.warn(self.history.message, DivergenceWarning, stacklevel=3)
        return self.history

    def _interrupt(self) -> None:
        self._interrupted = True
        self.stepper.stop()

    def _run_epoch(self) -> None:
        """Take the epoch's steps, call by call; then validate and tell the callbacks."""
        order = order_of_epoch(self.objects, self.sampling, self.seed, self.epoch)
        rate = self.rule.rate * factor_in_epoch(self.schedule, self.epoch, self.epochs)
        while self._step < self._steps:
            if self._interrupted:
                self._end("interrupted", f"Interrupted in epoch {self.epoch + 1} of {self.epochs}.")
                return
            update = self._update(rate)
            last = min(self._steps, self._step + max(1, int(self._pace)))
            call = _Call(self.parameters.copy(), self.stepper.memory.copy(), order, self._step, last, update)
            self._calls.append(call)
            before = perf_counter()
            losses, finite = self.stepper.take(self.parameters, order, self._step, last, update)
            elapsed = perf_counter() - before
            call.last = self._step + len(losses)
            self._losses[self._step : call.last] = losses
            self._step, self._updates = call.last, self._updates + len(losses)
            if not finite or not np.isfinite(self.parameters).all():
                self._diverge(rate)
                return
            if len(losses):
                self._pace = PACE * len(losses) / max(elapsed, 1e-9)
            if self._step < self._steps and not self._interrupted:
                for callback in self.callbacks:
                    callback.on_progress(self)
        self._finish_epoch(rate)

    def _update(self, rate: float) -> Update:
        """The next update at this learning rate."""
        return Update(self.rule.kernel, self.rule.outer_kernel, self.rule.constants(rate), self._updates)

    def _finish_epoch(self, rate: float) -> None:
        """Record the epoch."""
        history = self.history
        history.loss.append(self.loss)
        history.learning_rate.append(rate)
        if self.validate is not None:
            for name, value in self.validate().items():
                getattr(history, name).append(value)
        history.seconds.append(self.seconds)
        self.epoch, self._step = self.epoch + 1, 0
        wishes = [callback.on_epoch(self) for callback in self.callbacks]  # every callback is asked
        if any(wishes) and self.epoch < self.epochs:
            self._end("stopped early", f"Stopped after epoch {self.epoch} of {self.epochs}.")

    def _diverge(self, rate: float) -> None:
        """Go back to the parameters before the step that led to a loss that is not finite, by doing the steps again."""
        while self._calls:
            call = self._calls.pop()
            self.parameters[:], self.stepper.memory[:] = call.parameters, call.memory
            if call.last > call.first:
                self.stepper.take(self.parameters, call.order, call.first, call.last - 1, call.update)
                if np.isfinite(self.parameters).all():
                    break
        self._end(
            "diverged",
            f"Training diverged in epoch {self.epoch + 1}: with learning rate {rate:g} the loss was no longer finite. "
            f"The parameters are the last ones with a finite loss; try learning_rate={rate / 10:g}.",
        )

    def _end(self, status: str, message: str) -> None:
        self.history.status, self.history.message = status, message


def check_choices(
    rule: object,
    schedule: object,
    callbacks: object,
    *,
    batch_size: object,
    epochs: object,
    seed: object,
    threads: object,
) -> None:
    """Raise InputError unless these are what a run of training takes."""
    require_rule(rule)
    if schedule is not None and not callable(schedule):
        raise InputError(f"schedule is {schedule!r}; give StepSchedule(...), CosineSchedule(...) or a function.")
    if not isinstance(callbacks, list | tuple) or not all(isinstance(each, Callback) for each in callbacks):
        raise InputError(f"callbacks is {callbacks!r}; give a list of callbacks.")
    require_at_least("batch_size", batch_size, 1)
    require_at_least("epochs", epochs, 1)
    require_at_least("seed", seed, 0)
    if threads is not None:
        require_at_least("threads", threads, 1)


@dataclass
class _Call:
    """One compiled call of steps, and what it started from."""

    parameters: Array
    memory: Array
    order: NDArray[np.int64]
    first: int
    last: int
    update: Update
