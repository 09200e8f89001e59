"""Polygons in the plane, in whole numbers: that they tile another one, and what functions are on one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd

from mathdl.certificates.rationals import Refused, scaled
from mathdl.certificates.symbols import Form, PiecewiseNames, combination

Triple = tuple[int, int, int]  # a corner (s w, t w, w) with w > 0, or a line a s + b t + c = 0


def corner(s: Fraction, t: Fraction) -> Triple:
    """Return a corner in whole numbers without a common divisor."""
    (x, y, w), _ = scaled([s, t, Fraction(1)])
    return x, y, w


def refuse_unless_tiled(pieces: Iterable[Sequence[Triple]], whole: Sequence[Triple]) -> None:
    """Refuse convex polygons that do not cover another one, or overlap in more than edges.

    The edge from P to Q counts once at P and minus once at Q, on their line. Where these counts of all pieces are those
    of the whole, so are the pieces' boundaries, together, as chains; then almost every point of the plane lies in as
    many pieces as in the whole.
    """
    counts: Counter[tuple[Triple, Triple]] = Counter()
    for polygon, sign in [*((piece, 1) for piece in pieces), (whole, -1)]:
        for p, q in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
            line = _line(p, q)
            if any(_value(line, r) <= 0 for r in polygon if r not in (p, q)) or len(set(polygon)) < max(
                3, len(polygon)
            ):
                raise Refused("a polygon is not convex, or its corners do not go round it counter-clockwise")
            unsigned = max(line, (-line[0], -line[1], -line[2]))
            counts[unsigned, p] += sign
            counts[unsigned, q] -= sign
    if any(counts.values()):
        raise Refused("the pieces do not cover the polygon, or overlap")


def _line(p: Triple, q: Triple) -> Triple:
    """Return the line through two corners without a common divisor; what is left of it is positive."""
    a, b, c = p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]
    divisor = gcd(a, b, c) or 1
    return a // divisor, b // divisor, c // divisor


def _value(line: Triple, r: Triple) -> int:
    """Return a function of the plane at a corner, up to a positive factor."""
    return line[0] * r[0] + line[1] * r[1] + line[2] * r[2]


class OnPolygon(PiecewiseNames):
    """The names s and t, numbers 0 and 1, on a convex polygon, where every function that occurs has to stay affine."""

    def __init__(self, corners: Sequence[Triple]) -> None:
        super().__init__()
        self._corners = corners
        self._inside = sum(r[0] for r in corners), sum(r[1] for r in corners), sum(r[2] for r in corners)

    def sign(self, form: Form) -> int:
        """Return 1 where a form is nowhere negative, -1 where it is nowhere positive; refuse others."""
        values = [_value(_coefficients(form), r) for r in self._corners]
        if min(values) >= 0:
            return 1
        if max(values) > 0:
            raise Refused("the argument of a kink changes its sign inside of a piece, or the largest entry changes")
        return -1

    def bent(self, form: Form, above: int, below: int, unit: int) -> Form:
        """Return a form times one of two numbers; refuse a form that is positive on a part of the polygon only."""
        return combination([above if self.sign(form) > 0 else below], [form])

    def largest(self, forms: Iterable[Form], unit: int) -> Form:
        """Return the largest of forms; refuse where it is not the same one on the whole polygon."""
        members = set(forms)
        found = max(members, key=lambda form: _value(_coefficients(form), self._inside))
        for form in members:
            if self.sign(combination([1, -1], [found, form])) < 0:
                raise Refused("the largest entry of a block changes inside of a piece")
        return found


def _coefficients(form: Form) -> Triple:
    """Return a form as a line."""
    terms = dict(zip(form[1], form[2], strict=True))
    return terms.get(0, 0), terms.get(1, 0), form[0]
