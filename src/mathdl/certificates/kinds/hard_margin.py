"""A strip separates two classes, and hardly any or no other is wider (equation (7.9)).

Numbers: ``normal`` w, ``offset`` b, the label ``positive``, ``multipliers`` a, one for each object, and ``gap``.
Stated: w.x - b >= 1 for every object with that label and <= -1 for every other one, and |w|^2 / 2 exceeds the least
possible value by at most the gap. A lower bound is sum a - |sum y a x|^2 / 2, where a >= 0 and sum y a = 0.
"""

from __future__ import annotations

from fractions import Fraction

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, combination, dot, scaled
from mathdl.certificates.words import at_most, in_words

IN_PLAIN_WORDS = (
    "The boundary gets every one of these objects right, and no other has a margin that is wider by more "
    "than is stated."
)


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    half, gap = in_words(_half_square(numbers.vector("normal", data.features))), numbers.number("gap")
    excess = f"exceeds the least possible value by at most {at_most(gap)}" if gap else "is the least possible value"
    objects = f"{data.count} objects{' of positive weight' if data.weighted else ''}"
    return (
        f"For w of the hyperplane w.x = b, w.x - b is at least 1 for those of the {objects} labelled "
        f"{numbers.label('positive')!r} and at most -1 for the others, and half of |w|^2, {half}, {excess}."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compute w.x - b for every object, and the lower bound."""
    normal, signs = numbers.vector("normal", data.features), data.signs(numbers.label("positive"))
    values, below = data.affine(normal, -numbers.number("offset"))
    for i, (sign, value) in enumerate(zip(signs, values, strict=True)):
        if sign * value < below:
            raise Refused(f"object {i} lies on the wrong side or within the strip")
    multipliers, common = scaled(numbers.vector("multipliers", data.count))
    signed = [sign * multiplier for sign, multiplier in zip(signs, multipliers, strict=True)]
    if min(multipliers) < 0 or sum(signed) != 0:
        raise Refused("a multiplier is negative, or those of the two classes differ in their sum")
    rows, denominator = data.integers
    vector = combination(signed, rows, data.features)
    bound = Fraction(sum(multipliers), common) - Fraction(dot(vector, vector), 2 * (common * denominator) ** 2)
    if _half_square(normal) - bound > numbers.number("gap"):
        raise Refused("the lower bound is further below half of |w|^2 than the gap")


def _half_square(vector: list[Fraction]) -> Fraction:
    """Return half of |w|^2."""
    wholes, denominator = scaled(vector)
    return Fraction(dot(wholes, wholes), 2 * denominator**2)
