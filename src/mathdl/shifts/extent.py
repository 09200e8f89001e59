"""How far a network's answer follows its picture: for which shifts, and from which blank border on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from mathdl.checks import require_choice
from mathdl.layers.layer import Layer
from mathdl.networks.network import Network
from mathdl.shifts.decision import Mode, ShiftDecision, decide_equivariance, decide_invariance
from mathdl.shifts.question import Border, border_for, shift_for, steps_of_pictures, within

Property = Literal["invariance", "equivariance"]


@dataclass(frozen=True)
class ShiftExtent:
    """For which shifts a network's answer stays, or moves, as it should.

    Attributes
    ----------
    proved, refuted, undecided : frozenset of (down, right), or of int
        All shifts up to ``reach`` pixels in either direction; of signals to the right.
    largest : tuple of four ints, or of two
        Up, down, left, right, of signals left and right: of the boxes around (0, 0) whose shifts are all proved, one
        that holds the most shifts.
    """

    proved: frozenset[Any]
    refuted: frozenset[Any]
    undecided: frozenset[Any]
    largest: tuple[int, ...]


def decide_shifts(
    network: Network | Layer,
    reach: int | Sequence[int],
    property: Property = "invariance",
    mode: Mode = "cyclic",
    border: int | Sequence[int] = 0,
) -> ShiftExtent:
    """Decide invariance, or equivariance, for every shift up to so many pixels, each as for one shift.

    Parameters
    ----------
    network : Network or layer
    reach : int or two ints
        Pixels up and down, left and right: (2 reach + 1)^2 decisions; of signals 2 reach + 1, left and right.
    property : {"invariance", "equivariance"}, default "invariance"
    mode : {"cyclic", "zeros"}, default "cyclic"
    border : int, or four ints, or two, default 0
        As for :func:`decide_equivariance`.

    Returns
    -------
    ShiftExtent

    Raises
    ------
    InputError
        As :func:`decide_equivariance` does; or if ``reach`` is larger than the pictures.

    Examples
    --------
    >>> from mathdl import Conv2D, GlobalMaxPool2D, Network, ZeroPad2D, decide_shifts
    >>> net = Network([ZeroPad2D(2), Conv2D(2, 3, bias=None), GlobalMaxPool2D()], (1, 5, 5))
    >>> decide_shifts(net, 2, border=(0, 0, 0, 1)).largest
    (0, 0, 0, 1)
    """
    require_choice("property", property, ("invariance", "equivariance"))
    steps = steps_of_pictures(network)
    shifts = within(reach, steps)
    verdicts = {shift: _decide(network, shift_for(steps, shift), property, mode, border).verdict for shift in shifts}
    proved = frozenset(shift for shift, verdict in verdicts.items() if verdict == "proved")
    by_verdict = {
        name: frozenset(shift_for(steps, shift) for shift, verdict in verdicts.items() if verdict == name)
        for name in ("proved", "refuted", "undecided")
    }
    largest = max(_boxes(proved, shifts[-1]), key=lambda box: (_size(box), box))
    return ShiftExtent(**by_verdict, largest=border_for(steps, largest))


def _boxes(proved: frozenset[tuple[int, int]], most: tuple[int, int]) -> Iterator[Border]:
    """Yield up, down, left and right of the boxes around (0, 0) whose shifts are all proved."""
    (rows, columns) = (range(side + 1) for side in most)
    for up, down, left, right in product(rows, rows, columns, columns):
        if proved.issuperset(product(range(-up, down + 1), range(-left, right + 1))):
            yield up, down, left, right
    yield 0, 0, 0, 0


def _size(box: Border) -> int:
    """Return how many shifts are in a box."""
    return (1 + box[0] + box[1]) * (1 + box[2] + box[3])


def smallest_border(
    network: Network | Layer, shift: int | Sequence[int], property: Property = "invariance", mode: Mode = "cyclic"
) -> tuple[int, ...] | None:
    """Find a blank border that is enough for a proof, and none of whose sides can be smaller.

    A wider border leaves fewer pictures, so what holds with one border holds with every wider one.

    Parameters
    ----------
    network : Network or layer
    shift : two ints, or one
    property : {"invariance", "equivariance"}, default "invariance"
    mode : {"cyclic", "zeros"}, default "cyclic"
        As for :func:`decide_equivariance`.

    Returns
    -------
    tuple of four ints, or of two, or None
        Rows and columns above, below, left and right, of signals left and right; of those found the one that leaves
        most pixels; None where no border is found that leaves a pixel and is enough.

    Raises
    ------
    InputError
        As :func:`decide_equivariance` does.

    Examples
    --------
    >>> from mathdl import Conv2D, GlobalMaxPool2D, Network, ZeroPad2D, smallest_border
    >>> net = Network([ZeroPad2D(2), Conv2D(2, 3, bias=None), GlobalMaxPool2D()], (1, 6, 6))
    >>> smallest_border(net, (0, 2)), smallest_border(net, (-1, 0))
    ((0, 0, 0, 2), (1, 0, 0, 0))
    """
    require_choice("property", property, ("invariance", "equivariance"))
    steps = steps_of_pictures(network)
    _, height, width = steps.input_shape

    def is_enough(border: Border) -> bool:
        return _decide(network, shift, property, mode, border_for(steps, border)).proved

    is_enough((0, 0, 0, 0))  # raises where the question makes no sense
    found = {_narrowed(is_enough, border) for border in _widest(height, width) if is_enough(border)}
    best = max(found, key=lambda b: ((height - b[0] - b[1]) * (width - b[2] - b[3]), b), default=None)
    return None if best is None else border_for(steps, best)


def _narrowed(is_enough: Callable[[Border], bool], start: Border) -> Border:
    """Return a border that is enough, as the given one is, and none of whose sides can be smaller."""
    border = start
    for side in range(4):
        low, high = 0, border[side]
        while low < high:
            middle = (low + high) // 2
            narrower = _with_side(border, side, middle)
            low, high = (low, middle) if is_enough(narrower) else (middle + 1, high)
        border = _with_side(border, side, high)
    return border


def _with_side(border: Border, side: int, width: int) -> Border:
    """Return a border one of whose sides is another."""
    sides = [*border]
    sides[side] = width
    return sides[0], sides[1], sides[2], sides[3]


def _widest(height: int, width: int) -> list[Border]:
    """Return borders that leave one pixel: in the middle, and in corners and at edges."""
    rows, columns = ({0, (side - 1) // 2, side // 2, side - 1} for side in (height, width))
    corners = product(sorted(rows), sorted(columns))
    return [(row, height - 1 - row, column, width - 1 - column) for row, column in corners]


def _decide(
    network: Network | Layer, shift: int | Sequence[int], property: Property, mode: Mode, border: int | Sequence[int]
) -> ShiftDecision:
    """Decide one of the properties."""
    if property == "invariance":
        return decide_invariance(network, shift, mode, border)
    return decide_equivariance(network, shift, mode, border)
