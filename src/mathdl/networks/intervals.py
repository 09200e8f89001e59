"""Intervals that contain the numbers of a network, step by step, rounded outwards."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.pieces import Affine, Curved, Kinks, Step, UnknownValueError
from mathdl.networks.rounded import affine

Array = NDArray[Any]


class Box(NamedTuple):
    """The least and the largest value of each number; of several boxes, one in each column."""

    low: Array
    high: Array

    @property
    def sizes(self) -> Array:
        """The largest size of each number."""
        return np.maximum(np.abs(self.low), np.abs(self.high))


def after(step: Step, box: Box) -> Box:
    """Return what the numbers behind a step lie between."""
    if isinstance(step, Affine):
        return _after_affine(step, box)
    if isinstance(step, Kinks):
        return after_kinks(step, box)
    if isinstance(step, Curved):
        if step.bounds is None:
            raise UnknownValueError
        low, high = (end.copy() for end in box)
        shape = low[step.places].shape
        ends = step.bounds(*(end[step.places].reshape(shape[0], -1) for end in box))
        low[step.places], high[step.places] = (end.reshape(shape) for end in ends)
        return Box(low, high)
    return Box(box.low[step.blocks].max(axis=1), box.high[step.blocks].max(axis=1))


def after_kinks(step: Kinks, box: Box) -> Box:
    """Return what the numbers behind kinks lie between: an end is the value at an end of the interval, or at 0."""
    below, above = (slopes.reshape(-1, *[1] * (box.low.ndim - 1)) for slopes in step)
    values = [x * np.where(x > 0, above, below) for x in box]
    straddles = (box.low < 0) & (box.high > 0)
    values.append(np.where(straddles, 0.0, values[0]))
    low, high = np.min(values, axis=0), np.max(values, axis=0)
    plain = np.isin(below, (-1.0, 0.0, 1.0)) & np.isin(above, (-1.0, 0.0, 1.0))
    low, high = np.where(plain, low, np.nextafter(low, -np.inf)), np.where(plain, high, np.nextafter(high, np.inf))
    return Box(low, high)


def _after_affine(step: Affine, box: Box) -> Box:
    """Return what the numbers behind an affine function lie between: its middle, give or take the error's bound."""
    with np.errstate(over="ignore", invalid="ignore"):
        middle = box.low / 2 + box.high / 2
        reach = np.maximum(box.high - middle, middle - box.low)
        reach = np.where(box.low == box.high, 0.0, np.nextafter(reach, np.inf))
        found = affine(step, *(x.reshape(len(x), -1, 1) for x in (middle, reach)))
        value, error = (x.reshape(-1, *middle.shape[1:]) for x in found)
        low, high = value - error, value + error
    exact = error == 0
    low = np.where(exact, low, np.nextafter(low, -np.inf))
    high = np.where(exact, high, np.nextafter(high, np.inf))
    return Box(np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high))
