"""How a least-squares fit depends on each measurement."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_truth_value
from mathdl.errors import InputError
from mathdl.models.linear_regression import LinearRegression
from mathdl.models.training_data import dense, validated

Array = NDArray[Any]
MAX_OBJECTS = 2000  # chosen: so many fits are made at once


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """By how much a linear fit changes when one measurement y_i changes by 1.

    A fit is linear in y: a change of y_i by any e changes it by e times this.

    Attributes
    ----------
    coef : ndarray of shape (N, p)
        Row i: the change of the coefficients a.
    intercept : ndarray of shape (N,)
        The change of b.
    leverages : ndarray of shape (N,)
        The change of the fitted value at x_i itself, from 0 to 1; 1 means that the fit goes through (x_i, y_i) whatever
        y_i is. They add up to the number of parameters that the data determine.
    """

    coef: Array
    intercept: Array
    leverages: Array

    @property
    def amplification(self) -> Array:
        """The length of the change of (a, b), for each measurement."""
        changes = np.column_stack([self.coef, self.intercept]).astype(np.float64)
        lengths: Array = np.linalg.norm(changes, axis=1)
        return lengths

    @property
    def worst(self) -> int:
        """The measurement to which (a, b) is most sensitive."""
        return int(np.argmax(self.amplification))


def sensitivity(X: Any, *, exact: bool = False) -> Sensitivity:
    """Find how a least-squares fit depends on each measurement (exercise 6.4).

    The fit is that of :class:`LinearRegression`; where many are equally good, that with the shortest coefficients. It
    is linear in the measurements, so the change for y_i is the fit to 1 at x_i and 0 elsewhere.

    Parameters
    ----------
    X : array-like of shape (N, p)
        Objects, at most 2,000.
    exact : bool, default False
        Whether to compute in rational numbers; what is returned are then fractions.

    Returns
    -------
    Sensitivity
        With ``coef``, ``intercept``, ``leverages``, ``amplification`` and ``worst``.

    Raises
    ------
    ValueError
        If X cannot be used.

    Examples
    --------
    >>> import mathdl
    >>> found = mathdl.sensitivity([[0.0], [1.0], [2.0], [9.0]], exact=True)
    >>> found.leverages
    array([Fraction(43, 100), Fraction(33, 100), Fraction(27, 100),
           Fraction(97, 100)], dtype=object)
    """
    require_truth_value("exact", exact)
    points = dense(validated(LinearRegression(), X, reset=True, dtype=np.float64))
    if len(points) > MAX_OBJECTS:
        raise InputError(f"X has {len(points)} objects; give at most {MAX_OBJECTS:,}, such as a sample.")
    model = LinearRegression(exact=exact).fit(points, np.eye(len(points)))
    if not exact:
        leverages = (model.coef_ * points).sum(axis=1) + model.intercept_
        return Sensitivity(model.coef_, model.intercept_, leverages)
    coef, intercept = model.exact_coef_, model.exact_intercept_
    rows = [[Fraction(value) for value in row] for row in points.tolist()]
    at_own = [sum(a * v for a, v in zip(c, row, strict=True)) for c, row in zip(coef, rows, strict=True)]
    return Sensitivity(coef, intercept, np.array(at_own, dtype=object) + intercept)
