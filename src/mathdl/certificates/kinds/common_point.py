"""The convex hulls of two classes have a point in common, so no hyperplane separates them strictly (section 7.1).

Numbers: ``weights``, one for each object, and the label ``positive``. Stated: they are not negative, sum to 1 in
either class, and the two convex combinations are the same point.
"""

from __future__ import annotations

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, combination, scaled

IN_PLAIN_WORDS = "The two classes overlap: no straight boundary tells all these objects apart."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    return (
        f"No hyperplane separates the {data.count} objects strictly: a convex combination of those labelled "
        f"{numbers.label('positive')!r} is also one of the others."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compute both convex combinations."""
    data.refuse_weights()
    signs = data.signs(numbers.label("positive"))
    weights, total = scaled(numbers.vector("weights", data.count))
    if min(weights) < 0:
        raise Refused("a weight is negative")
    signed = [sign * weight for sign, weight in zip(signs, weights, strict=True)]
    if sum(weights) != 2 * total or sum(signed) != 0:
        raise Refused("the weights of a class do not sum to 1")
    if any(combination(signed, data.integers[0], data.features)):
        raise Refused("the two convex combinations are different points")
