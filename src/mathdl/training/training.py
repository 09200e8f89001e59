"""A run of training, as far as it is: what callbacks see, and what a checkpoint keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mathdl.descent.batches import IN_BLOCKS, WINDOW_BLOCKS, BlockOrder, chances_of, order_of_epoch
from mathdl.descent.rule import Rule
from mathdl.engine.executable import Update
from mathdl.errors import InputError
from mathdl.objectives.objective import Stepper
from mathdl.status import Status
from mathdl.training.history import History
from mathdl.training.learning_rate_search import LearningRateSearch
from mathdl.training.settings import TrainingSettings

Array = NDArray[Any]
MAX_RESTARTS = 4  # chosen: the last attempt is at 1/81 of the rate
RESTART_FACTOR = 1 / 3  # chosen: of the learning rate, when training begins again


class Probe(Protocol):
    """What measures the layers: see :class:`mathdl.networks.layer_probe.LayerProbe`."""

    names: list[str]
    sizes: list[int]
    operations: float

    def measure(self, parameters: Array, memory: Array, update: Update) -> NDArray[np.float64]:
        """Return for each layer its gradient's norm, its share of dead units, and one step over its parameters."""


@dataclass(frozen=True)
class TrainingState:
    """All that a run needs to go on where it stopped: arrays by name, and a record that JSON can hold."""

    arrays: dict[str, Array]
    record: dict[str, Any]


@dataclass
class Training:
    """A run of training, as far as it is.

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
    settings : TrainingSettings
        Rule, batch size, seed and the other settings.
    arrays : dict
        What else a resumed run needs, by name; callbacks may add to it.
    """

    parameters: Array
    stepper: Stepper
    objects: int
    settings: TrainingSettings
    block: int = 1  # objects that lie together where they are drawn in blocks
    validate: Callable[[], dict[str, float]] | None = None
    probe: Callable[[int, int], Probe] | None = None  # for so many objects, drawn with this seed
    trivial_loss: Callable[[], float] | None = None  # the least loss that the same outputs for all objects reach
    about_scale: Callable[[], str] | None = None  # says what of the data is not scaled, if anything
    anyone: Callable[[bool], bool] = bool  # whether the answer is yes in any of the processes that train together
    own_activations: tuple[str, ...] = ()  # functions of the user's own, which no file can hold
    epoch: int = 0
    step: int = 0  # steps done within the epoch
    updates: int = 0  # steps done in all
    history: History = field(default_factory=History)
    arrays: dict[str, Array] = field(default_factory=dict)
    wants_restart: bool = False  # whether the start went nowhere
    _before: float = 0.0  # seconds of the runs that this one resumes

    def __post_init__(self) -> None:
        self.batch_size = min(self.settings.batch_size, self.objects)
        self.steps_per_epoch = -(-self.objects // self.batch_size)
        self.chances = chances_of(self.settings.sampling_weight, self.objects)
        self.losses = np.zeros(self.steps_per_epoch)  # of the batches of this epoch
        self.start_clock()

    def start_clock(self) -> None:
        """Let training begin now."""
        self._start = perf_counter()

    @property
    def rule(self) -> Rule:
        """The update rule."""
        return self.settings.rule

    @property
    def epochs(self) -> int:
        """Epochs to do in all."""
        return self.settings.epochs

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
        return self.epoch * self.objects + min(self.step * self.batch_size, self.objects)

    @property
    def total_samples(self) -> int:
        """Objects that will have gone through at the end."""
        return self.epochs * self.objects

    @property
    def loss(self) -> float:
        """Mean of the batches' losses in this epoch so far, weighted by their sizes."""
        if self.step == 0:
            return self.history.loss[-1] if self.history.loss else float("nan")
        sizes = np.full(self.step, float(self.batch_size))
        if self.step == self.steps_per_epoch:
            sizes[-1] = self.objects - (self.steps_per_epoch - 1) * self.batch_size
        return float((self.losses[: self.step] * sizes).sum() / sizes.sum())

    @property
    def seconds(self) -> float:
        """Seconds of training."""
        return self._before + perf_counter() - self._start

    @property
    def steps(self) -> int:
        """Steps that will have been taken at the end."""
        return self.epochs * self.steps_per_epoch

    @property
    def restarts(self) -> int:
        """How often training has begun again."""
        return int(self.arrays["restarts"][0]) if "restarts" in self.arrays else 0

    @property
    def may_begin_again(self) -> bool:
        """Whether the initial parameters were kept, and another attempt is left."""
        return "start" in self.arrays and self.restarts < MAX_RESTARTS

    @property
    def rate(self) -> float:
        """The learning rate before the schedule's factor: the rule's, lower after each restart."""
        return self.rule.rate * RESTART_FACTOR**self.restarts

    @property
    def restart_note(self) -> str:
        """One sentence on restarts; empty without them."""
        if not (count := self.restarts):
            return ""
        times = "once" if count == 1 else f"{count} times"
        return (
            "The start went nowhere (every object got the same answer, or the loss was driven up or no longer finite), "
            f"so training was begun again {times}, in the end at learning rate {self.rate:.3g} instead of "
            f"{self.rule.rate:g}."
        )

    def begin_again(self) -> None:
        """Go back to the initial parameters, at a lower learning rate; what callbacks kept is dropped."""
        start, count = self.arrays["start"], self.restarts + 1
        self.arrays.clear()
        self.arrays.update(start=start, restarts=np.array([count], np.int64))
        self.parameters[:] = start
        self.stepper.memory.fill(0)
        self.epoch = self.step = self.updates = 0
        self.history = History(search=self.history.search)
        self.wants_restart = False

    def order(self, epoch: int) -> NDArray[np.int64] | BlockOrder:
        """Return the objects in the order in which an epoch meets them.

        Parameters
        ----------
        epoch : int
            From 0 on.
        """
        seed = self.settings.seed
        if self.draws_in_blocks(self.objects):
            return BlockOrder(self.objects, self.block, (seed, epoch))
        return order_of_epoch(self.objects, self.settings.sampling, seed, epoch, self.chances)

    def draws_in_blocks(self, objects: int) -> bool:
        """Whether so many objects are drawn in blocks: where that was asked for, and they are more than a window.

        Parameters
        ----------
        objects : int
        """
        return self.settings.sampling == IN_BLOCKS and objects > WINDOW_BLOCKS * self.block

    def next_update(self) -> Update:
        """Return the update of the next step, at the learning rate of the last epoch (at the start, the rule's own)."""
        rates = self.history.learning_rate
        return self.rule.update(rates[-1] if rates else self.rate, self.updates)

    def take_rate(self, search: LearningRateSearch) -> None:
        """Train with the learning rate that a search found, in place of "auto"."""
        self.settings = replace(self.settings, rule=self.rule.with_rate(search.learning_rate))
        self.history.search = search

    def state(self) -> TrainingState:
        """Return all that is needed to resume from here."""
        arrays = {
            "parameters": self.parameters.copy(),
            "memory": self.stepper.memory[self.size :].copy(),
            "losses": self.losses[: self.step].copy(),
            **{f"extra.{name}": array.copy() for name, array in self.arrays.items()},
        }
        record = {
            "epoch": self.epoch,
            "step": self.step,
            "updates": self.updates,
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
            "seed": self.settings.seed,
            "sampling": self.settings.sampling,
            "sampling_weight": None if self.chances is None else sha256(self.chances.tobytes()).hexdigest()[:16],
            "rule": self.rule.describe(),
            "robustness": self.settings.robustness,
        }

    def resume(self, state: TrainingState) -> None:
        """Take up a state that ``state`` returned; raise InputError where it is of another run."""
        if not isinstance(state, TrainingState):
            advice = f"load_checkpoint({state!r})" if isinstance(state, str) else "what load_checkpoint returns"
            raise InputError(f"resume is of type {type(state).__name__}; give {advice}.")
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
        self.epoch, self.step = int(state.record["epoch"]), int(state.record["step"])
        self.losses[: self.step] = state.arrays["losses"]
        self.updates, self._before = int(state.record["updates"]), float(state.record["seconds"])
        self.history = history
        if self.history.status == Status.INTERRUPTED:
            self.history.status, self.history.message = Status.COMPLETED, ""
        extra = {name.removeprefix("extra."): a for name, a in state.arrays.items() if name.startswith("extra.")}
        self.arrays.update(extra)
