"""The operations of which expressions are made: for each its value, its slopes and what it counts, beside each other.

A slope is the derivative with respect to one argument, as a function of all arguments and of the value; it gives None
where there is no derivative. Values may be numbers of any kind that has arithmetic: floats, fractions, arrays,
intervals, series, counting numbers, and expressions, for which an operation is a new expression.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from mathdl.errors import InputError

Slope = Callable[..., Any]
KINDS = ("additions", "subtractions", "multiplications", "divisions", "exponentials", "comparisons")


@dataclass(frozen=True)
class Operation:
    """One operation.

    ``slopes`` has a function for each argument, or one for all of any number of arguments, which is told which
    argument first. ``text`` is how it is written, with places for the arguments.
    """

    name: str
    value: Callable[..., Any]
    slopes: tuple[Slope, ...] | Slope
    text: str
    counts: Mapping[str, int] | Callable[[int], Mapping[str, int]] = field(default_factory=dict)

    def slope(self, i: int, arguments: tuple[Any, ...], value: Any) -> Any:
        """Return the derivative with respect to argument ``i``, None where there is none."""
        if callable(self.slopes):
            return self.slopes(i, arguments, value)
        return self.slopes[i](*arguments, value)

    def count(self, arguments: int) -> Mapping[str, int]:
        """Return how many elementary operations it is, by kind (Definition 9.1.2)."""
        return self.counts(arguments) if callable(self.counts) else self.counts


OPERATIONS: dict[str, Operation] = {}


def _declare(name: str, value: Callable[..., Any], slopes: Any, text: str, counts: Any = None) -> None:
    OPERATIONS[name] = Operation(name, value, slopes, text, counts or {})


def apply(name: str, *arguments: Any) -> Any:
    """Apply an operation to values of any kind: the first that knows how does it."""
    for each in arguments:
        if hasattr(each, "apply_operation"):  # expressions, intervals, series, counting numbers
            return each.apply_operation(name, arguments)
    return OPERATIONS[name].value(*arguments)


def method(name: str, turned: bool = False) -> Callable[..., Any]:
    """Return an operation as a method; ``turned`` where the object stands on the right. Arrays go entry by entry."""

    def applied(self: Any, *others: Any) -> Any:
        if any(isinstance(other, np.ndarray) for other in others):
            return NotImplemented
        return self.apply_operation(name, (*others, self) if turned else (self, *others))

    return applied


class Arithmetic:
    """Numbers that do arithmetic by their ``apply_operation``, and are compared by it."""

    __add__, __radd__ = method("add"), method("add", turned=True)
    __sub__, __rsub__ = method("subtract"), method("subtract", turned=True)
    __mul__, __rmul__ = method("multiply"), method("multiply", turned=True)
    __truediv__, __rtruediv__ = method("divide"), method("divide", turned=True)
    __pow__, __rpow__ = method("power"), method("power", turned=True)
    __neg__, __abs__ = method("negative"), method("abs")
    __gt__, __ge__, __lt__, __le__ = method("gt"), method("ge"), method("lt"), method("le")


class OwnArithmetic(Arithmetic):
    """Numbers of one class, such as intervals: their operations are its methods, or made of them."""

    @classmethod
    def _lift(cls, number: Any) -> Any:
        """Return a plain number as one of this class."""
        raise NotImplementedError

    def apply_operation(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Apply an operation to numbers of this class and plain ones."""
        given = tuple(each if isinstance(each, type(self)) else self._lift(each) for each in arguments)
        made = getattr(self, f"_{name}", None) or MADE_OF.get(name, OPERATIONS[name].value)
        return made(*given)


MADE_OF: dict[str, Callable[..., Any]] = {
    "subtract": lambda x, y: x + -y,
    "sum": lambda *x: reduce(operator.add, x),
    "sqrt": lambda x: x ** Fraction(1, 2),
    "log2": lambda x: apply("log", x) * (1 / math.log(2)),
    "tan": lambda x: apply("sin", x) / apply("cos", x),
    "sigmoid": lambda x: 1 / (1 + apply("exp", -x)),
    "tanh": lambda x: 2 * apply("sigmoid", 2 * x) - 1,
    "relu": lambda x: apply("maximum", x, 0),
    "abs": lambda x: -x if x < 0 else x,
    "maximum": lambda x, y: y if y > x else x,
    "minimum": lambda x, y: y if y < x else x,
    "norm": lambda *x: apply("sqrt", apply("sum", *(each * each for each in x))),
}


def objects(shape: tuple[int, ...], entries: Iterable[Any]) -> Any:
    """Return an array of any objects."""
    made: Any = np.empty(shape, dtype=object)
    made.reshape(-1)[:] = list(entries)
    return made


def _divided(x: Any, y: Any) -> Any:
    if isinstance(x, int) and isinstance(y, int):
        return Fraction(x, y)
    return x / y


def _power(x: Any, y: Any) -> Any:
    if isinstance(y, Fraction) and y.denominator == 1:
        y = y.numerator
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return _root(x, y)
    if isinstance(x, float) and not isinstance(y, int) and x < 0 and float(y) != int(y):
        raise ValueError("a negative number to a power that is no whole number")
    with np.errstate(all="ignore"):
        return float(x) ** y if isinstance(x, int) and not isinstance(y, int) else x**y


def _root(x: Fraction, y: Fraction) -> Fraction:
    """Return a fraction to the power of a fraction where that is rational."""
    n = y.denominator
    roots = []
    for whole in (x.numerator, x.denominator):
        near = round(whole ** (1 / n)) if whole >= 0 else -1
        found = next((k for k in (near - 1, near, near + 1) if k >= 0 and k**n == whole), None)
        if found is None:
            raise InputError(f"({x})^({y}) is no rational number; evaluate at floats.")
        roots.append(found)
    return Fraction(*roots) ** y.numerator


def _elementary(name: str, exact: Mapping[int, int] | None = None) -> Callable[[Any], Any]:
    """Return an elementary function of floats, complex numbers, arrays, and of the fractions where it is rational."""

    def value(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            with np.errstate(all="ignore"):
                return getattr(np, name)(x)
        if isinstance(x, Fraction):
            if exact and x in exact:
                return Fraction(exact[x.numerator])
            raise InputError(f"{name}({x}) is no rational number; evaluate at floats.")
        return getattr(cmath if isinstance(x, complex) else math, name)(x)

    return value


def _sqrt(x: Any) -> Any:
    return _root(x, Fraction(1, 2)) if isinstance(x, Fraction) else _elementary("sqrt")(x)


def _sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), with an exponential that cannot overflow."""
    if isinstance(x, np.ndarray):
        small = np.exp(-np.abs(x))
        return np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    if isinstance(x, Fraction):
        return 1 / (1 + _elementary("exp", {0: 1})(-x))
    e = cmath.exp(-x) if isinstance(x, complex) else math.exp(-abs(x))
    return 1 / (1 + e) if isinstance(x, complex) or x >= 0 else e / (1 + e)


def _larger(x: Any, y: Any) -> Any:
    return np.maximum(x, y) if isinstance(x, np.ndarray) or isinstance(y, np.ndarray) else max(x, y)


def _smaller(x: Any, y: Any) -> Any:
    return np.minimum(x, y) if isinstance(x, np.ndarray) or isinstance(y, np.ndarray) else min(x, y)


def _sign(x: Any) -> Any:
    return np.sign(x) if isinstance(x, np.ndarray) else (x > 0) - (x < 0)


def _norm(*x: Any) -> Any:
    return math.hypot(*x) if all(isinstance(each, float | int) for each in x) else MADE_OF["norm"](*x)


def _logsumexp(*x: Any) -> Any:
    largest = reduce(lambda a, b: apply("maximum", a, b), x)
    if isinstance(largest, float) and math.isinf(largest):
        raise ValueError("the largest argument is infinite")
    return largest + apply("log", apply("sum", *(apply("exp", each - largest) for each in x)))


def _softmax(i: int, x: tuple[Any, ...], v: Any) -> Any:
    """exp(x_i) / sum of exp(x_k); of numbers with their differences from the largest, which lose nothing far out."""
    if hasattr(v, "apply_operation"):
        return apply("exp", x[i] - v)
    largest = reduce(_larger, x)
    return apply("exp", x[i] - largest) / sum(apply("exp", each - largest) for each in x)


def _abs_slope(x: Any, v: Any) -> Any:
    return apply("sign", x) if hasattr(x, "apply_operation") else None if x == 0 else 1 if x > 0 else -1


def _first_is(test: str, first: int) -> Slope:
    """The slope of the larger or smaller of two: 1 for the argument that is it, none where both are."""

    def slope(x: Any, y: Any, v: Any) -> Any:
        if hasattr(x, "apply_operation") or hasattr(y, "apply_operation"):
            wins = apply(test, x, y)
            return apply("where", wins, 1, 0) if first == 0 else apply("where", wins, 0, 1)
        return None if x == y else int(getattr(operator, test)(x, y) == (first == 0))

    return slope


def _power_slope(x: Any, y: Any, v: Any) -> Any:
    """Y x^(y - 1): at 0 it is 0 for y > 1, and there is none for other powers than whole numbers of at least 0."""
    if not hasattr(x, "apply_operation") and not isinstance(x, np.ndarray) and x == 0:
        if y == 0:
            return 0 * v
        if y < 1:
            return None
    return y * apply("power", x, y - 1)


def _exponent_slope(x: Any, y: Any, v: Any) -> Any:
    """x^y log x: at x = 0 it is 0 for y > 0."""
    if not hasattr(x, "apply_operation") and not isinstance(x, np.ndarray) and x <= 0:
        return 0.0 if x == 0 and y > 0 else None
    return v * apply("log", x)


def _where(test: Any, x: Any, y: Any) -> Any:
    return np.where(test, x, y) if isinstance(test, np.ndarray) else x if test else y


def _where_slope(i: int, arguments: tuple[Any, ...], v: Any) -> Any:
    return apply("where", arguments[0], *((1, 0) if i == 1 else (0, 1)))


def _norm_slope(i: int, x: tuple[Any, ...], v: Any) -> Any:
    return None if not hasattr(v, "apply_operation") and v == 0 else x[i] / v


_ONE = {kind: {kind: 1} for kind in KINDS}
_SUM, _DIFFERENCE, _PRODUCT, _QUOTIENT = (_ONE[kind] for kind in KINDS[:4])
_EXPONENTIAL, _COMPARISON = _ONE["exponentials"], _ONE["comparisons"]

_declare("add", operator.add, (lambda x, y, v: 1, lambda x, y, v: 1), "{} + {}", _SUM)
_declare("subtract", operator.sub, (lambda x, y, v: 1, lambda x, y, v: -1), "{} - {}", _DIFFERENCE)
_declare("multiply", operator.mul, (lambda x, y, v: y, lambda x, y, v: x), "{} * {}", _PRODUCT)
_declare("divide", _divided, (lambda x, y, v: _divided(1, y), lambda x, y, v: -v / y), "{} / {}", _QUOTIENT)
_declare("negative", operator.neg, (lambda x, v: -1,), "-{}")
_declare("power", _power, (_power_slope, _exponent_slope), "{} ** {}", _EXPONENTIAL)
_declare("sum", lambda *x: sum(x), lambda i, x, v: 1, "sum", lambda n: {"additions": n - 1})
_declare("exp", _elementary("exp", {0: 1}), (lambda x, v: v,), "exp", _EXPONENTIAL)
_declare("log", _elementary("log", {1: 0}), (lambda x, v: _divided(1, x),), "log", _EXPONENTIAL)
_declare("log2", _elementary("log2", {1: 0, 2: 1}), (lambda x, v: 1 / (x * math.log(2)),), "log2", _EXPONENTIAL)
_declare("sqrt", _sqrt, (lambda x, v: None if _zero(v) else _divided(1, 2 * v),), "sqrt", _EXPONENTIAL)
_declare("sin", _elementary("sin", {0: 0}), (lambda x, v: apply("cos", x),), "sin", _EXPONENTIAL)
_declare("cos", _elementary("cos", {0: 1}), (lambda x, v: -apply("sin", x),), "cos", _EXPONENTIAL)
_declare("tan", _elementary("tan", {0: 0}), (lambda x, v: 1 + v * v,), "tan", _EXPONENTIAL)
_declare("tanh", _elementary("tanh", {0: 0}), (lambda x, v: 1 - v * v,), "tanh", _EXPONENTIAL)
_declare("sigmoid", _sigmoid, (lambda x, v: v * (1 - v),), "sigmoid", _EXPONENTIAL)
_declare("relu", lambda x: _larger(x, 0 * x), (lambda x, v: _positive(x),), "relu", _COMPARISON)
_declare("abs", abs, (_abs_slope,), "abs", _COMPARISON)
_declare("sign", _sign, (lambda x, v: None if _zero(x) else 0,), "sign", _COMPARISON)
_declare("maximum", _larger, (_first_is("gt", 0), _first_is("gt", 1)), "maximum", _COMPARISON)
_declare("minimum", _smaller, (_first_is("lt", 0), _first_is("lt", 1)), "minimum", _COMPARISON)
_declare("where", _where, _where_slope, "where")
_declare("norm", _norm, _norm_slope, "norm", lambda n: {"multiplications": n, "additions": n - 1, "exponentials": 1})
_declare(
    "logsumexp",
    _logsumexp,
    _softmax,
    "logsumexp",
    lambda n: {"comparisons": n - 1, "subtractions": n, "exponentials": n + 1, "additions": n},
)
for _name, _sign_text in {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}.items():
    _declare(_name, getattr(operator, _name), lambda i, x, v: 0, f"{{}} {_sign_text} {{}}", _COMPARISON)


def _zero(x: Any) -> bool:
    """Whether a number is zero; an expression has no value yet."""
    return not hasattr(x, "apply_operation") and not isinstance(x, np.ndarray) and x == 0


def _positive(x: Any) -> Any:
    """1 where x > 0, else 0: the derivative of ReLU with its value 0 at 0."""
    return apply("where", apply("gt", x, 0), 1, 0) if hasattr(x, "apply_operation") else (x > 0) * 1
