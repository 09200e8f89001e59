"""The affine pieces of a network on an interval, a box, a polygon or a plane through points (section 4.3)."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mathdl.certificates.checker import verify, write
from mathdl.certificates.data import Data
from mathdl.certificates.rationals import text_of
from mathdl.certificates.record import Certificate
from mathdl.checks import require_at_least
from mathdl.errors import NotCertifiedError
from mathdl.exact.whole_numbers import nearest_float
from mathdl.layers.pieces import Kinks, Largest, Piece
from mathdl.networks.exact_steps import Exact
from mathdl.networks.network import Network
from mathdl.networks.pieces import pieces_of
from mathdl.networks.steps import steps_of
from mathdl.piecewise.adjacency import Point, point, shared_edges
from mathdl.piecewise.domain import domain_of
from mathdl.piecewise.splitting import Line, Splitter

Array = NDArray[Any]


class Boundary(NamedTuple):
    """A part of the border between two classes.

    Attributes
    ----------
    classes : tuple of two int
        The classes on its two sides.
    start, end : tuple of two Fraction
        Its ends, in the coordinates of the domain.
    """

    classes: tuple[int, int]
    start: Point
    end: Point


class Regions:
    """The pieces of a network in a domain: polygons, each with the affine functions that the network is there.

    A piece is a largest set on which every argument of a kink keeps its sign and every maximum its entry (an
    *activation region*); all of them are convex, and those without an inside are left out. Neighbouring pieces may have
    the same affine function: ``functions`` joins those.

    Attributes
    ----------
    dimension : int
        1 on an interval or a line, else 2.
    polygons : list of ndarray
        The corners of each piece, shape (k, 2), counter-clockwise; of an interval its two ends, shape (2,), from left
        to right. Rounded.
    gradients : ndarray of shape (pieces, outputs, dimension)
        Each piece's matrix A of f = A t + b in the coordinates t of the domain. Rounded.
    offsets : ndarray of shape (pieces, outputs)
        Each piece's b. Rounded.
    settled_exactly : int
        How many signs floating-point numbers could not settle, and exact arithmetic did.

    Examples
    --------
    >>> from mathdl import Dense, Network, regions
    >>> net = Network([Dense(3, activation="relu"), Dense(1)], input_shape=(2,), dtype="float64")
    >>> net.parameters[:] = 1, 0, 0, 1, 1, 1, 0, 0, -0.5, 1, 1, -2, 0
    >>> found = regions(net, ((-1, 1), (-1, 1)))
    >>> len(found), len(found.neighbours), found.certify().kind
    (7, 9, 'affine_pieces')
    """

    def __init__(self, network: Network, steps: list[Piece], given: tuple[Any, Any], most: int) -> None:
        self._network, self._domain = network, domain_of(network.input_shape, *given)
        self.dimension = self._domain.dimension
        self._splitter, self._count = Splitter(steps, self._domain, most), len(steps)
        self._leaves = self._splitter.leaves([self._splitter.root()])
        self.settled_exactly = self._splitter.exactly
        self._places = [(leaf, k) for leaf in self._leaves for k in range(len(leaf))]
        order = list(range(len(self._places)))
        values = np.concatenate([leaf.values for leaf in self._leaves], axis=1).transpose(1, 0, 2)
        if self.dimension == 1:  # from left to right
            intervals = [(min(ends), max(ends)) for ends in ([s for s, _ in piece] for piece in self.exact_polygons)]
            order.sort(key=intervals.__getitem__)
            self._places = [self._places[k] for k in order]
            del self.exact_polygons, self._corners
            self.polygons = [np.array([nearest_float(end) for end in intervals[k]]) for k in order]
        else:
            self.polygons = [leaf.polygons.corners[k, : leaf.polygons.sizes[k]] for leaf, k in self._places]
        self.gradients, self.offsets = values[order, :, : self.dimension], values[order, :, 2]

    def __len__(self) -> int:
        return len(self.polygons)

    def __repr__(self) -> str:
        where = "an interval" if self.dimension == 1 else "a polygon of the plane"
        return f"Regions ({len(self)} pieces of {where}, {self.settled_exactly} signs settled in exact arithmetic)"

    @cached_property
    def exact_polygons(self) -> list[list[Point]]:
        """The corners of each piece, without rounding (of an interval those of a strip of height 1)."""
        return [[point(corner) for corner in polygon] for polygon in self._corners]

    def exact_piece(self, number: int) -> tuple[Array, Array]:
        """Return the affine function of a piece without rounding.

        Parameters
        ----------
        number : int
            Of the piece.

        Returns
        -------
        gradient : ndarray of Fraction of shape (outputs, dimension)
        offset : ndarray of Fraction of shape (outputs,)
        """
        found = self._function(number).fractions
        return found[: self.dimension].T, found[2]

    @cached_property
    def neighbours(self) -> Array:
        """The pairs of pieces that share a part of an edge, shape (pairs, 2); each once, exactly."""
        pairs = sorted({(edge.first, edge.second) for edge in shared_edges(self._corners)})
        return np.array(pairs, dtype=int).reshape(-1, 2)

    @cached_property
    def functions(self) -> Array:
        """A number for each piece: neighbours have the same one where their affine functions are equal, exactly.

        So ``functions.max() + 1`` counts the connected sets on which the network is affine.
        """
        same = [pair for pair in self.neighbours.tolist() if self._equal(*pair)]
        first, second = np.array(same, dtype=int).reshape(-1, 2).T
        graph = coo_array((np.ones(len(same)), (first, second)), shape=(len(self), len(self)))
        return np.asarray(connected_components(graph, directed=False)[1])

    @cached_property
    def boundary(self) -> list[Boundary]:
        """The exact decision boundary: segments with the two classes beside them.

        The class is the first of the largest outputs; of a single output it is 1 where that is positive.
        """
        outputs = self.offsets.shape[1]
        last: Piece = Kinks(np.zeros(1), np.ones(1)) if outputs == 1 else Largest(np.arange(outputs)[None], outputs)
        splitter = self._splitter
        if len(splitter.steps) == self._count:
            splitter.append(last)
        cells = splitter.leaves([leaf.copy() for leaf in self._leaves])
        classes = [int(k) if outputs > 1 else 1 - int(k) for cell in cells for k in cell.choices[:, 0]]
        corners = [splitter.corners(cell, k) for cell in cells for k in range(len(cell))]
        return [
            Boundary((classes[edge.first], classes[edge.second]), edge.start, edge.end)
            for edge in shared_edges(corners)
            if classes[edge.first] != classes[edge.second]
        ]

    def certify(self) -> Certificate:
        """Return a certificate that the pieces tile the domain and that the network is affine on each.

        Returns
        -------
        Certificate
            ``verify(certificate, regions.data)`` checks it again.

        Raises
        ------
        NotCertifiedError
            If the checker refuses it, as it does where it would take too long.
        """
        places: dict[Line, int] = {}
        pieces = [[places.setdefault(corner, len(places)) for corner in polygon] for polygon in self._corners]
        whole = [places[corner] for corner in self._splitter.domain_corners]
        steps = steps_of(self._network)
        plane = [*self._domain.directions, self._domain.origin]
        numbers = {
            "steps": steps.steps,
            "plane": [[text_of(value) for value in row] for row in plane],
            "corners": [[text_of(value) for value in point(corner)] for corner in places],
            "whole": whole,
            "pieces": pieces,
        }
        certificate = write("affine_pieces", numbers, self.data)
        verdict = verify(certificate, self.data)
        if not verdict:
            raise NotCertifiedError(f"The checker refuses the certificate of these pieces: {verdict.reason}")
        return certificate

    @cached_property
    def data(self) -> Data:
        """What the certificate speaks about: the shape of the inputs and the network's parameters."""
        return steps_of(self._network).data

    @cached_property
    def _corners(self) -> list[list[Line]]:
        """The exact corners of each piece."""
        return [self._splitter.corners(*place) for place in self._places]

    def _function(self, number: int) -> Exact:
        """Return the exact affine function of a piece."""
        return self._splitter.functions(*self._places[number], np.eye(self.offsets.shape[1], dtype=int))

    def _equal(self, i: int, j: int) -> bool:
        """Return whether two pieces have the same affine function."""
        (a, k), (b, m) = self._places[i], self._places[j]
        off = np.abs(a.values[:, k] - b.values[:, m])
        if np.any(off > (a.errors[:, k] + b.errors[:, m]) * 1.01 + off * 1e-9):
            return False
        one, other = self._function(i), self._function(j)
        return bool(np.all(one.numbers * other.unit == other.numbers * one.unit))


def regions(network: Network, domain: Any = None, points: Any = None, most: int = 2**18) -> Regions:
    """Find every affine piece of a network, exactly: on an interval, a polygon, or a plane or line through points.

    Signs are decided in floating point with a bound of the error, and in exact arithmetic where that cannot settle
    them, so no piece is missed, however small. A final softmax or sigmoid is left off: pieces are those of its
    argument.

    Parameters
    ----------
    network : Network
        Of dense, convolutional, pooling, padding, dropout, residual and parallel layers with ReLU, leaky ReLU, absolute
        value or no activation.
    domain : pair of numbers, two pairs of numbers, or Polygon
        (low, high) for one coordinate, ((low, high), (low, high)) or a convex Polygon for two. With ``points`` these
        are coordinates in which the points are (0, 0), (1, 0) and (0, 1), and from -1/2 to 3/2 by default.
    points : array-like of shape (3, *input_shape) or (2, *input_shape), optional
        Three inputs that span a plane, or two on a line, of a network with any number of inputs.

    most : int, default 262,144
        How many pieces there may be at most.

    Returns
    -------
    Regions

    Raises
    ------
    InputError
        If a layer is not piecewise affine, the domain is empty, not finite or not convex, or the points lie on one
        line; and as a ``TooManyPiecesError`` if there are more pieces.

    Examples
    --------
    >>> from mathdl import Dense, Network, regions
    >>> net = Network([Dense(2, activation="relu"), Dense(1)], input_shape=(1,), dtype="float64")
    >>> net.parameters[:] = 1, -1, 0, 1, 1, 1, 0
    >>> found = regions(net, (-2, 3))
    >>> [interval.tolist() for interval in found.polygons]
    [[-2.0, 0.0], [0.0, 1.0], [1.0, 3.0]]
    """
    require_at_least("most", most, 1)
    bare, steps = pieces_of(network)
    return Regions(bare, steps, (domain, points), most)
