"""Where the pieces of a network are looked for: an interval, a box, a polygon, or a part of a plane through points."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import shortened
from mathdl.errors import InputError
from mathdl.exact.rational_points import rational_points
from mathdl.geometry.polygon import Polygon, area

Array = NDArray[Any]
AROUND = (Fraction(-1, 2), Fraction(3, 2))  # chosen: the plane's coordinates by default; its points are at 0 and 1


class Domain(NamedTuple):
    """A strictly convex polygon of coordinates (s, t), counter-clockwise, of the points origin + s u + t v.

    An interval is the strip of all (s, t) with t from 0 to 1, and v is 0.
    """

    corners: list[tuple[Fraction, Fraction]]
    origin: Array
    directions: tuple[Array, Array]
    dimension: int


def domain_of(inputs: tuple[int, ...], domain: Any, points: Any) -> Domain:
    """Return what is meant; raise InputError where it is nothing that has an inside."""
    size = prod(inputs)
    if points is not None:
        origin, directions = _spanned(inputs, points)
        domain = [AROUND] * len(directions) if domain is None else domain
    elif size > 2:
        raise InputError(
            f"The network has {size} inputs, and pieces are found in one or two dimensions; give points, three inputs "
            "that span a plane, or two on a line."
        )
    else:
        origin, directions = np.full(size, Fraction(0)), list(np.eye(size, dtype=int) * Fraction(1))
    dimension = len(directions)
    if dimension == 1:
        directions.append(directions[0] * 0)
    corners = _corners(domain) if isinstance(domain, Polygon) else _box(domain, dimension)
    if isinstance(domain, Polygon) and dimension == 1:
        raise InputError("domain is a Polygon, but there is one coordinate; give (low, high).")
    return Domain(corners, origin, (directions[0], directions[1]), dimension)


def _spanned(inputs: tuple[int, ...], points: Any) -> tuple[Array, list[Array]]:
    """Return a point and the directions from it to the others."""
    try:
        given = np.asarray(points, dtype=object if isinstance(points, list | tuple) else None)
    except ValueError:
        raise InputError("points holds arrays of several shapes; give points of one shape.") from None
    if given.shape not in ((2, *inputs), (3, *inputs)):
        raise InputError(
            f"points has shape {given.shape}, but the network takes points of shape {inputs}; give three that span a "
            "plane, or two on a line."
        )
    count = len(given)
    exact = rational_points("points", given.reshape(count, -1))
    directions = [point - exact[0] for point in exact[1:]]
    if not all(any(direction) for direction in directions):
        raise InputError("Two of the points are the same; give points that differ.")
    if count == 3:
        u, v = directions
        k = next(k for k, value in enumerate(u) if value)
        if not any(v * u[k] - u * v[k]):
            raise InputError("The three points lie on one line; give points that span a plane, or two of them.")
    return exact[0], directions


def _box(domain: Any, dimension: int) -> list[tuple[Fraction, Fraction]]:
    """Return the corners of a box of one or two intervals."""
    expected = "(low, high)" if dimension == 1 else "((low, high), (low, high)) or a Polygon"
    refusal = InputError(f"domain is {shortened(domain)}; give {expected}, of finite numbers, low first.")
    try:
        sides = rational_points("domain", [domain] if dimension == 1 and np.ndim(domain) == 1 else domain)
    except (InputError, ValueError, TypeError):
        raise refusal from None
    if sides.shape != (dimension, 2) or not all(low < high for low, high in sides):
        raise refusal
    (left, right), (bottom, top) = (*sides.tolist(), [Fraction(0), Fraction(1)])[:2]
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def _corners(polygon: Polygon) -> list[tuple[Fraction, Fraction]]:
    """Return the corners of a convex polygon at which it turns, counter-clockwise."""
    if not polygon.convex:
        raise InputError("domain is a Polygon that is not convex; give its convex parts one by one.")
    given = list(polygon.corners)
    turns = [area(given[k - 1], corner, given[(k + 1) % len(given)]) for k, corner in enumerate(given)]
    corners = [corner for corner, turn in zip(given, turns, strict=True) if turn]
    return corners if max(turns) > 0 else corners[::-1]
