"""The search for a proof that all inputs of a box have one class, by linear programs and by splitting at kinks.

An end of the proof follows the network as affine functions (``zonotope.py``). The difference of two outputs is least
where the kinks' relations hold: a linear program, whose dual solution is the proof. Where the least value is negative,
the kink that is furthest from being one there is taken to be on one side, and on the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates.rationals import text_of
from mathdl.layers.pieces import Affine
from mathdl.networks.intervals import Box
from mathdl.robustness.class_differences import class_differences
from mathdl.robustness.relations import furthest, least, relations_of
from mathdl.robustness.zonotope import Bends, Numbered, Zonotope, follow

Array = NDArray[Any]
Proof = Any  # as certificates hold it: lists of lists, and a dictionary at each end
MARGIN = 1e-7  # chosen: of the size of the outputs, by which floating-point numbers have to prove it
MOST_ENDS = 1000  # chosen: of a proof with its splits, which the checker follows one by one


class Unproved(Exception):
    """There is no proof within the limits; ``point`` is an input that may have another class."""

    def __init__(self, point: Array | None = None) -> None:
        super().__init__()
        self.point = point


class _Failed(NamedTuple):
    """Where a difference may be negative, and the kink to split at."""

    point: Array
    kink: int


class Search:
    """The proof that a box has a class; limits are until when, in this process's time, and the most ends and splits."""

    def __init__(
        self,
        steps: Sequence[Numbered],
        box: Box,
        own: int,
        is_counterexample: Callable[[Array], bool],
        limits: tuple[float, int],
    ) -> None:
        self._steps, self._box, self._own, self._is_counterexample, self._ends = steps, box, own, is_counterexample, 0
        self._until, self._most = limits

    @np.errstate(over="ignore", invalid="ignore")
    def at_once(self) -> Proof | None:
        """Return a proof without linear programs; None where there is none."""
        return None if self._open(follow(self._steps, self._box).outputs) else {}

    @np.errstate(over="ignore", invalid="ignore")
    def proof(self, taken: Mapping[int, bool]) -> Proof:
        """Return a proof for the inputs for which kinks are on some sides; raise Unproved where there is none."""
        self._ends += 1
        if self._ends > self._most or time.process_time() > self._until:
            raise Unproved
        found = self._end(taken)
        if not isinstance(found, _Failed):
            return found
        if self._is_counterexample(found.point) or found.kink < 0:
            raise Unproved(found.point)
        return [found.kink, *(self.proof({**taken, found.kink: side}) for side in (True, False))]

    def _end(self, taken: Mapping[int, bool]) -> dict[str, Any] | _Failed:
        """Return the factors of every other class; or where one may be larger."""
        outputs, bends, _ = follow(self._steps, self._box, taken)
        relations, factors = relations_of(bends, outputs.factors.shape[1]), {}
        for other, difference in self._open(outputs):
            found = least(difference, relations)
            if found.left.bounds.low[0] <= _room(difference):
                (low, high), e = self._box, found.point[: len(self._box.low)]
                return _Failed((low + high) / 2 + (high - low) / 2 * e, furthest(bends, found))
            factors[str(other)] = _written(bends, found.factors)
        return factors

    def _open(self, outputs: Zonotope) -> list[tuple[int, Zonotope]]:
        """Return by how much the output may be larger than each other one, where that may be negative, the least first.

        A single output is compared with 0.
        """
        count = len(outputs.centre)
        others = [k for k in range(max(count, 2)) if k != self._own]
        rows = class_differences(self._own, count)
        differences = outputs.after(Affine(rows, np.zeros(len(rows))))
        lows = differences.bounds.low
        found = [(k, differences.at(np.array([place]))) for place, k in enumerate(others)]
        return [found[place] for place in np.argsort(lows, kind="stable") if not lows[place] > _room(found[place][1])]


def _room(difference: Zonotope) -> float:
    """Return by how much more than 0 a number should be, so that rounding does not matter."""
    return MARGIN * float(abs(difference.centre[0]) + difference.reach[0])


def _written(bends: Sequence[Bends], weights: Array) -> list[list[Any]]:
    """Return the factors that are not 0 as certificates hold them."""
    numbers = [int(k) for bend in bends for k in bend.numbers]
    pairs = zip(numbers, weights.reshape(-1, 2).tolist(), strict=True)
    return [[kink, *map(text_of, pair)] for kink, pair in pairs if any(pair)]
