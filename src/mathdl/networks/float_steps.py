"""The steps of a network in floating point, for many inputs at once: outputs, and their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.pieces import Affine, Kinks, Largest, Piece, Step
from mathdl.networks.intervals import Box
from mathdl.networks.intervals import after as between

Array = NDArray[Any]


def after(step: Step, x: Array) -> tuple[Array, Array]:
    """Return the values behind a step, inputs in columns, and what it chose: slopes, or places."""
    if isinstance(step, Affine):
        return (step.matrix @ x + step.offset[:, None]) / step.divisor, x
    if isinstance(step, Kinks):
        choice = np.where(x > 0, step.above[:, None], step.below[:, None])
        return x * choice, choice
    if isinstance(step, Largest):
        choice = np.take_along_axis(step.blocks, x[step.blocks].argmax(axis=1), axis=1)
        return np.take_along_axis(x, choice, axis=0), choice
    low, high = between(step, Box(x, x))
    return (low + high) / 2, x


def outputs_of(steps: Sequence[Step], x: Array) -> tuple[Array, list[Array]]:
    """Return the outputs for inputs in columns, and what every step chose."""
    chosen = []
    for step in steps:
        x, choice = after(step, x)
        chosen.append(choice)
    return x, chosen


def gradients_of(steps: Sequence[Piece], chosen: Sequence[Array], weights: Array) -> Array:
    """Return the gradients of weighted sums of the outputs, inputs and weights in columns, as was chosen."""
    columns = np.arange(weights.shape[1])
    for step, choice in zip(reversed(steps), reversed(chosen), strict=True):
        if isinstance(step, Affine):
            weights = step.matrix.T @ weights / step.divisor
        elif isinstance(step, Kinks):
            weights = weights * choice
        else:
            before = np.zeros((step.inputs, len(columns)))
            np.add.at(before, (choice, columns[None]), weights)
            weights = before
    return weights
