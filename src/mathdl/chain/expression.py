"""Expressions: graphs of operations on variables, in which what is written twice is one node."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import partial
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from mathdl.chain.operations import OPERATIONS, Operation, objects
from mathdl.errors import InputError

MAX_VARIABLES = 10**6  # of one name (chosen): each is an object of about a hundred bytes
MAX_DEPTH, MAX_TEXT = 8, 120  # of an expression that is written: deeper parts, and what is longer, become "..."
_INFIX = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "negative": 3, "power": 4}  # how strongly they bind
_serial = count()
_known: WeakValueDictionary[tuple[Any, ...], Expression] = WeakValueDictionary()


def _operator(name: str, turned: bool = False) -> Callable[[Any, Any], Any]:
    """Return an operation of two as a method; ``turned`` where the object stands on the right."""
    return lambda self, other: _infix(name, other, self) if turned else _infix(name, self, other)


class Expression:
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
    __array_priority__ = 1000  # so that NumPy's numbers leave arithmetic to expressions
    __array_ufunc__ = None

    operation: Operation | None
    arguments: tuple[Expression, ...]
    name: str | None
    constant: Any
    serial: int

    def apply_operation(self, name: str, arguments: tuple[Any, ...]) -> Expression:
        """Return the node of an operation on expressions and numbers."""
        return _applied(name, arguments)

    __add__, __radd__ = _operator("add"), _operator("add", turned=True)
    __sub__, __rsub__ = _operator("subtract"), _operator("subtract", turned=True)
    __mul__, __rmul__ = _operator("multiply"), _operator("multiply", turned=True)
    __truediv__, __rtruediv__ = _operator("divide"), _operator("divide", turned=True)
    __pow__, __rpow__ = _operator("power"), _operator("power", turned=True)
    __gt__, __ge__, __lt__, __le__ = _operator("gt"), _operator("ge"), _operator("lt"), _operator("le")
    __eq__, __ne__ = _operator("eq"), _operator("ne")
    __hash__ = object.__hash__

    def __neg__(self) -> Expression:
        return self.apply_operation("negative", (self,))

    def __pos__(self) -> Expression:
        return self

    def __abs__(self) -> Expression:
        return self.apply_operation("abs", (self,))

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
    made = [_variable(name) if not shape else _array(name, shape) for name in listed]
    return made[0] if len(made) == 1 else tuple(made)


def expression(value: Any) -> Expression:
    """Return an expression as it is, and a number as a constant."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        raise InputError(f"An expression is made of variables and real numbers, not of {type(value).__name__}.")
    return _node(("constant", type(value), value), None, (), constant=value)


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
    names = [node.name for node in found]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise InputError(
            f"Two different variables are called {twice!r}; make each variable once and use it everywhere."
        )
    return found


def path_to(output: Expression, target: Expression) -> list[Expression]:
    """Return the nodes on a shortest way from an output down to a node."""
    above: dict[int, Expression | None] = {output.serial: None}
    queue: list[Expression] = [output]
    for node in queue:
        if node is target:
            break
        for argument in node.arguments:
            if argument.serial not in above:
                above[argument.serial] = node
                queue.append(argument)
    path, node_or_none = [], target if target.serial in above else None
    while node_or_none is not None:
        path.append(node_or_none)
        node_or_none = above[node_or_none.serial]
    return path[::-1]


def _variable(name: str) -> Expression:
    return _new(None, (), name=name)


class Expressions(np.ndarray):
    """An array of expressions, whose comparisons are expressions too."""

    def __array_wrap__(self, made: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return what NumPy computed: an expression where it is a single one."""
        return made.view(Expressions) if made.ndim else made.item()

    __gt__, __ge__, __lt__, __le__ = _operator("gt"), _operator("ge"), _operator("lt"), _operator("le")


def entry_by_entry(function: Callable[..., Any], *arrays: Any) -> Any:
    """Return what a function makes of the entries of arrays, which fit together as NumPy has it."""
    given = [np.asarray(each, dtype=object) for each in arrays]
    try:
        together = np.broadcast(*given)
    except ValueError:
        shapes = " and ".join(str(each.shape) for each in given)
        raise InputError(f"Arrays of the shapes {shapes} do not fit together; give arrays of one shape.") from None
    return objects(together.shape, (function(*entries) for entries in together)).view(Expressions)


def _array(name: str, shape: tuple[int, ...]) -> Any:
    """An array of variables that are numbered."""
    made = np.empty(shape, dtype=object).view(Expressions)
    for place in np.ndindex(*shape):
        made[place] = _variable(f"{name}[{', '.join(map(str, place))}]")
    return made


def _infix(name: str, x: Any, y: Any) -> Any:
    """Apply an operation of two, element by element where one is an array."""
    for one in (x, y):
        if isinstance(one, np.ndarray | list | tuple):
            return entry_by_entry(partial(_infix, name), x, y)
    if not all(isinstance(one, Expression | int | float | Fraction | np.generic) for one in (x, y)):
        return NotImplemented
    return _applied(name, (x, y))


def _applied(name: str, arguments: tuple[Any, ...]) -> Expression:
    """Return the node of an operation on expressions and numbers."""
    nodes = tuple(map(expression, arguments))
    return _node((name, *map(id, nodes)), OPERATIONS[name], nodes)


def _node(
    key: tuple[Any, ...], operation: Operation | None, arguments: tuple[Expression, ...], constant: Any = None
) -> Expression:
    """Return the node with this key; make it where there is none."""
    found = _known.get(key)
    if found is None:
        found = _known[key] = _new(operation, arguments, constant=constant)
    return found


def _new(
    operation: Operation | None, arguments: tuple[Expression, ...], *, constant: Any = None, name: str | None = None
) -> Expression:
    node = Expression()
    node.operation, node.arguments, node.constant, node.name = operation, arguments, constant, name
    node.serial = next(_serial)
    return node


def _written(node: Expression, depth: int) -> str:
    """Write an expression, with brackets where they are needed."""
    if node.operation is None:
        return str(node.name if node.name is not None else node.constant)
    if depth == 0:
        return "..."
    parts = list(_bracketed(node, depth))
    text = node.operation.text
    return text.format(*parts) if "{}" in text else f"{text}({', '.join(parts)})"


def _bracketed(node: Expression, depth: int) -> Iterator[str]:
    """Write the arguments of a node."""
    assert node.operation is not None
    binds = _INFIX.get(node.operation.name, 0)
    for i, argument in enumerate(node.arguments):
        negative = argument.constant is not None and argument.constant < 0
        inner = 3 if negative else 9 if argument.operation is None else _INFIX.get(argument.operation.name, 9)
        if argument.operation is not None and "{}" in argument.operation.text and argument.operation.name not in _INFIX:
            inner = 0  # a comparison
        text = _written(argument, depth - 1)
        loose = inner < binds or (inner == binds and (i > 0 or node.operation.name == "power"))
        yield f"({text})" if binds and loose else text
