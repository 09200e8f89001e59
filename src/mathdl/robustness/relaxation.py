"""Linear relaxation backwards (CROWN): kinks between two affine functions, followed from the outputs to the inputs.

It takes longer than zonotopes, and is mostly closer. Products and sums in floating point are off by less than a
multiple of the sum of their sizes, and the sizes of the numbers of the network are known, so that every step adds its
rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.kernels.polygons import TINY
from mathdl.layers.pieces import Affine, Kinks, Piece
from mathdl.networks.intervals import Box, after
from mathdl.networks.rounded import UNIT
from mathdl.robustness.zonotope import numbered

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


def relaxed_bounds(steps: Sequence[Piece], box: Box) -> Box:
    """Return bounds behind the steps: of intervals and linear relaxation the better ones, before each kink too."""
    inputs, found = box, list[Relaxed]()
    for step, _ in numbered(steps):
        if isinstance(step, Affine):
            found.append(Relaxed(step, box.sizes))
        else:
            doubtful = np.flatnonzero((box.low < 0) & (box.high > 0) & (step.below != step.above))
            box = _tightened(found, inputs, box, doubtful)
            found.append(Relaxed(_between(step, box), box.sizes))
        box = after(step, box)
    return _tightened(found, inputs, box, np.arange(len(box.low)))


def _between(step: Kinks, box: Box) -> Between:
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
        least = _least(steps, inputs, rows)
        low[some] = np.fmax(low[some], least[: len(some)])
        high[some] = np.fmin(high[some], -least[len(some) :])
    return Box(low, high)


def _least(steps: Sequence[Relaxed], inputs: Box, rows: Array) -> Array:
    """Return lower bounds of combinations, in rows, of the numbers behind the steps; NaN where they overflow."""
    constant, error = np.zeros(len(rows)), np.zeros(len(rows))
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        for step, sizes in reversed(steps):
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
        constant = np.nextafter(constant - error, -np.inf)
        value = np.maximum(rows, 0.0) @ inputs.low + np.minimum(rows, 0.0) @ inputs.high
        scale = np.abs(rows) @ inputs.sizes + np.abs(constant) + np.abs(value)
        return np.asarray(constant + value - _rounding(len(inputs.low), scale, inputs.sizes))


def _rounding(numbers: int, scale: Array, sizes: Array) -> Array:
    """Return more than sums of so many products are off, the sizes of which add up to a scale, underflow included."""
    return np.asarray(2 * (numbers + 8) * (UNIT * scale + TINY * (1 + sizes.sum())))
