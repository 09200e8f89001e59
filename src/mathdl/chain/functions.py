"""Elementary functions of expressions, numbers and arrays of them, entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mathdl.chain.expression import ARRAYS, Expression, entry_by_entry, expression
from mathdl.chain.operations import apply


def _of_each(name: str, arity: int, says: str) -> Callable[..., Any]:
    """Return a function that applies an operation to each entry of its arguments."""

    def function(*arguments: Any) -> Any:
        if len(arguments) != arity:
            raise TypeError(f"{name} takes {arity} arguments, not {len(arguments)}")
        if any(isinstance(each, ARRAYS) for each in arguments):
            return entry_by_entry(function, *arguments)
        return apply(name, *map(expression, arguments))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = says
    return function


exp = _of_each("exp", 1, "Return e^x.")
log = _of_each("log", 1, "Return the natural logarithm of x.")
log2 = _of_each("log2", 1, "Return the logarithm of x to base 2.")
sqrt = _of_each("sqrt", 1, "Return the square root of x.")
sin = _of_each("sin", 1, "Return the sine of x.")
cos = _of_each("cos", 1, "Return the cosine of x.")
tan = _of_each("tan", 1, "Return the tangent of x.")
tanh = _of_each("tanh", 1, "Return the hyperbolic tangent of x.")
sigmoid = _of_each("sigmoid", 1, "Return 1 / (1 + e^-x), which cannot overflow.")
relu = _of_each("relu", 1, "Return max(x, 0), with the derivative 0 at 0.")
maximum = _of_each("maximum", 2, "Return the larger of x and y.")
minimum = _of_each("minimum", 2, "Return the smaller of x and y.")
where = _of_each("where", 3, "Return x where a condition holds, else y; the other branch does not exist.")


def norm(x: Any) -> Expression:
    """Return the Euclidean norm of the entries of an array."""
    return _of_all("norm", x)


def logsumexp(x: Any) -> Expression:
    """Return log of the sum of e^x over the entries of an array, which cannot overflow."""
    return _of_all("logsumexp", x)


def total(x: Any) -> Expression:
    """Return the sum of the entries of an array as one node."""
    return _of_all("sum", x)


def _of_all(name: str, x: Any) -> Expression:
    """Apply an operation of any number of arguments to the entries of an array."""
    made: Expression = apply(name, *map(expression, np.asarray(x, dtype=object).reshape(-1)))
    return made
