"""Intervals of floats: what an operation gives contains every value that it has on its arguments, rounding included."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from mathdl.chain.operations import OwnArithmetic, apply
from mathdl.errors import InputError

LIBRARY_ULPS = 2  # by how many floats a result of the C library is widened: its functions err by less than one


class Interval(OwnArithmetic):
    """All numbers from ``low`` to ``high``, to evaluate expressions and gradients at.

    Parameters
    ----------
    low, high : float

    Raises
    ------
    InputError
        If low is above high, or one of them is nan.

    Examples
    --------
    >>> import mathdl
    >>> x = mathdl.variables("x")
    >>> found = mathdl.chain.evaluate(x * x - x, [mathdl.chain.Interval(0.0, 2.0)])
    >>> found.low < -1.99, found.high > 3.99
    (True, True)
    """

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        if not low <= high:
            raise InputError(f"Interval: low is {low!r} and high is {high!r}; give the smaller one first.")
        self.low, self.high = float(low), float(high)

    def __contains__(self, x: Any) -> bool:
        return bool(self.low <= x <= self.high)

    def __repr__(self) -> str:
        return f"Interval({self.low!r}, {self.high!r})"

    @classmethod
    def _lift(cls, number: Any) -> Interval:
        """Return the float next to a number, or the interval between two, which holds it."""
        near = float(number)
        return (
            cls(near, near) if near == number else cls(math.nextafter(near, -math.inf), math.nextafter(near, math.inf))
        )

    def _add(self, x: Interval, y: Interval) -> Interval:
        return _widened(x.low + y.low, x.high + y.high)

    def _negative(self, x: Interval) -> Interval:
        return Interval(-x.high, -x.low)

    def _multiply(self, x: Interval, y: Interval) -> Any:
        if x is y:  # a number times itself
            return x**2
        ends = [_product(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
        return _widened(min(ends), max(ends))

    def _divide(self, x: Interval, y: Interval) -> Any:
        if 0 in y:
            raise ZeroDivisionError("0 lies in the interval that is divided by")
        return x * _widened(1 / y.high, 1 / y.low)

    def _power(self, x: Interval, y: Interval) -> Any:
        if y.low == y.high == int(y.low) and abs(y.low) < 1024:
            n = int(y.low)
            if n < 0:
                return 1 / x**-n
            if n % 2 == 1:
                return _by_library(lambda v: math.pow(v, n), x)
            found = _by_library(lambda v: math.pow(v, n), abs(x))
            return Interval(max(found.low, 0.0), found.high) if n else Interval(1, 1)
        return self._exp(y * self._log(x))

    def _log(self, x: Interval) -> Interval:
        return _by_library(math.log, x)

    def _log2(self, x: Interval) -> Interval:
        return _by_library(math.log2, x)

    def _tanh(self, x: Interval) -> Interval:
        return _by_library(math.tanh, x)

    def _exp(self, x: Interval) -> Interval:
        found = _by_library(lambda v: math.exp(v) if v < 709 else math.inf, x)
        return Interval(max(found.low, 0.0), found.high)

    def _sqrt(self, x: Interval) -> Interval:
        return _widened(math.sqrt(x.low), math.sqrt(x.high))

    def _cos(self, x: Interval) -> Interval:
        """Between two multiples of pi the cosine is monotone, so ends and the multiples inside decide."""
        if x.high - x.low >= 6.3 or max(abs(x.low), abs(x.high)) > 1e8:
            return Interval(-1, 1)
        ends = _by_library(math.cos, x)
        low, high = ends.low, ends.high
        slack = 1e-7  # far more than the rounding of k pi up to 1e8: taking one multiple too many only widens
        for k in range(math.floor((x.low - slack) / math.pi), math.ceil((x.high + slack) / math.pi) + 1):
            if x.low - slack <= k * math.pi <= x.high + slack:
                low, high = (low, 1.0) if k % 2 == 0 else (-1.0, high)
        return Interval(max(low, -1.0), min(high, 1.0))

    def _sin(self, x: Interval) -> Any:
        half_pi = Interval(math.nextafter(math.pi / 2, 0), math.nextafter(math.pi / 2, 2))
        return self._cos(x - half_pi)

    def _abs(self, x: Interval) -> Interval:
        if 0 in x:
            return Interval(0, max(-x.low, x.high))
        return x if x.low > 0 else -x

    def _maximum(self, x: Interval, y: Interval) -> Interval:
        return Interval(max(x.low, y.low), max(x.high, y.high))

    def _minimum(self, x: Interval, y: Interval) -> Interval:
        return Interval(min(x.low, y.low), min(x.high, y.high))

    def _logsumexp(self, *x: Interval) -> Any:
        largest = max(each.high for each in x)
        shift = Interval(largest, largest)
        return shift + apply("log", apply("sum", *(self._exp(each - shift) for each in x)))

    def _sign(self, x: Interval) -> int:
        return 1 if _decided(x.low > 0, x.high < 0) else -1

    def _gt(self, x: Interval, y: Interval) -> bool:
        return _decided(x.low > y.high, x.high <= y.low)

    def _ge(self, x: Interval, y: Interval) -> bool:
        return _decided(x.low >= y.high, x.high < y.low)

    def _eq(self, x: Interval, y: Interval) -> bool:
        return _decided(x.low == x.high == y.low == y.high, x.high < y.low or y.high < x.low)


def _decided(true: bool, false: bool) -> bool:
    """Return the truth of a comparison; raise where it is true for some of the numbers only."""
    if not (true or false):
        raise InputError("The comparison is true for a part of the interval; divide the interval.")
    return true


def _product(a: float, b: float) -> float:
    """Return a product with 0 times infinity as 0: of bounds, which are no numbers of their own."""
    return 0.0 if a == 0 or b == 0 else a * b


def _widened(low: float, high: float, ulps: int = 1) -> Interval:
    """Return an interval widened by some floats on both sides."""
    for _ in range(ulps):
        low, high = math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
    return Interval(low, high)


def _by_library(function: Callable[[float], float], x: Interval) -> Interval:
    """Return what a function of the C library gives at both ends, the smaller first."""
    ends = function(x.low), function(x.high)
    return _widened(min(ends), max(ends), LIBRARY_ULPS)
