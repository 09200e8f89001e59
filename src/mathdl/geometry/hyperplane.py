"""A hyperplane w.x = b (equation (7.1)), and what it separates (equations (7.3) to (7.6))."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import reals, require_unmasked
from mathdl.errors import InputError
from mathdl.geometry.points import fractions

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Hyperplane:
    """The points x with w.x = b.

    Parameters
    ----------
    normal : array-like of shape (p,)
        w, not zero: numbers, or fractions in an array of objects; with fractions, values and gaps are exact.
    offset : float or Fraction
        b.

    Raises
    ------
    InputError
        If w is zero, or they are no finite real numbers; by the methods, if points do not have p such numbers.

    Examples
    --------
    >>> line = Hyperplane(np.array([3.0, 4.0]), 5.0)
    >>> line.value([[3.0, 4.0], [0.0, 0.0]])
    array([20., -5.])
    >>> line.distance([[3.0, 4.0], [0.0, 0.0]])
    array([ 4., -1.])
    >>> line.gap([[3.0, 4.0]], [[0.0, 0.0]]), line.width([[3.0, 4.0]], [[0.0, 0.0]])
    (5.0, 2.0)
    """

    normal: Any
    offset: Any

    def __post_init__(self) -> None:
        normal = _real_array("Hyperplane: normal", self.normal, exact="O")
        if normal.ndim != 1 or not normal.any():
            raise InputError(f"Hyperplane: normal is {self.normal!r}; give a vector that is not zero.")
        offset = _real_array("Hyperplane: offset", [self.offset], exact="iuO" if normal.dtype == object else "")
        if offset.shape != (1,):
            raise InputError(f"Hyperplane: offset is {self.offset!r}; give one number.")
        object.__setattr__(self, "normal", normal)
        object.__setattr__(self, "offset", offset.tolist()[0])

    def value(self, X: Any) -> Array:
        """Return w.x - b for every row of X.

        Parameters
        ----------
        X : array-like of shape (n, p)

        Returns
        -------
        ndarray of shape (n,)
        """
        return self._values("X", X)

    def distance(self, X: Any) -> Array:
        """Return the signed distance of every row of X, positive on the side of w. As for :meth:`value`."""
        largest, length = self._size()
        return np.asarray(self.value(X) / largest, np.float64) / length

    def gap(self, A: Any, B: Any) -> Any:
        """Return the best eps of equations (7.5) and (7.6) between two point sets.

        Parameters
        ----------
        A, B : array-like of shape (n, p) and (m, p)

        Returns
        -------
        float or Fraction
            The largest eps with w.x - b >= eps on one set and <= -eps on the other. It is positive where the
            hyperplane separates them strictly, zero where it separates them but touches one, else negative.
        """
        first, second = self._values("A", A).tolist(), self._values("B", B).tolist()
        return max(min(min(first), -max(second)), min(min(second), -max(first)))

    def separates(self, A: Any, B: Any) -> bool:
        """Tell whether A is on one side and B on the other; both may touch it ((7.3), (7.4)). As for :meth:`gap`."""
        return bool(self.gap(A, B) >= 0)

    def strictly_separates(self, A: Any, B: Any) -> bool:
        """Tell whether A and B are on different sides, at some distance ((7.5), (7.6)). As for :meth:`gap`."""
        return bool(self.gap(A, B) > 0)

    def width(self, A: Any, B: Any) -> float:
        """Return the width 2 eps / |w| of the strip -eps <= w.x - b <= eps for the best eps. As for :meth:`gap`."""
        largest, length = self._size()
        return 2 * float(self.gap(A, B) / largest) / length

    def _values(self, name: str, points: Any) -> Array:
        """Return w.x - b for every point."""
        given = _real_array(name, points, exact="iuO" if self.normal.dtype == object else "")
        if given.ndim != 2 or given.shape[1] != len(self.normal) or not len(given):
            raise InputError(f"{name} has shape {given.shape}; give points of {len(self.normal)} numbers, one a row.")
        found: Array = (fractions(given) if self.normal.dtype == object else given) @ self.normal - self.offset
        return found

    def _size(self) -> tuple[Any, float]:
        """Return the largest coordinate of w, and the length of w relative to it."""
        largest = np.abs(self.normal).max()
        return largest, float(np.linalg.norm((self.normal / largest).astype(np.float64)))


def _real_array(name: str, values: Any, exact: str) -> Array:
    """Return finite numbers as an array: as fractions where they are rational and of these kinds, else as floats."""
    require_unmasked(name, values)
    try:
        array = np.asarray(values)
        if array.dtype.kind in exact and all(isinstance(value, Rational) for value in array.ravel().tolist()):
            return fractions(array)
        array = reals(array, "float64")
    except (TypeError, ValueError):
        raise InputError(f"{name} holds something that is no number; give numbers.") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name} holds a number that is NaN or infinite; give finite numbers.")
    return array
