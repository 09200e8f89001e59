"""How near polynomials can come to a function on a few points: the lower bound of de la Vallee-Poussin."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import prod

from mathdl.certificates.affine_forms import ONE, Range
from mathdl.certificates.functions import Function
from mathdl.certificates.limits import afford
from mathdl.certificates.rationals import Refused

Points = Sequence[Sequence[Fraction]]


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


def check_breaks(function: Function, line: Points, triples: Points, missed: Fraction) -> None:
    """Refuse unless every function that is nearer than what is missed breaks within each triple of points of a line."""
    shares = [Fraction(0), *(share for triple in triples for share in triple), Fraction(1)]
    if not triples or any(a > b for a, b in pairwise(shares)):
        raise Refused("the triples are not in order on the line")
    afford(len(triples) * function.effort)
    for triple in triples:
        points = [[a + share * (b - a) for a, b in zip(*line, strict=True)] for share in triple]
        if least_error(triple, [function.at(point) for point in points]) < missed:
            raise Refused("an affine function is not shown to be off on three points")
