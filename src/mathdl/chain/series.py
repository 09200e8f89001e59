"""Series in a small t > 0 with fractional exponents: values near a point in one direction, kinks and roots included."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from mathdl.chain.operations import OwnArithmetic
from mathdl.errors import InputError

ORDER = Fraction(6)  # exponents from here on are left out: chosen, far above the 1 that a derivative needs


class Series(OwnArithmetic):
    """The sum of c t^p over some exponents p below ``order``, and what is of that order."""

    __slots__ = ("low", "order", "terms")

    def __init__(self, terms: Mapping[Fraction, Any], order: Fraction = ORDER) -> None:
        self.terms = {p: c for p, c in sorted(terms.items()) if c != 0 and p < order}
        self.order = order
        self.low = min(self.terms, default=order)

    def __str__(self) -> str:
        return " + ".join(f"{c} t^{p}" if p else str(c) for p, c in [*self.terms.items()][:2]) or "0"

    @staticmethod
    def line(value: Any, slope: Any) -> Series | Any:
        """Return value + slope t."""
        return Series({Fraction(0): value, Fraction(1): slope}) if slope != 0 else value

    def slope(self) -> Any:
        """Return the coefficient of t, infinite where there is a smaller power."""
        least = min((p for p in self.terms if p != 0), default=Fraction(1))
        return self.terms.get(Fraction(1), 0.0) if least >= 1 and self.order > 1 else math.inf

    @classmethod
    def _lift(cls, number: Any) -> Series:
        """Return a number as its constant."""
        return cls({Fraction(0): number})

    def _add(self, x: Series, y: Series) -> Series:
        return _collected([*x.terms.items(), *y.terms.items()], min(x.order, y.order))

    def _negative(self, x: Series) -> Series:
        return Series({p: -c for p, c in x.terms.items()}, x.order)

    def _multiply(self, x: Series, y: Series) -> Series:
        products = ((p + q, c * d) for p, c in x.terms.items() for q, d in y.terms.items())
        return _collected(products, min(x.order + y.low, y.order + x.low))

    def _divide(self, x: Series, y: Series) -> Any:
        return x * _to(y, Fraction(-1))

    def _power(self, x: Series, y: Series) -> Any:
        if set(y.terms) <= {Fraction(0)}:
            return _to(x, Fraction(y.terms.get(Fraction(0), 0)).limit_denominator(10**6))
        return self._exp(y * self._log(x))

    def _exp(self, x: Series) -> Series:
        return _taylor(x, lambda k, c: math.exp(c))

    def _log(self, x: Series) -> Series:
        if x.terms.get(Fraction(0), 0) <= 0:
            raise InputError("A logarithm has no values: its argument is not positive.")
        return _taylor(x, lambda k, c: -math.factorial(k - 1) / (-float(c)) ** k if k else math.log(c))

    def _sin(self, x: Series) -> Series:
        return _taylor(x, lambda k, c: math.sin(c + k * math.pi / 2))

    def _cos(self, x: Series) -> Series:
        return _taylor(x, lambda k, c: math.cos(c + k * math.pi / 2))

    def _sign(self, x: Series) -> Any:
        lead = x.terms.get(x.low, 0)  # which tells the sign for small t
        return int(lead > 0) - int(lead < 0)


def _collected(terms: Iterable[tuple[Fraction, Any]], order: Fraction) -> Series:
    """Return the sum of terms, of which several may have one exponent."""
    found: dict[Fraction, Any] = {}
    for p, c in terms:
        found[p] = found.get(p, 0) + c
    return Series(found, order)


def _to(x: Series, e: Fraction) -> Series:
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
    inner = _polynomial(rest, lambda k: math.prod(((e - i) / (i + 1) for i in range(k)), start=Fraction(1)))
    return Series({q + p * e: lead * d for q, d in inner.terms.items()}, inner.order + p * e)


def _taylor(x: Series, derivative: Callable[[int, Any], Any]) -> Series:
    """Return f(x) by Taylor's series around its constant, where the k-th derivative is ``derivative(k, constant)``."""
    if x.low < 0:
        raise InputError("An elementary function has no values: its argument is infinite.")
    constant = x.terms.get(Fraction(0), 0.0)
    rest = Series({p: c for p, c in x.terms.items() if p > 0}, x.order)
    return _polynomial(rest, lambda k: derivative(k, constant) / math.factorial(k))


def _polynomial(u: Series, coefficient: Callable[[int], Any]) -> Series:
    """Return the sum of coefficients times u^k, for u without a constant, as far as its order goes."""
    total = Series({}, u.order)
    for k in reversed(range(math.ceil(u.order / u.low) if u.terms else 1)):
        total = total * u + Series({Fraction(0): coefficient(k)}, u.order)
    return total
