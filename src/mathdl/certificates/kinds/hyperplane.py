"""A hyperplane separates two classes strictly (equations (7.5) and (7.6)).

Numbers: ``normal`` w, ``offset`` b, ``gap`` e > 0 and the label ``positive``. Stated: w.x - b >= e for every object
with that label, and w.x - b <= -e for every other one, so no convex combination of the one class is one of the other.
"""

from __future__ import annotations

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused
from mathdl.certificates.words import at_least

IN_PLAIN_WORDS = "The boundary gets every one of these objects right."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    gap, label = at_least(numbers.number("gap")), numbers.label("positive")
    return (
        f"The hyperplane w.x = b separates the {data.count} objects strictly: w.x - b is at least {gap} "
        f"for those labelled {label!r} and at most minus that for the others."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compute w.x - b for every object."""
    data.refuse_weights()
    normal, offset = numbers.vector("normal", data.features), numbers.number("offset")
    gap, signs = numbers.number("gap"), data.signs(numbers.label("positive"))
    if gap <= 0:
        raise Refused("the gap is not positive")
    values, below = data.affine(normal, -offset)
    least = gap * below
    for i, (sign, value) in enumerate(zip(signs, values, strict=True)):
        if sign * value < least:
            raise Refused(f"object {i} lies on the wrong side or within the gap")
