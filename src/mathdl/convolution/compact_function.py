"""The convolution of functions as a number with a bound of its error (Definitions 10.1.1 and 10.1.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.chain.evaluation import as_function
from mathdl.chain.expression import Expression
from mathdl.checks import is_number, require_between, require_positive, require_unmasked, shortened
from mathdl.errors import InputError

Array = NDArray[np.float64]
FIRST_CELLS, MAX_CELLS = 2**8, 2**22  # chosen: of the first grid, and of the last, which takes about a second
EPS = float(np.finfo(np.float64).eps)
GRID_ROUNDING, SUM_ROUNDING = 8 * EPS, 64 * EPS  # of a coordinate, relative; of a sum of so many products at most


class Bounded(NamedTuple):
    """A number, and how far at most it is from the truth."""

    value: float
    error: float


class CompactFunction:
    """A function of one or more variables that is 0 outside of an interval or box, and Lipschitz continuous in it.

    At the border it may jump, so that a box function is one.

    Parameters
    ----------
    function : callable or Expression
        Takes an array of numbers for each variable, all of one shape, and returns the values as such an array. It is
        called only inside of the support. Or an expression in the variables.
    support : pair of numbers, or sequence of pairs
        The interval, or the intervals of all variables, outside of which the function is 0.
    lipschitz : float
        A number L with |f(y) - f(z)| <= L |y - z| for all y and z in the support, with the Euclidean distance.

    Raises
    ------
    InputError
        If the support is no interval or box, or the constant no number of at least 0.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import CompactFunction
    >>> hat = CompactFunction(lambda y: 1 - np.abs(y), (-1, 1), lipschitz=1)
    >>> value, error = hat.convolve(hat, 0.5, tolerance=1e-4)
    >>> abs(value - 23 / 48) <= error <= 1e-4
    True
    """

    def __init__(self, function: Callable[..., Any] | Expression, support: Sequence[Any], lipschitz: float) -> None:
        if isinstance(function, Expression):
            function = as_function(function)
        if not callable(function):
            raise InputError(f"function is {shortened(function)}; give a function of one array for each variable.")
        require_between("lipschitz", lipschitz, 0)
        self.function, self.lipschitz, self.support = function, float(lipschitz), _box(support)

    def convolve(self, other: CompactFunction, x: Any, *, tolerance: float = 1e-3) -> Bounded:
        """Return the convolution at x, the integral of f(y) g(x - y) over all y, and a bound of the error.

        The midpoint rule is taken with more and more cells. In a cell whose points are r away from its midpoint in the
        mean, the integrand differs from its value f g there by at most r (L_f |g| + L_g |f|) + r^2 L_f L_g. Rounding is
        bounded too, but for that of f and g themselves.

        Parameters
        ----------
        other : CompactFunction
            g, of as many variables.
        x : number, or one for each variable
            Where.
        tolerance : float, default 1e-3
            The largest error that is accepted.

        Returns
        -------
        Bounded
            ``value`` and ``error``.

        Raises
        ------
        InputError
            If the variables differ in number, a function fails or changes faster than its constant says, or the
            tolerance would need too many cells.
        """
        if not isinstance(other, CompactFunction) or len(other.support) != len(self.support):
            raise InputError(f"other is {shortened(other)}; give a CompactFunction of as many variables.")
        require_positive("tolerance", tolerance)
        place = _point(x, len(self.support))
        low = np.maximum(self.support[:, 0], place - other.support[:, 1])
        high = np.minimum(self.support[:, 1], place - other.support[:, 0])
        if (low >= high).any():
            return Bounded(0.0, 0.0)
        cells = FIRST_CELLS
        while True:
            found = self._midpoints(other, place, low, high, cells)
            if found.error <= tolerance:
                return found
            if cells >= MAX_CELLS:
                raise InputError(
                    f"tolerance is {tolerance:g}, but with {MAX_CELLS:,} cells the error is only known to be at most "
                    f"{found.error:.2g}; give a larger tolerance or smaller lipschitz constants."
                )
            cells *= 4

    def _midpoints(self, other: CompactFunction, place: Array, low: Array, high: Array, cells: int) -> Bounded:
        """Apply the midpoint rule to the cells of a grid."""
        sides = high - low
        per_axis = [max(1, int(cells ** (1 / len(sides)) + 0.5))] * len(sides)
        steps = sides / per_axis
        axes = [a + (np.arange(n) + 0.5) * h for a, n, h in zip(low, per_axis, steps, strict=True)]
        y = list(np.meshgrid(*axes, indexing="ij"))
        f = self._values(y, steps)
        g = other._values([p - each for p, each in zip(place, y, strict=True)], steps)
        away = float(np.sqrt((steps**2).sum() / 12) + GRID_ROUNDING * np.abs([place, low, high]).sum())
        volume, products, sizes = prod(steps.tolist()), f * g, (np.abs(f), np.abs(g))
        slopes = away * (self.lipschitz * sizes[1].sum() + other.lipschitz * sizes[0].sum())
        error = slopes + away**2 * self.lipschitz * other.lipschitz * f.size + SUM_ROUNDING * np.abs(products).sum()
        return Bounded(float(volume * products.sum()), float(volume * error * (1 + SUM_ROUNDING)))

    def _values(self, y: list[Array], steps: Array) -> Array:
        """Return the values at the points of a grid; raise InputError where they contradict the constant."""
        try:
            given = np.asarray(self.function(*y))
            values = np.broadcast_to(given, y[0].shape).astype(np.float64)
            if given.dtype.kind not in "biuf":
                raise TypeError(f"it returns {given.dtype}")
        except (TypeError, ValueError) as error:
            raise InputError(f"The function fails ({error}); return a number for each point of an array.") from error
        if not np.isfinite(values).all():
            raise InputError("The function is not finite at a point of its support; give one that is.")
        for axis, step in enumerate(steps):
            allowed = self.lipschitz * step * (1 + 1e-6) + 64 * EPS * np.abs(values).max()
            if (np.abs(np.diff(values, axis=axis)) > allowed).any():
                raise InputError(
                    f"lipschitz is {self.lipschitz:g}, but the function changes faster between two points; give a "
                    "larger constant."
                )
        return values


def _box(support: Any) -> Array:
    """Return the intervals as rows; raise InputError where they are none."""
    require_unmasked("support", support)
    try:
        given = np.asarray(support)
        box = np.atleast_2d(given).astype(np.float64)
        if given.dtype.kind not in "iuf" and given.dtype != object:
            raise TypeError
    except (TypeError, ValueError, OverflowError):
        box = np.zeros((0, 2))
    if (
        box.ndim != 2
        or box.shape[1] != 2
        or not len(box)
        or not (np.isfinite(box).all() and (box[:, 0] < box[:, 1]).all())
    ):
        raise InputError(
            f"support is {shortened(support)}; give an interval such as (-1, 1), or one for each variable."
        )
    return box


def _point(x: Any, variables: int) -> Array:
    """Return a point; raise InputError where it has not as many numbers as there are variables."""
    values = list(x) if isinstance(x, list | tuple) or (isinstance(x, np.ndarray) and x.ndim == 1) else [x]
    if len(values) != variables or not all(is_number(value) and isfinite(value) for value in values):
        raise InputError(f"x is {shortened(x)}; give a finite number for each of {variables} variables.")
    return np.array(values, np.float64)
