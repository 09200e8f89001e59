"""Networks on a box of inputs: their numbers as affine functions of numbers from -1 to 1, those of the inputs first.

Behind a kink whose argument takes both signs, a number is no affine function. It is one, give or take a half-width that
is exactly known; so a new number from -1 to 1 stands for where in between it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, rational, scaled
from mathdl.certificates.symbols import Form, PiecewiseNames, combination

SLOPE_BITS = 40  # chosen: of the slope between those of a kink, as exact as floating-point numbers that look for it


class Bent(NamedTuple):
    """What goes into a kink, what comes out in the unit behind it, and the two slopes between them."""

    argument: Form
    value: Form
    above: int
    below: int
    unit: int

    def relations(self) -> list[Form]:
        """Return the value minus the argument times ``below``, and times ``above``: neither is ever negative."""
        sign = 1 if self.above > self.below else -1
        slopes = (self.below, self.above)
        return [combination([sign, -sign * slope], [self.value, self.argument]) for slope in slopes]


class Relaxed(PiecewiseNames):
    """Numbers from -1 to 1; ``sides`` tells of kinks, counted from 0, on which side their arguments are taken to be.

    A maximum counts as kinks too: of two numbers a and b the larger is a + max(b - a, 0), and of several that of the
    larger ones of pairs, and so on.
    """

    def __init__(self, inputs: int, sides: Mapping[int, bool]) -> None:
        super().__init__()
        self._next, self._sides = inputs, sides
        self.bends: list[Bent] = []

    def bent(self, form: Form, above: int, below: int, unit: int) -> Form:
        """Return a form behind a kink."""
        if above == below:
            return combination([above], [form])
        reach, side = sum(map(abs, form[2])), self._sides.get(len(self.bends))
        low, high = form[0] - reach, form[0] + reach
        if side is None and low < 0 < high:
            value = self._between(form, (low, high), (below, above))
        else:
            is_above = low >= 0 if side is None else side
            value = combination([above if is_above else below], [form])
        self.bends.append(Bent(form, value, above, below, unit))
        return value

    def largest(self, forms: Iterable[Form], unit: int) -> Form:
        """Return the largest of forms."""
        left = list(forms)
        while len(left) > 1:
            pairs = zip(left[::2], left[1::2], strict=False)
            larger = [combination([1, 1], [a, self.bent(combination([1, -1], [b, a]), 1, 0, unit)]) for a, b in pairs]
            left = larger + left[2 * len(larger) :]
        return left[0]

    def _between(self, form: Form, ends: tuple[int, int], slopes: tuple[int, int]) -> Form:
        """Return the form times a slope between the two, plus a constant, plus a new number times the half-width.

        The function minus the line is least and largest at an end of the interval, or at 0. Every coefficient is
        rounded down, which may make as much difference as there are coefficients.
        """
        (low, high), (below, above) = ends, slopes
        slope = ((above * high - below * low) << SLOPE_BITS) // (high - low)
        factors = [slope * k >> SLOPE_BITS for k in form[2]]
        at = 0, ((below << SLOPE_BITS) - slope) * low, ((above << SLOPE_BITS) - slope) * high
        least = (min(at) >> SLOPE_BITS) - len(factors) - 1
        most = -(-max(at) >> SLOPE_BITS) + len(factors) + 1
        middle = (least + most) // 2
        terms = [(name, k) for name, k in zip(form[1], factors, strict=True) if k]
        terms.append((self._next, max(most - middle, middle - least)))
        self._next += 1
        return (slope * form[0] >> SLOPE_BITS) + middle, tuple(n for n, _ in terms), tuple(k for _, k in terms)


def refuse_unless_positive(form: Form, unit: int, names: Relaxed, factors: Any) -> None:
    """Refuse a form that is not shown to be positive by taking relations of kinks times their factors off it."""
    weights, forms = [Fraction(1, unit)], [form]
    for kink, *given in factors:
        bend = names.bends[kink] if type(kink) is int and 0 <= kink < len(names.bends) else None
        numbers = [rational(text) for text in given]
        if bend is None or len(numbers) != 2 or min(numbers) < 0:
            raise Refused("a factor is negative, or belongs to no kink")
        weights += [-number / bend.unit for number in numbers]
        forms += bend.relations()
    constant, _, coefficients = combination(scaled(weights)[0], forms)
    if constant <= sum(map(abs, coefficients)):
        raise Refused("another output is not shown to be less")


def between(low: Sequence[int], high: Sequence[int]) -> list[Form]:
    """Return inputs between two, in half of their unit."""
    if any(a > b for a, b in zip(low, high, strict=True)):
        raise Refused("the least value of an input is above the largest one")
    sides = enumerate(zip(low, high, strict=True))
    return [(a + b, (name,), (b - a,)) if a < b else (2 * a, (), ()) for name, (a, b) in sides]


def ends(proof: Any, taken: dict[int, bool]) -> Iterator[tuple[dict[int, bool], Numbers]]:
    """Yield the ends of a proof, each with the sides of kinks that lead to it."""
    if not isinstance(proof, list):
        yield taken, Numbers(proof)
        return
    kink, *parts = proof
    if type(kink) is not int or len(parts) != 2:
        raise Refused("a part of the proof is no kink and two proofs")
    for side, part in zip((True, False), parts, strict=True):
        yield from ends(part, {**taken, kink: side})
