"""What is asked about a network and a shift."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from mathdl.checks import require_choice, shortened
from mathdl.errors import InputError
from mathdl.layers.layer import Layer
from mathdl.networks.network import Network
from mathdl.networks.steps import Steps, steps_of

Border = tuple[int, int, int, int]


class Question(NamedTuple):
    """Whether a network's answer moves with pictures that have a blank border, or (no output shift) stays as it is."""

    network: Steps
    shift: tuple[int, int]
    cyclic: bool
    border: Border
    output_shift: tuple[int, int] | None

    def moved(self, pictures: Any, shift: tuple[int, int] | None = None) -> Any:
        """Return pictures, or answers, moved down and to the right."""
        down, right = self.shift if shift is None else shift
        found = np.roll(pictures, (down, right), axis=(-2, -1))
        if not self.cyclic:
            height, width = found.shape[-2:]
            found[..., _entering(down, height), :] = 0
            found[..., _entering(right, width)] = 0
        return found

    @property
    def injective(self) -> bool:
        """Whether a final function that tells its arguments apart may be left out: not where zeros enter behind it."""
        return self.cyclic or self.output_shift is None

    def expected(self, answers: Any) -> Any:
        """Return what the answers to moved pictures should be, given those to pictures."""
        return answers if self.output_shift is None else self.moved(answers, self.output_shift)

    def pixels(self) -> list[tuple[int, int, int]]:
        """Return the pixels that may be other than 0."""
        channels, height, width = self.network.input_shape
        above, below, left, right = self.border
        inside = product(range(above, height - below), range(left, width - right), range(channels))
        return [(c, i, j) for i, j, c in inside]


def steps_of_pictures(network: Network | Layer) -> Steps:
    """Return the steps of a network or of one layer of a network; raise InputError where it has no pictures."""
    steps = steps_of(network)
    shape = (network.layers[0] if isinstance(network, Network) else network).input_shape
    if len(shape) != 3:
        raise InputError(
            f"The network takes objects of shape {shape}, which are no pictures; give one whose input_shape is "
            "(channels, height, width)."
        )
    return steps


def question(
    network: Steps, shift: Any, mode: Any, border: Any, output_shift: Any = None, *, moves: bool = False
) -> Question:
    """Return the question that was asked; raise InputError where it makes no sense."""
    require_choice("mode", mode, ("cyclic", "zeros"))
    asked, shape = _pair("shift", shift), network.input_shape
    for amount, side, way in zip(asked, shape[1:], ("rows", "columns"), strict=True):
        if abs(amount) > side:
            raise InputError(
                f"shift is {asked}, but the pictures have {side} {way}; give a shift that is not larger than they are."
            )
    sides = checked_border(border, shape)
    if not moves:
        return Question(network, asked, mode == "cyclic", sides, None)
    if len(network.output_shape) != 3:
        raise InputError(
            f"The answer has shape {network.output_shape} and is no picture that could move; ask decide_invariance."
        )
    to = asked if output_shift is None else _pair("output_shift", output_shift)
    return Question(network, asked, mode == "cyclic", sides, to)


def checked_border(border: Any, shape: Sequence[int]) -> Border:
    """Return the rows and columns of zeros above, below, left and right."""
    given = border.tolist() if isinstance(border, np.ndarray) else border
    sides = [given] * 4 if _is_whole(given) else given
    if not isinstance(sides, list | tuple) or len(sides) != 4 or not all(_is_whole(s) and s >= 0 for s in sides):
        raise InputError(
            f"border is {shortened(border)}; give a whole number of at least 0, or four: above, below, left, right."
        )
    above, below, left, right = map(int, sides)
    if above + below > shape[1] or left + right > shape[2]:
        raise InputError(
            f"border is {shortened(border)}, more than pictures of {shape[1]} x {shape[2]} have; make it smaller."
        )
    return above, below, left, right


def within(reach: Any, shape: Sequence[int]) -> list[tuple[int, int]]:
    """Return all shifts of at most so many pixels up and down, left and right."""
    rows, columns = _pair("reach", [reach, reach] if _is_whole(reach) else reach)
    if not (0 <= rows <= shape[1] and 0 <= columns <= shape[2]):
        raise InputError(
            f"reach is {shortened(reach)}; give whole numbers of at least 0, and not more than the pictures' "
            f"{shape[1]} rows and {shape[2]} columns."
        )
    return list(product(range(-rows, rows + 1), range(-columns, columns + 1)))


def _pair(name: str, value: Any) -> tuple[int, int]:
    given = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(map(_is_whole, given)):
        raise InputError(f"{name} is {shortened(value)}; give two whole numbers, pixels down and to the right.")
    return int(given[0]), int(given[1])


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)


def _entering(amount: int, side: int) -> slice:
    """Return the rows or columns that a shift fills anew."""
    return slice(0, amount) if amount >= 0 else slice(max(side + amount, 0), side)
