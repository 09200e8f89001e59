"""A network on a box: its numbers as affine functions of numbers from -1 to 1, as certificates of robustness do it.

What is computed here in floating point finds proofs; the checker (``certificates/relaxed.py``) does it exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.layers.pieces import Affine, Kinks, Largest, Piece
from mathdl.piecewise.relaxation import without_maxima

Array = NDArray[Any]


class Zonotope(NamedTuple):
    """The numbers ``centre + factors e``, e from -1 to 1."""

    centre: Array
    factors: Array

    @property
    def reach(self) -> Array:
        """How far each number may be from its centre."""
        return np.asarray(np.abs(self.factors).sum(axis=1))

    def at(self, places: Array) -> Zonotope:
        """Return some of the numbers."""
        return Zonotope(self.centre[places], self.factors[places])

    def minus(self, slopes: Array, other: Zonotope) -> Zonotope:
        """Return the numbers less slopes times others, which came before."""
        factors = self.factors.copy()
        factors[:, : other.factors.shape[1]] -= slopes[:, None] * other.factors
        return Zonotope(self.centre - slopes * other.centre, factors)


class Numbered(NamedTuple):
    """A step, and of kinks the numbers by which a certificate knows them, -1 where there is none."""

    step: Affine | Kinks
    numbers: Array


class Bends(NamedTuple):
    """Kinks whose arguments take both signs, or are taken to be on one side: numbers, arguments, values and slopes."""

    numbers: Array
    arguments: Zonotope
    values: Zonotope
    below: Array
    above: Array


def numbered(steps: Sequence[Piece]) -> list[Numbered]:
    """Return the steps, maxima made of kinks, with numbers in the order in which a certificate counts kinks."""
    found: list[Numbered] = []
    first = 0
    for step in steps:
        if isinstance(step, Largest):
            real = (step.blocks != step.blocks[:, :1]).any(axis=1)
            width = step.blocks.shape[1] - 1
            starts = np.where(real, first + width * (np.cumsum(real) - 1), -1)
            found += _of_maxima(step, starts)
            first += width * int(real.sum())
        else:
            numbers = np.full(0, -1)
            if isinstance(step, Kinks):
                bends = step.below != step.above
                numbers = np.where(bends, first + np.cumsum(bends) - 1, -1)
                first += int(bends.sum())
            found.append(Numbered(step, numbers))
    return found


def _of_maxima(step: Largest, starts: Array) -> Iterator[Numbered]:
    """Yield the steps of maxima: each block's kinks are counted from its start, one round behind the other."""
    before = 0
    for part in without_maxima(step):
        numbers = np.full(0, -1)
        if isinstance(part, Kinks):
            numbers = np.full(len(part.below), -1)
            bends = np.flatnonzero(part.below != part.above)
            pairs = len(bends) // len(starts)
            own = np.where(starts[:, None] >= 0, starts[:, None] + before + np.arange(pairs), -1)
            numbers[bends] = own.ravel()
            before += pairs
        yield Numbered(part, numbers)


def follow(
    steps: Sequence[Numbered], low: Array, high: Array, taken: Mapping[int, bool]
) -> tuple[Zonotope, list[Bends]]:
    """Return the outputs over a box, and the kinks on the way, some of which are taken to be on one side."""
    x, found = Zonotope((low + high) / 2, np.diag((high - low) / 2)), []
    with one_thread():
        for step, numbers in steps:
            if isinstance(step, Affine):
                centre = (step.matrix @ x.centre + step.offset) / step.divisor
                x = Zonotope(centre, (step.matrix @ x.factors) / step.divisor)
                continue
            argument, (x, doubtful) = x, _bent(step, numbers, x, taken)
            if doubtful.size:
                sides = argument.at(doubtful), x.at(doubtful), step.below[doubtful], step.above[doubtful]
                found.append(Bends(numbers[doubtful], *sides))
    return x, found


def _bent(step: Kinks, numbers: Array, x: Zonotope, taken: Mapping[int, bool]) -> tuple[Zonotope, Array]:
    """Return the numbers behind kinks, and which have a new number from -1 to 1, or are taken to be on one side."""
    low, high = x.centre - x.reach, x.centre + x.reach
    sides = np.array([(2 * taken[k] - 1) if k in taken else 0 for k in numbers.tolist()])
    open_ = (sides == 0) & (low < 0) & (high > 0) & (step.below != step.above)
    slopes = np.where((sides > 0) | ((sides == 0) & (low >= 0)), step.above, step.below)
    chords = (step.above * high - step.below * low) / np.where(open_, high - low, 1.0)
    slopes = np.where(open_, chords, slopes)
    values = np.stack([(step.below - slopes) * low, (step.above - slopes) * high, np.zeros_like(low)])
    least, most = (np.where(open_, best, 0.0) for best in (values.min(axis=0), values.max(axis=0)))
    rows = np.flatnonzero(open_)
    new = np.zeros((len(low), len(rows)))
    new[rows, np.arange(len(rows))] = (most[rows] - least[rows]) / 2
    factors = np.hstack([slopes[:, None] * x.factors, new])
    return Zonotope(slopes * x.centre + (least + most) / 2, factors), np.flatnonzero(open_ | (sides != 0))
