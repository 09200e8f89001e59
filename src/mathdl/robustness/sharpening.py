"""Branch and bound: bounds of a network's outputs sharpened by halving the box, or at kinks, whichever pays.

With few inputs halving the box brings more, with many inputs and a small box linear programs and splits at kinks.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.pieces import Affine, Piece
from mathdl.networks.float_steps import outputs_of
from mathdl.networks.intervals import Box
from mathdl.robustness.relations import Least, furthest, least, relations_of
from mathdl.robustness.time_shares import in_turn
from mathdl.robustness.zonotope import follow, linear_bounds, numbered

Array = NDArray[Any]
TRIED, HALVED = 10, 8  # chosen: rounds of both ways before the better one goes on, and halved boxes in each
ROUNDED = 1e-12  # chosen: so near, as a share of the values, bounds only differ by rounding
CLOSE = 1e-4  # chosen: a bound this near to a value that is taken, as a share of how far it was first, is sharp


def sharpened_bounds(steps: Sequence[Piece], box: Box, seconds: float) -> Box:
    """Return bounds behind the steps, as sharp as they get within so much of this process's time."""
    low, high = (end.copy() for end in linear_bounds(steps, box))
    for done, share in in_turn(2 * len(low), seconds):
        k, is_upper = divmod(done, 2)
        row = np.zeros((1, len(low)))
        row[0, k] = -1.0 if is_upper else 1.0
        bound = _Smallest(steps, row).bound(box, share)
        if is_upper:
            high[k] = min(high[k], -bound)
        else:
            low[k] = max(low[k], bound)
    return Box(low, high)


class _Part(NamedTuple):
    """A part of the box, and of what is done there: its bound, its limits, and which kinks are on which side."""

    bound: float
    number: int
    box: Box
    taken: dict[int, bool]
    where: int  # it is split next: an input, or a kink, or -1


class _Smallest:
    """The least value of a combination of outputs; ``taken`` is the least that was seen at a point."""

    def __init__(self, steps: Sequence[Piece], row: Array) -> None:
        self._steps, self._numbered, self._taken = steps, numbered(steps), np.inf
        self._row = Affine(row, np.zeros(1))

    def bound(self, box: Box, seconds: float) -> float:
        """Return a lower bound of it on a box: of splits at kinks and of the box, those go on that bring more."""
        until = time.process_time() + seconds
        trees = [_Tree(self, box, at_kinks) for at_kinks in (True, False)]
        first = best = max(tree.bound for tree in trees)
        rounds = 0
        while trees and best < self._taken - CLOSE * (self._taken - first) - ROUNDED * (abs(first) + abs(self._taken)):
            if rounds == TRIED:
                trees = [max(trees, key=lambda tree: tree.bound)]
            for tree in trees:
                for _ in range(1 if tree.at_kinks else HALVED):
                    if time.process_time() > until:
                        return best
                    tree.grow()
                    best = max(best, tree.bound)
            trees = [tree for tree in trees if tree.can_grow]
            rounds += 1
        return best

    @np.errstate(over="ignore", invalid="ignore")
    def part(self, known: float, number: int, box: Box, taken: dict[int, bool], at_kinks: bool) -> _Part:
        """Return a part with its bound, which is no worse than a known one."""
        found = follow(self._numbered, box, taken if at_kinks else None)
        value = found.outputs.after(self._row)
        if at_kinks:
            lowest = least(value, relations_of(found.bends, value.factors.shape[1]))
            where = furthest(found.bends, lowest)
        else:
            lowest = Least(value, -np.sign(value.factors[0]), np.zeros(0))
            where = _widest(box, value.factors[0])
        bound = float(np.fmax(known, lowest.left.bounds.low[0]))
        self._look_at(np.clip((box.low + box.high) / 2 + (box.high - box.low) / 2 * lowest.point[: len(box.low)], *box))
        return _Part(bound, number, box, taken, where)

    def _look_at(self, point: Array) -> None:
        """Remember the value at a point."""
        value = self._row.matrix @ outputs_of(self._steps, point[:, None])[0]
        self._taken = min(self._taken, float(value[0, 0]))


class _Tree:
    """A box in parts, each split in the same way where it has the least bound."""

    def __init__(self, of: _Smallest, box: Box, at_kinks: bool) -> None:
        self._of, self.at_kinks, self._made = of, at_kinks, 0
        self._parts = [of.part(-np.inf, 0, box, {}, at_kinks)]

    @property
    def bound(self) -> float:
        """The least bound of all parts."""
        return self._parts[0].bound

    @property
    def can_grow(self) -> bool:
        """Whether the part with the least bound can be split."""
        return self._parts[0].where >= 0

    def grow(self) -> None:
        """Split the part with the least bound."""
        if not self.can_grow:
            return
        bound, _, box, taken, where = heapq.heappop(self._parts)
        for side in (False, True):
            half = (box, {**taken, where: side}) if self.at_kinks else (_halved(box, where, side), taken)
            self._made += 1
            heapq.heappush(self._parts, self._of.part(bound, self._made, *half, self.at_kinks))


def _widest(box: Box, factors: Array) -> int:
    """Return the input with which the value may change most; -1 where none can be halved, or no kink is in the way."""
    middle = box.low / 2 + box.high / 2
    if not factors[len(middle) :].any():
        return -1
    changes = np.where((box.low < middle) & (middle < box.high), np.abs(factors[: len(middle)]), -1.0)
    return int(np.argmax(changes)) if changes.max() >= 0 else -1


def _halved(box: Box, k: int, upper: bool) -> Box:
    """Return a half of a box."""
    ends = [end.copy() for end in box]
    ends[1 - upper][k] = box.low[k] / 2 + box.high[k] / 2
    return Box(*ends)
