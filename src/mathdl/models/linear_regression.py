"""Linear regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import text_of
from mathdl.errors import InputError
from mathdl.models.declaration import Declaration
from mathdl.models.least_squares_regressor import LeastSquaresRegressor
from mathdl.models.number_table import NumberTable, table_of_coefficients
from mathdl.solvers.exact_least_squares import Column, column

Array = NDArray[Any]


class LinearRegression(LeastSquaresRegressor):
    """Fit an affine function by least squares (equations (6.2) and (6.3); several targets as in exercise 6.4).

    Features and targets may be of any size: they are centred and scaled inside. Where many functions are equally good,
    the one with the shortest coefficients is taken, the intercept aside.

    Parameters
    ----------
    exact : bool, default False
        Whether to solve in rational numbers, for the exact values of the floating-point numbers in X and y.

    Attributes
    ----------
    coef_ : ndarray of shape (p,), or (m, p) where y had two axes
        float64.
    intercept_ : float, or ndarray of shape (m,)
    exact_coef_, exact_intercept_
        With ``exact``: the same as fractions, of which ``coef_`` and ``intercept_`` are the roundings; arrays of
        objects, and one Fraction for a single intercept.
    status_ : str
        "converged"; "minimum norm" where the features are linearly dependent (with ``exact`` this is decided exactly,
        otherwise up to rounding); "certified" after ``certify()`` of a "converged" model.
    certificate_ : Certificate
        What ``certify()`` returned: by how much, at most, the model's mean square error exceeds the minimum.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import LinearRegression
    >>> X, y = [[-2.0], [0.0], [1.0]], [1.0, 2.0, -1.0]
    >>> model = LinearRegression(exact=True).fit(X, y)
    >>> model.exact_coef_, model.exact_intercept_
    (array([Fraction(-1, 2)], dtype=object), Fraction(1, 2))
    >>> model.certify().statement
    'The mean square error of the polynomial shown on the 3 objects is at most 1.16667; no polynomial of degree at \
most 1 has less.'
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="linear",
        task="regression",
        minimises="mean square error of the training",
        learned={
            "coef_": "* p",
            "intercept_": "*",
            "exact_coef_": "fractions * p",
            "exact_intercept_": "fractions *",
            "status_": "status",
        },
    )
    coef_: Array
    intercept_: Any
    exact_coef_: Array
    exact_intercept_: Any

    def __init__(self, exact: bool = False) -> None:
        self.exact = exact

    def _learn(self, X: Array) -> None:
        coef, intercept, solution = self._minimise(X)
        if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
            raise InputError("A coefficient is beyond the range of float64; scale the features or the targets.")
        self.coef_, self.intercept_ = self._shaped(coef, intercept)
        if solution is not None:
            exact = np.array(solution.coef, dtype=object), np.array(solution.intercept, dtype=object)
            self.exact_coef_, self.exact_intercept_ = self._shaped(*exact)

    def _function(self) -> tuple[Array, Any]:
        return self.coef_, self.intercept_

    def table_of_learned(self, feature_names: Sequence[str]) -> NumberTable:
        """Return the coefficients."""
        return table_of_coefficients(self.coef_, self.intercept_, feature_names)

    def _terms(self, X: Array) -> Array:
        return X

    def _exact_terms(self, X: Array) -> list[Column]:
        return [column(feature) for feature in X.T]

    def _stated(self) -> tuple[dict[str, Any], Array, Array]:
        p = self.n_features_in_
        terms = {"degree": 1, "centres": [text_of(0.0)] * p, "scales": [text_of(1.0)] * p}
        return terms, np.atleast_2d(self.coef_), np.atleast_1d(self.intercept_)
