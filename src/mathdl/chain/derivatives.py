"""Derivatives of expressions: backward through the graph, forward, and path by path."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from mathdl.chain.evaluation import as_array, one_point, outputs_of, point_of, used, values_of, way_to
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
    return symbolic_gradient(f) if values is None else gradient_of(f, point_of([f], values))


def gradient_of(f: Expression, point: Mapping[Expression, Any]) -> list[Any]:
    """Return the derivatives with respect to the variables of a point."""
    values = values_of([f], point)
    one = values[f] ** 0  # of the kind of the values
    adjoints, kinks = adjoints_of(f, values, one)
    below = set(nodes_of(kinks))
    found = [_two_sided(f, node, point, kinks[0]) if node in below else adjoints.get(node, 0 * one) for node in point]
    return [float(each) if isinstance(each, int) else each for each in found]


@np.errstate(all="ignore")
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
    operation, arguments = node.operation, used(node, values)
    assert operation is not None
    if operation.name == "where" and len(arguments) == 1:
        return [(argument, 1) for argument in arguments if argument.constant is None]
    given, value, slope = tuple(values[argument] for argument in arguments), values[node], operation.slope
    try:
        return [(each, slope(i, given, value)) for i, each in enumerate(arguments) if each.constant is None]
    except (ArithmeticError, ValueError, TypeError) as error:
        raise InputError(f"The node {node} has no derivative there: {str(error).removesuffix('.')}.") from error


def symbolic_gradient(f: Expression) -> list[Expression]:
    """Return the derivatives as expressions: the same sweep, over the nodes themselves."""
    adjoints, _ = adjoints_of(f, {node: node for node in nodes_of([f])}, 1)
    return [expression(adjoints.get(node, 0)) for node in variables_of([f])]


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
    return as_array([gradient_of(each, point) for each in outputs])


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
    return as_array([gradient_of(each, point) for each in symbolic_gradient(f)])


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
    slope = sum(map(operator.mul, symbolic_gradient(f), along), expression(0))
    return as_array(gradient_of(slope, point))


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
    slope = _one_sided(f, point, dict(zip(point, _direction(direction, len(point)), strict=True)))
    if abs(slope) == math.inf:
        raise InputError("The derivative along this direction is infinite.")
    return slope


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
    slopes: dict[Expression, Any] = dict.fromkeys(needed, 0 * found[f] ** 0)
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
    paths, lengths = (sum(found[node] for node in variables_of([f])) for found in _paths(f))
    return Counts(lengths, lengths - paths, paths - len(variables_of([f])))


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
    varying: set[Expression] = set()
    for node in nodes_of([f]):
        if node.name is not None or not varying.isdisjoint(node.arguments):
            varying.add(node)
    edges = [(node, argument) for node in varying for argument in node.arguments if argument in varying]
    into = {argument for _, argument in edges}
    return Counts(len(edges), sum(node is not f for node, _ in edges), len(edges) - len(into))


def _paths(f: Expression) -> tuple[dict[Expression, int], dict[Expression, int]]:
    """Return for every node the number of paths from it to f, and the sum of their lengths."""
    paths, lengths = {f: 1}, {f: 0}
    for node in reversed(nodes_of([f])):
        for argument in node.arguments:
            paths[argument] = paths.get(argument, 0) + paths[node]
            lengths[argument] = lengths.get(argument, 0) + lengths[node] + paths[node]
    return paths, lengths


def _two_sided(f: Expression, node: Expression, point: Mapping[Expression, Any], kink: Expression) -> Any:
    """Return the derivative at a point where a node has none, if it is the same from all sides with values."""
    if any(isinstance(value, np.ndarray) for value in point.values()):
        raise InputError(
            f"At one of the points there is no derivative, at the node {way_to([f], kink)}; give it alone."
        )
    sides: list[Any] = []
    for sign in (-1, 1):
        try:
            sides.append(sign * _one_sided(f, point, {**dict.fromkeys(point, 0), node: sign}))
        except InputError:
            sides.append(None)
    known = [side for side in sides if side is not None]
    if len(set(known)) == 1 and abs(known[-1]) < math.inf:
        return known[-1]
    left, right = ("none" if s is None else f"{float(s) + 0.0:.6g}" if abs(s) < math.inf else "infinite" for s in sides)
    raise InputError(
        f"There is no derivative with respect to {node}: from the left and the right it is {left} and {right}, because "
        f"of the node {way_to([f], kink)}; directional_derivative gives one-sided ones."
    )


def _one_sided(f: Expression, point: Mapping[Expression, Any], along: Mapping[Expression, Any]) -> Any:
    """Return the derivative along a direction by series in t, which may be infinite."""
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
