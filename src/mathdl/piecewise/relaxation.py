"""Linear relaxation (CROWN): kinks between two affine functions, followed from the outputs back to the inputs.

Products and sums in floating point are off by less than a multiple of the sum of their sizes, and the sizes of the
numbers of the network are known, so that every step adds its rounding to one number for each bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.kernels.polygons import TINY
from mathdl.layers.pieces import Affine, Kinks, Largest, Piece
from mathdl.networks.intervals import Box, after
from mathdl.networks.rounded import UNIT

Array = NDArray[Any]
MAX_NUMBERS = 2**23  # chosen: of the affine functions that are followed at once


class Between(NamedTuple):
    """Two affine functions of each number, one below and one above: slopes and constants."""

    slopes: tuple[Array, Array]
    constants: tuple[Array, Array]


class Relaxed(NamedTuple):
    """A step with the sizes of the numbers before it: an affine function, or functions around kinks."""

    step: Affine | Between
    sizes: Array


class Relaxation(NamedTuple):
    """Steps relaxed over a box, the affine functions and kinks among them with the box before each, and that behind."""

    steps: list[Relaxed]
    parts: list[tuple[Affine | Kinks, Box]]
    behind: Box


def relaxation(steps: Sequence[Piece], box: Box, within: Mapping[int, Box] | None = None) -> Relaxation:
    """Follow a box through steps; before kinks it is, of intervals and linear relaxation, the smaller one.

    ``within`` has boxes that hold what goes into parts, by their places; then inputs count for which it does.
    """
    inputs, found, parts = box, list[Relaxed](), list[tuple[Affine | Kinks, Box]]()
    for step in steps:
        plain = after(step, box)
        for part in without_maxima(step):
            known = None if within is None else within.get(len(parts))
            if known is not None:
                box = Box(np.maximum(box.low, known.low), np.minimum(box.high, known.high))
            if isinstance(part, Affine):
                found.append(Relaxed(part, box.sizes))
            else:
                doubtful = np.flatnonzero((box.low < 0) & (box.high > 0) & (part.below != part.above))
                box = _tightened(found, inputs, box, doubtful)
                found.append(Relaxed(between(part, box), box.sizes))
            parts.append((part, box))
            box = after(part, box)
        box = Box(np.maximum(box.low, plain.low), np.minimum(box.high, plain.high))
    return Relaxation(found, parts, box)


def linear_bounds(steps: Sequence[Piece], box: Box) -> Box:
    """Return bounds behind the steps: of intervals and linear relaxation the better ones."""
    found = relaxation(steps, box)
    return _tightened(found.steps, box, found.behind, np.arange(len(found.behind.low)))


def without_maxima(step: Piece) -> Iterator[Affine | Kinks]:
    """Yield steps that make the same: of two numbers a and b the larger is a + max(b - a, 0)."""
    from scipy.sparse import csr_array

    if not isinstance(step, Largest):
        yield step
        return
    blocks, inputs = step.blocks, step.inputs
    count, width = blocks.shape
    while True:
        half = width // 2
        left, right = blocks[:, : 2 * half : 2].ravel(), blocks[:, 1 : 2 * half : 2].ravel()
        kept = np.concatenate([left, blocks[:, 2 * half :].ravel()])
        rows = np.concatenate([np.arange(len(kept)), *[len(kept) + np.arange(len(left))] * 2])
        entries = np.concatenate([np.ones(len(kept) + len(right)), -np.ones(len(left))])
        shape = (len(kept) + len(left), inputs)
        yield _plain(csr_array((entries, (rows, np.concatenate([kept, right, left]))), shape=shape))
        yield Kinks(np.repeat([1.0, 0.0], [len(kept), len(left)]), np.ones(shape[0]))
        places = np.concatenate([np.arange(len(kept)), np.arange(len(left))])
        sums = csr_array((np.ones(shape[0]), (places, np.arange(shape[0]))), shape=(len(kept), shape[0]))
        yield _plain(sums)
        inputs, width = len(kept), half + width % 2
        pairs = np.arange(len(left)).reshape(count, half)
        blocks = np.hstack([pairs, len(left) + np.arange(count)[:, None]]) if width > half else pairs
        if width == 1:
            return


def _plain(matrix: Any) -> Affine:
    """Return M x."""
    return Affine(matrix, np.zeros(matrix.shape[0]))


def between(step: Kinks, box: Box) -> Between:
    """Return affine functions around kinks: the chord on one side, on the other one of the two slopes.

    With any slope s, f(x) - s x is least and largest at an end of the interval or at 0.
    """
    straddles = (box.low < 0) & (box.high > 0)
    ends = [np.where(x > 0, step.above, step.below) for x in box]
    other = np.where(straddles & (box.high <= -box.low), step.below, ends[1])
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        chord = (step.above * box.high - step.below * box.low) / (box.high - box.low)
        chord = np.where(straddles & (step.below != step.above) & np.isfinite(chord), chord, other)
        convex = step.above >= step.below
        slopes = np.where(convex, other, chord), np.where(convex, chord, other)
        constants = []
        for slope, sign, best in zip(slopes, (-1, 1), (np.minimum, np.maximum), strict=True):
            values = [(end - slope) * x for end, x in zip(ends, box, strict=True)]
            value = best(*values)
            value = np.where(straddles, best(value, 0.0), value)
            constants.append(value + sign * (value != 0) * (4 * UNIT * np.abs(value) + TINY))
    return Between(slopes, (constants[0], constants[1]))


def _tightened(steps: Sequence[Relaxed], inputs: Box, box: Box, places: Array) -> Box:
    """Return a box with some of its numbers bounded by relaxation, too."""
    low, high = (end.copy() for end in box)
    chunk = max(1, MAX_NUMBERS // max([len(box.low), *(len(step.sizes) for step in steps)]))
    for some in (places[k : k + chunk] for k in range(0, len(places), chunk)):
        rows = np.zeros((2 * len(some), len(low)))
        rows[np.arange(len(some)), some], rows[len(some) + np.arange(len(some)), some] = 1.0, -1.0
        least = lower_bounds(steps, inputs, rows)
        low[some] = np.fmax(low[some], least[: len(some)])
        high[some] = np.fmin(high[some], -least[len(some) :])
    return Box(low, high)


def lower_bounds(steps: Sequence[Relaxed], inputs: Box, rows: Array) -> Array:
    """Return lower bounds of combinations, in rows, of the numbers behind the steps; NaN where they overflow."""
    return least(functions_below(steps, inputs, rows)[0], inputs)


class Functions(NamedTuple):
    """Affine functions of the inputs: slopes, in rows, and constants."""

    slopes: Array
    constants: Array


def functions_below(steps: Sequence[Relaxed], inputs: Box, rows: Array) -> tuple[Functions, list[Array]]:
    """Return functions that lie, on the box, below combinations of the numbers behind the steps.

    With them come the combinations of the numbers behind each step that were followed on the way, the last one first.
    """
    constant, error, way = np.zeros(len(rows)), np.zeros(len(rows)), []
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        for step, sizes in reversed(steps):
            way.append(rows)
            if isinstance(step, Affine):
                rows = rows / step.divisor
                offset, before, behind = rows @ step.offset, rows @ step.matrix, abs(step.matrix) @ sizes
                scale = np.abs(rows) @ (behind + np.abs(step.offset))
                numbers = sum(step.matrix.shape)
            else:
                positive, negative = np.maximum(rows, 0.0), np.minimum(rows, 0.0)
                offset = positive @ step.constants[0] + negative @ step.constants[1]
                before = positive * step.slopes[0] + negative * step.slopes[1]
                scale = np.abs(before) @ sizes + np.abs(rows) @ np.maximum(*np.abs(step.constants))
                numbers = len(sizes)
            constant = constant + offset
            error = error + _rounding(numbers, scale + np.abs(constant), sizes)
            rows = before
        constants = constant - error
        return Functions(rows, np.nextafter(constants, -np.inf)), way


def least(functions: Functions, inputs: Box) -> Array:
    """Return lower bounds of functions on the box; NaN where they overflow."""
    slopes, constants = functions
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        value = np.maximum(slopes, 0.0) @ inputs.low + np.minimum(slopes, 0.0) @ inputs.high
        scale = np.abs(slopes) @ inputs.sizes + np.abs(constants) + np.abs(value)
        return np.asarray(constants + value - _rounding(len(inputs.low), scale, inputs.sizes))


def _rounding(numbers: int, scale: Array, sizes: Array) -> Array:
    """Return more than sums of so many products are off, the sizes of which add up to a scale, underflow included."""
    return np.asarray(2 * (numbers + 8) * (UNIT * scale + TINY * (1 + sizes.sum())))
