"""Expressions: graphs of operations on variables, in which what is written twice is one node."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import partial
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from mathdl.chain.operations import FUNCTION, OPERATIONS, Arithmetic, Operation, apply, method, objects
from mathdl.errors import InputError

MAX_VARIABLES = 10**6  # of one name (chosen): each is an object of about a hundred bytes
MAX_DEPTH, MAX_TEXT = 8, 120  # of an expression that is written: deeper parts, and what is longer, become "..."
ARRAYS = (np.ndarray, list, tuple)
NUMBERS = (int, float, Fraction, np.generic)
_serial = count()
_known: WeakValueDictionary[tuple[Any, ...], Expression] = WeakValueDictionary()


class Expression(Arithmetic):
    """A variable, a constant, or an operation on other expressions, made by arithmetic and by elementary functions.

    Equal operations on the same arguments are the same node. Comparisons give expressions for ``where``; a Python
    ``if`` on one is refused.

    Attributes
    ----------
    operation : Operation or None
        None for variables and constants.
    arguments : tuple of Expression
    name : str or None
        Of a variable.
    constant : number or None
    """

    __slots__ = ("__weakref__", "arguments", "constant", "name", "operation", "serial")
    __array_ufunc__ = None

    def __init__(
        self,
        operation: Operation | None = None,
        arguments: tuple[Expression, ...] = (),
        constant: Any = None,
        name: str | None = None,
    ) -> None:
        self.operation, self.arguments, self.constant, self.name = operation, arguments, constant, name
        self.serial = next(_serial)

    def _meets(self, other: Any) -> bool:
        """Whether it is a number, an expression, or an array of them."""
        return isinstance(other, (Expression, *NUMBERS, *ARRAYS))

    def apply_operation(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Return the node of an operation on expressions and numbers; of arrays, for each entry."""
        for each in arguments:
            if isinstance(each, ARRAYS):
                return entry_by_entry(partial(apply, name), *arguments)
        nodes = tuple(map(expression, arguments))
        return _node((name, *map(id, nodes)), OPERATIONS[name], nodes)

    __eq__, __ne__ = method("eq"), method("ne")
    __hash__ = object.__hash__

    def __pos__(self) -> Expression:
        return self

    def __bool__(self) -> bool:
        raise InputError(f"{self} has no truth value before its variables have values; use where(condition, x, y).")

    def __float__(self) -> float:
        if self.constant is None:
            raise InputError(f"{self} is no number before its variables have values; use evaluate(f, values).")
        return float(self.constant)

    def __str__(self) -> str:
        text = _written(self, MAX_DEPTH)
        return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 3] + "..."

    def __repr__(self) -> str:
        return f"<Expression {self}>"


class Expressions(np.ndarray):
    """An array of expressions, whose comparisons are expressions too."""

    def __array_wrap__(self, made: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return what NumPy computed: an expression where it is a single one."""
        return made.view(Expressions) if made.ndim else made.item()

    _meets, apply_operation = Expression._meets, Expression.apply_operation
    __gt__, __ge__, __lt__, __le__ = method("gt"), method("ge"), method("lt"), method("le")


def variables(names: str, *shape: int) -> Any:
    """Make symbolic variables.

    Parameters
    ----------
    names : str
        One name, or several with spaces or commas between them.
    *shape : int
        Where it is given, each name is an array of so many variables, called such as ``x[0]``.

    Returns
    -------
    Expression, ndarray of Expression, or a tuple of them
        One for one name, else a tuple.

    Raises
    ------
    InputError
        If there is no name, one of them is there twice, or the shape is none.

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.gradient(x * y + x, {x: 2.0, y: 3.0})
    [4.0, 2.0]
    """
    listed = names.replace(",", " ").split() if isinstance(names, str) else []
    if not listed or len(set(listed)) < len(listed):
        raise InputError(
            f"variables: names is {names!r}; give different names with spaces between them, such as 'x y'."
        )
    if not all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 0 for n in shape):
        raise InputError("variables: shape holds something that is no whole number of at least 0; give such numbers.")
    if math.prod(map(int, shape)) > MAX_VARIABLES:
        raise InputError(f"variables: shape asks for more than {MAX_VARIABLES:,} variables; make it smaller.")
    made: list[Any] = [Expression(name=name) for name in listed]
    if shape:
        named = ((Expression(name=entry_name(name, place)) for place in np.ndindex(*shape)) for name in listed)
        made = [objects(shape, entries).view(Expressions) for entries in named]
    return made[0] if len(made) == 1 else tuple(made)


def entry_name(name: str, place: tuple[int, ...]) -> str:
    """Return the name of an entry of an array of variables."""
    return f"{name}[{', '.join(map(str, place))}]"


def expression(value: Any) -> Expression:
    """Return an expression as it is, and a number as a constant."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        raise InputError(f"An expression is made of variables and real numbers, not of {type(value).__name__}.")
    return _node(("constant", type(value), value), constant=value)


def require_expression(name: str, value: object) -> None:
    """Raise InputError unless a value is an expression."""
    if not isinstance(value, Expression):
        raise InputError(f"{name} is of type {type(value).__name__}; give an expression, made of variables.")


def nodes_of(outputs: Iterable[Expression]) -> list[Expression]:
    """Return all nodes below some outputs, arguments before what is made of them."""
    found: dict[int, Expression] = {}
    stack = list(outputs)
    while stack:
        node = stack.pop()
        if node.serial not in found:
            found[node.serial] = node
            stack.extend(node.arguments)
    return [found[serial] for serial in sorted(found)]


def variables_of(outputs: Iterable[Expression]) -> list[Expression]:
    """Return the variables below some outputs in the order in which they were made; refuse two with one name."""
    found = [node for node in nodes_of(outputs) if node.name is not None]
    for name, times in Counter(node.name for node in found).items():
        if times > 1:
            raise InputError(
                f"Two different variables are called {name!r}; make each variable once and use it everywhere."
            )
    return found


def entry_by_entry(function: Callable[..., Any], *arrays: Any) -> Any:
    """Return what a function makes of the entries of arrays, which fit together as NumPy has it."""
    given = [np.asarray(each, dtype=object) for each in arrays]
    try:
        together = np.broadcast(*given)
    except ValueError:
        shapes = " and ".join(str(each.shape) for each in given)
        raise InputError(f"Arrays of the shapes {shapes} do not fit together; give arrays of one shape.") from None
    return objects(together.shape, (function(*entries) for entries in together)).view(Expressions)


def _node(
    key: tuple[Any, ...],
    operation: Operation | None = None,
    arguments: tuple[Expression, ...] = (),
    constant: Any = None,
) -> Expression:
    """Return the node with this key; make it where there is none."""
    found = _known.get(key)
    if found is None:
        found = _known[key] = Expression(operation, arguments, constant)
    return found


def _written(node: Expression, depth: int) -> str:
    """Write an expression, with brackets where they are needed."""
    if node.operation is None:
        return str(node.name if node.name is not None else node.constant)
    if depth == 0:
        return "..."
    text = node.operation.text
    if "{}" not in text:
        return f"{text}({', '.join(_written(argument, depth - 1) for argument in node.arguments)})"
    return text.format(*_bracketed(node, node.operation, depth))


def _bracketed(node: Expression, operation: Operation, depth: int) -> Iterator[str]:
    """Write the arguments of an operation that stands between them: what binds less strongly gets brackets."""
    for i, argument in enumerate(node.arguments):
        text = _written(argument, depth - 1)
        signed = OPERATIONS["negative"] if text.startswith("-") else None  # a negative number
        binds = inner.binds if (inner := argument.operation or signed) else FUNCTION
        equal_is_loose = i > 0 or operation.name == "power"
        yield f"({text})" if binds < operation.binds + equal_is_loose else text
