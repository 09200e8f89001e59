"""What is asked about a network and a shift."""

from __future__ import annotations

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
    """Return the steps of a network or of one of its layers; raise InputError where it has no pictures or signals."""
    steps = steps_of(network)
    shape = (network.layers[0] if isinstance(network, Network) else network).input_shape
    if len(shape) not in (2, 3):
        raise InputError(
            f"The network takes objects of shape {shape}, which are no pictures and no signals; give one whose "
            "input_shape is (channels, height, width) or (channels, length)."
        )
    return steps


def question(
    network: Steps, shift: Any, mode: Any, border: Any, output_shift: Any = None, *, moves: bool = False
) -> Question:
    """Return the question that was asked; raise InputError where it makes no sense."""
    require_choice("mode", mode, ("cyclic", "zeros"))
    asked, shape = _pair("shift", shift, network), network.input_shape
    for amount, side, way in zip(asked, shape[1:], ("rows", "columns"), strict=True):
        if abs(amount) > side:
            have = f"the pictures have {side} {way}" if network.axes == 2 else f"the signals have {side} places"
            raise InputError(
                f"shift is {shift_for(network, asked)}, but {have}; give a shift that is not larger than they are."
            )
    sides = checked_border(border, network)
    if not moves:
        return Question(network, asked, mode == "cyclic", sides, None)
    if len(network.output_shape) != 3:
        raise InputError(
            f"The answer has shape {network.output_shape} and is no picture or signal that could move; ask "
            "decide_invariance."
        )
    to = asked if output_shift is None else _pair("output_shift", output_shift, network)
    return Question(network, asked, mode == "cyclic", sides, to)


def checked_border(border: Any, network: Steps) -> Border:
    """Return the rows and columns of zeros above, below, left and right."""
    given = border.tolist() if isinstance(border, np.ndarray) else border
    count, (_, height, width) = 2 * network.axes, network.input_shape
    sides = [given] * count if _is_whole(given) else given
    if not isinstance(sides, list | tuple) or len(sides) != count or not all(_is_whole(s) and s >= 0 for s in sides):
        each = "four: above, below, left, right" if network.axes == 2 else "two: on the left, on the right"
        raise InputError(f"border is {shortened(border)}; give a whole number of at least 0, or {each}.")
    above, below, left, right = map(int, [*[0] * (4 - count), *sides])
    if above + below > height or left + right > width:
        have = f"pictures of {height} x {width}" if network.axes == 2 else f"signals of length {width}"
        raise InputError(f"border is {shortened(border)}, more than {have} have; make it smaller.")
    return above, below, left, right


def within(reach: Any, network: Steps) -> list[tuple[int, int]]:
    """Return all shifts of at most so many pixels up and down, left and right."""
    _, height, width = network.input_shape
    rows, columns = _pair("reach", [reach, reach] if network.axes == 2 and _is_whole(reach) else reach, network)
    if not (0 <= rows <= height and 0 <= columns <= width):
        most = (
            f"the pictures' {height} rows and {width} columns" if network.axes == 2 else f"the signals' {width} places"
        )
        raise InputError(f"reach is {shortened(reach)}; give whole numbers of at least 0, and not more than {most}.")
    return list(product(range(-rows, rows + 1), range(-columns, columns + 1)))


def shift_for(network: Steps, shift: tuple[int, int]) -> Any:
    """Return a shift as the user gives it: down and to the right, or of signals to the right alone."""
    return shift if network.axes == 2 else shift[1]


def border_for(network: Steps, border: Border) -> Any:
    """Return a border as the user gives it: of signals left and right alone."""
    return border if network.axes == 2 else border[2:]


def without_height(network: Steps, values: Any) -> Any:
    """Return a picture or an answer, a signal of height 1 as the signal that it is."""
    return values[:, 0] if network.axes == 1 and values.ndim == 3 else values


def _pair(name: str, value: Any, network: Steps) -> tuple[int, int]:
    """Return how far down and to the right; signals move to the right alone."""
    given = value.tolist() if isinstance(value, np.ndarray) else value
    if network.axes == 1:
        given = [0, *given] if isinstance(given, list | tuple) else [0, given]
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(map(_is_whole, given)):
        expected = "two whole numbers, pixels down and to the right"
        if network.axes == 1:
            expected = "one whole number, places to the right"
        raise InputError(f"{name} is {shortened(value)}; give {expected}.")
    return int(given[0]), int(given[1])


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_)


def _entering(amount: int, side: int) -> slice:
    """Return the rows or columns that a shift fills anew."""
    return slice(0, amount) if amount >= 0 else slice(max(side + amount, 0), side)
