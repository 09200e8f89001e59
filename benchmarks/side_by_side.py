"""Run contestants in turns, once it is sure that they compute the same; compare them by medians and by pairs of turns.

Turns are interleaved, so that a machine that slows down for a while slows all of them down.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np

from mathdl.engine.threads import available

TOLERANCE = 1e-4
TRIAL = 2  # turns after which a peer's slow variants stop
HOPELESS = 1.5  # times as long as the same peer's best variant
PATIENCE = 20.0  # seconds after which a contestant that has had three turns stops
PAUSE = 0.25  # seconds in which a library's threads, which go on looking for work, fall asleep (OpenBLAS: a tenth)
MEGABYTES = 150  # what every core hashes after it, untimed, in about a tenth of a second: cores that slept are slow
NOTHING = bytes(2**20)


class Disagreement(Exception):
    """Contestants computed different things, so that their times say nothing."""


@dataclass(frozen=True)
class Contestant:
    """Somebody who does the work.

    ``work`` is timed. ``outcome`` returns the numbers to agree on after it, and is not; None means that there is
    nothing to agree on. ``peer`` names the library that this is one variant of, or is empty.
    """

    name: str
    work: Callable[[], Any]
    outcome: Callable[[], Any] | None = None
    peer: str = ""


@dataclass
class Comparison:
    """Seconds of each contestant in each of its turns; the first contestant is what the others are compared with."""

    contestants: list[Contestant]
    seconds: dict[str, list[float]]
    outcomes: dict[str, Any]
    disagreement: float
    notes: list[str] = field(default_factory=list)

    @property
    def first(self) -> str:
        """Name of the first contestant."""
        return self.contestants[0].name

    def median(self, name: str) -> float:
        """Median seconds."""
        return median(self.seconds[name])

    def ratio(self, name: str) -> float:
        """Median seconds over the first contestant's."""
        return self.median(name) / self.median(self.first)

    def paired_ratio(self, name: str) -> float:
        """Median over turns of this contestant's seconds over the first one's in the same turn."""
        pairs = zip(self.seconds[name], self.seconds[self.first], strict=False)
        return median(other / own for other, own in pairs)

    def best(self, peer: str) -> str | None:
        """Name of a peer's fastest variant; None where it did not take part."""
        names = [each.name for each in self.contestants if each.peer == peer]
        return min(names, key=self.median, default=None)


def compare(
    contestants: Sequence[Contestant], turns: int, tolerance: float = TOLERANCE, notes: Sequence[str] = ()
) -> Comparison:
    """Warm every contestant up once, check that all computed the same, then let them take turns.

    A peer that fails while it warms up (a compiler may be missing) is left out, with a note.

    Raises
    ------
    Disagreement
        If an outcome is further than ``tolerance`` from the first one's, absolutely or relatively.
    """
    notes = list(notes)
    ready, outcomes = _warm(contestants, notes)
    reference = outcomes.get(ready[0].name)
    worst = 0.0
    for name, outcome in outcomes.items():
        distance = _distance(outcome, reference)
        if not distance <= tolerance:
            raise Disagreement(f"{name} is {distance:.1e} away from {ready[0].name}, more than {tolerance:g}.")
        worst = max(worst, distance)
    seconds: dict[str, list[float]] = {each.name: [] for each in ready}
    for turn in range(turns):
        for each in ready if turn % 2 == 0 else reversed(ready):
            if each is ready[0] or not _retired(each, ready, seconds, turn):
                _rest()
                start = time.perf_counter()
                each.work()
                seconds[each.name].append(time.perf_counter() - start)
    return Comparison(ready, seconds, outcomes, worst, notes)


def gathered(
    makers: dict[str, Callable[[], list[Contestant]]], *, alone: bool = False
) -> tuple[list[Contestant], list[str]]:
    """Ask for contestants of each peer, unless mathdl is to be alone; one that is not installed gives a note."""
    contestants, notes = [], []
    for peer, make in ({} if alone else makers).items():
        try:
            contestants += make()
        except ImportError as failure:
            notes.append(f"{peer} takes no part: {failure}.")
    return contestants, notes


def _rest() -> None:
    """Let everyone's threads fall asleep, and wake the cores up again."""
    time.sleep(PAUSE)
    workers = [threading.Thread(target=_keep_busy) for _ in range(available())]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def _keep_busy() -> None:
    """Compute, without holding Python's lock."""
    for _ in range(MEGABYTES):
        hashlib.sha256(NOTHING)


def _warm(contestants: Sequence[Contestant], notes: list[str]) -> tuple[list[Contestant], dict[str, Any]]:
    """Let each do the work once; return those who could, and what they have to agree on."""
    ready, outcomes = [], {}
    for each in contestants:
        try:
            each.work()
            if each.outcome is not None:
                outcomes[each.name] = np.asarray(each.outcome(), np.float64)
        except Exception as failure:
            if each is contestants[0]:
                raise
            reason = next(iter(str(failure).splitlines()), "")[:200]
            notes.append(f"{each.name} takes no part: {type(failure).__name__}: {reason}")
        else:
            ready.append(each)
    return ready, outcomes


def _distance(value: Any, reference: Any) -> float:
    """Largest difference, relative to the reference's size where that is above 1."""
    return float(np.max(np.abs(value - reference)) / max(1.0, float(np.max(np.abs(reference)))))


def _retired(each: Contestant, ready: list[Contestant], seconds: dict[str, list[float]], turn: int) -> bool:
    """Whether a contestant has shown enough: a slow variant after a trial, anyone after too long a time."""
    mine = seconds[each.name]
    if len(mine) < turn or (len(mine) > TRIAL and sum(mine) > PATIENCE):
        return True
    if turn < TRIAL or not each.peer:
        return False
    best = min(min(seconds[other.name]) for other in ready if other.peer == each.peer)
    return min(mine) > HOPELESS * best
