"""A hyperplane with a soft margin whose objective is near the minimum (equation (7.12)).

Numbers: ``regularization`` lambda, ``normal`` w, ``offset`` b, the label ``positive``, ``multipliers`` a, one for each
object, ``objective`` and ``gap``. Stated: lambda |w|^2 + the mean of max(0, 1 - y (w.x - b)) is at most the objective,
and no (w, b) has less than the objective minus the gap. A lower bound is, where 0 <= a <= weight and sum y a = 0,
sum a / W - |sum y a x / W|^2 / (4 lambda); W is the sum of the weights, which are 1 where there are none.
"""

from __future__ import annotations

from fractions import Fraction

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, combination, dot, scaled
from mathdl.certificates.words import in_words, near_minimum

IN_PLAIN_WORDS = "No other boundary gives these objects a better value of what was minimised, by more than is stated."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    regularization, label = in_words(numbers.number("regularization")), numbers.label("positive")
    near = near_minimum(numbers.number("objective"), numbers.number("gap"))
    return (
        f"lambda |w|^2 + the {data.weighted}mean over {data.count} objects of max(0, 1 - y (w.x - b)), with lambda = "
        f"{regularization} and y = 1 for those labelled {label!r} and -1 for the others, {near}."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compute the objective and the lower bound."""
    normal, signs = numbers.vector("normal", data.features), data.signs(numbers.label("positive"))
    regularization, objective = numbers.number("regularization"), numbers.number("objective")
    if regularization <= 0:
        raise Refused("lambda is not positive")
    weights = data.weights or [1.0] * data.count
    both, _ = scaled([*numbers.vector("multipliers", data.count), *weights])
    multipliers, wholes = both[: data.count], both[data.count :]
    total = sum(wholes)
    values, below = data.affine(normal, -numbers.number("offset"))
    losses = [max(0, below - sign * value) for sign, value in zip(signs, values, strict=True)]
    w, common = scaled(normal)
    if regularization * Fraction(dot(w, w), common**2) + Fraction(dot(wholes, losses), below * total) > objective:
        raise Refused("the objective at w and b is larger than stated")
    if any(not 0 <= a <= weight for a, weight in zip(multipliers, wholes, strict=True)):
        raise Refused("a multiplier is negative or larger than its weight")
    signed = [sign * a for sign, a in zip(signs, multipliers, strict=True)]
    if sum(signed) != 0:
        raise Refused("the multipliers of the two classes differ in their sum")
    rows, denominator = data.integers
    pull = combination(signed, rows, data.features)
    bound = (
        Fraction(sum(multipliers), total) - Fraction(dot(pull, pull), (total * denominator) ** 2) / regularization / 4
    )
    if objective - bound > numbers.number("gap"):
        raise Refused("the lower bound is further below the objective than the gap")
