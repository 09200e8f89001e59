"""Series in a small t > 0 with fractional exponents: values near a point in one direction, kinks and roots included."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mathdl.chain.operations import OPERATIONS
from mathdl.errors import InputError

ORDER = Fraction(6)  # exponents from here on are left out: chosen, far above the 1 that a derivative needs


class Series:
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

    def apply_operation(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Apply an operation to series and numbers."""
        given = tuple(each if isinstance(each, Series) else Series({Fraction(0): each}) for each in arguments)
        method = getattr(self, f"_{name}", None)
        if method is not None:
            return method(*given)
        value = OPERATIONS[name].value
        return value(*given)  # what is made of the operations above

    def _add(self, x: Series, y: Series) -> Series:
        terms = dict(x.terms)
        for p, c in y.terms.items():
            terms[p] = terms.get(p, 0) + c
        return Series(terms, min(x.order, y.order))

    def _negative(self, x: Series) -> Series:
        return Series({p: -c for p, c in x.terms.items()}, x.order)

    def _subtract(self, x: Series, y: Series) -> Series:
        return self._add(x, self._negative(y))

    def _sum(self, *x: Series) -> Series:
        total = x[0]
        for each in x[1:]:
            total = self._add(total, each)
        return total

    def _multiply(self, x: Series, y: Series) -> Series:
        terms: dict[Fraction, Any] = {}
        for p, c in x.terms.items():
            for q, d in y.terms.items():
                terms[p + q] = terms.get(p + q, 0) + c * d
        return Series(terms, min(x.order + y.low, y.order + x.low))

    def _divide(self, x: Series, y: Series) -> Series:
        return self._multiply(x, self._to(y, Fraction(-1)))

    def _power(self, x: Series, y: Series) -> Any:
        if set(y.terms) <= {Fraction(0)}:
            exponent = y.terms.get(Fraction(0), 0)
            return self._to(
                x, Fraction(exponent).limit_denominator(10**6) if isinstance(exponent, float) else Fraction(exponent)
            )
        return self._exp(self._multiply(y, self._log(x)))

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
            total = self._add(self._multiply(total, u), Series({Fraction(0): c}, u.order))
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

    def _log2(self, x: Series) -> Series:
        return self._multiply(self._log(x), Series({Fraction(0): 1 / math.log(2)}))

    def _sqrt(self, x: Series) -> Series:
        return self._to(x, Fraction(1, 2))

    def _sin(self, x: Series) -> Series:
        return self._taylor(x, lambda k, c: math.sin(c + k * math.pi / 2) if k else math.sin(c))

    def _cos(self, x: Series) -> Series:
        return self._taylor(x, lambda k, c: math.cos(c + k * math.pi / 2) if k else math.cos(c))

    def _tan(self, x: Series) -> Series:
        return self._divide(self._sin(x), self._cos(x))

    def _sigmoid(self, x: Series) -> Series:
        one = Series({Fraction(0): 1})
        return self._divide(one, self._add(one, self._exp(self._negative(x))))

    def _tanh(self, x: Series) -> Series:
        two = Series({Fraction(0): 2})
        return self._subtract(self._multiply(two, self._sigmoid(self._multiply(two, x))), Series({Fraction(0): 1}))

    def _abs(self, x: Series) -> Series:
        return self._negative(x) if x.sign < 0 else x

    def _sign(self, x: Series) -> Series:
        return Series({Fraction(0): x.sign})

    def _relu(self, x: Series) -> Series:
        return x if x.sign > 0 else Series({}, x.order)

    def _maximum(self, x: Series, y: Series) -> Series:
        return y if self._subtract(y, x).sign > 0 else x

    def _minimum(self, x: Series, y: Series) -> Series:
        return y if self._subtract(y, x).sign < 0 else x

    def _norm(self, *x: Series) -> Series:
        return self._sqrt(self._sum(*(self._multiply(each, each) for each in x)))

    def _logsumexp(self, *x: Series) -> Series:
        largest = x[0]
        for each in x[1:]:
            largest = self._maximum(largest, each)
        return self._add(largest, self._log(self._sum(*(self._exp(self._subtract(each, largest)) for each in x))))

    def _gt(self, x: Series, y: Series) -> bool:
        return self._subtract(x, y).sign > 0

    def _ge(self, x: Series, y: Series) -> bool:
        return self._subtract(x, y).sign >= 0

    def _lt(self, x: Series, y: Series) -> bool:
        return self._subtract(x, y).sign < 0

    def _le(self, x: Series, y: Series) -> bool:
        return self._subtract(x, y).sign <= 0

    def _eq(self, x: Series, y: Series) -> bool:
        return self._subtract(x, y).sign == 0

    def _ne(self, x: Series, y: Series) -> bool:
        return self._subtract(x, y).sign != 0

    @property
    def low(self) -> Fraction:
        """The smallest exponent."""
        return min(self.terms, default=self.order)

    @property
    def sign(self) -> int:
        """The sign for small t."""
        lead = self.terms.get(self.low, 0)
        return int(lead > 0) - int(lead < 0)


def _terms(rest: Series) -> int:
    """Return how many powers of a series without a constant lie below its order."""
    return 1 if not rest.terms else math.ceil(rest.order / rest.low)
