"""Derivatives of expressions: backward through the graph, forward, and path by path."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from mathdl.chain.evaluation import as_array, one_point, outputs_of, point_of, taken, values_of, way_to
from mathdl.chain.expression import Expression, expression, nodes_of, require_expression, variables_of
from mathdl.chain.series import Series
from mathdl.errors import InputError

MAX_PATHS = 10**6  # that are gone through one by one: some seconds (chosen)


def gradient(f: Expression, values: Any = None) -> Any:
    """Compute the gradient of an expression, backward through its graph (section 9.3).

    Parameters
    ----------
    f : Expression
    values : mapping or sequence, optional
        The point, as for :func:`mathdl.chain.evaluate`; without it the gradient is expressions.

    Returns
    -------
    list
        One derivative for each variable, in the order in which the variables were made.

    Raises
    ------
    InputError
        If there is no value, or no derivative: the node is named, with the way to it and its one-sided derivatives.

    Examples
    --------
    >>> import mathdl
    >>> from fractions import Fraction
    >>> x, y, z = mathdl.variables("x y z")
    >>> mathdl.gradient(x * y + y / z, [Fraction(1), Fraction(2), Fraction(3)])
    [Fraction(2, 1), Fraction(4, 3), Fraction(-2, 9)]
    """
    require_expression("f", f)
    needed = variables_of([f])
    if values is None:
        return symbolic_gradient(f, needed)
    return gradient_of(f, needed, point_of([f], values))


def gradient_of(f: Expression, needed: Sequence[Expression], point: Mapping[Expression, Any]) -> list[Any]:
    """Return the derivatives with respect to some variables at a point."""
    values = values_of([f], point)
    adjoints, kinks = adjoints_of(f, values, 1 + 0 * values[f])
    found = [adjoints.get(node, 0 * values[f]) for node in needed]
    if kinks:
        below = {node.serial for node in nodes_of(kinks) if node.name is not None}
        for k, node in enumerate(needed):
            if node.serial in below:
                found[k] = _two_sided(f, node, point, kinks)
    return [float(each) if isinstance(each, int) else each for each in found]


def adjoints_of(
    f: Expression, values: Mapping[Expression, Any], start: Any
) -> tuple[dict[Expression, Any], list[Expression]]:
    """Return the derivative of f with respect to every node, and the nodes that have none; f's own is ``start``."""
    adjoints, kinks = {f: start}, []
    for node in reversed(nodes_of([f])):
        if node not in adjoints or node.operation is None or node not in values:
            continue
        for argument, slope in slopes_of(node, values):
            if slope is None:
                kinks.append(node)
            elif not (isinstance(slope, int) and slope == 0):
                part = _times(adjoints[node], slope)
                adjoints[argument] = adjoints[argument] + part if argument in adjoints else part
    return adjoints, kinks


def slopes_of(node: Expression, values: Mapping[Expression, Any]) -> list[tuple[Expression, Any]]:
    """Return the local derivative for every argument that is no constant; None where there is none."""
    operation = node.operation
    assert operation is not None
    if operation.name == "where" and not isinstance(values.get(node.arguments[0]), np.ndarray | Expression):
        return [(argument, 1) for _, argument in taken(node, values) if argument.constant is None]
    arguments = tuple(values[argument] for argument in node.arguments)
    return [
        (argument, operation.slope(i, arguments, values[node]))
        for i, argument in enumerate(node.arguments)
        if argument.constant is None
    ]


def symbolic_gradient(f: Expression, needed: Sequence[Expression]) -> list[Expression]:
    """Return the derivatives as expressions: the same sweep, over the nodes themselves."""
    adjoints, _ = adjoints_of(f, {node: node for node in nodes_of([f])}, 1)
    return [expression(adjoints.get(node, 0)) for node in needed]


def jacobian(f: Any, values: Any) -> Any:
    """Compute the Jacobian of several expressions.

    Parameters
    ----------
    f : array-like of Expression, of m expressions
    values : mapping or sequence
        The point, as for :func:`mathdl.chain.evaluate`.

    Returns
    -------
    ndarray of shape (m, variables)
        Floats, or fractions where the point has them.

    Raises
    ------
    InputError
        As for :func:`mathdl.gradient`.

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.jacobian([x * y, x + 2 * y], [3.0, 4.0])
    array([[4., 3.],
           [1., 2.]])
    """
    outputs = outputs_of(f)
    point = point_of(outputs, values)
    return as_array([gradient_of(each, list(point), point) for each in outputs])


def hessian(f: Expression, values: Any) -> Any:
    """Compute the Hessian of an expression: the Jacobian of its gradient.

    Parameters
    ----------
    f : Expression
    values : mapping or sequence
        The point, as for :func:`mathdl.chain.evaluate`.

    Returns
    -------
    ndarray of shape (variables, variables)

    Raises
    ------
    InputError
        As for :func:`mathdl.gradient`.

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.hessian(x * x * y, [3.0, 4.0])
    array([[8., 6.],
           [6., 0.]])
    """
    require_expression("f", f)
    point = point_of([f], values)
    return as_array([gradient_of(each, list(point), point) for each in symbolic_gradient(f, list(point))])


def hessian_product(f: Expression, values: Any, direction: Any) -> Any:
    """Compute the Hessian times a vector, without the Hessian: the gradient of the derivative along it.

    Parameters
    ----------
    f : Expression
    values : mapping or sequence
        The point, as for :func:`mathdl.chain.evaluate`.
    direction : array-like of shape (variables,)

    Returns
    -------
    ndarray of shape (variables,)

    Raises
    ------
    InputError
        As for :func:`mathdl.gradient`, and where the direction has another length.

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.chain.hessian_product(x * x * y, [3.0, 4.0], [1.0, 1.0])
    array([14.,  6.])
    """
    require_expression("f", f)
    point = point_of([f], values)
    along = _direction(direction, len(point))
    slope = expression(0)
    for part, number in zip(symbolic_gradient(f, list(point)), along, strict=True):
        slope = slope + part * number
    return as_array(gradient_of(slope, list(point), point))


def directional_derivative(f: Expression, values: Any, direction: Any) -> Any:
    """Compute the one-sided derivative of an expression along a direction, lim (f(x + t d) - f(x)) / t for t > 0.

    It exists at kinks too, where there is no gradient.

    Parameters
    ----------
    f : Expression
    values : mapping or sequence
        The point, as for :func:`mathdl.chain.evaluate`.
    direction : array-like of shape (variables,)

    Returns
    -------
    number

    Raises
    ------
    InputError
        If it is infinite, or f has no values that way.

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.chain.directional_derivative(abs(x) + y, [0.0, 1.0], [-1.0, 0.0])
    1.0
    """
    require_expression("f", f)
    point = one_point([f], values)
    along = dict(zip(point, _direction(direction, len(point)), strict=True))
    return _one_sided(f, point, along)


def gradient_by_paths(f: Expression, values: Any) -> list[Any]:
    """Compute the gradient path by path, as the chain rule is first learned: nothing is used twice (section 9.3).

    The number of paths may double with every node, so this is for small expressions and for comparison.

    Parameters
    ----------
    f : Expression
    values : mapping or sequence
        The point, as for :func:`mathdl.chain.evaluate`.

    Returns
    -------
    list
        As of :func:`mathdl.gradient`.

    Raises
    ------
    InputError
        If there are more than a million paths, or a node on one has no derivative.

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.chain.gradient_by_paths(x * y + x, [2.0, 3.0])
    [4.0, 2.0]
    """
    require_expression("f", f)
    needed, paths = variables_of([f]), _paths(f)[0]
    if sum(paths[node] for node in needed) > MAX_PATHS:
        raise InputError(f"f has more than {MAX_PATHS:,} paths; use gradient, which goes through each edge once.")
    found = values_of([f], point_of([f], values))
    slopes: dict[Expression, Any] = dict.fromkeys(needed, 0 * found[f])
    stack: list[tuple[Expression, Any]] = [(f, 1)]
    while stack:
        node, product = stack.pop()
        if node.name is not None:
            slopes[node] = slopes[node] + product
        elif node.operation is not None:
            for argument, slope in slopes_of(node, found):
                if slope is None:
                    raise InputError(f"There is no derivative at the node {way_to([f], node)}; use gradient.")
                stack.append((argument, _times(product, slope)))
    return list(slopes.values())


class Counts(NamedTuple):
    """What the derivatives of one expression cost.

    Attributes
    ----------
    derivatives : int
        Local derivatives, of an operation in one of its arguments.
    multiplications, additions : int
        Products and sums of them.
    """

    derivatives: int
    multiplications: int
    additions: int


def counts_by_paths(f: Expression) -> Counts:
    """Count what the chain rule costs path by path, with nothing used twice (section 9.3).

    Parameters
    ----------
    f : Expression

    Returns
    -------
    Counts

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.chain.counts_by_paths(mathdl.chain.exp(x * y))
    Counts(derivatives=4, multiplications=2, additions=0)
    """
    require_expression("f", f)
    paths, lengths = _paths(f)
    variables = variables_of([f])
    return Counts(
        sum(lengths[node] for node in variables),
        sum(lengths[node] - paths[node] for node in variables),
        sum(paths[node] - 1 for node in variables),
    )


def counts_backward(f: Expression) -> Counts:
    """Count what the backward sweep costs: every edge has one derivative and, but for the last ones, one product.

    Parameters
    ----------
    f : Expression

    Returns
    -------
    Counts

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> mathdl.chain.counts_backward(mathdl.chain.exp(x * y))
    Counts(derivatives=3, multiplications=2, additions=0)
    """
    require_expression("f", f)
    varying = _varying(f)
    edges = [(node, argument) for node in nodes_of([f]) for argument in node.arguments if argument in varying]
    into = len({argument.serial for _, argument in edges})
    return Counts(len(edges), len(edges) - sum(node is f for node, _ in edges), len(edges) - into)


def _paths(f: Expression) -> tuple[dict[Expression, int], dict[Expression, int]]:
    """Return for every node the number of paths from it to f, and the sum of their lengths."""
    paths, lengths = {f: 1}, {f: 0}
    for node in reversed(nodes_of([f])):
        for argument in node.arguments:
            paths[argument] = paths.get(argument, 0) + paths[node]
            lengths[argument] = lengths.get(argument, 0) + lengths[node] + paths[node]
    return paths, lengths


def _varying(f: Expression) -> set[Expression]:
    """Return the nodes that have a variable below them."""
    found: set[Expression] = set()
    for node in nodes_of([f]):
        if node.name is not None or any(argument in found for argument in node.arguments):
            found.add(node)
    return found


def _two_sided(f: Expression, node: Expression, point: Mapping[Expression, Any], kinks: Sequence[Expression]) -> Any:
    """Return the derivative at a point where some node has none, if the one-sided ones agree."""
    zero = dict.fromkeys(point, 0)
    try:
        right = _one_sided(f, point, {**zero, node: 1})
    except InputError as error:
        right = error
    try:
        left = _one_sided(f, point, {**zero, node: -1})
        left = -left
    except InputError as error:
        left = error
    sides = [side for side in (left, right) if not isinstance(side, InputError)]
    if len(sides) == 2 and left == right:
        return right
    if len(sides) == 1 and _ends_there(left if isinstance(left, InputError) else right):
        return sides[0]
    told = " and ".join(_of_side(side) for side in (left, right))
    raise InputError(
        f"There is no derivative with respect to {node}: from the left and the right it is {told}, because of the node "
        f"{way_to([f], kinks[0])}; directional_derivative gives one-sided ones."
    )


def _of_side(side: Any) -> str:
    """Write a one-sided derivative, or that there is none."""
    if isinstance(side, InputError):
        return "none" if _ends_there(side) else "infinite"
    return f"{float(side) + 0.0:.6g}"


def _ends_there(error: Any) -> bool:
    """Whether a one-sided derivative is missing because the function has no values on that side."""
    return "no values" in str(error)


def _one_sided(f: Expression, point: Mapping[Expression, Any], along: Mapping[Expression, Any]) -> Any:
    """Return the derivative along a direction by series in t."""
    moved = {node: Series.line(value, along[node]) for node, value in point.items()}
    value = values_of([f], moved)[f]
    return value.slope() if isinstance(value, Series) else 0.0


def _direction(direction: Any, size: int) -> list[Any]:
    """Return a direction as numbers of the variables."""
    listed = np.asarray(direction, dtype=object).reshape(-1).tolist()
    if len(listed) != size:
        raise InputError(f"direction has {len(listed)} numbers for {size} variables; give one for each.")
    if not all(isinstance(each, int | float | Fraction) and math.isfinite(each) for each in listed):
        raise InputError("direction holds something that is no finite number; give numbers.")
    return listed


def _times(adjoint: Any, slope: Any) -> Any:
    """Return a product, without what is only a factor of one."""
    if isinstance(slope, int) and slope == 1:
        return adjoint
    return slope if isinstance(adjoint, int) and adjoint == 1 else adjoint * slope
