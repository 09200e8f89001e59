"""How near polynomials can come to a function on a few points: the lower bound of de la Vallee-Poussin."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from mathdl.certificates.affine_forms import ONE, Range
from mathdl.certificates.rationals import Refused


def least_error(points: Sequence[Fraction], values: Sequence[Range]) -> Fraction:
    """Return a number below which no polynomial of degree at most m comes to values, in units, at m + 2 points.

    With w_i = 1 / the product of the differences x_i - x_j the sum of w_i p(x_i) is 0 for such polynomials, so that the
    one of w_i f(x_i) is at most the sum of the sizes of w_i times the largest difference.
    """
    if len(set(points)) < len(points) or len(points) < 2:
        raise Refused("the points are not two or more different ones")
    weights = [Fraction(1) / prod(x - other for other in points if other != x) for x in points]
    ends = [sorted((w * low, w * high)) for w, (low, high) in zip(weights, values, strict=True)]
    low, high = sum(end[0] for end in ends), sum(end[1] for end in ends)
    return Fraction(max(low, -high, 0) / (sum(map(abs, weights)) * ONE))
