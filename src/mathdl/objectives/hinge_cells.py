"""The cells of (w, b) on which the mean hinge loss is smooth (exercise 7.4)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from mathdl.blas import one_thread
from mathdl.errors import InputError
from mathdl.exact.nearest_points import separating
from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.geometry.points import Vector, checked_points, dot, exact_point, fractions

MAX_OBJECTS = 12  # chosen: with two features there are up to 299 cells, which take some seconds (measured)


class HingeCell(NamedTuple):
    """An open set of (w, b) on which the mean hinge loss is affine.

    Attributes
    ----------
    active : tuple of int
        Where the objects are whose loss is positive in the cell; the others have the loss 0.
    normal, offset : tuple of Fraction, and Fraction
        w and b of a point inside.
    gradient : tuple of Fraction
        The derivatives of the mean hinge loss by each coordinate of w, and last by b.
    """

    active: tuple[int, ...]
    normal: Vector
    offset: Fraction
    gradient: Vector


def hinge_cells(X: Any, y: Any) -> list[HingeCell]:
    """Find the cells of (w, b) on which the mean of max(0, 1 - y (w.x - b)) is smooth, exactly.

    The hyperplanes 1 - y_i (w.x_i - b) = 0 of the objects divide the space of (w, b) into open cells. With N objects
    of p numbers there are at most 1 + N + N (N - 1) / 2 + ..., up to the binomial of N and p + 1.

    Parameters
    ----------
    X : array-like of shape (N, p)
        Objects, of finite numbers that float64 holds exactly.
    y : array-like of shape (N,)
        Their labels, -1 or 1.

    Returns
    -------
    list of HingeCell

    Raises
    ------
    InputError
        If a number is not finite, a label is neither -1 nor 1, or there are more than 12 objects.

    Examples
    --------
    >>> from mathdl import hinge_cells
    >>> cells = hinge_cells([[-1], [1], [0], [2]], [-1, 1, -1, 1])  # exercise 7.4
    >>> len(cells)
    11
    >>> [str(value) for cell in cells if cell.active == (1, 2) for value in cell.gradient]
    ['-1/4', '0']
    """
    rows = fractions(checked_points("X", X)).tolist()
    labels = exact_point("y", y)
    if len(labels) != len(rows) or set(labels) - {-1, 1}:
        raise InputError(f"y holds {len(labels)} labels for {len(rows)} objects; give -1 or 1 for each object.")
    if len(rows) > MAX_OBJECTS:
        raise InputError(f"X holds {len(rows)} objects; give at most {MAX_OBJECTS}, as the cells are very many.")
    # The slope of 1 - y (w.x - b), as a function of (1, w, b).
    planes = [[Fraction(1), *(-label * x for x in row), label] for row, label in zip(rows, labels, strict=True)]
    found: list[tuple[tuple[int, ...], Vector]] = [((), (Fraction(1),) + (Fraction(0),) * (len(rows[0]) + 1))]
    for i, plane in enumerate(planes):
        parts = []
        for signs, point in found:
            value = dot(plane, point)
            for sign in (1, -1):  # the known point is on one side, or the plane goes through it
                more = (*signs, sign)
                parts.append((more, point if sign * value > 0 else _inside(planes[: i + 1], more)))
        found = [(signs, point) for signs, point in parts if point is not None]
    return [_cell(planes, signs, point) for signs, point in found]


def _inside(planes: list[list[Fraction]], signs: tuple[int, ...]) -> Vector | None:
    """Return (1, w, b) at which each plane's function has its sign; None where there is none."""
    first = [Fraction(1)] + [Fraction(0)] * (len(planes[0]) - 1)
    sides = [first, *([sign * value for value in plane] for plane, sign in zip(planes, signs, strict=True))]
    rows = [over_one_denominator(side)[0] for side in sides]
    with one_thread():
        direction = separating([*rows, [0] * len(first)], [1] * len(rows) + [-1])[1]
    return tuple(Fraction(value, direction[0]) for value in direction) if any(direction) else None


def _cell(planes: list[list[Fraction]], signs: tuple[int, ...], point: Vector) -> HingeCell:
    """Return a cell with its gradient."""
    active = tuple(i for i, sign in enumerate(signs) if sign > 0)
    columns = list(zip(*planes, strict=True))[1:]
    gradient = tuple(sum((column[i] for i in active), Fraction(0)) / len(planes) for column in columns)
    return HingeCell(active, point[1:-1], point[-1], gradient)
