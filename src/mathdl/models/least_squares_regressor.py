"""What regressions by least squares share: the checks, the two solvers, and the certificate."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from mathdl.certificates import Certificate, Data, text_of, write
from mathdl.checks import require_truth_value
from mathdl.errors import NotCertifiedError
from mathdl.exact.whole_numbers import nearest_float
from mathdl.models.certified import Certified
from mathdl.models.declaration import DeclaredEstimator
from mathdl.models.training_data import data_of, dense, validated, with_weight
from mathdl.solvers.exact_least_squares import Column, ExactLeastSquares, ExactSolution, column
from mathdl.solvers.least_squares import least_squares
from mathdl.status import Status

Array = NDArray[Any]

MOST_TERMS = 200  # beyond, rational arithmetic takes minutes, and certificates megabytes
MOST_PRODUCTS = 1e9  # objects times terms squared: the checker takes about a minute and a half
WORTH_STATING = 10**6  # a model further above the minimum than this part of the targets' variance is no minimiser


class LeastSquaresRegressor(Certified, DeclaredEstimator, RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A regression by least squares on functions of the features, the terms: a linear combination and an intercept."""

    exact: bool

    def __sklearn_tags__(self) -> Any:
        """Say that several targets are welcome, and sparse matrices."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.sparse = True
        return tags

    def objective_value(self, X: Array, y: Any) -> float:
        """Return the mean square error."""
        return float(np.mean((self.predict(X) - y) ** 2))

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Fit the function.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)
            Objects; float64 arithmetic, whatever the type. Or what yields batches (X, y), as for ``memory_map``, in
            whose temporary files they are kept; y is then left out.
        y : array-like of shape (N,) or (N, m)
            Targets.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects in the sum of squares, not all zero.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If a parameter lies outside its range, or a coefficient is beyond that of float64.
        ValueError
            If X, y or the weights cannot be used.
        """
        self._check_parameters()
        X, y, sample_weight = data_of(X, y, sample_weight, [np.float64])
        self._learn(self._check(X, y, sample_weight))
        return self

    def predict(self, X: Any) -> Array:
        """Predict the targets of objects.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)

        Returns
        -------
        ndarray of shape (N,) or (N, m)
            float64.
        """
        check_is_fitted(self)
        X = dense(validated(self, X, reset=False, accept_sparse="csr", dtype=np.float64))
        coef, intercept = self._function()
        return np.asarray(self._terms(X) @ coef.T + intercept)

    def _check_parameters(self) -> None:
        """Raise InputError for parameters that cannot be used."""
        require_truth_value(f"{type(self).__name__}: exact", self.exact)

    @abstractmethod
    def _learn(self, X: Array) -> None:
        """Find the coefficients for the training data that were checked; X are their objects."""

    @abstractmethod
    def _function(self) -> tuple[Array, Any]:
        """Return the coefficients of the terms that predict, and the intercepts."""

    @abstractmethod
    def _terms(self, X: Array) -> Array:
        """Return the terms of the objects."""

    @abstractmethod
    def _exact_terms(self, X: Array) -> list[Column]:
        """Return the terms of the objects exactly."""

    @abstractmethod
    def _stated(self) -> tuple[dict[str, Any], Array, Array]:
        """Return what a certificate says of the terms, the coefficients (m x terms) and the intercepts (m)."""

    def _check(self, X: Any, y: Any, sample_weight: Any) -> Array:
        """Keep the training data, without objects of weight zero, and return X as float64."""
        X, y = validated(self, X, y, accept_sparse="csr", dtype=np.float64, y_numeric=True, multi_output=True)
        objects, y, weights = with_weight(dense(X), y.astype(np.float64), sample_weight)
        for name in ("exact_coef_", "exact_intercept_"):  # of an earlier fit
            self.__dict__.pop(name, None)
        self._remember(objects, y, weights)
        return objects

    def _minimise(self, terms: Array) -> tuple[Array, Array, ExactSolution | None]:
        """Return coefficients (m x terms), intercepts (m) and, where it is asked for, the exact solution."""
        _, y, weights = self.training_data
        solution = self._problem().solve() if self.exact else None
        if solution is None:
            found = least_squares(terms, y.reshape(len(y), -1), weights)
            coef, intercept, unique = found.coef.T, found.intercept, found.rank == terms.shape[1]
        else:
            coef, intercept = rounded(solution.coef), rounded(solution.intercept)
            unique = solution.multipliers is None
        self.status_ = Status.CONVERGED if unique else Status.MINIMUM_NORM
        return coef, intercept, solution

    def _problem(self) -> ExactLeastSquares:
        """Return the problem in whole numbers."""
        X, y, weights = self.training_data
        whole_weights = [1] * len(X) if weights is None else column(weights).values
        targets = [column(target) for target in y.reshape(len(y), -1).T]
        return ExactLeastSquares(self._exact_terms(X), targets, whole_weights)

    def _certificate(self, data: Data) -> tuple[Certificate, dict[str, Any]]:
        """Solve the problem exactly and state how far above its minimum the model is."""
        numbers, coef, intercept = self._stated()
        terms = coef.shape[1]
        if terms > MOST_TERMS or data.count * terms**2 > MOST_PRODUCTS:
            raise NotCertifiedError(
                f"Rational arithmetic with {data.count} objects and {terms} terms would take too long; certify a model "
                f"with at most {MOST_TERMS} terms, and objects times terms squared below {MOST_PRODUCTS:.0e}."
            )
        problem = self._problem()
        solution = problem.solve()
        if (solution.multipliers is None) != (self.status_ != Status.MINIMUM_NORM):
            raise NotCertifiedError(
                f"The terms are {'in' if solution.multipliers is None else ''}dependent, which floating-point numbers "
                "could not tell, so the model need not be near the minimiser; fit with exact=True."
            )
        excess = problem.excess(solution, coef, intercept)
        variance, square = problem.spread()
        if excess > variance / WORTH_STATING + square / 2**100:
            raise NotCertifiedError(
                f"Rounded to float64, the coefficients have a mean square error of {rounded(excess):.3g} above the "
                f"minimum {rounded(solution.minimum):.3g}, since features nearly depend on one another; leave some out."
            )
        numbers |= {
            "coefficients": _texts(coef.tolist()),
            "intercepts": _texts(intercept.tolist()),
            "minimiser": _texts(solution.coef),
            "minimum": text_of(solution.minimum),
            "excess": text_of(_rounded_up(excess)),
        }
        if solution.multipliers is not None:
            numbers["multipliers"] = _texts(solution.multipliers)
        return write("least_squares", numbers, data), {}

    def _shaped(self, coef: Array, intercept: Array) -> tuple[Array, Any]:
        """Return coefficients and intercepts as scikit-learn shapes them: no axis for the target of a flat y."""
        return (coef, intercept) if self._evidence.y.ndim == 2 else (coef[0], intercept[0])


def rounded(numbers: Any) -> Array:
    """Return rationals as float64, infinite where they are beyond it."""
    return np.asarray(np.vectorize(nearest_float, otypes=[np.float64])(np.array(numbers, dtype=object)))


def _texts(values: Iterable[Any]) -> list[Any]:
    """Return numbers, or rows of numbers, as texts."""
    return [text_of(value) if isinstance(value, float | Fraction) else _texts(value) for value in values]


def _rounded_up(number: Fraction) -> Fraction:
    """Return a number with few digits that is not smaller: only that is stated."""
    unit = Fraction(2) ** (number.numerator.bit_length() - number.denominator.bit_length() - 24)
    return -(-number // unit) * unit
