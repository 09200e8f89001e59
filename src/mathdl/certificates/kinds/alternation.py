"""No polynomial of a degree is near to a function, because of a few points (equation 4.29).

The data are the points, one a row, at least two; the degree is two less than there are. Numbers: ``function``, steps
(see ``functions.py``), and ``error``.
"""

from __future__ import annotations

from fractions import Fraction

from mathdl.certificates.alternation import least_error
from mathdl.certificates.data import Data
from mathdl.certificates.functions import Function
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused
from mathdl.certificates.words import at_least

IN_PLAIN_WORDS = "However the coefficients are chosen, such a polynomial misses the function at one of these points."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    text = Function(numbers.plain("function"), 1).text
    return (
        f"Every polynomial in x1 of degree at most {data.count - 2} differs from {text} by at least "
        f"{at_least(numbers.number('error'))} at one of the {data.count} points."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Add up the differences with weights for which those of a polynomial are zero."""
    data.refuse_weights()
    if data.features != 1 or data.labels is not None:
        raise Refused("the data are not points of a line without labels")
    function = Function(numbers.plain("function"), 1)
    afford(data.count * (function.effort + data.count**2))
    points = [Fraction(x) for (x,) in data.rows]
    if least_error(points, [function.at([x]) for x in points]) < numbers.number("error"):
        raise Refused("a polynomial is not shown to be as far off")
