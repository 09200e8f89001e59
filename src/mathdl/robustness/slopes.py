"""Bounds of the derivatives of a network over a box of inputs, rounded outwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.pieces import Affine, Kinks, Piece
from mathdl.networks.intervals import Box, after
from mathdl.robustness.zonotope import follow, numbered

Array = NDArray[Any]


def slope_bounds(steps: Sequence[Piece], box: Box, rows: Array) -> Box:
    """Return bounds of the derivatives of combinations of the outputs, (combinations, inputs).

    Where the sign of a kink's argument is not known on the box, its slope is either one. So the bounds hold for the
    slope between any two inputs of the box that differ in one number only, too.
    """
    found, parts = Box(rows.T, rows.T), numbered(steps)
    before = follow(parts, box).before
    for part, _ in reversed(parts):
        found = _before_affine(part, found) if isinstance(part, Affine) else _before_kinks(part, before.pop(), found)
    return Box(found.low.T, found.high.T)


def _before_affine(step: Affine, slopes: Box) -> Box:
    """Return the bounds of derivatives by what goes into an affine function, combinations in columns."""
    matrix = step.matrix.T
    low, high = after(Affine(matrix, np.zeros(matrix.shape[0]), step.divisor), slopes)
    rises, falls = ((part != 0).astype(np.float64) for part in (matrix > 0, matrix < 0))
    # A sum without negative terms is not negative, however it was rounded.
    never_negative = rises @ (slopes.low < 0) + falls @ (slopes.high > 0) == 0
    never_positive = rises @ (slopes.high > 0) + falls @ (slopes.low < 0) == 0
    return Box(np.where(never_negative, np.maximum(low, 0), low), np.where(never_positive, np.minimum(high, 0), high))


def _before_kinks(step: Kinks, arguments: Box, slopes: Box) -> Box:
    """Return the bounds of derivatives by the arguments of kinks."""
    ends = [np.where(end > 0, step.above, step.below)[:, None] for end in arguments]
    low, high = np.minimum(*ends), np.maximum(*ends)
    with np.errstate(invalid="ignore", over="ignore"):
        products = np.stack([a * b for a in slopes for b in (low, high)])
    products = np.where(np.isnan(products), 0.0, products)  # infinity times the slope 0
    least, most = products.min(axis=0), products.max(axis=0)
    plain = np.isin(low, (-1.0, 0.0, 1.0)) & np.isin(high, (-1.0, 0.0, 1.0))
    return Box(np.where(plain, least, np.nextafter(least, -np.inf)), np.where(plain, most, np.nextafter(most, np.inf)))
