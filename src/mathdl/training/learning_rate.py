"""The search for a learning rate: short trials of many rates, long ones of a few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isfinite, log10
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.descent.batches import BlockOrder, chances_of, order_of_epoch
from mathdl.descent.schedules import factor_in_epoch
from mathdl.engine.executable import Data, Executable, Update
from mathdl.errors import TrainingInterrupted
from mathdl.interrupts import on_interrupt
from mathdl.training.callbacks import Callback, SearchProgress
from mathdl.training.learning_rate_search import (
    FAILURE_MARGIN,
    LearningRateSearch,
    Trial,
    choose,
    explain,
    failed_rates,
)
from mathdl.training.loop import CALL_SECONDS, OPERATIONS_PER_SECOND
from mathdl.training.training import Training

Array = NDArray[Any]
# Chosen; `python -m benchmarks learning_rate` measures what comes of them.
SHORT_SHARE, LONG_SHARE = 30, 5  # one in so many of the training's steps is what a short and what a long trial takes
MIN_STEPS = 20  # of a trial: fewer tell nothing
MAX_TRAINING_STEPS = 10_000  # to take these parts of; longer training is searched for as if it took so many
LONG_TRIALS = 3  # rates that are tried for long
EXTRA_RATES = 15  # beyond the usual ones, at either end, that may be tried, as for features that are not scaled
NOISE = 3  # standard errors: a loss on n objects is about the trivial one from 1 - NOISE / sqrt(n) times that on
SURVIVORS = 5  # rates that are tried for yet longer where the loss is still the trivial one
PLATEAU_OPERATIONS = 1e10  # that these trials may take in all: about a second
WANTED_JUDGES = 300  # objects that judge at least, where there are so many
MAX_VALIDATION_JUDGES = 1000
MIN_JUDGES = 20  # with fewer, all training objects judge
SHARE_OF_JUDGES = 5  # at most one in so many training objects judges


def search_learning_rate(
    training: Training,
    callbacks: Sequence[Callback],
    scoring: Executable,
    data: Data,
    held_out: Data | None,
    trivial: Callable[[Data], float],
) -> LearningRateSearch:
    """Find a learning rate for a run of training that has not begun, and leave the run as it is.

    Every rate is tried from the training's own start, with the same batches, and with its schedule run through in the
    trial's steps. Rates of 1, 2 and 5 times a power of ten are tried for a short while, from the least of the rule's
    usual ones to the largest or the first that diverges, and further where the best one lies at an end. The best three
    are tried for longer. The smallest rate wins whose loss is about the lowest, of those that are well away from rates
    that fail; so rates beside it are tried for long, too, where that may change the choice. The loss is that of the
    validation objects and, where these are few, of some training objects that the trials do without. Nothing depends on
    time or on the number of threads, and all trials together take about as many steps as the training itself; but where
    the best loss is still about the ``trivial`` one, that of the same answer for all objects, it says nothing of the
    rates, and the largest that have not failed are tried for as long as the training takes, if that is short.
    """
    rows, judges, named = _divide(data, held_out, training.settings.seed)
    objects = sum(part.objects for part in judges)

    def score(parameters: Array) -> float:
        losses = [part.objects * scoring.evaluate(parameters, part, training.settings.threads)[1] for part in judges]
        return sum(losses) / objects

    plateau = sum(part.objects * trivial(part) for part in judges) / objects * (1 - min(1.0, NOISE * objects**-0.5))
    trials = _Trials(training, callbacks, rows, score, plateau)
    with on_interrupt(trials.stop):
        return trials.search(named)


def _divide(data: Data, held_out: Data | None, seed: int) -> tuple[NDArray[np.int64], list[Data], str]:
    """Return the training objects that the trials use, the objects that judge them, and the latter in words."""
    random = np.random.default_rng([seed, 1])
    rows = np.arange(data.objects) if data.weights is None else np.flatnonzero(data.weights)
    validating = 0 if held_out is None else held_out.objects
    spared = min(len(rows) // SHARE_OF_JUDGES, max(0, WANTED_JUDGES - validating))
    if validating + spared < MIN_JUDGES:
        return (
            rows,
            [data.part(rows)],
            f"the {len(rows)} training objects" if len(rows) > 1 else "the only training object",
        )
    judges, named = [], []
    if held_out is not None:
        judges.append(held_out.part(np.sort(random.permutation(validating)[:MAX_VALIDATION_JUDGES])))
        named.append(f"{judges[0].objects} validation objects")
    if spared:
        mixed = random.permutation(rows)
        rows = np.sort(mixed[spared:])
        judges.append(data.part(np.sort(mixed[:spared])))
        named.append(f"{spared} training objects that the trials did without")
    return rows, judges, " and ".join(named)


@dataclass
class _Trials:
    """Trials of learning rates, as far as they are: short ones of many rates first, then longer ones of a few."""

    training: Training
    callbacks: Sequence[Callback]
    rows: NDArray[np.int64]
    score: Callable[[Array], float]
    plateau: float  # a loss of at least so much is about the trivial one
    learning_rate: float = 0.0  # that is being tried
    steps: int = 0
    total_steps: int = 0  # as far as that is known
    first: list[Trial] = field(default_factory=list)
    longer: list[Trial] = field(default_factory=list)
    longest: list[Trial] = field(default_factory=list)
    _stopped: bool = False
    _told: float = -inf

    def stop(self) -> None:
        """End the search before the next step."""
        self._stopped = True
        self.training.stepper.stop()

    def search(self, judges: str) -> LearningRateSearch:
        """Make all trials and choose; ``judges`` are those whose loss is computed, in words."""
        training = self.training
        self._start, before = training.parameters.copy(), training.stepper.memory.copy()
        self._loss = _finite(self.score(self._start))
        steps = training.steps
        short, long = (
            min(steps, max(MIN_STEPS, min(steps, MAX_TRAINING_STEPS) // share)) for share in (SHORT_SHARE, LONG_SHARE)
        )
        self._order = self._order_of_trials(long)
        try:
            self._try_many(short, long)
            chosen = choose(self.first, [], self._loss) if short == long else self._try_best(long)
            chosen = self._try_survivors(long, chosen)
        finally:
            training.stepper.memory[:] = before
        rivals = self.longer
        if chosen in self.longest:
            rivals = self.longest
        elif chosen is None:
            chosen = self._least_bad()
        reason = explain(self.first, rivals, chosen, judges, self._loss)
        start = self._loss if isfinite(self._loss) else None
        trials = (*self.first, *self.longer, *self.longest)
        return LearningRateSearch(chosen.learning_rate, reason, judges, start, trials)

    def _least_bad(self) -> Trial:
        """Return the trial to take where none is good: all are too close to rates that failed, or failed themselves."""
        trials = self.longer or self.first
        learned = [trial for trial in trials if trial.learned(self._loss)]
        if learned:
            return min(learned, key=lambda trial: trial.learning_rate)
        kept = [trial for trial in trials if trial.keeps(self._loss)]  # as on a plateau: any rate may do
        return kept[len(kept) // 2] if kept else min(trials, key=_rank)

    def _order_of_trials(self, steps: int) -> NDArray[np.int64] | BlockOrder:
        """Return the objects of so many steps in their order, epoch after epoch."""
        settings, count = self.training.settings, len(self.rows)
        needed = steps * self.training.batch_size
        if self.training.draws_in_blocks(count):
            return BlockOrder(count, self.training.block, (settings.seed, 0), self.rows, needed)
        epochs = range(-(-needed // count))
        chances = self.training.chances
        if chances is not None:  # those of objects that the trials do without may be all there are
            chances = chances_of(chances[self.rows] if chances[self.rows].any() else None, count)
        orders = [order_of_epoch(count, settings.sampling, settings.seed, epoch, chances) for epoch in epochs]
        return self.rows[np.concatenate(orders)[:needed]]

    def _try_many(self, steps: int, long: int) -> None:
        """Try the usual rates, and more of them while the best is the first or the last."""
        least, largest = (round(3 * log10(rate)) for rate in self.training.rule.usual_rates)
        self.total_steps = (largest - least + 1) * steps + LONG_TRIALS * long
        for place in range(least, largest + 1 + (0 if self.training.rule.scale_free else EXTRA_RATES)):
            if place > largest and not self._best_is(max):
                break
            if self._try(_rate(place), steps, self.first).loss is None:
                break
        for place in range(least - 1, least - 1 - EXTRA_RATES, -1):
            if not self._best_is(min) and not self._all_near_failure():
                break
            self._try(_rate(place), steps, self.first)
        self.total_steps = self.steps + LONG_TRIALS * long

    def _best_is(self, end: Callable[..., Trial]) -> bool:
        """Tell whether the best trial so far is the one with the least, or the largest, rate."""
        best = min(self.first, key=_rank)
        if not best.learned(self._loss):  # then only smaller rates can help, if any
            return end is min and not best.keeps(self._loss)
        return best is end(self.first, key=lambda trial: trial.learning_rate)

    def _all_near_failure(self) -> bool:
        """Tell whether rates have learned, but none that is well away from rates that failed."""
        learned = any(trial.learned(self._loss) for trial in self.first)
        return learned and choose(self.first, self._failed(), self._loss) is None

    def _try_best(self, steps: int) -> Trial | None:
        """Try the best rates for long, with those beside them that may change the choice; return what is chosen."""
        good = sorted((trial for trial in self.first if trial.learned(self._loss)), key=_rank)
        waiting = sorted(trial.learning_rate for trial in good[:LONG_TRIALS])
        while True:
            self.total_steps = max(self.total_steps, self.steps + len(waiting) * steps)
            for rate in waiting:
                self._try(rate, steps, self.longer)
            chosen = choose(self.longer, self._failed(), self._loss)
            waiting = self._smaller() if chosen is None else self._beside(chosen)
            if not waiting:
                return chosen

    def _try_survivors(self, long: int, chosen: Trial | None) -> Trial | None:
        """Return what is chosen, after yet longer trials where the best loss so far is about the trivial one."""
        best = min((t.loss for t in (*self.first, *self.longer) if t.loss is not None), default=inf)
        failed, rates = self._failed(), {trial.learning_rate for trial in (*self.first, *self.longer)}
        survivors = sorted(rates.difference(failed))[-SURVIVORS:]
        affordable = PLATEAU_OPERATIONS / (SURVIVORS * self.training.stepper.operations)
        steps = int(min(self.training.steps, MAX_TRAINING_STEPS, affordable))
        if best < self.plateau or steps <= long or not survivors:
            return chosen
        self._order = self._order_of_trials(steps)
        self.total_steps = self.steps + len(survivors) * steps
        for rate in survivors:
            self._try(rate, steps, self.longest)
        left = [trial for trial in self.longest if trial.loss is not None and trial.loss < self.plateau]
        found = choose(left, [*failed, *failed_rates(self.longest, self._loss)], self._loss)
        return chosen if found is None else found

    def _failed(self) -> list[float]:
        """Return the rates whose longest trial failed."""
        return failed_rates([*self.first, *self.longer], self._loss)

    def _smaller(self) -> list[float]:
        """Return a rate below all that were tried for long, of the first round where there is one; then a few more."""
        least = min((trial.learning_rate for trial in self.longer), default=0.0)
        smaller = [trial.learning_rate for trial in self.first if trial.learning_rate < least]
        if smaller or not least or len(self.longer) >= 3 * LONG_TRIALS:
            return [max(smaller)] if smaller else []
        return [_previous(least)]

    def _beside(self, chosen: Trial) -> list[float]:
        """Return a rate whose long trial may change the choice; none where there is none.

        Where a better one is too close to a rate that failed, this is the largest that is not. Else it is the next
        larger one, if that would be too close were it to fail.
        """
        tried, failed = {trial.learning_rate for trial in self.longer}, self._failed()
        largest = float(f"{min(failed, default=inf) / FAILURE_MARGIN:.3g}")
        better = min((t for t in self.longer if t.learned(self._loss)), key=_rank)
        above = _next(chosen.learning_rate)
        if better.learning_rate > largest > chosen.learning_rate and largest not in tried:
            return [largest]
        near = above < FAILURE_MARGIN * chosen.learning_rate * (1 - 1e-9)
        return [above] if near and above not in tried and above not in failed else []

    def _try(self, rate: float, steps: int, trials: list[Trial]) -> Trial:
        """Make a trial."""
        self.learning_rate = rate
        trials.append(trial := Trial(rate, steps, self._loss_after(rate, steps)))
        return trial

    def _loss_after(self, rate: float, steps: int) -> float | None:
        """Train from the start; return the loss of the objects that judge, None where a loss is not finite."""
        training, parameters, end = self.training, self._start.copy(), self.steps + steps
        training.stepper.memory.fill(0)
        for first, last, factor in self._pieces(steps):
            update = training.rule.update(rate * factor, first)
            if training.anyone(self._stopped):
                self._interrupt()
            finite = self._take(parameters, first, last, update)
            if training.anyone(self._stopped):
                self._interrupt()
            if not finite or not np.isfinite(parameters).all():
                break
            self.steps += last - first
            self._tell()
        else:
            loss = self.score(parameters)
            return loss if isfinite(loss) else None
        self.total_steps -= end - self.steps
        return None

    def _take(self, parameters: Array, first: int, last: int, update: Update) -> bool:
        """Take steps; return whether every loss was finite. In blocks, a call takes those of one window at most."""
        while first < last and not self._stopped:
            later = replace(update, updates=first)
            losses, finite = self.training.stepper.take(parameters, self._order, first, last, later)
            if not finite or not len(losses):
                return finite
            first += len(losses)
        return True

    def _tell(self) -> None:
        """Tell the callbacks how far it is, if they have not been told just now."""
        if (now := perf_counter()) >= self._told + CALL_SECONDS:
            self._told = now
            progress = SearchProgress(self.learning_rate, self.steps, self.total_steps)
            for callback in self.callbacks:
                callback.on_search(progress)

    def _pieces(self, steps: int) -> Iterator[tuple[int, int, float]]:
        """Yield the first and the last step of each compiled call with the schedule's factor: the run, shortened."""
        training, last = self.training, 0
        pace = max(1, int(CALL_SECONDS * OPERATIONS_PER_SECOND / training.stepper.operations))  # steps of a call
        for ends, factor in self._stretches(steps):
            while last < ends:
                first, last = last, min(ends, last + pace)
                yield first, last, factor

    def _stretches(self, steps: int) -> Iterator[tuple[int, float]]:
        """Yield the steps at whose ends the schedule changes the factor, each with the factor before it."""
        training, before, end = self.training, 1.0, 0
        for epoch in range(training.epochs):
            factor = factor_in_epoch(training.settings.schedule, epoch, training.epochs)
            if factor != before and end:
                yield end, before
            before, end = factor, steps * (epoch + 1) // training.epochs
        yield steps, before

    def _interrupt(self) -> None:
        """Raise TrainingInterrupted; it has no history, since there is none."""
        raise TrainingInterrupted(f"Interrupted in the search for a learning rate, at {self.learning_rate:g}.")


def _rank(trial: Trial) -> tuple[float, float]:
    """Return what orders trials, the best first; of equals the smaller rate."""
    return inf if trial.loss is None else trial.loss, trial.learning_rate


def _finite(loss: float) -> float:
    """Return a loss that is no number as infinite."""
    return loss if isfinite(loss) else inf


def _rate(place: int) -> float:
    """Return the rate at a place of 1, 2, 5, 10, ..., from 1 at place 0, in both directions."""
    return float(f"{(1, 2, 5)[place % 3]}e{place // 3}")


def _next(rate: float) -> float:
    """Return the least of the rates 1, 2, 5, 10, ... that is larger than this one."""
    place = round(3 * log10(rate)) - 1
    while _rate(place) <= rate:
        place += 1
    return _rate(place)


def _previous(rate: float) -> float:
    """Return the largest of the rates 1, 2, 5, 10, ... that is smaller than this one."""
    place = round(3 * log10(rate)) + 1
    while _rate(place) >= rate:
        place -= 1
    return _rate(place)
