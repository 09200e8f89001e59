"""Series in a small t > 0 with fractional exponents: values near a point in one direction, kinks and roots included."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from mathdl.chain.operations import OwnArithmetic
from mathdl.errors import InputError

ORDER = Fraction(6)  # exponents from here on are left out: chosen, far above the 1 that a derivative needs


class Series(OwnArithmetic):
    """The sum of c t^p over some exponents p below ``order``, and what is of that order."""

    def __init__(self, terms: Mapping[Fraction, Any], order: Fraction = ORDER) -> None:
        self.terms = {p: c for p, c in sorted(terms.items()) if c != 0 and p < order}
        self.order = order

    @staticmethod
    def line(value: Any, slope: Any) -> Series | Any:
        """Return value + slope t."""
        return Series({Fraction(0): value, Fraction(1): slope}) if slope != 0 else value

    def slope(self) -> Any:
        """Return the coefficient of t; raise InputError where a smaller power makes it infinite."""
        least = min((p for p in self.terms if p != 0), default=Fraction(1))
        if least < 1 or self.order <= 1:
            raise InputError("The derivative along this direction is infinite.")
        return self.terms.get(Fraction(1), 0.0)

    @classmethod
    def _lift(cls, number: Any) -> Series:
        """Return a number as its constant."""
        return cls({Fraction(0): number})

    def _add(self, x: Series, y: Series) -> Series:
        terms = dict(x.terms)
        for p, c in y.terms.items():
            terms[p] = terms.get(p, 0) + c
        return Series(terms, min(x.order, y.order))

    def _negative(self, x: Series) -> Series:
        return Series({p: -c for p, c in x.terms.items()}, x.order)

    def _multiply(self, x: Series, y: Series) -> Series:
        terms: dict[Fraction, Any] = {}
        for p, c in x.terms.items():
            for q, d in y.terms.items():
                terms[p + q] = terms.get(p + q, 0) + c * d
        return Series(terms, min(x.order + y.low, y.order + x.low))

    def _divide(self, x: Series, y: Series) -> Any:
        return x * self._to(y, Fraction(-1))

    def _power(self, x: Series, y: Series) -> Any:
        if set(y.terms) <= {Fraction(0)}:
            exponent = y.terms.get(Fraction(0), 0)
            return self._to(x, Fraction(exponent).limit_denominator(10**6))
        return self._exp(y * self._log(x))

    def _to(self, x: Series, e: Fraction) -> Series:
        """Return x^e by the binomial series around its leading term."""
        if not x.terms:
            if e > 0:
                return Series({}, x.order * e)
            raise InputError("A power has no values: 0 stands in a denominator.")
        p, c = x.low, x.terms[x.low]
        if c < 0 and e.denominator > 1:
            raise InputError("A root has no values: it is taken of a negative number.")
        lead = c ** (e.numerator if e.denominator == 1 else float(e))
        rest = Series({q - p: d / c for q, d in x.terms.items() if q > p}, x.order - p)
        binomials, factor = [], Fraction(1)
        for k in range(_terms(rest)):
            binomials.append(factor)
            factor = factor * (e - k) / (k + 1)
        inner = self._polynomial(rest, binomials)
        return Series({q + p * e: lead * d for q, d in inner.terms.items()}, inner.order + p * e)

    def _polynomial(self, u: Series, coefficients: list[Any]) -> Series:
        """Return the sum of c_k u^k for u without a constant."""
        total = Series({}, u.order)
        for c in reversed(coefficients):
            total = total * u + Series({Fraction(0): c}, u.order)
        return total

    def _taylor(self, x: Series, derivatives: Any) -> Series:
        """Return f(x) by Taylor's series around its constant; ``derivatives(k, constant)`` gives them."""
        if x.low < 0:
            raise InputError("An elementary function has no values: its argument is infinite.")
        constant = x.terms.get(Fraction(0), 0.0)
        rest = Series({p: c for p, c in x.terms.items() if p > 0}, x.order)
        return self._polynomial(rest, [derivatives(k, constant) / math.factorial(k) for k in range(_terms(rest))])

    def _exp(self, x: Series) -> Series:
        return self._taylor(x, lambda k, c: math.exp(c))

    def _log(self, x: Series) -> Series:
        if x.terms.get(Fraction(0), 0) <= 0:
            raise InputError("A logarithm has no values: its argument is not positive.")
        return self._taylor(
            x, lambda k, c: math.log(c) if k == 0 else (-1) ** (k - 1) * math.factorial(k - 1) / float(c) ** k
        )

    def _sin(self, x: Series) -> Series:
        return self._taylor(x, lambda k, c: math.sin(c + k * math.pi / 2) if k else math.sin(c))

    def _cos(self, x: Series) -> Series:
        return self._taylor(x, lambda k, c: math.cos(c + k * math.pi / 2) if k else math.cos(c))

    def _sign(self, x: Series) -> Series:
        return Series({Fraction(0): x.sign})

    @property
    def low(self) -> Fraction:
        """The smallest exponent."""
        return min(self.terms, default=self.order)

    @property
    def sign(self) -> int:
        """The sign for small t."""
        lead = self.terms.get(self.low, 0)
        return int(lead > 0) - int(lead < 0)


def _compares(name: str) -> Callable[[Any, Series, Series], bool]:
    """Return a comparison of two series, which is one of the sign of their difference with 0."""
    return lambda self, x, y: bool(getattr(operator, name)((x - y).sign, 0))


for _name in ("gt", "ge", "lt", "le", "eq", "ne"):
    setattr(Series, f"_{_name}", _compares(_name))


def _terms(rest: Series) -> int:
    """Return how many powers of a series without a constant lie below its order."""
    return 1 if not rest.terms else math.ceil(rest.order / rest.low)
