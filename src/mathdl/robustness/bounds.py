"""Bounds of what a network makes of a box of inputs, rounded outwards: by intervals, and by linear relaxation."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from math import prod
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import reals, require_between, require_choice, require_numbers, shortened
from mathdl.errors import InputError
from mathdl.layers.pieces import Curved, Step
from mathdl.networks.intervals import Box, after
from mathdl.networks.network import Network
from mathdl.networks.pieces import steps_of_vectors
from mathdl.robustness.relaxation import relaxed_bounds
from mathdl.robustness.sharpening import sharpened_bounds

Array = NDArray[Any]


class OutputBounds(NamedTuple):
    """Numbers between which every output lies.

    Attributes
    ----------
    low, high : ndarray of float64, of the shape of the network's output
        The least and the largest value, or beyond.
    """

    low: Array
    high: Array


def output_bounds(
    network: Network, low: Any, high: Any, method: Literal["linear", "intervals"] = "linear", seconds: float = 0.0
) -> OutputBounds:
    """Bound the outputs of a network over all inputs between two, entry by entry.

    The bounds hold for the exact network, whose parameters are its own binary numbers and which rounds nothing: all of
    their own rounding goes outwards. By intervals, each number of each layer is bounded from those before it. By linear
    relaxation, kinks are replaced by affine functions, and outputs lie between affine functions of the inputs, which
    are bounded over the box at once; what depends on one another stays so. Plain bounds follow outputs backwards to the
    inputs (CROWN); sharpened ones also follow the box forwards (zonotopes), part by part. Sigmoid, tanh and softmax are
    bounded by intervals either way.

    Parameters
    ----------
    network : Network
    low, high : array-like of shape input_shape, or numbers
        The least and the largest value of each input.
    method : {"linear", "intervals"}, default "linear"
    seconds : float, default 0
        Time of this process to sharpen the bounds of linear relaxation: the box is split, and at kinks, until every
        bound is near to a value that the network takes. With enough time the outcome does not depend on it.

    Returns
    -------
    OutputBounds

    Raises
    ------
    InputError
        If a side of the box is empty or not finite, its shape is not the network's, the network has an activation of
        your own, or seconds is negative or given for intervals.

    Examples
    --------
    The first neuron is the second one doubled, so the output is 0; intervals forget it.

    >>> from mathdl import Dense, Network, output_bounds
    >>> net = Network([Dense(2, activation="abs"), Dense(1)], input_shape=(1,))
    >>> net.parameters[:] = 2, 1, 0, 0, 1, -2, 0
    >>> bounds = output_bounds(net, 1, 3)
    >>> bool(-1e-12 < bounds.low[0] <= 0 <= bounds.high[0] < 1e-12)
    True
    >>> output_bounds(net, 1, 3, method="intervals")
    OutputBounds(low=array([-4.]), high=array([4.]))
    """
    require_choice("method", method, ("linear", "intervals"))
    require_between("seconds", seconds, 0)
    if seconds and method == "intervals":
        raise InputError("seconds sharpen the bounds of linear relaxation; leave them out with method='intervals'.")
    if not isinstance(network, Network):
        raise InputError(f"network is {shortened(network)}; give a Network, as the network_ of a fitted estimator.")
    steps, box = [step for _, step in steps_of_vectors(network)], box_of(network.input_shape, low, high)
    found = _linear(steps, box, float(seconds)) if method == "linear" else reduce(lambda x, s: after(s, x), steps, box)
    return OutputBounds(found.low.reshape(network.output_shape), found.high.reshape(network.output_shape))


def box_of(shape: tuple[int, ...], low: Any, high: Any) -> Box:
    """Return the box between two inputs; raise InputError where there is none."""
    ends = []
    for name, given in (("low", low), ("high", high)):
        try:
            values = reals(np.asarray(require_numbers(name, given)), "float64")
            ends.append(np.broadcast_to(values, shape).reshape(prod(shape)))
        except (TypeError, ValueError):
            raise InputError(
                f"{name} is {shortened(given)}, which is no input; give numbers of shape {shape}, or one number."
            ) from None
        if not np.isfinite(ends[-1]).all():
            raise InputError(f"{name} has a number that is NaN or infinite; give a box with finite sides.")
    if (empty := np.flatnonzero(ends[0] > ends[1])).size:
        k = int(empty[0])
        raise InputError(
            f"The box is empty: input {k + 1} is to be at least {ends[0][k]:g} and at most {ends[1][k]:g}; give low "
            "and high in this order."
        )
    return Box(*ends)


def _linear(steps: list[Step], box: Box, seconds: float) -> Box:
    """Return bounds behind all steps; behind a curved one linear relaxation begins anew, with its share of the time."""
    curved = [k for k, step in enumerate(steps) if isinstance(step, Curved)]
    for first, end in pairwise([-1, *curved, len(steps)]):
        pieces = [step for step in steps[first + 1 : end] if not isinstance(step, Curved)]
        found = relaxed_bounds(pieces, box)
        if seconds:
            sharp = sharpened_bounds(pieces, box, seconds / (len(curved) + 1))
            found = Box(np.maximum(found.low, sharp.low), np.minimum(found.high, sharp.high))
        box = found
        box = after(steps[end], box) if end < len(steps) else box
    return box
