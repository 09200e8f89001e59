"""Convex sets that are given by few numbers: half-spaces and balls (section 7.1). Everything is exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mathdl.checks import require_truth_value
from mathdl.errors import InputError
from mathdl.geometry.points import Vector, dot, exact_number, exact_point


@dataclass(frozen=True)
class HalfSpace:
    """The points x with w.x <= b, or with w.x < b.

    Parameters
    ----------
    normal : array-like of shape (p,)
        w, not zero: integers, fractions or floats, which are taken as the exact binary numbers that they are.
    offset : number
        b.
    open : bool, default False
        Whether the points with w.x = b are left out.

    Raises
    ------
    InputError
        If w is zero, or a number is not finite.

    Examples
    --------
    >>> below = HalfSpace([0, 1], 0)
    >>> below.contains([7, 0]), HalfSpace([0, 1], 0, open=True).contains([7, 0])
    (True, False)
    """

    normal: Any
    offset: Any
    open: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "normal", exact_point("HalfSpace: normal", self.normal))
        object.__setattr__(self, "offset", exact_number("HalfSpace: offset", self.offset))
        require_truth_value("HalfSpace: open", self.open)
        if not any(self.normal):
            raise InputError("HalfSpace: normal is zero; give a vector that is not.")

    @property
    def dimension(self) -> int:
        """The number of coordinates."""
        return len(self.normal)

    def contains(self, point: Any) -> bool:
        """Tell whether a point is in the set.

        Parameters
        ----------
        point : array-like of shape (p,)

        Returns
        -------
        bool
        """
        value = dot(self.normal, point_of(self.dimension, point))
        return value < self.offset or (value == self.offset and not self.open)


@dataclass(frozen=True)
class Ball:
    """The points x with |x - c|^2 <= R, or with |x - c|^2 < R: a disc in the plane.

    Parameters
    ----------
    centre : array-like of shape (p,)
        c: integers, fractions or floats, which are taken as the exact binary numbers that they are.
    squared_radius : number
        R, the square of the radius, positive; so a disc of the radius sqrt(1/2) is exact too.
    open : bool, default False
        Whether the points with |x - c|^2 = R are left out.

    Raises
    ------
    InputError
        If R is not positive, or a number is not finite.

    Examples
    --------
    >>> disc = Ball([1, 1], 0.5, open=True)  # A of exercise 7.1
    >>> disc.contains([1.25, 0.75]), disc.contains([1.5, 0.5])
    (True, False)
    """

    centre: Any
    squared_radius: Any
    open: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "centre", exact_point("Ball: centre", self.centre))
        object.__setattr__(self, "squared_radius", exact_number("Ball: squared_radius", self.squared_radius))
        require_truth_value("Ball: open", self.open)
        if self.squared_radius <= 0:
            raise InputError(f"Ball: squared_radius is {self.squared_radius}; give a positive number.")

    @property
    def dimension(self) -> int:
        """The number of coordinates."""
        return len(self.centre)

    def contains(self, point: Any) -> bool:
        """Tell whether a point is in the set. As for :meth:`HalfSpace.contains`."""
        away = [x - c for x, c in zip(point_of(self.dimension, point), self.centre, strict=True)]
        square = dot(away, away)
        return square < self.squared_radius or (square == self.squared_radius and not self.open)


def point_of(dimension: int, point: Any) -> Vector:
    """Return a point as fractions; raise InputError unless it has so many numbers."""
    place = exact_point("point", point)
    if len(place) != dimension:
        raise InputError(f"point has {len(place)} numbers, but the set has dimension {dimension}; give as many.")
    return place
