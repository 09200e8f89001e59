"""Values of expressions at a point: node by node, each once, and of a ``where`` only the branch that is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from mathdl.chain.expression import Expression, entry_name, expression, variables_of
from mathdl.chain.operations import Arithmetic, apply, objects
from mathdl.errors import InputError

Values = dict[Expression, Any]


def evaluate(f: Any, values: Any) -> Any:
    """Compute an expression at a point.

    Parameters
    ----------
    f : Expression or array of Expression
    values : mapping or sequence
        A number for each variable, by the variable or by its name, or in the order in which the variables were made;
        an array of numbers by the name of an array of variables.
        Floats, whole numbers (taken as floats), fractions (all is then exact), arrays of many points, intervals.

    Returns
    -------
    number or ndarray
        Of the kind of the values; an array of them for an array of expressions.

    Raises
    ------
    InputError
        If a variable has no value, or an operation has none there: it is named, with the way to it.

    Examples
    --------
    >>> import mathdl
    >>> from fractions import Fraction
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.chain.evaluate(x / (1 + y), {x: Fraction(1), y: Fraction(2)})
    Fraction(1, 3)
    """
    outputs = outputs_of(f)
    found = values_of(outputs, point_of(outputs, values))
    if isinstance(f, Expression):
        return found[f]
    return as_array(objects(np.shape(f), (found[each] for each in outputs)))


def as_function(f: Expression) -> Callable[..., Any]:
    """Return an expression as a function of the values of its variables, in the order in which they were made."""
    return lambda *values: evaluate(f, values)


def outputs_of(f: Any) -> list[Expression]:
    """Return an expression, or those of an array, as a list."""
    return [expression(each) for each in np.asarray(f, dtype=object).reshape(-1)]


def point_of(outputs: Sequence[Expression], values: Any) -> Values:
    """Return the value of every variable below some outputs."""
    needed = variables_of(outputs)
    names = ", ".join(map(str, needed if len(needed) <= 8 else [*needed[:7], "..."]))
    if isinstance(values, Mapping):
        given: dict[Any, Any] = dict(values)
        for name in filter(lambda key: isinstance(key, str), values):  # of one variable, or of an array of them
            for place, value in np.ndenumerate(np.asarray(values[name], dtype=object)):
                given.setdefault(entry_name(name, place), value)
        for node in needed:
            if node not in given and node.name not in given:
                raise InputError(f"The variable {node} has no value; give one for each of {names}.")
        listed = [given.get(node, given.get(node.name)) for node in needed]
    else:
        several = values.ndim > 0 if isinstance(values, np.ndarray) else isinstance(values, Sequence)
        listed = list(values) if several else [values]
        if len(listed) != len(needed):
            counts = f"There are {len(listed)} values for {len(needed)} variables"
            raise InputError(f"{counts}; give one for each of {names}.")
    return {node: _number(node, value) for node, value in zip(needed, listed, strict=True)}


@np.errstate(all="ignore")
def values_of(outputs: Sequence[Expression], point: Mapping[Expression, Any]) -> Values:
    """Return the values of all nodes that are needed, in an order in which arguments come first."""
    exact = any(isinstance(value, Fraction) for value in point.values())
    many = any(isinstance(value, np.ndarray) for value in point.values())
    values: Values = dict(point)
    stack = list(reversed(outputs))
    while stack:
        node = stack[-1]
        if node in values:
            stack.pop()
        elif node.operation is None:
            c = node.constant
            values[node] = Fraction(c) if exact else float(c) if many and isinstance(c, Fraction) else c
        else:
            arguments = used(node, values)
            missing = [argument for argument in arguments if argument not in values]
            stack.extend(reversed(missing))
            if not missing:
                values[node] = _value(node, [values[argument] for argument in arguments], outputs)
    return values


def used(node: Expression, values: Mapping[Expression, Any]) -> Sequence[Expression]:
    """Return the arguments that a node's value depends on: of a ``where`` its condition, then just the branch taken."""
    assert node.operation is not None
    if node.operation.name != "where":
        return node.arguments
    test, *branches = node.arguments
    if test not in values:
        return [test]
    holds = values[test]
    return node.arguments if isinstance(holds, np.ndarray | Expression) else [branches[0 if holds else 1]]


def one_point(outputs: Sequence[Expression], values: Any) -> Values:
    """Return the value of every variable; raise InputError where one is an array of many points."""
    point = point_of(outputs, values)
    if any(isinstance(value, np.ndarray) for value in point.values()):
        raise InputError("values holds arrays of many points; give one number for each variable.")
    return point


def way_to(outputs: Sequence[Expression], node: Expression) -> str:
    """Write which node it is, and a shortest way to it from an output."""
    above: dict[Expression, Expression | None] = dict.fromkeys(outputs)
    queue = list(outputs)
    for each in queue:  # which grows
        new = [argument for argument in each.arguments if argument not in above]
        above |= dict.fromkeys(new, each)
        queue += new
    path = [node]
    while (up := above[path[-1]]) is not None:
        path.append(up)
    if len(path) == 1:
        return f"{node}, the whole expression"
    names = [each.operation.name for each in reversed(path) if each.operation]
    return f"{node}, on the way {' -> '.join(names if len(names) <= 8 else [*names[:4], '...', *names[-3:]])}"


def _value(node: Expression, arguments: Sequence[Any], outputs: Sequence[Expression]) -> Any:
    """Compute one node; an error names it and the way to it."""
    operation = node.operation
    assert operation is not None
    if operation.name == "where" and len(arguments) == 1:
        return arguments[0]
    try:
        return apply(operation.name, *arguments)
    except (ArithmeticError, ValueError, TypeError) as error:
        at = ", ".join(f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else str(x) for x in arguments)
        says = str(error).removesuffix(".")
        reason = "" if says.startswith(("math ", "Fraction(")) else f" ({says})"
        raise InputError(
            f"{operation.name} has no value at {at}{reason}; it is the node {way_to(outputs, node)}."
        ) from error


def _number(node: Expression, value: Any) -> Any:
    """Return a value as a number to compute with: whole numbers as floats."""
    if isinstance(value, np.generic):
        value = value.item()
    numeric = isinstance(value, np.ndarray) and value.dtype.kind in "iuf"
    if isinstance(value, bool) or not (numeric or isinstance(value, int | float | complex | Fraction | Arithmetic)):
        shown = repr(value) if isinstance(value, str) and len(value) < 20 else f"of type {type(value).__name__}"
        raise InputError(f"The value of {node} is {shown}; give a number.")
    if isinstance(value, int):
        if abs(value) >= 2**1023:
            raise InputError(f"The value of {node} is too large for a float; give a Fraction, which is exact.")
        return float(value)
    if isinstance(value, float) and value != value:
        raise InputError(f"The value of {node} is nan; give a number.")
    return value


def as_array(rows: Any) -> Any:
    """Return numbers as an array: of floats, or of fractions and the like as objects."""
    array = np.array(rows, dtype=object)
    return array.astype(np.float64) if all(isinstance(each, float | int) for each in array.flat) else array
