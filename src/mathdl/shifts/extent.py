"""How far a network's answer follows its picture: for which shifts, and from which blank border on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from mathdl.checks import require_choice
from mathdl.layers.layer import Layer
from mathdl.networks.network import Network
from mathdl.shifts.decision import Mode, ShiftDecision, decide_equivariance, decide_invariance
from mathdl.shifts.question import Border, steps_of_pictures, within

Property = Literal["invariance", "equivariance"]


@dataclass(frozen=True)
class ShiftExtent:
    """For which shifts a network's answer stays, or moves, as it should.

    Attributes
    ----------
    proved, refuted, undecided : frozenset of (down, right)
        All shifts up to ``reach`` pixels in either direction.
    largest : tuple of four ints
        Up, down, left, right: of the boxes around (0, 0) whose shifts are all proved, one that holds the most shifts.
    """

    proved: frozenset[tuple[int, int]]
    refuted: frozenset[tuple[int, int]]
    undecided: frozenset[tuple[int, int]]
    largest: tuple[int, int, int, int]


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
        Pixels up and down, left and right: (2 reach + 1)^2 decisions.
    property : {"invariance", "equivariance"}, default "invariance"
    mode : {"cyclic", "zeros"}, default "cyclic"
    border : int or four ints, default 0
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
    shifts = within(reach, steps_of_pictures(network).input_shape)
    verdicts = {shift: _decide(network, shift, property, mode, border).verdict for shift in shifts}
    by_verdict = {
        name: frozenset(shift for shift, verdict in verdicts.items() if verdict == name)
        for name in ("proved", "refuted", "undecided")
    }
    largest = max(_boxes(by_verdict["proved"], shifts[-1]), key=lambda box: (_size(box), box))
    return ShiftExtent(by_verdict["proved"], by_verdict["refuted"], by_verdict["undecided"], largest)


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
    network: Network | Layer, shift: Sequence[int], property: Property = "invariance", mode: Mode = "cyclic"
) -> Border | None:
    """Find a blank border that is enough for a proof, and none of whose sides can be smaller.

    A wider border leaves fewer pictures, so what holds with one border holds with every wider one.

    Parameters
    ----------
    network : Network or layer
    shift : two ints
    property : {"invariance", "equivariance"}, default "invariance"
    mode : {"cyclic", "zeros"}, default "cyclic"
        As for :func:`decide_equivariance`.

    Returns
    -------
    tuple of four ints, or None
        Rows and columns above, below, left and right, of those found the one that leaves most pixels; None where no
        border is found that leaves a pixel and is enough.

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
    _, height, width = steps_of_pictures(network).input_shape
    _decide(network, shift, property, mode, 0)  # raises where the question makes no sense
    starts = [border for border in _widest(height, width) if _decide(network, shift, property, mode, border).proved]
    found = {_narrowed(network, shift, property, mode, border) for border in starts}
    return max(found, key=lambda b: ((height - b[0] - b[1]) * (width - b[2] - b[3]), b), default=None)


def _narrowed(network: Network | Layer, shift: Sequence[int], property: Property, mode: Mode, start: Border) -> Border:
    """Return a border that is enough, as the given one is, and none of whose sides can be smaller."""
    border = list(start)
    for side in range(4):
        low, high = 0, border[side]
        while low < high:
            border[side] = (low + high) // 2
            proved = _decide(network, shift, property, mode, border).proved
            low, high = (low, border[side]) if proved else (border[side] + 1, high)
        border[side] = high
    return border[0], border[1], border[2], border[3]


def _widest(height: int, width: int) -> list[Border]:
    """Return borders that leave one pixel: in the middle, and in corners and at edges."""
    rows, columns = ({0, (side - 1) // 2, side // 2, side - 1} for side in (height, width))
    corners = product(sorted(rows), sorted(columns))
    return [(row, height - 1 - row, column, width - 1 - column) for row, column in corners]


def _decide(
    network: Network | Layer, shift: Sequence[int], property: Property, mode: Mode, border: int | Sequence[int]
) -> ShiftDecision:
    """Decide one of the properties."""
    if property == "invariance":
        return decide_invariance(network, shift, mode, border)
    return decide_equivariance(network, shift, mode, border)
