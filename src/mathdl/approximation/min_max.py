"""Continuous piecewise affine functions of n variables as maxima of minima of affine maps, and as networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise, product
from operator import mul
from typing import Any, NamedTuple

import numpy as np

from mathdl.approximation.wires import Wire, Wires
from mathdl.errors import InputError
from mathdl.exact.linear_algebra import solve
from mathdl.exact.rational_points import rational_points
from mathdl.networks.network import Network

MAX_SIMPLICES = 100  # chosen: each is cut where its map crosses those of all others
Vector = tuple[Fraction, ...]


class _Corner(NamedTuple):
    """A corner of a part of a simplex: its shares of the simplex's corners, and what is zero there."""

    shares: Vector
    zero: frozenset[int]


@dataclass(frozen=True)
class AffinePiece:
    """An affine map w.x + b, and a point inside of a region where the function is this map.

    Attributes
    ----------
    weights : tuple of Fraction
        w, one number for each variable.
    constant : Fraction
        b.
    inside : tuple of Fraction
        The point.
    """

    weights: Vector
    constant: Fraction
    inside: Vector


@dataclass(frozen=True, repr=False)
class MinMax:
    """A continuous piecewise affine function: the largest of the least values of groups of affine maps.

    Attributes
    ----------
    pieces : tuple of AffinePiece
        The affine maps.
    groups : tuple of tuple of int
        Places of maps; the function is the maximum over the groups of the minimum within each.

    Examples
    --------
    >>> import mathdl
    >>> hat = mathdl.min_max_form([[0], [1], [2]], [0, 1, 0])
    >>> hat([0.25]), hat([1.5]), hat.groups
    (Fraction(1, 4), Fraction(1, 2), ((0, 1),))
    >>> hat.network()([[0.25], [1.5]])[:, 0].tolist()
    [0.25, 0.5]
    """

    pieces: tuple[AffinePiece, ...]
    groups: tuple[tuple[int, ...], ...]

    def __repr__(self) -> str:
        return f"MinMax of {len(self.pieces)} affine maps in {len(self.groups)} groups"

    def __call__(self, x: Any) -> Fraction:
        """Compute the value at a point, exactly.

        Parameters
        ----------
        x : array-like of shape (n,)
            Numbers, whole ones, or Fractions.

        Returns
        -------
        Fraction

        Raises
        ------
        InputError
            If x is no point of n finite numbers.
        """
        point = rational_points("MinMax: x", x)[:, 0].tolist()
        if len(point) != len(self.pieces[0].weights):
            raise InputError(f"MinMax: x has {len(point)} numbers; give {len(self.pieces[0].weights)}.")
        return max(min(_at(self.pieces[k], point) for k in group) for group in self.groups)

    def network(self) -> Network:
        """Return the ReLU network that is this function on all of R^n; without biases where no map has a constant.

        Its depth is about the logarithm of the number of maps. The parameters are the float64 numbers nearest to those
        of the maps, so that it is the function itself where these are binary fractions.

        Returns
        -------
        Network
        """
        wires = Wires([(-np.inf, np.inf)] * len(self.pieces[0].weights))
        affine = []
        for piece in self.pieces:
            used = [(x, float(w)) for x, w in zip(wires.inputs, piece.weights, strict=True) if w]
            affine.append(wires.combined([x for x, _ in used], [w for _, w in used], float(piece.constant)))
        least = [_paired([affine[k] for k in group], lambda x, y: wires.larger(x, y, -1.0)) for group in self.groups]
        return wires.network(_paired(least, wires.larger), bias=any(piece.constant for piece in self.pieces))


def min_max_form(points: Any, values: Any, simplices: Any = None) -> MinMax:
    """Write the interpolant of values at points, affine on each simplex, as a maximum of minima of affine maps.

    Where no two maps cross, on a part of the region of one that is the function there, all maps that are not below it
    make a group (Tarela and Martinez, Ovchinnikov).

    Parameters
    ----------
    points : array-like of shape (N, n)
        Different points of R^n; numbers, whole ones, or Fractions, all taken exactly. Their hull has to be convex with
        these simplices, as it is by default.
    values : array-like of shape (N,)
        What the function is there.
    simplices : array-like of int of shape (M, n + 1), optional
        Corners of the simplices, which must meet in common faces; by default those between neighbours on a line, and
        Delaunay's triangulation in more dimensions.

    Returns
    -------
    MinMax

    Raises
    ------
    InputError
        If there are fewer points than a simplex has corners, a simplex is flat, or something is no number.

    Examples
    --------
    >>> import mathdl
    >>> mathdl.min_max_form([[0, 0], [1, 0], [0, 1], [1, 1]], [0, 0, 0, 1], [[0, 1, 3], [0, 2, 3]])([0.25, 0.75])
    Fraction(1, 4)
    """
    corners: list[Vector] = [tuple(row) for row in rational_points("min_max_form: points", points).tolist()]
    heights: list[Fraction] = rational_points("min_max_form: values", values).ravel().tolist()
    n = len(corners[0])
    if len(heights) != len(corners) or len(corners) <= n or len(set(corners)) < len(corners):
        raise InputError(
            f"min_max_form: there are {len(corners)} points of {n} numbers and {len(heights)} values; give at least "
            f"{n + 1} different points, each with a value."
        )
    regions = _regions(corners, simplices)
    found: dict[tuple[Vector, Fraction], int] = {}
    pieces, owners = list[AffinePiece](), list[int]()
    for region in regions:
        weights, constant = _affine([corners[k] for k in region], [heights[k] for k in region])
        if (weights, constant) not in found:
            found[weights, constant] = len(pieces)
            middle = tuple(sum(column) / len(region) for column in zip(*(corners[k] for k in region), strict=True))
            pieces.append(AffinePiece(weights, constant, middle))
        owners.append(found[weights, constant])
    groups = set()
    for region, own in zip(regions, owners, strict=True):
        ends = [corners[c] for c in region]
        above = [[_at(piece, x) - _at(pieces[own], x) for x in ends] for piece in pieces]
        groups |= {frozenset({own, *places}) for places in _never_below(above)}
    needed = [group for group in groups if not any(other < group for other in groups)]
    return MinMax(tuple(pieces), tuple(sorted(tuple(sorted(group)) for group in needed)))


def _regions(corners: list[Vector], simplices: Any) -> list[list[int]]:
    """Return the corners of each simplex."""
    n = len(corners[0])
    if simplices is None and n == 1:
        order = sorted(range(len(corners)), key=lambda k: corners[k])
        found = [[a, b] for a, b in pairwise(order)]
    elif simplices is None:
        from scipy.spatial import Delaunay, QhullError  # a fifth of a second

        try:
            found = Delaunay(np.array(corners, dtype=np.float64)).simplices.tolist()
        except QhullError:
            raise InputError("min_max_form: points lie on a hyperplane; give some off it.") from None
    else:
        found = [_listed("simplices", region) for region in _listed("simplices", simplices)]
        places = set(range(len(corners)))
        if not found or any(len(region) != n + 1 or not places.issuperset(region) for region in found):
            raise InputError(f"min_max_form: simplices are not lists of {n + 1} places of points; give such lists.")
    if len(found) > MAX_SIMPLICES:
        raise InputError(f"min_max_form: there are {len(found)} simplices; give points for at most {MAX_SIMPLICES}.")
    return found


def _never_below(above: list[list[Fraction]]) -> Iterator[frozenset[int]]:
    """Cut a simplex where affine functions, given at its corners, are zero; yield which are not negative on a part.

    A part is its corners, each with the places of the functions and of the sides of the simplex that are zero there.
    """
    size = len(above[0])
    units = [tuple(Fraction(i == k) for k in range(size)) for i in range(size)]
    whole = [_Corner(unit, frozenset(-1 - k for k in range(size) if not unit[k])) for unit in units]
    parts: list[tuple[list[_Corner], frozenset[int]]] = [(whole, frozenset())]
    for place, heights in enumerate(above):
        cut: list[tuple[list[_Corner], frozenset[int]]] = []
        for corners, found in parts:
            upper, lower = _halves(corners, heights, place)
            cut += ([(upper, found | {place})] if upper else []) + ([(lower, found)] if lower else [])
        parts = cut
    yield from (found for _, found in parts)


def _halves(corners: list[_Corner], heights: list[Fraction], place: int) -> tuple[list[_Corner], list[_Corner]]:
    """Cut a convex part in two; one half is empty where the function has one sign."""
    values = [sum(map(mul, heights, corner.shares)) for corner in corners]
    if min(values) >= 0 or max(values) <= 0:
        return ([], corners) if min(values) < 0 else (corners, [])
    between = []
    for (p, f), (q, g) in product(zip(corners, values, strict=True), repeat=2):
        common = p.zero & q.zero
        if f > 0 > g and not any(common <= r.zero for r in corners if r not in (p, q)):  # an edge
            shares = tuple((f * b - g * a) / (f - g) for a, b in zip(p.shares, q.shares, strict=True))
            between.append(_Corner(shares, common | {place}))
    on = [_Corner(p.shares, p.zero | {place}) for p, f in zip(corners, values, strict=True) if f == 0]
    sides = [[p for p, f in zip(corners, values, strict=True) if sign * f > 0] for sign in (1, -1)]
    return [*sides[0], *on, *between], [*sides[1], *on, *between]


def _affine(corners: list[Vector], heights: list[Fraction]) -> tuple[Vector, Fraction]:
    """Return the affine map through so many points."""
    below = np.lcm.reduce([x.denominator for corner in corners for x in corner] + [y.denominator for y in heights])
    matrix = [[*(int(x * below) for x in corner), int(below)] for corner in corners]
    solution = solve(matrix, [[int(y * below)] for y in heights])
    if solution is None:
        raise InputError("min_max_form: a simplex is flat; give simplices with space inside.")
    *weights, constant = (row[0] for row in solution)
    return tuple(weights), constant


def _at(piece: AffinePiece, x: Sequence[Fraction]) -> Fraction:
    """Return the value of an affine map at a point."""
    return sum((w * v for w, v in zip(piece.weights, x, strict=True)), piece.constant)


def _paired(wires: list[Wire], joined: Callable[[Wire, Wire], Wire]) -> Wire:
    """Join wires two by two until one is left."""
    while len(wires) > 1:
        wires = [reduce(joined, wires[k : k + 2]) for k in range(0, len(wires), 2)]
    return wires[0]


def _listed(name: str, values: Any) -> list[Any]:
    """Return a list or an array as a list."""
    found = values.tolist() if isinstance(values, np.ndarray) else values
    if not isinstance(found, list | tuple):
        raise InputError(f"min_max_form: {name.removeprefix('min_max_form: ')} is no list; give a list of numbers.")
    return list(found)
