"""A network on a box: its numbers as affine functions of numbers from -1 to 1, and how far rounding may have led them.

Where the argument of a kink takes both signs, its value is a multiple of it, a constant, and a new number from -1 to 1.
Certificates of robustness follow a network in the same way: what is computed here in floating point finds proofs, which
the checker (``certificates/relaxed.py``) goes through exactly; and what rounding adds makes bounds of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.kernels.polygons import TINY
from mathdl.layers.pieces import Affine, Kinks, Largest, Piece
from mathdl.networks.intervals import Box, after
from mathdl.networks.rounded import UNIT

Array = NDArray[Any]
MAX_FACTORS = 2**25  # chosen: of what lies behind a step, a quarter of a gigabyte; further kinks only widen the error


@dataclass(frozen=True, eq=False)
class Zonotope:
    """The numbers ``centre + factors e``, e from -1 to 1, give or take an error."""

    centre: Array
    factors: Array
    error: Array

    @cached_property
    def spread(self) -> Array:
        """How far each number may be from its centre, about, but for the error."""
        return np.asarray(np.abs(self.factors).sum(axis=1))

    @property
    def reach(self) -> Array:
        """How far each number may be from its centre, about."""
        return self.spread + self.error

    @property
    def bounds(self) -> Box:
        """What the numbers lie between."""
        reach = self.reach * (1 + (self.factors.shape[1] + 8) * UNIT)
        low, high = np.nextafter(self.centre - reach, -np.inf), np.nextafter(self.centre + reach, np.inf)
        return Box(np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high))

    def at(self, places: Array) -> Zonotope:
        """Return some of the numbers."""
        return Zonotope(self.centre[places], self.factors[places], self.error[places])

    def after(self, step: Affine) -> Zonotope:
        """Return affine functions of the numbers."""
        matrix, size, width = step.matrix, abs(step.matrix), self.factors.shape[1]
        with one_thread():
            centre, factors = matrix @ self.centre + step.offset, matrix @ self.factors
            scale, error = (size @ np.stack([np.abs(self.centre) + self.reach, self.error], axis=1)).T
            error = error + 2 * (size.shape[1] + 8) * (UNIT * (scale + np.abs(step.offset)) + (width + 8) * TINY)
        if step.divisor == 1:
            return Zonotope(centre, factors, error)
        return Zonotope(centre / step.divisor, factors / step.divisor, error / step.divisor)

    def beside(self, other: Zonotope) -> Zonotope:
        """Return the numbers and others of as many factors."""
        pairs = zip((self.centre, self.factors, self.error), (other.centre, other.factors, other.error), strict=True)
        return Zonotope(*map(np.concatenate, pairs))

    def minus(self, slopes: Array, other: Zonotope) -> Zonotope:
        """Return the numbers less slopes times others, which came before."""
        factors = self.factors.copy()
        factors[:, : other.factors.shape[1]] -= slopes[:, None] * other.factors
        scale = np.abs(self.centre) + self.reach + np.abs(slopes) * (np.abs(other.centre) + other.reach)
        rounding = 8 * (UNIT * scale + factors.shape[1] * TINY)
        error = self.error + np.abs(slopes) * other.error + rounding
        return Zonotope(self.centre - slopes * other.centre, factors, error)


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


class Followed(NamedTuple):
    """The outputs over a box, the kinks on the way, and what lies before each step of kinks."""

    outputs: Zonotope
    bends: list[Bends]
    before: list[Box]


def numbered(steps: Sequence[Piece]) -> list[Numbered]:
    """Return the steps, maxima made of kinks, with numbers in the order in which a certificate counts kinks."""
    found: list[Numbered] = []
    first = 0
    for step in steps:
        if isinstance(step, Largest):
            real = (step.blocks != step.blocks[:, :1]).any(axis=1)
            width = step.blocks.shape[1] - 1
            found += _of_maxima(step, np.where(real, first + width * (np.cumsum(real) - 1), -1))
            first += width * int(real.sum())
        elif isinstance(step, Kinks):
            bends = step.below != step.above
            found.append(Numbered(step, np.where(bends, first + np.cumsum(bends) - 1, -1)))
            first += int(bends.sum())
        else:
            found.append(Numbered(step, np.full(0, -1)))
    return found


def _of_maxima(step: Largest, starts: Array) -> Iterator[Numbered]:
    """Yield steps that make maxima: of two numbers a and b the larger is a + max(b - a, 0), in rounds.

    The kinks of each block are counted from its start, one round behind the other.
    """
    from scipy.sparse import eye_array, hstack, vstack

    (blocks, inputs), count = step, len(step.blocks)
    while True:
        half, odd = divmod(blocks.shape[1], 2)
        left, right = blocks[:, : 2 * half : 2].ravel(), blocks[:, 1 : 2 * half : 2].ravel()
        kept, numbers = np.concatenate([left, blocks[:, 2 * half :].ravel()]), starts[:, None] + np.arange(half)
        inputs, chosen = len(kept), eye_array(inputs, format="csr")
        yield _plain(vstack([chosen[kept], chosen[right] - chosen[left]], format="csr"))
        numbers = np.where(starts[:, None] < 0, -1, numbers).ravel()
        slopes = np.repeat([1.0, 0.0], [inputs, len(left)])
        yield Numbered(Kinks(slopes, np.ones(len(slopes))), np.append(np.full(inputs, -1), numbers))
        yield _plain(hstack([eye_array(inputs), eye_array(inputs, len(left))], format="csr"))
        if half + odd <= 1:
            return
        starts = np.where(starts < 0, -1, starts + half)
        places = np.arange(inputs)
        blocks = np.hstack([places[: len(left)].reshape(count, half), places[len(left) :].reshape(count, odd)])


def _plain(matrix: Any) -> Numbered:
    """Return M x."""
    return Numbered(Affine(matrix, np.zeros(matrix.shape[0])), np.full(0, -1))


@np.errstate(over="ignore", invalid="ignore")
def follow(steps: Sequence[Numbered], box: Box, taken: Mapping[int, bool] | None = None) -> Followed:
    """Follow a network over a box; the kinks on the way are kept where some may be taken to be on one side."""
    middle = box.low / 2 + box.high / 2
    reach = np.maximum(box.high - middle, middle - box.low)
    x = Zonotope(middle, np.diag(reach), UNIT * reach + TINY)
    bends, before = list[Bends](), list[Box]()
    for step, numbers in steps:
        if isinstance(step, Affine):
            x = x.after(step)
            continue
        before.append(x.bounds)
        sides = np.array([2 * taken[k] - 1 if k in taken else 0 for k in numbers.tolist()]) if taken else 0
        argument, (x, doubtful) = x, _bent(step, x, before[-1], sides)
        if taken is not None and doubtful.size:
            pair = argument.at(doubtful), x.at(doubtful)
            bends.append(Bends(numbers[doubtful], *pair, step.below[doubtful], step.above[doubtful]))
    return Followed(x, bends, before)


@np.errstate(over="ignore", invalid="ignore")
def linear_bounds(steps: Sequence[Piece], box: Box) -> Box:
    """Return bounds behind the steps, none of which is worse than by intervals."""
    found = follow(numbered(steps), box).outputs.bounds
    for step in steps:
        box = after(step, box)
    return Box(np.maximum(found.low, box.low), np.minimum(found.high, box.high))


def _bent(step: Kinks, x: Zonotope, within: Box, sides: Any) -> tuple[Zonotope, Array]:
    """Return the numbers behind kinks, and which have a new number from -1 to 1, or are taken to be on one side.

    Where only the error reaches over to the other side, so does that of the value, and there is no new number.
    """
    (low, high), width, free = within, x.factors.shape[1], (sides == 0) & (step.below != step.above)
    open_ = free & (x.centre - x.spread < 0) & (x.centre + x.spread > 0)
    slopes = np.where((sides > 0) | ((sides == 0) & (x.centre - x.spread >= 0)), step.above, step.below)
    chords = (step.above * high - step.below * low) / np.where(open_, high - low, 1.0)
    slopes = np.where(open_ & np.isfinite(chords), chords, slopes)
    # With any slope s, f(x) - s x is least and largest at an end of the interval or at 0.
    ends = (step.below - slopes) * np.minimum(low, 0.0), (step.above - slopes) * np.maximum(high, 0.0)
    off = np.stack([*ends, np.zeros_like(low)])
    least, most = np.where(free, off.min(axis=0), 0.0), np.where(free, off.max(axis=0), 0.0)
    radius, rounded = np.where(open_, (most - least) / 2, 0.0), open_ | ~np.isin(slopes, (-1.0, 0.0, 1.0))
    scale = np.abs(slopes) * (np.abs(x.centre) + x.reach) + 4 * (np.abs(least) + np.abs(most))
    error = np.abs(slopes) * x.error + rounded * 8 * (UNIT * scale + (width + 8) * TINY)
    error += np.where(open_, 0.0, (1 + 8 * UNIT) * np.maximum(-least, most))
    rows = np.flatnonzero(open_)
    room = max(0, MAX_FACTORS // len(low) - width)
    if len(rows) > room:
        order = np.argsort(-radius[rows], kind="stable")
        error[rows[order[room:]]] += radius[rows[order[room:]]] * (1 + 4 * UNIT)
        rows = np.sort(rows[order[:room]])
    new = np.zeros((len(low), len(rows)))
    new[rows, np.arange(len(rows))] = radius[rows]
    middle = np.where(open_, (least + most) / 2, 0.0)
    found = Zonotope(slopes * x.centre + middle, np.hstack([slopes[:, None] * x.factors, new]), error)
    return found, np.flatnonzero(open_ | (sides != 0))
