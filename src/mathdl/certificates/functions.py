"""Functions of x1, ..., xn, given by steps: what is known of their values on boxes, by affine forms.

A step is ["variable", place], ["constant", number], or the name of an operation and the places of earlier steps that
it is applied to; the function is the last one. What may have no value on a box is None, and so is a condition that
holds on a part of the box.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isqrt
from typing import Any

from mathdl.certificates.affine_forms import (
    ONE,
    Form,
    Range,
    applied,
    applied_by_slopes,
    between,
    combination,
    hull,
    number,
    product,
    rectified,
)
from mathdl.certificates.elementary import MAX_EXPONENT, cos_bounds, pi_bounds, power_bounds
from mathdl.certificates.enclosures import UNIT_BITS, log_bounds
from mathdl.certificates.rationals import Refused, rational
from mathdl.certificates.words import in_words

MAX_POWER = 64  # chosen
MAX_TEXT = 400  # characters of a function that is written; of a longer one it is said how many steps it has
EFFORT = 10  # operations that a step takes about, for each coordinate and one more; measured
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
_SIGNS |= {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_ANY_NUMBER = {"sum", "norm", "logsumexp"}
Value = Form | bool | None


class NoValue(Exception):
    """An operation may have no value for some of its operands."""


class Function:
    """A function given by steps."""

    def __init__(self, steps: Any, variables: int) -> None:
        if not isinstance(steps, list) or not steps or not all(isinstance(step, list) and step for step in steps):
            raise Refused("the function is no list of steps")
        self._variables = variables
        self._steps = [self._read(k, *step) for k, step in enumerate(steps)]
        self.effort = EFFORT * len(steps) * (variables + 1)

    def __call__(self, box: Sequence[Form]) -> Form | None:
        """Return what is known of the value on a box."""
        n, values = len(box[0].slopes), list[Value]()
        for name, operands in self._steps:
            if name == "variable":
                values.append(box[operands[0]])
            elif name == "constant":
                values.append(number(operands[0], n))
            else:
                values.append(_value(name, [values[place] for place in operands]))
        found = values[-1]
        return found if isinstance(found, Form) else None

    def at(self, point: Sequence[Fraction]) -> Range:
        """Return bounds of the value at a point."""
        found = self([number(x, 1) for x in point])
        if found is None:
            raise Refused(f"the function is not shown to have a value at {', '.join(map(in_words, point))}")
        return found.low, found.high

    @property
    def text(self) -> str:
        """The function, written."""
        texts: list[str] = []
        for name, operands in self._steps:
            if name == "variable":
                texts.append(f"x{operands[0] + 1}")
            elif name == "constant":
                texts.append(in_words(operands[0]))
            elif name in _SIGNS:
                texts.append(f"({texts[operands[0]]} {_SIGNS[name]} {texts[operands[1]]})")
            else:
                texts.append(f"{name}({', '.join(texts[place] for place in operands)})")
            if len(texts[-1]) > MAX_TEXT:
                return f"the function of {len(self._steps)} steps that is shown"
        return texts[-1]

    def _read(self, k: int, name: Any, *operands: Any) -> tuple[str, tuple[Any, ...]]:
        """Return a step that is well made."""
        if name == "constant" and len(operands) == 1:
            return name, (rational(operands[0]),)
        if not all(type(place) is int for place in operands):
            raise Refused(f"step {k} has operands that are no whole numbers")
        if name == "variable" and len(operands) == 1 and 0 <= operands[0] < self._variables:
            return name, operands
        arity = ARITIES.get(name) if isinstance(name, str) else None
        if arity is None or not (len(operands) == arity or (name in _ANY_NUMBER and operands)):
            raise Refused(f"step {k}, {str(name)[:40]!r}, is no operation of so many operands")
        if not all(0 <= place < k for place in operands):
            raise Refused(f"step {k} has operands that are no earlier steps")
        return name, operands


def _value(name: str, given: Sequence[Any]) -> Value:
    """Return what an operation makes of values."""
    if name == "where" and isinstance(given[0], bool):
        return given[1] if given[0] else given[2]  # type: ignore[no-any-return]
    try:
        if name == "where":
            return hull(*map(_form, given[1:]))
        return OPERATIONS[name](*map(_form, given))
    except NoValue:
        return None


def _form(value: Any) -> Form:
    if not isinstance(value, Form):
        raise NoValue
    return value


def _power(x: Form, y: Form) -> Form:
    """Return x to the power y: of 0 and below only to constant whole numbers, and to halves of 0."""
    twice = Fraction(2 * y.low, ONE)
    if y.low != y.high or twice.denominator > 1 or abs(twice) > MAX_POWER:
        return _exp(product(y, _log(x)))
    if twice < 0:
        return _reciprocal(_power(x, _negative(y)))
    return _whole_power(x, int(twice) // 2) if twice % 2 == 0 else _whole_power(_sqrt(x), int(twice))


def _whole_power(x: Form, n: int) -> Form:
    if n == 0:
        return number(Fraction(1), len(x.slopes))
    half = _whole_power(x, n // 2) if n > 1 else x
    even = product(half, half) if n > 1 else x
    return product(even, x) if n % 2 and n > 1 else even


def _sum(*forms: Form) -> Form:
    return combination([1] * len(forms), forms, 0, 1)


def _difference(x: Form, y: Form) -> Form:
    return combination([1, -1], [x, y], 0, 1)


def _negative(x: Form) -> Form:
    return combination([-1], [x], 0, 1)


def _reciprocal(x: Form) -> Form:
    if x.low <= 0 <= x.high:
        raise NoValue

    def at(t: int) -> Range:
        return ONE * ONE // t, -(-ONE * ONE // t)

    def rate(t: int) -> Range:
        return -(ONE**3 // t**2) - 1, -(ONE**3 // t**2)

    return applied(x, at, rate, (at(x.high)[0], at(x.low)[1]))


def _exp(x: Form) -> Form:
    if x.high > MAX_EXPONENT * ONE:
        raise NoValue
    at = _at(power_bounds)
    return applied(x, at, at, (at(x.low)[0], at(x.high)[1]))


def _log(x: Form) -> Form:
    if x.low <= 0:
        raise NoValue

    def rate(t: int) -> Range:
        return ONE * ONE // t, ONE * ONE // t + 1

    at = _at(log_bounds)
    return applied(x, at, rate, (at(x.low)[0], at(x.high)[1]))


def _sqrt(x: Form) -> Form:
    if x.low < 0:
        raise NoValue

    def at(t: int) -> Range:
        return isqrt(t << UNIT_BITS), isqrt(t << UNIT_BITS) + 1

    def rate(t: int) -> Range:
        return ONE * ONE // (2 * at(t)[1]), ONE * ONE // (2 * at(t)[0]) + 1

    reached = at(x.low)[0], at(x.high)[1]
    return applied(x, at, rate, reached) if reached[0] else between(*reached, len(x.slopes))


def _sigmoid(x: Form) -> Form:
    if x.low < -MAX_EXPONENT * ONE:
        raise NoValue

    def at(t: int) -> Range:
        low, high = power_bounds(Fraction(-t, ONE))
        return ONE * ONE // (ONE + high), ONE * ONE // (ONE + low) + 1

    def rate(t: int) -> Range:
        ends = [value * (ONE - value) for value in at(t)]
        return (min(ends) >> UNIT_BITS) - 1, (max(ends) >> UNIT_BITS) + 1  # the derivative's own slope is at most 1

    reached = at(x.low)[0], at(x.high)[1]
    if not x.low < 0 < x.high:
        return applied(x, at, rate, reached)
    return applied_by_slopes(x, at, (min(rate(x.low)[0], rate(x.high)[0]), ONE // 4), reached)


def _cos(x: Form) -> Form:
    """Return the cosine; its derivative is the cosine a quarter of a turn further."""
    low, high = pi_bounds()

    def rate(t: int) -> Range:
        return _cosines(t + low // 2, t - (-high // 2))

    reached = _cosines(x.low, x.high)
    if reached[0] >= 0 or reached[1] <= 0:
        return applied(x, _at(cos_bounds), rate, reached)
    return applied_by_slopes(x, _at(cos_bounds), _cosines(x.low + low // 2, x.high - (-high // 2)), reached)


def _sin(x: Form) -> Form:
    low, high = pi_bounds()
    return _cos(_difference(x, between(low // 2, -(-high // 2), len(x.slopes))))


def _cosines(low: int, high: int) -> Range:
    """Return what encloses the cosine from low to high: between two multiples of pi it is monotone."""
    least, most = pi_bounds()
    if high - low >= 2 * least:
        return -ONE, ONE
    ends = [*_at(cos_bounds)(low), *_at(cos_bounds)(high)]
    for k in range(min(low // least, low // most) - 1, max(high // least, high // most) + 2):
        before, after = sorted((k * least, k * most))
        if before <= high and low <= after:
            ends.append(ONE if k % 2 == 0 else -ONE)
    return min(ends), max(ends)


def _maximum(x: Form, y: Form) -> Form:
    found = _sum(y, rectified(_difference(x, y)))
    return found._replace(low=max(x.low, y.low, found.low), high=min(max(x.high, y.high), found.high))


def _norm(*forms: Form) -> Form:
    return _sqrt(_sum(*(product(x, x) for x in forms)))


def _logsumexp(*forms: Form) -> Form:
    shift = number(Fraction(max(x.high for x in forms), ONE), len(forms[0].slopes))
    return _sum(shift, _log(_sum(*(_exp(_difference(x, shift)) for x in forms))))


def _log2(x: Form) -> Form:
    return product(_log(x), _reciprocal(_log(number(Fraction(2), len(x.slopes)))))


def _at(bounds: Callable[[Fraction], Range]) -> Callable[[int], Range]:
    """Return bounds of a function of numbers in units."""
    return lambda t: bounds(Fraction(t, ONE))


def _greater(x: Form, y: Form) -> bool | None:
    return True if x.low > y.high else False if x.high <= y.low else None


def _not_less(x: Form, y: Form) -> bool | None:
    return True if x.low >= y.high else False if x.high < y.low else None


OPERATIONS: dict[str, Callable[..., Form | bool | None]] = {
    "add": _sum,
    "subtract": _difference,
    "multiply": product,
    "divide": lambda x, y: product(x, _reciprocal(y)),
    "negative": _negative,
    "power": _power,
    "sum": _sum,
    "exp": _exp,
    "log": _log,
    "log2": _log2,
    "sqrt": _sqrt,
    "sin": _sin,
    "cos": _cos,
    "tan": lambda x: product(_sin(x), _reciprocal(_cos(x))),
    "tanh": lambda x: combination([2], [_sigmoid(_sum(x, x))], -ONE, 1),
    "sigmoid": _sigmoid,
    "relu": rectified,
    "abs": lambda x: _maximum(x, _negative(x)),
    "maximum": _maximum,
    "minimum": lambda x, y: _negative(_maximum(_negative(x), _negative(y))),
    "norm": _norm,
    "logsumexp": _logsumexp,
    "gt": _greater,
    "ge": _not_less,
    "lt": lambda x, y: _greater(y, x),
    "le": lambda x, y: _not_less(y, x),
}
ARITIES = dict.fromkeys(OPERATIONS, 1) | dict.fromkeys((*_SIGNS, "maximum", "minimum"), 2) | {"where": 3}
