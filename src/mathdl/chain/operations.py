"""The operations of which expressions are made: a row each, with its value, its slope and its count beside each other.

Values may be numbers of any kind that has arithmetic: floats, complex numbers, fractions, arrays, and numbers of the
kinds that derive from ``Arithmetic``, which know how an operation is done on them.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np

from mathdl.errors import InputError

Value = Callable[..., Any]
Slope = Callable[[int, tuple[Any, ...], Any], Any]
Count = Callable[[int], Mapping[str, int]]
KINDS = ("additions", "subtractions", "multiplications", "divisions", "exponentials", "comparisons")
FUNCTION = 9  # how strongly the written form of a function binds: its arguments stand in brackets anyway


@dataclass(frozen=True)
class Operation:
    """One operation.

    ``value`` takes the arguments; ``slope(i, arguments, value)`` is the derivative with respect to argument i, None
    where there is none; ``count(n)`` says, by kind, how many elementary operations it is of n arguments (Definition
    9.1.2). ``text`` is how it is written, with places for the arguments, and ``binds`` how strongly.
    """

    name: str
    value: Value
    slope: Slope
    count: Count
    text: str
    binds: int


def method(name: str, turned: bool = False) -> Callable[..., Any]:
    """Return an operation as a method of ``Arithmetic``; ``turned`` where the object stands on the right."""

    def applied(self: Any, *others: Any) -> Any:
        if not all(map(self._meets, others)):
            return NotImplemented
        return self.apply_operation(name, (*others, self) if turned else (self, *others))

    return applied


class Arithmetic:
    """Numbers of a kind of their own: their arithmetic and comparisons go by ``apply_operation``."""

    __slots__ = ()

    def apply_operation(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Apply an operation to arguments of which one at least is of this kind."""
        raise NotImplementedError

    def _meets(self, other: Any) -> bool:
        """Whether arithmetic with another object is done here; NumPy goes through arrays entry by entry."""
        return not isinstance(other, np.ndarray)

    __add__, __radd__ = method("add"), method("add", turned=True)
    __sub__, __rsub__ = method("subtract"), method("subtract", turned=True)
    __mul__, __rmul__ = method("multiply"), method("multiply", turned=True)
    __truediv__, __rtruediv__ = method("divide"), method("divide", turned=True)
    __pow__, __rpow__ = method("power"), method("power", turned=True)
    __neg__, __abs__ = method("negative"), method("abs")
    __gt__, __ge__, __lt__, __le__ = method("gt"), method("ge"), method("lt"), method("le")


class OwnArithmetic(Arithmetic):
    """Numbers of one class, such as intervals: their operations are its methods, or made of them."""

    __slots__ = ()

    @classmethod
    def _lift(cls, number: Any) -> Any:
        """Return a plain number as one of this class."""
        raise NotImplementedError

    def apply_operation(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Apply an operation to numbers of this class and plain ones."""
        given = tuple(each if isinstance(each, type(self)) else self._lift(each) for each in arguments)
        made = getattr(self, f"_{name}", None) or MADE_OF.get(name, OPERATIONS[name].value)
        return made(*given)


OPERATIONS: dict[str, Operation] = {}
MADE_OF: dict[str, Value] = {
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
    "minimum": lambda x, y: y if x > y else x,
    "norm": lambda *x: apply("sqrt", apply("sum", *(each * each for each in x))),
    "gt": lambda x, y: apply("sign", x - y) > 0,
    "ge": lambda x, y: apply("sign", x - y) >= 0,
    "eq": lambda x, y: apply("sign", x - y) == 0,
    "lt": lambda x, y: y > x,
    "le": lambda x, y: y >= x,
    "ne": lambda x, y: not apply("eq", x, y),
}


def apply(name: str, *arguments: Any) -> Any:
    """Apply an operation to values of any kind: the first that knows how does it."""
    for each in arguments:
        if isinstance(each, Arithmetic):
            return each.apply_operation(name, arguments)
    return OPERATIONS[name].value(*arguments)


def objects(shape: tuple[int, ...], entries: Iterable[Any]) -> Any:
    """Return an array of any objects."""
    made: Any = np.empty(shape, dtype=object)
    made.reshape(-1)[:] = list(entries)
    return made


def _either(of_numbers: Value, of_arrays: Value) -> Value:
    """Return one function for numbers, and another where an argument is an array."""
    return lambda *x: (of_arrays if any(isinstance(each, np.ndarray) for each in x) else of_numbers)(*x)


_sign = _either(lambda x: (x > 0) - (x < 0), np.sign)
_relu = _either(lambda x: x if x > 0 else type(x)(0), lambda x: np.maximum(x, 0))
_where = _either(lambda test, x, y: x if test else y, np.where)


def _elementary(name: str, exact: Callable[[Any], Any]) -> Value:
    """Return a function of floats, complex numbers, arrays, and of the fractions where ``exact`` gives its value."""

    def value(x: Any) -> Any:
        if not isinstance(x, Fraction):
            library = np if isinstance(x, np.ndarray) else cmath if isinstance(x, complex) else math
            return (getattr(library, name, None) or MADE_OF[name])(x)  # cmath has no log2
        if (found := exact(x)) is None:
            raise InputError(f"{name}({x}) is no rational number; evaluate at floats.")
        return Fraction(found)

    return value


def _divided(x: Any, y: Any) -> Any:
    return Fraction(x, y) if isinstance(x, int) and isinstance(y, int) else x / y


def _power(x: Any, y: Any) -> Any:
    if isinstance(y, Fraction) and y.denominator == 1:
        y = y.numerator
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        if (found := _root(x, y.denominator)) is None:
            raise InputError(f"({x})^({y}) is no rational number; evaluate at floats.")
        return found**y.numerator
    if isinstance(x, float) and not isinstance(y, int) and x < 0 and float(y) != int(y):
        raise ValueError("a negative number to a power that is no whole number")
    return float(x) ** y if isinstance(x, int) and not isinstance(y, int) else x**y


def _root(x: Fraction, n: int) -> Fraction | None:
    """Return the n-th root of a fraction where that is rational, else None."""
    whole, roots = (x.numerator, x.denominator), [0, 0]
    for k, power in enumerate(whole):
        for bit in reversed(range(power.bit_length() // n + 1)):
            if (roots[k] + (1 << bit)) ** n <= power:
                roots[k] += 1 << bit
    return Fraction(*roots) if (roots[0] ** n, roots[1] ** n) == whole else None


def _sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), with an exponential that cannot overflow."""
    if isinstance(x, complex):
        return 1 / (1 + cmath.exp(-x))
    small = apply("exp", -abs(x))
    return apply("where", x >= 0, 1 / (1 + small), small / (1 + small))


def _logsumexp(*x: Any) -> Any:
    largest = reduce(lambda a, b: apply("maximum", a, b), x)
    if isinstance(largest, float) and math.isinf(largest):
        raise ValueError("the largest argument is infinite")
    return largest + apply("log", apply("sum", *(apply("exp", each - largest) for each in x)))


def _softmax(i: int, x: tuple[Any, ...], v: Any) -> Any:
    """exp(x_i) / sum of exp(x_k); of numbers with their differences from the largest, which lose nothing far out."""
    if isinstance(v, Arithmetic):
        return apply("exp", x[i] - v)
    largest = reduce(OPERATIONS["maximum"].value, x)
    return apply("exp", x[i] - largest) / sum(apply("exp", each - largest) for each in x)


def _tie(x: Any, y: Any = 0) -> bool:
    """Whether two numbers are equal, of many points at one at least; an expression has no value yet."""
    if isinstance(x, Arithmetic) or isinstance(y, Arithmetic):
        return False
    return bool(np.any(x == y)) if isinstance(x, np.ndarray) or isinstance(y, np.ndarray) else x == y


def _share(test: str, i: int, arguments: tuple[Any, ...], v: Any) -> Any:
    """Return 1 for the argument of two that a test picks, 0 for the other; none where they are equal."""
    return None if _tie(*arguments) else apply("where", apply(test, *arguments), 1 - i, i)


def _power_slope(i: int, arguments: tuple[Any, ...], v: Any) -> Any:
    """Give y x^(y - 1) and x^y log x, with their limits at x = 0; there is none where they are infinite."""
    x, y = arguments
    if i == 0:
        if not isinstance(y, Arithmetic | np.ndarray | complex) and y < 1 and _tie(x):
            return 0 * v if y == 0 else None
        return y * apply("power", x, y - 1)
    if not isinstance(x, Arithmetic | np.ndarray | complex) and x <= 0:
        return 0.0 if x == 0 and y > 0 else None
    return v * apply("log", x)


def _declare(name: str, value: Value, slope: Slope, count: Count, text: str = "", binds: int = FUNCTION) -> None:
    OPERATIONS[name] = Operation(name, value, slope, count, text or name, binds)


def _one(kind: str) -> Count:
    return lambda n: {kind: 1}


_ADD, _SUBTRACT, _MULTIPLY, _DIVIDE, _EXP, _COMPARE = map(_one, KINDS)

_declare("add", operator.add, lambda i, x, v: 1, _ADD, "{} + {}", 1)
_declare("subtract", operator.sub, lambda i, x, v: (1, -1)[i], _SUBTRACT, "{} - {}", 1)
_declare("multiply", operator.mul, lambda i, x, v: x[1 - i], _MULTIPLY, "{} * {}", 2)
_declare("divide", _divided, lambda i, x, v: -v / x[1] if i else _divided(1, x[1]), _DIVIDE, "{} / {}", 2)
_declare("negative", operator.neg, lambda i, x, v: -1, lambda n: {}, "-{}", 3)
_declare("power", _power, _power_slope, _EXP, "{} ** {}", 4)
_declare("exp", _elementary("exp", {0: 1}.get), lambda i, x, v: v, _EXP)
_declare("log", _elementary("log", {1: 0}.get), lambda i, x, v: _divided(1, x[0]), _EXP)
_declare("log2", _elementary("log2", {1: 0, 2: 1}.get), lambda i, x, v: 1 / (x[0] * math.log(2)), _EXP)
_declare(
    "sqrt", _elementary("sqrt", partial(_root, n=2)), lambda i, x, v: None if _tie(v) else _divided(1, 2 * v), _EXP
)
_declare("sin", _elementary("sin", {0: 0}.get), lambda i, x, v: apply("cos", x[0]), _EXP)
_declare("cos", _elementary("cos", {0: 1}.get), lambda i, x, v: -apply("sin", x[0]), _EXP)
_declare("tan", _elementary("tan", {0: 0}.get), lambda i, x, v: 1 + v * v, _EXP)
_declare("tanh", _elementary("tanh", {0: 0}.get), lambda i, x, v: 1 - v * v, _EXP)
_declare("sigmoid", _sigmoid, lambda i, x, v: v * (1 - v), _EXP)
_declare("relu", _relu, lambda i, x, v: apply("where", x[0] > 0, 1, 0), _COMPARE)
_declare("abs", abs, lambda i, x, v: None if _tie(x[0]) else apply("sign", x[0]), _COMPARE)
_declare("sign", _sign, lambda i, x, v: None if _tie(x[0]) else 0, _COMPARE)
_declare("maximum", _either(max, np.maximum), partial(_share, "gt"), _COMPARE)
_declare("minimum", _either(min, np.minimum), partial(_share, "lt"), _COMPARE)
_declare("where", _where, lambda i, x, v: apply("where", x[0], int(i == 1), int(i == 2)), lambda n: {})
_declare("sum", lambda *x: sum(x), lambda i, x, v: 1, lambda n: {"additions": n - 1})
_declare(
    "norm",
    lambda *x: math.hypot(*x) if all(isinstance(each, float | int) for each in x) else MADE_OF["norm"](*x),
    lambda i, x, v: None if _tie(v) else x[i] / v,
    lambda n: {"multiplications": n, "additions": n - 1, "exponentials": 1},
)
_declare(
    "logsumexp",
    _logsumexp,
    _softmax,
    lambda n: {"comparisons": n - 1, "subtractions": n, "exponentials": n + 1, "additions": n},
)
for _name, _symbol in {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}.items():
    _declare(_name, getattr(operator, _name), lambda i, x, v: 0, _COMPARE, f"{{}} {_symbol} {{}}", 0)
