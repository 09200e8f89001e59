"""Projected gradient descent (section 8.4 for a box): an input of a box to which a network gives another class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.layers.pieces import Piece
from mathdl.networks.float_steps import gradients_of, outputs_of
from mathdl.networks.intervals import Box
from mathdl.robustness.class_differences import class_differences

Array = NDArray[Any]
STARTS, STEPS = 10, 60  # chosen
FIRST_STEP, LAST_STEP = 0.5, 0.01  # chosen: of the sides of the box


def attack(steps: Sequence[Piece], box: Box, own: int, centre: Array) -> Array | None:
    """Return an input of the box where, in floating point, another output is the largest; None where none is found.

    The difference of the class's output and the largest other one goes down along the signs of its gradient, from the
    centre and from random inputs.
    """
    low, high = box.low[:, None], box.high[:, None]
    draws = np.random.default_rng(0).random((len(low), STARTS - 1))
    x = np.hstack([centre[:, None], low + (high - low) * draws])
    with one_thread():
        for step in np.geomspace(FIRST_STEP, LAST_STEP, STEPS):
            margins, gradients = _margins(steps, x, own)
            if margins.min() < 0:
                return np.asarray(x[:, margins.argmin()])
            x = np.clip(x - step * (high - low) * np.sign(gradients), low, high)
    return None


def _margins(steps: Sequence[Piece], x: Array, own: int) -> tuple[Array, Array]:
    """Return for inputs in columns how much larger the class's output is than all others, and the gradients."""
    outputs, chosen = outputs_of(steps, x)
    rows = class_differences(own, len(outputs))
    differences = rows @ outputs
    return differences.min(axis=0), gradients_of(steps, chosen, rows[differences.argmin(axis=0)].T)
