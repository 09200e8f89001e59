"""A hyperplane w.x = b (equation (7.1)), and what it separates (equations (7.3) to (7.6))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.geometry.points import fractions

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Hyperplane:
    """The points x with w.x = b.

    Parameters
    ----------
    normal : ndarray of shape (p,)
        w, not zero: numbers, or fractions in an array of objects; with fractions, values and gaps are exact.
    offset : float or Fraction
        b.

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

    normal: Array
    offset: Any

    def value(self, X: Any) -> Array:
        """Return w.x - b for every row of X.

        Parameters
        ----------
        X : array-like of shape (n, p)

        Returns
        -------
        ndarray of shape (n,)
        """
        points = fractions(X) if self.normal.dtype == object else np.asarray(X)
        found: Array = points @ self.normal - self.offset
        return found

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
        first, second = self.value(A).tolist(), self.value(B).tolist()
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

    def _size(self) -> tuple[Any, float]:
        """Return the largest coordinate of w, and the length of w relative to it."""
        largest = np.abs(self.normal).max()
        return largest, float(np.linalg.norm((self.normal / largest).astype(np.float64)))
