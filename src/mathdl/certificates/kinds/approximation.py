"""A ReLU network is near to a function everywhere on a box (Theorems 4.3.1 and 4.3.2).

The data are one row: all parameters of the network. Numbers: ``function``, steps (see ``functions.py``); ``box``, two
numbers for each variable; ``widths`` of the layers; ``error``; perhaps a ``line``, two points of the box, ``triples``
of shares of the way between them, each from where the one before ends, and ``missed``, by which what is affine
between the first and the last of three points misses the function at one of them.
"""

from __future__ import annotations

from mathdl.certificates.alternation import check_breaks
from mathdl.certificates.boxes import Sides, check_near
from mathdl.certificates.data import Data
from mathdl.certificates.functions import Function
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused
from mathdl.certificates.relu_networks import read_network
from mathdl.certificates.words import at_least, at_most, in_words

IN_PLAIN_WORDS = "Nowhere in the box does the network, computed without rounding, differ from the function by more."


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
    """Bound the difference on the box, and look at the triples of points."""
    sides, error = _box(numbers), numbers.number("error")
    function = Function(numbers.plain("function"), len(sides))
    check_near(function, read_network(len(sides), numbers.plain("widths"), data), sides, error)
    if numbers.has("triples"):
        triples = numbers.matrix("triples", len(numbers.labels("triples")), 3)
        start, end = numbers.matrix("line", 2, len(sides))
        if any(not low <= x <= high for point in (start, end) for x, (low, high) in zip(point, sides, strict=True)):
            raise Refused("the line is not in the box")
        check_breaks(function, (start, end), triples, numbers.number("missed"))


def _box(numbers: Numbers) -> Sides:
    """Return the sides of the box."""
    sides = numbers.matrix("box", len(numbers.labels("box")), 2)
    if not sides or any(low >= high for low, high in sides):
        raise Refused("the box has no sides, or an empty one")
    return sides
