"""A network gives all inputs between two the same class: its output is the largest one (of a single one: 0 or this).

The data are one row: channels, height and width of the inputs, then all parameters. Numbers: ``steps`` (see
``responses.py``), ``low`` and ``high``, the limits of each input, ``class``, and ``proof``: either ``[kink, proof,
proof]``, where the kink's argument is not negative, and where it is not positive (see ``relaxed.py``), or, by the other
classes, lists of ``[kink, a, b]``: what is known of kinks, times these factors, is less than the difference of outputs.
"""

from __future__ import annotations

from math import prod

from mathdl.certificates.data import Data
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import scaled
from mathdl.certificates.relaxed import Relaxed, between, ends, refuse_unless_positive
from mathdl.certificates.responses import Response, Responses, only_row
from mathdl.certificates.symbols import ZERO, combination

IN_PLAIN_WORDS = "However the inputs change between the limits shown, the network's answer stays the same class."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    return (
        f"Wherever the {len(numbers.labels('low'))} inputs lie between the limits shown, the class of the exact "
        f"network of {len(numbers.labels('steps'))} steps and {data.features - 3} parameters is number "
        f"{numbers.indices('class', 10**9)[0]}, counted from 0."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Follow the network over the box, once for each end of the proof."""
    shape, parameters, below = only_row(data)
    inputs, steps = prod(shape), numbers.labels("steps")
    sides, unit = scaled([*numbers.vector("low", inputs), *numbers.vector("high", inputs)])
    box = between(sides[:inputs], sides[inputs:])
    for count, (taken, factors) in enumerate(ends(numbers.plain("proof"), {}), 1):
        names = Relaxed(inputs, taken)
        network = Responses(parameters, below, names)
        x = network.after_all(steps, Response(box, shape, 2 * unit))
        afford(count * network.effort)
        outputs = x.forms if len(x.forms) > 1 else [ZERO, *x.forms]
        (own,) = numbers.indices("class", len(outputs))
        for other in set(range(len(outputs))) - {own}:
            given = factors.labels(str(other)) if factors.has(str(other)) else []
            difference = combination([1, -1], [outputs[own], outputs[other]])
            refuse_unless_positive(difference, x.unit, names, given)
        factors.refuse_unread()
