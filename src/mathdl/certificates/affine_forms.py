"""Affine forms: what is known of a number that depends on coordinates e_1, ..., e_n, each from -1 to 1.

A form says that the number is centre + slopes . e to within the radius, and from low to high. All five are whole
numbers that stand for multiples of 2^-UNIT_BITS; whatever rounding loses is added to the radius. Differences of forms
stay narrow where those of intervals do not, since equal slopes cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import mul
from typing import NamedTuple

from mathdl.certificates.enclosures import UNIT_BITS

ONE = 1 << UNIT_BITS
Range = tuple[int, int]
Bounds = Callable[[int], Range]  # of what a function is at a point


class Form(NamedTuple):
    """What is known of a number."""

    centre: int
    slopes: tuple[int, ...]
    radius: int
    low: int
    high: int

    @property
    def spread(self) -> int:
        """How far the number may be from the centre, without the radius."""
        return sum(map(abs, self.slopes))


def form(centre: int, slopes: Sequence[int], radius: int, low: int | None = None, high: int | None = None) -> Form:
    """Return a form; its range is what centre, slopes and radius give, or a narrower one that is known."""
    around = radius + sum(map(abs, slopes))
    below, above = centre - around, centre + around
    return Form(
        centre,
        tuple(slopes),
        radius,
        below if low is None else max(low, below),
        above if high is None else min(high, above),
    )


def between(low: int, high: int, n: int) -> Form:
    """Return a number of which nothing but the range is known."""
    centre = (low + high) // 2
    return Form(centre, (0,) * n, high - centre, low, high)


def number(value: Fraction, n: int) -> Form:
    """Return a constant."""
    return between(down(value), up(value), n)


def coordinate(place: int, low: Fraction, high: Fraction, n: int) -> Form:
    """Return centre + half e_place, which goes from low to high, or a little farther."""
    start, end = down(low), up(high)
    centre = (start + end) // 2
    return form(centre, [end - centre if k == place else 0 for k in range(n)], 0)


def combination(weights: Sequence[int], forms: Sequence[Form], constant: int, below: int) -> Form:
    """Return (constant + the sum of weight times form) / below, the constant in units."""
    n = len(forms[0].slopes) if forms else 0
    used = [(w, x) for w, x in zip(weights, forms, strict=True) if w and x.low != x.high]
    fixed = constant + sum(w * x.low for w, x in zip(weights, forms, strict=True) if w and x.low == x.high)
    chosen = [w for w, _ in used]
    centre = fixed + sum(w * x.centre for w, x in used)
    slopes = [sum(map(mul, chosen, column)) // below for column in zip(*(x.slopes for _, x in used), strict=True)]
    radius = -(-sum(abs(w) * x.radius for w, x in used) // below) + n + 1
    low = fixed + sum(w * (x.low if w > 0 else x.high) for w, x in used)
    high = fixed + sum(w * (x.high if w > 0 else x.low) for w, x in used)
    return form(centre // below, slopes or (0,) * n, radius if used else 1, low // below, -(-high // below))


def product(x: Form, y: Form) -> Form:
    """Return x y."""
    ends = [a * b for a in (x.low, x.high) for b in (y.low, y.high)]
    low, high = min(ends), max(ends)
    centre, rest = x.centre * y.centre, (x.spread + x.radius) * (y.spread + y.radius)
    if x is y:
        low = 0 if x.low <= 0 <= x.high else low
        half = (x.spread * x.spread + 1) // 2  # the square of slopes . e is from 0 to twice that
        centre, rest = centre + half, rest - x.spread * x.spread + half
    slopes = [(x.centre * b + y.centre * a) >> UNIT_BITS for a, b in zip(x.slopes, y.slopes, strict=True)]
    radius = abs(x.centre) * y.radius + abs(y.centre) * x.radius + rest
    return form(centre >> UNIT_BITS, slopes, -(-radius >> UNIT_BITS) + len(slopes) + 1, *outwards(low, high))


def applied(x: Form, at: Bounds, rate: Bounds, reached: Range) -> Form:
    """Return f(x), given what encloses f and f' at a point, and its range, where f' is monotone from low to high.

    With any slope s, f - s x is convex or concave: ends bound it on the one side, the tangent in the middle on the
    other.
    """
    middle, ends = (x.low + x.high) // 2, (x.low, x.high)
    slopes = [bound for end in ends for bound in rate(end)]
    s = (min(slopes) + max(slopes)) // 2
    left = [(low - _up(s * t), high - _down(s * t)) for t in (*ends, middle) for low, high in [at(t)]]
    off = _up(max(abs(bound - s) for bound in rate(middle)) * (x.high - middle + 1))
    left.append((left[2][0] - off, left[2][1] + off))
    low, high = min(bounds[0] for bounds in left), max(bounds[1] for bounds in left)
    return _lined(x, s, (low, high), reached)


def applied_by_slopes(x: Form, at: Bounds, slope: Range, reached: Range) -> Form:
    """Return f(x) in the same way where f' is known only to lie in a range."""
    point = min(max(x.centre, x.low), x.high)
    s = sum(slope) // 2
    (low, high), away = at(point), max(x.high - point, point - x.low) * (slope[1] - s)
    return _lined(x, s, (low - _up(s * point) - _up(away), high - _down(s * point) + _up(away)), reached)


def _lined(x: Form, s: int, rest: Range, reached: Range) -> Form:
    """Return s x and a rest."""
    centre = (rest[0] + rest[1]) // 2
    radius = _up(abs(s) * x.radius) + rest[1] - centre + len(x.slopes) + 1
    return form(_down(s * x.centre) + centre, [_down(s * a) for a in x.slopes], radius, *reached)


def rectified(x: Form) -> Form:
    """Return max(x, 0)."""
    if x.low >= 0:
        return x
    if x.high <= 0:
        return between(0, 0, len(x.slopes))
    share = (x.high << UNIT_BITS) // (x.high - x.low)
    # max(x, 0) - share x is from 0 to what it is at one of the ends.
    most = -(-max(-share * x.low, (ONE - share) * x.high) >> UNIT_BITS)
    slopes = [share * a >> UNIT_BITS for a in x.slopes]
    radius = -(-share * x.radius >> UNIT_BITS) + (most + 1) // 2 + len(slopes) + 1
    return form((share * x.centre >> UNIT_BITS) + most // 2, slopes, radius, 0, x.high)


def hull(x: Form, y: Form) -> Form:
    """Return what is one of two numbers."""
    return between(min(x.low, y.low), max(x.high, y.high), len(x.slopes))


def outwards(low: int, high: int) -> Range:
    """Turn a range in units of units into one of units."""
    return _down(low), _up(high)


def _down(value: int) -> int:
    return value >> UNIT_BITS


def _up(value: int) -> int:
    return -(-value >> UNIT_BITS)


def down(value: Fraction) -> int:
    """Return a number in units, rounded down."""
    return (value.numerator << UNIT_BITS) // value.denominator


def up(value: Fraction) -> int:
    """Return a number in units, rounded up."""
    return -((-value.numerator << UNIT_BITS) // value.denominator)
