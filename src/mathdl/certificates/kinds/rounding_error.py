"""Numbers that were computed for a network's outputs at one input are near the exact ones.

The data are one row: channels, height and width of the inputs, then all parameters. Numbers: ``steps`` (see
``responses.py``), the ``input``, the ``computed`` outputs, and ``error``, which none of them is farther off.
"""

from __future__ import annotations

from math import prod

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, scaled
from mathdl.certificates.relaxed import Relaxed
from mathdl.certificates.responses import Response, Responses, only_row
from mathdl.certificates.words import at_most

IN_PLAIN_WORDS = "At the input shown, rounding has changed no output by more than the number given."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    return (
        f"At the input shown, the {len(numbers.labels('computed'))} computed outputs differ from those of the exact "
        f"network of {len(numbers.labels('steps'))} steps and {data.features - 3} parameters by at most "
        f"{at_most(numbers.number('error'))}."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Follow the network, on one input, on which every number is known exactly."""
    shape, parameters, below = only_row(data)
    point, unit = scaled(numbers.vector("input", prod(shape)))
    network = Responses(parameters, below, Relaxed(0, {}))
    x = network.after_all(numbers.labels("steps"), Response([(c, (), ()) for c in point], shape, unit))
    error, computed = numbers.number("error"), numbers.vector("computed", len(x.forms))
    if any(abs(value * x.unit - form[0]) > error * x.unit for value, form in zip(computed, x.forms, strict=True)):
        raise Refused("a computed output is farther from the exact one")
