"""All inputs near one, and a network: whether all of them have the same class."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates.checker import verify, write
from mathdl.certificates.rationals import text_of
from mathdl.certificates.record import Certificate
from mathdl.exact.whole_numbers import nearest_float
from mathdl.networks.intervals import Box
from mathdl.networks.network import Network
from mathdl.networks.pieces import pieces_of
from mathdl.networks.steps import steps_of
from mathdl.piecewise.exact_evaluation import evaluate_exactly
from mathdl.robustness.attack import attack
from mathdl.robustness.proof import MOST_ENDS, Search, Unproved
from mathdl.robustness.zonotope import numbered

Array = NDArray[Any]
SEARCHING = 0.2  # the share of the time; the checker takes about four times as long as the search
Verdict = Literal["certified", "refuted", "undecided"]


class Judgement(NamedTuple):
    """A verdict, and the certificate or the counterexample and its class."""

    verdict: Verdict
    certificate: Certificate | None = None
    counterexample: Any = None
    other: int | None = None


class Questioned:
    """A network without a final softmax or sigmoid, as evaluation, proofs and certificates read it."""

    def __init__(self, network: Network) -> None:
        self.network, self.pieces = pieces_of(network)
        self.steps, written = numbered(self.pieces), steps_of(self.network)
        self.written, self.data = written.steps, written.data

    def answers(self, inputs: Array) -> list[int]:
        """Return the classes of inputs, as the network computes them."""
        outputs = self.network(inputs).reshape(len(inputs), -1)
        found = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0).astype(int)
        return [int(code) for code in found]

    def class_instead(self, x: Array, own: int) -> int | None:
        """Return the class of an input where it is another one, in exact arithmetic."""
        if self.answers(x[None]) == [own]:
            return None
        values = evaluate_exactly(self.network, x).value.ravel().tolist()
        values = values if len(values) > 1 else [0, *values]
        return values.index(max(values)) if max(values) > values[own] else None


class Neighbourhood:
    """An input, all inputs whose numbers lie between limits around it, and the class that they should have.

    ``shown`` makes of a judgement what a user sees.
    """

    def __init__(
        self,
        of: Questioned,
        x: Array,
        own: int,
        ends: tuple[list[Fraction], list[Fraction]],
        shown: Callable[[Judgement], Judgement] = lambda judgement: judgement,
    ) -> None:
        self._of, self._x, self._own, self.shown = of, x, own, shown
        self._low, self._high = ends

    def judge(self) -> Judgement:
        """Return what is found out without splitting."""
        if (other := self._of.class_instead(self._x, self._own)) is not None:
            return Judgement("refuted", None, self._x.astype(np.float64), other)
        if (proof := self._search(0.0, 0).at_once()) is not None:
            return self._certified(proof)
        point = attack(self._of.pieces, self._inside, self._own, self._x.ravel().astype(np.float64))
        found = self._refuted(point)
        return self._proved(self._search(np.inf, 1)) if found.verdict == "undecided" else found

    def judge_within(self, seconds: float) -> Judgement:
        """Return what is found out, by splitting too where that takes no longer than so much of this process's time."""
        until, found = time.process_time() + seconds, self.judge()
        left = until - time.process_time()
        return self.judge_by_splitting(left) if found.verdict == "undecided" and left > 0 else found

    def judge_by_splitting(self, seconds: float) -> Judgement:
        """Return what is found out within so much of this process's time, checking included."""
        return self._proved(self._search(time.process_time() + SEARCHING * seconds, MOST_ENDS))

    @cached_property
    def _inside(self) -> Box:
        """Floating-point numbers between the limits, as far apart as possible."""
        low, high = (np.array([nearest_float(value) for value in end]) for end in (self._low, self._high))
        below = [Fraction(a) < value for a, value in zip(low.tolist(), self._low, strict=True)]
        above = [Fraction(a) > value for a, value in zip(high.tolist(), self._high, strict=True)]
        low, high = np.where(below, np.nextafter(low, np.inf), low), np.where(above, np.nextafter(high, -np.inf), high)
        return Box(low, high)

    def _search(self, until: float, most: int) -> Search:
        """Return the search for a proof."""
        low, high = (np.array([nearest_float(value) for value in end]) for end in (self._low, self._high))
        return Search(self._of.steps, Box(low, high), self._own, self._is_other, (until, most))

    def _is_other(self, point: Array) -> bool:
        """Whether an input has another class."""
        return self._refuted(point).verdict == "refuted"

    def _proved(self, search: Search) -> Judgement:
        """Return what comes of a search."""
        try:
            return self._certified(search.proof({}))
        except Unproved as failed:
            return self._refuted(failed.point)

    def _refuted(self, point: Array | None) -> Judgement:
        """Return what an input shows."""
        if point is not None and np.isfinite(point).all():
            near = np.clip(point, self._inside.low, self._inside.high).reshape(self._x.shape)
            if (other := self._of.class_instead(near, self._own)) is not None:
                return Judgement("refuted", None, near, other)
        return Judgement("undecided")

    def _certified(self, proof: Any) -> Judgement:
        """Return what the checker says to a proof."""
        low, high = ([text_of(value) for value in end] for end in (self._low, self._high))
        numbers = {"steps": self._of.written, "low": low, "high": high, "class": [self._own], "proof": proof}
        certificate = write("robustness", numbers, self._of.data)
        accepted = verify(certificate, self._of.data)
        return Judgement("certified", certificate) if accepted else Judgement("undecided")
