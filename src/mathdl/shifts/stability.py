"""How many of the user's own pictures keep their class under all shifts of a range."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from mathdl.errors import InputError
from mathdl.layers.pieces import UnknownValueError
from mathdl.networks.inputs import checked_inputs
from mathdl.networks.network import Network
from mathdl.shifts.decision import Mode
from mathdl.shifts.evaluation import Answers, Evaluation
from mathdl.shifts.question import Question, question, shift_for, steps_of_pictures, within

CHUNK_NUMBERS = 2**22  # chosen: of the patches of the pictures that are evaluated at once
SHOWN, CHANGES, OPEN = 1, 0, -1


@dataclass(frozen=True)
class ShiftStability:
    """Which pictures keep their class under all shifts of a range.

    Attributes
    ----------
    same, changes, undecided : ndarray of bool, shape (N,)
        Pictures whose class is certainly the same under all shifts; whose class certainly is another one after some
        shift; and the others (two outputs are equal, or a function of the user's own is in the way).
    share : float
        The part of all pictures that are the same for certain.
    shifts : ndarray of int, shape (N, 2), or (N,) of signals
        For each picture that changes, a shift that changes its class; else 0.
    """

    same: Any
    changes: Any
    undecided: Any
    share: float
    shifts: Any


def shift_stability(network: Network, X: Any, reach: int | Sequence[int], mode: Mode = "zeros") -> ShiftStability:
    """Find the share of pictures whose class is the same under all shifts of up to so many pixels in each direction.

    The class is the largest output, or the sign of a single one. Every picture is certified: bounds that take all
    roundings into account enclose its exact outputs, and where they cannot tell the largest one, whole numbers do.

    Parameters
    ----------
    network : Network
        A classifier of pictures, or of signals.
    X : array-like of shape (N, channels, height, width), or (N, channels, length)
        Pictures or signals, as the network takes them.
    reach : int or two ints
        Pixels; all shifts of at most so many up or down, and left or right. Signals move left or right alone.
    mode : {"cyclic", "zeros"}, default "zeros"
        What enters at the border.

    Returns
    -------
    ShiftStability

    Raises
    ------
    InputError
        If the network or X holds no pictures and no signals, or the reach is larger than they are.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import Dense, Flatten, Network, shift_stability
    >>> net = Network([Flatten(), Dense(2, bias=False)], (1, 1, 4))
    >>> net.parameters[:] = 1, 1, 0, 0, 0, 0, 1, 1
    >>> found = shift_stability(net, [[[[5, 1, 0, 0]]], [[[0, 3, 0, 0]]]], (0, 1))
    >>> found.same.tolist(), found.share, found.shifts.tolist()
    ([True, False], 0.5, [[0, 0], [0, 1]])
    """
    steps = steps_of_pictures(network)
    shifts = sorted(within(reach, steps), key=lambda shift: (abs(shift[0]) + abs(shift[1]), shift))
    if len(steps.output_shape) != 1:
        raise InputError(
            f"The network's outputs have shape {steps.shape_of_answers}, so there is no class; put Flatten and "
            "Dense, or global pooling behind it."
        )
    given = checked_inputs(X, network.input_shape, network.dtype)
    pictures = given.reshape(len(given), *steps.input_shape)
    found, changed = np.full(len(pictures), SHOWN), np.zeros((len(pictures), 2), int)
    of = Evaluation(steps)
    classes, certain = _classes(question(steps, shift_for(steps, (0, 0)), mode, 0), of, pictures)
    for shift in shifts[1:]:
        places = np.flatnonzero(certain & (found != CHANGES))
        here, sure = _classes(question(steps, shift_for(steps, shift), mode, 0), of, pictures[places])
        found[places[~sure]] = OPEN
        other = places[sure & (here != classes[places])]
        found[other], changed[other] = CHANGES, shift
    found[~certain] = OPEN
    same, changes = found == SHOWN, found == CHANGES
    changed = changed if steps.axes == 2 else changed[:, 1]
    return ShiftStability(same, changes, found == OPEN, float(same.sum() / max(len(same), 1)), changed)


def _classes(asked: Question, of: Evaluation, pictures: Any) -> tuple[Any, Any]:
    """Return the classes of the pictures moved, and for which of them they are certain."""
    classes, sure = np.zeros(len(pictures), int), np.zeros(len(pictures), bool)
    count = max(1, CHUNK_NUMBERS // (25 * prod(asked.network.input_shape)))
    for start in range(0, len(pictures), count):
        part = asked.moved(_numbers(pictures[start : start + count]))
        with suppress(UnknownValueError):
            classes[start : start + count], sure[start : start + count] = _largest(of.bounds(part))
        for place in np.flatnonzero(~sure[start : start + count]):
            with suppress(UnknownValueError):
                one, certain = _largest(of.exact(part[place : place + 1]))
                classes[start + place], sure[start + place] = one[0], certain[0]
    return classes, sure


def _numbers(pictures: Any) -> Any:
    """Return pictures as the numbers that the network computes with: bytes stand for numbers from 0 to 1."""
    return pictures / np.float32(255) if pictures.dtype == np.uint8 else pictures


def _largest(answers: Answers) -> tuple[Any, Any]:
    """Return the places of the largest outputs, and whether they are the largest for certain."""
    low, high, _ = answers
    if low.shape[1] == 1:  # a single output: class 1 where it is positive
        return (low[:, 0] > 0).astype(int), ((low > 0) | (high < 0))[:, 0].astype(bool)
    rows, place = np.arange(len(low)), (low + high).argmax(axis=1)
    others = high.copy()
    others[rows, place] = low[rows, place]
    beaten = (others < low[rows, place][:, None]).sum(axis=1) == low.shape[1] - 1
    return place, beaten
