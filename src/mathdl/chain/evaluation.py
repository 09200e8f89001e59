"""Values of expressions at a point: node by node, each once, and of a ``where`` only the branch that is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from mathdl.chain.expression import Expression, expression, path_to, variables_of
from mathdl.chain.operations import objects
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
    if isinstance(values, Mapping):
        by_node = {key.serial: value for key, value in values.items() if isinstance(key, Expression)}
        by_name: dict[str | None, Any] = {}
        for key, value in values.items():
            if isinstance(key, str):  # of one variable, or of an array of them
                array = np.asarray(value, dtype=object)
                by_name |= {key: value, **{f"{key}[{', '.join(map(str, k))}]": v for k, v in np.ndenumerate(array)}}
        missing = [node for node in needed if node.serial not in by_node and node.name not in by_name]
        if missing:
            raise InputError(f"The variable {missing[0]} has no value; give one for each of {_names(needed)}.")
        point = {node: by_node.get(node.serial, by_name.get(node.name)) for node in needed}
    else:
        several = values.ndim > 0 if isinstance(values, np.ndarray) else isinstance(values, Sequence)
        listed = list(values) if several else [values]
        if len(listed) != len(needed):
            raise InputError(
                f"There are {len(listed)} values for {len(needed)} variables; give one for each of {_names(needed)}."
            )
        point = dict(zip(needed, listed, strict=True))
    return {node: _number(node, value) for node, value in point.items()}


def values_of(outputs: Sequence[Expression], point: Mapping[Expression, Any]) -> Values:
    """Return the values of all nodes that are needed, in an order in which arguments come first."""
    exact = any(isinstance(value, Fraction) for value in point.values())
    values: Values = dict(point)
    stack = list(reversed(outputs))
    while stack:
        node = stack[-1]
        if node in values:
            stack.pop()
            continue
        if node.operation is None:
            values[node] = Fraction(node.constant) if exact else node.constant
            continue
        missing = [argument for argument in _needed(node, values) if argument not in values]
        if missing:
            stack.extend(reversed(missing))
            continue
        values[node] = _value(node, values, outputs)
        stack.pop()
    return values


def taken(node: Expression, values: Mapping[Expression, Any]) -> list[tuple[int, Expression]]:
    """Return the arguments that a node's value depends on, numbered: of a ``where`` only the branch that is taken."""
    assert node.operation is not None
    if node.operation.name == "where" and not isinstance(values[node.arguments[0]], np.ndarray):
        chosen = 1 if values[node.arguments[0]] else 2
        return [(chosen, node.arguments[chosen])]
    return list(enumerate(node.arguments))


def one_point(outputs: Sequence[Expression], values: Any) -> Values:
    """Return the value of every variable; raise InputError where one is an array of many points."""
    point = point_of(outputs, values)
    if any(isinstance(value, np.ndarray) for value in point.values()):
        raise InputError("values holds arrays of many points; give one number for each variable.")
    return point


def way_to(outputs: Sequence[Expression], node: Expression) -> str:
    """Write which node it is, and the way to it from an output."""
    path = next((path for output in outputs if (path := path_to(output, node))), [node])
    if len(path) == 1:
        return f"{node}, the whole expression"
    names = [each.operation.name for each in path if each.operation]
    shown = names if len(names) <= 8 else [*names[:4], "...", *names[-3:]]
    return f"{node}, on the way {' -> '.join(shown)}"


def _needed(node: Expression, values: Values) -> list[Expression]:
    """Return the arguments to compute next."""
    assert node.operation is not None
    if node.operation.name == "where":
        test = node.arguments[0]
        return [argument for _, argument in taken(node, values)] if test in values else [test]
    return list(node.arguments)


def _value(node: Expression, values: Values, outputs: Sequence[Expression]) -> Any:
    """Compute one node; an error names it and the way to it."""
    operation = node.operation
    assert operation is not None
    if operation.name == "where" and not isinstance(values[node.arguments[0]], np.ndarray):
        return values[taken(node, values)[0][1]]
    arguments = [values[argument] for argument in node.arguments]
    try:
        special = next((each for each in arguments if hasattr(each, "apply_operation")), None)
        if special is not None:
            return special.apply_operation(operation.name, tuple(arguments))
        with np.errstate(all="ignore"):
            return operation.value(*arguments)
    except (ArithmeticError, ValueError) as error:
        at = ", ".join(
            f"an array of shape {each.shape}" if isinstance(each, np.ndarray) else str(each) for each in arguments
        )
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
    if isinstance(value, bool) or not (
        numeric or isinstance(value, int | float | complex | Fraction) or hasattr(value, "apply_operation")
    ):
        shown = repr(value) if isinstance(value, str) and len(value) < 20 else f"of type {type(value).__name__}"
        raise InputError(f"The value of {node} is {shown}; give a number.")
    if isinstance(value, int):
        if abs(value) >= 2**1023:
            raise InputError(f"The value of {node} is too large for a float; give a Fraction, which is exact.")
        return float(value)
    if isinstance(value, float) and value != value:
        raise InputError(f"The value of {node} is nan; give a number.")
    return value


def _names(nodes: Sequence[Expression]) -> str:
    """Write the names of variables, not too many."""
    names = [str(node) for node in nodes]
    return ", ".join(names if len(names) <= 8 else [*names[:7], "..."])


def as_array(rows: Any) -> Any:
    """Return numbers as an array: of floats, or of fractions and the like as objects."""
    array = np.array(rows, dtype=object)
    return array.astype(np.float64) if all(isinstance(each, float | int) for each in array.flat) else array
