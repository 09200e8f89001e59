"""A network's answer moves with its picture, or stays as it is (Definitions 10.6.2 and 10.6.3).

The data are one row: channels, height (of signals 1), width, then all parameters. Numbers: ``steps`` (see responses),
``shift`` (down, right), ``cyclic`` (or 0 enters), ``border`` (zeros above, below, left, right), ``output_shift`` where
the answer moves; ``facts``, one a step, null or: ``support``, rows and columns, up to but without, outside of which the
response is ``blank``, channel by channel; ``shift`` by which it moves, filled with what lies outside of the support.
"""

from __future__ import annotations

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused
from mathdl.certificates.responses import Responses
from mathdl.certificates.symbols import ZERO

IN_PLAIN_WORDS = "However such a picture is filled, moving it as stated moves the answer as stated, or not at all."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    (down, right), (above, below, left, beside) = numbers.whole("shift", 2), numbers.whole("border", 4)
    to = numbers.whole("output_shift", 2) if numbers.has("output_shift") else None
    zeros = f"picture that is 0 in {above} rows above, {below} below, {left} columns on the left and {beside} on the"
    by, moves = f"{down} down and {right}", "is the same" if to is None else f"moves by {to[0]} down and {to[1]}"
    if data.rows[0][1:2] == [1] and not any([down, above, below, *(to or [])[:1]]):  # a picture of height 1
        zeros, by = f"signal that is 0 in {left} places on the left and {beside} on the", str(right)
        moves = moves if to is None else f"moves by {to[1]}"
    return (
        f"For every {zeros} right, moved by {by} to the right, "
        f"{'cyclically' if numbers.plain('cyclic') is True else 'zeros entering'}, the exact answer of the network of "
        f"{len(numbers.labels('steps'))} steps and {data.features - 3} parameters {moves}"
        f"{'.' if to is None else ' to the right.'}"
    )


def check(numbers: Numbers, data: Data) -> None:
    """Apply the network to a picture of symbols, and to the same one moved."""
    data.refuse_weights()
    (row, *others), below = data.integers
    if others or data.labels is not None or type(cyclic := numbers.plain("cyclic")) is not bool:
        raise Refused("the data are not one row without a label, or 'cyclic' is not true or false")
    shape, border = [v // below if v % below == 0 else 0 for v in row[:3]], numbers.whole("border", 4)
    network, first, facts = Responses(row[3:], below), 0, numbers.labels("facts")
    if min(border) < 0:
        raise Refused("the border is negative")
    x = network.pictures(shape, border)
    moved = x.moved(numbers.whole("shift", 2), cyclic, [ZERO] * shape[0])
    for (place, step), fact in zip(enumerate(numbers.labels("steps"), 1), facts, strict=True):
        (x, _), (moved, first) = network.after(step, x, first), network.after(step, moved, first)
        if fact is not None and (reason := network.contradiction(Numbers(fact), x, moved, cyclic)):
            raise Refused(f"after step {place}, {step[0]}, {reason}")
    network.finish(first)
    if numbers.has("output_shift"):
        x = x.moved(numbers.whole("output_shift", 2), cyclic, [ZERO] * x.shape[0])
    if x != moved:
        raise Refused("the answers are not shown to be as stated")
