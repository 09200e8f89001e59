"""Polynomial regression."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import text_of
from mathdl.checks import require_at_least
from mathdl.errors import InputError
from mathdl.models.declaration import Declaration, Option
from mathdl.models.least_squares_regressor import LeastSquaresRegressor, rounded
from mathdl.models.number_table import NumberTable, table_of_coefficients
from mathdl.solvers.chebyshev_basis import ChebyshevBasis
from mathdl.solvers.exact_least_squares import Column
from mathdl.solvers.least_squares import refine
from mathdl.status import Status

Array = NDArray[Any]

MAX_DEGREE = 1000  # chosen: the terms of larger degrees cannot be told apart on float64 data
MAX_TERMS = 20_000  # chosen: their triangle takes 3 GB


class PolynomialRegression(LeastSquaresRegressor):
    """Fit a polynomial by least squares (section 6.2; several targets as in equation (8.17)).

    The polynomial is kept as a combination of products of Chebyshev polynomials over the smallest box that holds the
    objects, so predictions are accurate where those of the monomials' coefficients are not. Where many polynomials are
    equally good, the one with the shortest coefficients in that basis is taken, the constant aside.

    Parameters
    ----------
    degree : int, default 2
        The largest total degree; 0 fits the mean.
    exact : bool, default False
        Whether to solve in rational numbers, for the exact values of the floating-point numbers in X and y.

    Attributes
    ----------
    basis_ : ChebyshevBasis
        The products, with the ``terms`` in the order of all coefficients.
    basis_coef_ : ndarray of shape (n_terms,), or (m, n_terms) where y had two axes
        Coefficients of the products, which predict.
    basis_intercept_ : float, or ndarray of shape (m,)
    powers_ : ndarray of shape (n_terms, p)
        The degree of each feature in each monomial: all but the constant, in graded order.
    coef_ : ndarray of shape (n_terms,) or (m, n_terms)
        The coefficients of the monomials of the same polynomial: converted exactly, and then rounded to float64
        (infinite where they are beyond it).
    intercept_ : float, or ndarray of shape (m,)
        The coefficient of the constant.
    exact_coef_, exact_intercept_
        With ``exact``: the monomials' coefficients as fractions; arrays of objects, and one Fraction for a single
        intercept.
    status_ : str
        "converged"; "minimum norm" where many polynomials are equally good (with ``exact`` this is decided exactly,
        otherwise up to rounding); "certified" after ``certify()`` of a "converged" model.
    certificate_ : Certificate
        What ``certify()`` returned: by how much, at most, the model's mean square error exceeds the minimum.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import PolynomialRegression
    >>> X, y = [[-1.0], [0.0], [1.0]], [4.0, 2.0, -8.0]
    >>> model = PolynomialRegression(degree=2, exact=True).fit(X, y)
    >>> [str(c) for c in model.exact_coef_], str(model.exact_intercept_)
    (['-6', '-4'], '2')
    >>> model.predict([[2.0]])
    array([-26.])
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="polynomial",
        task="regression",
        minimises="mean square error of the training",
        learned={
            "basis_coef_": "* t",
            "basis_intercept_": "*",
            "basis_": "basis p t",
            "coef_": "unbounded * t",
            "intercept_": "unbounded *",
            "exact_coef_": "fractions * t",
            "exact_intercept_": "fractions *",
            "status_": "status",
        },
        options={"degree": Option("degree", int, "the largest total degree", "2")},
    )
    basis_: ChebyshevBasis
    basis_coef_: Array
    basis_intercept_: Any
    coef_: Array
    intercept_: Any
    exact_coef_: Array
    exact_intercept_: Any

    def __init__(self, degree: int = 2, exact: bool = False) -> None:
        self.degree = degree
        self.exact = exact

    def _check_parameters(self) -> None:
        super()._check_parameters()
        require_at_least("degree", self.degree, 0, MAX_DEGREE)

    def _learn(self, X: Array) -> None:
        if comb(X.shape[1] + int(self.degree), int(self.degree)) > MAX_TERMS:
            raise InputError(
                f"A polynomial of degree {self.degree} in {X.shape[1]} features has more than {MAX_TERMS} "
                "coefficients; give a smaller degree or fewer features."
            )
        self.basis_ = ChebyshevBasis.over(X, int(self.degree))
        coef, intercept, solution = self._minimise(self._terms(X))
        if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
            raise InputError("A coefficient is beyond the range of float64; scale the targets.")
        if solution is not None:
            exact = list(zip(solution.coef, solution.intercept, strict=True))
        else:
            if self.status_ == Status.CONVERGED:
                coef, intercept = self._refined(coef, intercept)
            exact = [([_fraction(v) for v in row], _fraction(b)) for row, b in zip(coef, intercept, strict=True)]
        self.basis_coef_, self.basis_intercept_ = self._shaped(coef.astype(np.float64), intercept.astype(np.float64))
        self._set_monomials(exact)

    def _refined(self, coef: Array, intercept: Array) -> tuple[Array, Array]:
        """Return the coefficients with more digits, since the monomials' may be much smaller."""
        X, y, weights = self.training_data
        terms = self._terms(X.astype(np.longdouble))
        refined = refine(terms, y.reshape(len(y), -1), weights, coef.T, intercept)
        return refined[0].T, refined[1]

    def _set_monomials(self, exact: list[tuple[list[Fraction], Fraction]]) -> None:
        """Convert the coefficients of every target."""
        rows, constants = [], []
        for coef, intercept in exact:
            row, constant = self.basis_.monomials(coef)
            rows.append(row)
            constants.append(constant + intercept)
        self.coef_, self.intercept_ = self._shaped(rounded(rows), rounded(constants))
        if self.exact:
            fractions = np.array(rows, dtype=object), np.array(constants, dtype=object)
            self.exact_coef_, self.exact_intercept_ = self._shaped(*fractions)

    def _function(self) -> tuple[Array, Any]:
        return self.basis_coef_, self.basis_intercept_

    @property
    def powers_(self) -> Array:
        """The degree of each feature in each monomial."""
        return self.basis_.powers

    def table_of_learned(self, feature_names: Sequence[str]) -> NumberTable:
        """Return the coefficients of the monomials."""
        names = [_monomial(row, feature_names) for row in self.powers_]
        return table_of_coefficients(self.coef_, self.intercept_, names)

    def _terms(self, X: Array) -> Array:
        return self.basis_.values(X)

    def _exact_terms(self, X: Array) -> list[Column]:
        return self.basis_.columns(X)

    def _stated(self) -> tuple[dict[str, Any], Array, Array]:
        sides = {"centres": self.basis_.centres, "scales": self.basis_.scales}
        terms = {name: [text_of(value) for value in values.tolist()] for name, values in sides.items()}
        coef, intercept = np.atleast_2d(self.basis_coef_), np.atleast_1d(self.basis_intercept_)
        return {"degree": self.basis_.degree, **terms}, coef, intercept


def _fraction(number: Any) -> Fraction:
    """Return a number of NumPy exactly."""
    return Fraction(*number.as_integer_ratio())


def _monomial(powers: Array, features: Sequence[str]) -> str:
    """Write a product of powers of features."""
    used = [(name, power) for name, power in zip(features, powers.tolist(), strict=True) if power]
    parts = [name if power == 1 else f"{name}^{power}" for name, power in used]
    return " \N{MIDDLE DOT} ".join(parts)
