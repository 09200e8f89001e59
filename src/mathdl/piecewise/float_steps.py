"""The steps of a network in floating point, for many inputs at once: outputs, and their gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.pieces import Affine, Kinks, Piece

Array = NDArray[Any]


def outputs_of(steps: Sequence[Piece], x: Array) -> tuple[Array, list[Array]]:
    """Return the outputs for inputs in columns, and what every step chose: slopes, or places."""
    chosen = []
    for step in steps:
        if isinstance(step, Affine):
            x, choice = (step.matrix @ x + step.offset[:, None]) / step.divisor, x
        elif isinstance(step, Kinks):
            choice = np.where(x > 0, step.above[:, None], step.below[:, None])
            x = x * choice
        else:
            choice = np.take_along_axis(step.blocks, x[step.blocks].argmax(axis=1), axis=1)
            x = np.take_along_axis(x, choice, axis=0)
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
