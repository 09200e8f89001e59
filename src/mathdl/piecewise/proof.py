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
from mathdl.piecewise.zonotope import Bends, Numbered, Zonotope, follow

Array = NDArray[Any]
Proof = Any  # as certificates hold it: lists of lists, and a dictionary at each end
MARGIN = 1e-7  # chosen: of the size of the outputs, by which floating-point numbers have to prove it
PENALTY = 1e3  # chosen: what it costs that a relation does not hold, of the size of the outputs: so factors are bounded
FACTOR_BITS = 24  # chosen: of the factors' fractions
MOST_ENDS = 1000  # chosen: of a proof with its splits, which the checker follows one by one


class Box(NamedTuple):
    """The limits of the inputs, and the class that all of them should have."""

    low: Array
    high: Array
    own: int


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
    """The proof for one box; limits are until when, in this process's time, and the most ends and splits."""

    def __init__(
        self,
        steps: Sequence[Numbered],
        box: Box,
        is_counterexample: Callable[[Array], bool],
        limits: tuple[float, int],
    ) -> None:
        self._steps, self._box, self._is_counterexample, self._ends = steps, box, is_counterexample, 0
        self._until, self._most = limits

    def at_once(self) -> Proof | None:
        """Return a proof without linear programs; None where there is none."""
        with np.errstate(over="ignore", invalid="ignore"):
            outputs, _ = follow(self._steps, self._box.low, self._box.high, {})
        return {} if all(_least(d) > _room(d) for _, d in _differences(outputs, self._box.own)) else None

    def proof(self, taken: Mapping[int, bool]) -> Proof:
        """Return a proof for the inputs for which kinks are on some sides; raise Unproved where there is none."""
        self._ends += 1
        if self._ends > self._most or time.process_time() > self._until:
            raise Unproved
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._end(taken)
        if not isinstance(found, _Failed):
            return found
        if self._is_counterexample(found.point) or found.kink < 0:
            raise Unproved(found.point)
        return [found.kink, *(self.proof({**taken, found.kink: side}) for side in (True, False))]

    def _end(self, taken: Mapping[int, bool]) -> dict[str, Any] | _Failed:
        """Return the factors of every other class; or where one may be larger."""
        outputs, bends = follow(self._steps, self._box.low, self._box.high, taken)
        differences = sorted(_differences(outputs, self._box.own), key=lambda pair: _least(pair[1]))
        relations, factors = _relations(bends, outputs.factors.shape[1]), {}
        for other, difference in differences:
            if _least(difference) > _room(difference):
                continue
            e, weights = _least_with(difference, relations)
            weights = np.round(weights * 2.0**FACTOR_BITS) / 2.0**FACTOR_BITS
            left = Zonotope(
                difference.centre - weights @ relations.centre, difference.factors - weights @ relations.factors
            )
            if _least(left) <= _room(difference):
                size = len(self._box.low)
                point = (self._box.low + self._box.high) / 2 + (self._box.high - self._box.low) / 2 * e[:size]
                return _Failed(point, _furthest(bends, left, e))
            factors[str(other)] = _written(bends, weights)
        return factors


def _differences(outputs: Zonotope, own: int) -> list[tuple[int, Zonotope]]:
    """Return by how much an output is larger than each other one; a single one is compared with 0."""
    if len(outputs.centre) == 1:
        sign = 1 if own else -1
        return [(1 - own, Zonotope(sign * outputs.centre[0], sign * outputs.factors[0]))]
    others = [k for k in range(len(outputs.centre)) if k != own]
    return [(k, Zonotope(*(x[own] - x[k] for x in outputs))) for k in others]


def _least(difference: Zonotope) -> float:
    """Return the least value of one number."""
    return float(difference.centre - np.abs(difference.factors).sum())


def _room(difference: Zonotope) -> float:
    """Return by how much more than 0 a number should be, so that rounding does not matter."""
    return MARGIN * float(abs(difference.centre) + np.abs(difference.factors).sum())


def _relations(bends: Sequence[Bends], width: int) -> Zonotope:
    """Return what is never negative: of every kink its value less either slope times its argument, or minus that."""
    centres, rows = [np.zeros(0)], [np.zeros((0, width))]
    for bend in bends:
        sign = np.where(bend.above > bend.below, 1.0, -1.0)
        both = [bend.values.minus(slope, bend.arguments) for slope in (bend.below, bend.above)]
        centres.append(np.stack([sign * x.centre for x in both], axis=1).ravel())
        factors = np.stack([sign[:, None] * x.factors for x in both], axis=1).reshape(-1, both[0].factors.shape[1])
        rows.append(np.pad(factors, ((0, 0), (0, width - factors.shape[1]))))
    return Zonotope(np.concatenate(centres), np.concatenate(rows))


def _least_with(difference: Zonotope, relations: Zonotope) -> tuple[Array, Array]:
    """Return where a number is least while the relations hold, and the factors of these that show it."""
    from scipy.optimize import linprog

    count, width = relations.factors.shape
    scale = float(abs(difference.centre) + np.abs(difference.factors).sum()) or 1.0
    sizes = np.abs(relations.centre) + np.abs(relations.factors).sum(axis=1)
    sizes = np.where(sizes > 0, sizes, 1.0)
    if not np.isfinite([scale, *sizes]).all():
        return np.zeros(width), np.zeros(count)
    matrix = np.hstack([-relations.factors / sizes[:, None], -np.ones((count, 1))])
    found = linprog(
        np.append(difference.factors / scale, PENALTY),
        A_ub=matrix if count else None,
        b_ub=relations.centre / sizes if count else None,
        bounds=[(-1, 1)] * width + [(0, None)],
        method="highs",
    )
    if found.x is None:
        return np.zeros(width), np.zeros(count)
    weights = np.maximum(-found.ineqlin.marginals, 0.0) if count else np.zeros(0)
    return found.x[:-1], weights * scale / sizes


def _furthest(bends: Sequence[Bends], left: Zonotope, e: Array) -> int:
    """Return the open kink whose value at a point is furthest from the right one, times what is left of its number.

    That is how much the difference would grow, were the value the right one. -1 where there is no open kink.
    """
    best, kink = 0.0, -1
    for bend in bends:
        argument, value = (x.centre + x.factors @ e[: x.factors.shape[1]] for x in (bend.arguments, bend.values))
        off = np.abs(value - np.where(argument > 0, bend.above, bend.below) * argument)
        before, behind = (x.factors.shape[1] for x in (bend.arguments, bend.values))
        new = np.abs(bend.values.factors[:, before:])
        width = new.sum(axis=1)
        scores = off * ((new > 0) @ np.abs(left.factors[before:behind])) / np.where(width > 0, width, 1.0)
        if scores.size and scores.max() > best:
            best, kink = float(scores.max()), int(bend.numbers[np.argmax(scores)])
    return kink


def _written(bends: Sequence[Bends], weights: Array) -> list[list[Any]]:
    """Return the factors that are not 0 as certificates hold them."""
    numbers = [int(k) for bend in bends for k in bend.numbers]
    pairs = zip(numbers, weights.reshape(-1, 2).tolist(), strict=True)
    return [[kink, *map(text_of, pair)] for kink, pair in pairs if any(pair)]
