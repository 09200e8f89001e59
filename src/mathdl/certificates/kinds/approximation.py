"""A ReLU network is near to a function everywhere on a box (Theorems 4.3.1 and 4.3.2).

The data are one row: all parameters of the network. Numbers: ``function``, steps (see ``functions.py``); ``box``, two
numbers for each variable; ``widths`` of the layers; ``error``; perhaps a ``line``, two points of the box, ``triples``
of shares of the way between them, each from where the one before ends, and ``missed``, by which what is affine
between the first and the last of three points misses the function at one of them.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from mathdl.certificates.affine_forms import combination, coordinate, down
from mathdl.certificates.alternation import least_error
from mathdl.certificates.data import Data
from mathdl.certificates.functions import Function
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused
from mathdl.certificates.relu_networks import read_network
from mathdl.certificates.words import at_least, at_most, in_words

IN_PLAIN_WORDS = "Nowhere in the box does the network, computed without rounding, differ from the function by more."
MAX_HALVINGS = 60  # chosen, of each side of the box
Sides = list[list[Fraction]]


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    sides, widths = _box(numbers), ", ".join(map(str, numbers.labels("widths")))
    box = ", ".join(f"x{k} from {in_words(low)} to {in_words(high)}" for k, (low, high) in enumerate(sides, 1))
    says = (
        f"For {box}, the exact output of the network of {data.features} parameters with ReLU, in layers of {widths} "
        f"neurons, differs from {Function(numbers.plain('function'), len(sides)).text} by at most "
        f"{at_most(numbers.number('error'))}"
    )
    if numbers.has("triples"):
        ends = [", ".join(map(in_words, end)) for end in numbers.matrix("line", 2, len(sides))]
        count = len(numbers.labels("triples"))
        says += f"; from ({ends[0]}) to ({ends[1]}) a function that is affine on {count} intervals is somewhere off by "
        says += f"{at_least(numbers.number('missed'))} or more"
    return says + "."


def check(numbers: Numbers, data: Data) -> None:
    """Bound the difference on the box; where the bound is too large, on both halves."""
    sides, error = _box(numbers), down(numbers.number("error"))
    function = Function(numbers.plain("function"), len(sides))
    boxes, effort = [(0, sides, read_network(len(sides), numbers.plain("widths"), data))], 0
    while boxes:
        depth, part, network = boxes.pop()
        afford(effort := effort + function.effort + network.effort)
        box = [coordinate(k, low, high, len(sides)) for k, (low, high) in enumerate(part)]
        value, (output, network) = function(box), network(box)
        away = combination([1, -1], [value, output], 0, 1) if value is not None else None
        if away is not None and max(-away.low, away.high) <= error:
            continue
        farther = away is not None and (away.low > error or away.high < -error)
        if farther or depth >= MAX_HALVINGS * len(sides):
            says = "the network is farther from the function" if farther else "the network is not shown to be near"
            raise Refused(f"{says} at {', '.join(f'x{k} = {in_words(low)}' for k, (low, _) in enumerate(part, 1))}")
        boxes += [(depth + 1, half, network) for half in _halves(depth, part)]
    if numbers.has("triples"):
        _check_triples(numbers, function, sides)


def _check_triples(numbers: Numbers, function: Function, sides: Sides) -> None:
    """Check that every function that is nearer breaks within each triple of points."""
    triples = numbers.matrix("triples", len(numbers.labels("triples")), 3)
    start, end = numbers.matrix("line", 2, len(sides))
    shares = [Fraction(0), *(share for triple in triples for share in triple), Fraction(1)]
    if not triples or any(a > b for a, b in pairwise(shares)):
        raise Refused("the triples are not in order on the line")
    if any(not low <= x <= high for point in (start, end) for x, (low, high) in zip(point, sides, strict=True)):
        raise Refused("the line is not in the box")
    afford(len(triples) * function.effort)
    for triple in triples:
        points = [[a + share * (b - a) for a, b in zip(start, end, strict=True)] for share in triple]
        if least_error(triple, [function.at(point) for point in points]) < numbers.number("missed"):
            raise Refused("an affine function is not shown to be off on three points")


def _box(numbers: Numbers) -> Sides:
    """Return the sides of the box."""
    sides = numbers.matrix("box", len(numbers.labels("box")), 2)
    if not sides or any(low >= high for low, high in sides):
        raise Refused("the box has no sides, or an empty one")
    return sides


def _halves(depth: int, part: Sides) -> list[Sides]:
    """Cut a box in two; each side in its turn."""
    k = depth % len(part)
    low, high = part[k]
    middle = (low + high) / 2
    return [[*part[:k], side, *part[k + 1 :]] for side in ([middle, high], [low, middle])]
