"""The soft-margin support vector machine (section 7.4)."""

from __future__ import annotations

import warnings
from fractions import Fraction
from math import inf
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from sklearn.base import clone

from mathdl.certificates import Certificate, Data, text_of, write
from mathdl.checks import is_number, require_at_least, require_numbers
from mathdl.errors import ConvergenceWarning, InputError
from mathdl.geometry.points import fractions
from mathdl.models.certified import Certified
from mathdl.models.declaration import Declaration, Option
from mathdl.models.linear_binary_classifier import Array, LinearBinaryClassifier
from mathdl.models.soft_margin_path import SoftMarginPath
from mathdl.solvers.soft_margin import SoftMarginSolution, solve_soft_margin
from mathdl.solvers.soft_margin_bounds import difference_above, feasible_multipliers, minimum_below, objective_above
from mathdl.solvers.soft_margin_path import soft_margin_pieces
from mathdl.status import Status

MAX_PATH_NUMBERS = 1_000  # of X, for all lambdas at once: 100 objects with two features take some seconds (measured)
PROVEN = 2.0  # tolerances: a gap that is proven and larger, because of rounding, certifies nothing but itself
ON_THE_EDGE = 1e-6  # above 1: y (w.x - b) of what still counts as an object on the edge of the strip


class _Problem(NamedTuple):
    """Checked training data, without objects of weight zero; ``has_weight`` tells which of all objects are left."""

    X: Array
    y: Array
    weights: Array | None
    has_weight: Array
    classes: Array
    feature_names: Array | None


class SoftMarginSVM(Certified, LinearBinaryClassifier):
    """Separate two classes by a hyperplane that may leave objects within its margin or on the wrong side.

    Minimised is lambda |w|^2 + the mean of max(0, 1 - y (w.x - b)) (equation (7.12)), where y is 1 for the second class
    and -1 for the first; with weights the mean is a weighted one. b is not regularised. The minimum is that of support
    vector machines that minimise |w|^2 / 2 + C times the sum, with C = 1 / (2 lambda N), or 1 over (2 lambda times the
    sum of the weights). The result depends on the scale of the features: standardise them first where their units are
    not comparable.

    Parameters
    ----------
    regularization : float, default 0.005
        lambda, positive; the default is that of Example 7.4.1. The larger, the wider the margin.
    tol : float, default 1e-9
        The duality gap to reach, relative to the objective.
    max_iter : int, default 200
        Newton steps to take at most.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is the positive class.
    coef_ : ndarray of shape (1, p)
        w, which is unique.
    intercept_ : ndarray of shape (1,)
        Minus the book's b: the middle of ``intercept_interval_``.
    intercept_interval_ : ndarray of shape (2,)
        The least and the largest intercept that are best for w. They are the same number where b is unique.
    margin_ : float
        The width 2 / |w| of the strip |w.x - b| < 1; infinite where w is 0.
    objective_ : float
        The value of (7.12).
    dual_objective_ : float
        The value of the dual problem, a lower bound for the minimum (up to rounding).
    multipliers_ : ndarray of shape (N,)
        A point of the dual problem: a, between 0 and each object's share of the weight, with as large a sum in either
        class, so that sum a - |sum y a x|^2 / (4 lambda) is the dual objective.
    support_ : ndarray of shape (n_support,)
        The objects on the edge of the strip for their class, within it, or on the wrong side: those with y (w.x - b) at
        most 1, up to 1e-6. No other objects matter.
    n_iter_ : int
        Number of Newton steps.
    status_ : str
        "converged", "limit reached" or, once ``certify`` has shown that the relative gap is at most 2 ``tol``,
        "certified"; "inexact" where it could only show a larger gap, which the certificate states.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import SoftMarginSVM
    >>> X, y = [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [2.0, 0.0]], [-1, 1, -1, 1]
    >>> model = SoftMarginSVM(regularization=0.1).fit(X, y)
    >>> model.coef_.round(6), model.intercept_interval_.round(6), round(model.objective_, 6)
    (array([[1.25, 0.  ]]), array([-1.  , -0.25]), 0.34375)
    >>> model.predict_three_way([[-2.0, 0.0], [0.5, 0.0], [3.0, 1.0]])
    array([-1,  0,  1])
    >>> certificate = model.certify()
    >>> model.status_
    'certified'
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="soft-margin",
        task="classification",
        minimises="\N{GREEK SMALL LETTER LAMDA}|w|² + mean hinge loss",
        learned={
            "classes_": "labels",
            "coef_": "1 p",
            "intercept_": "1",
            "intercept_interval_": "unbounded 2",
            "margin_": "unbounded",
            "objective_": "unbounded",
            "dual_objective_": "unbounded",
            "multipliers_": "unbounded n",
            "support_": "whole s",
            "n_iter_": "whole",
            "status_": "status",
        },
        options={
            "regularization": Option("regularization", float, "lambda, the weight of the penalty |w|^2", "0.005"),
        },
        two_classes=True,
    )
    intercept_interval_: Array
    margin_: float
    objective_: float
    dual_objective_: float
    multipliers_: Array
    support_: Array
    n_iter_: int

    def __init__(self, regularization: float = 0.005, tol: float = 1e-9, max_iter: int = 200) -> None:
        self.regularization = regularization
        self.tol = tol
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the hyperplane.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)
            Objects.
        y : array-like of shape (N,)
            Labels of two classes.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects in the mean.

        Returns
        -------
        self
            A ConvergenceWarning is given where the gap that was reached is larger than ``tol``.

        Raises
        ------
        ValueError
            If X, y, the weights or a parameter cannot be used.
        """
        self._check_parameters()
        self._learn(self._problem(X, y, sample_weight), None)
        return self

    def objective_value(self, X: Array, y: Any) -> float:
        """Return the value of (7.12)."""
        return self.objective_

    def path(self, X: Any, y: Any, regularizations: Any, sample_weight: Any = None) -> list[SoftMarginSVM]:
        """Fit one model for each of several lambdas, to choose from; this model stays as it is.

        The lambdas are taken from the largest down, and each hyperplane is where the search for the next one starts.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)
            Objects.
        y : array-like of shape (N,)
            Labels of two classes.
        regularizations : array-like of shape (n,)
            The lambdas, positive.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects in the mean.

        Returns
        -------
        list of SoftMarginSVM
            Fitted, in the order of the lambdas.

        Raises
        ------
        ValueError
            If X, y, the weights, a lambda or a parameter cannot be used.

        Examples
        --------
        >>> X, y = [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [2.0, 0.0]], [-1, 1, -1, 1]
        >>> [round(model.objective_, 6) for model in SoftMarginSVM().path(X, y, [0.01, 0.1, 1.0])]
        [0.04, 0.34375, 0.75]
        """
        values = np.ravel(require_numbers("regularizations", regularizations)).tolist()
        models = [clone(self).set_params(regularization=value) for value in values]
        if not models:
            raise InputError("regularizations is empty; give at least one lambda.")
        for model in models:
            model._check_parameters()
        problem, guess = models[0]._problem(X, y, sample_weight), None
        for model in sorted(models, key=lambda model: -model.regularization):
            found = model._learn(problem, guess)
            guess = (found.w, found.b)
        return models

    def exact_path(self, X: Any, y: Any, sample_weight: Any = None) -> SoftMarginPath:
        """Find w and the minimum as exact functions of lambda, for all lambda > 0; this model stays as it is.

        w is u + v / lambda on each of finitely many pieces of the half-line. That is for few objects: 100 of two
        features take some seconds.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)
            Objects, at most 1,000 numbers, which are taken as the exact binary numbers that they are.
        y : array-like of shape (N,)
            Labels of two classes.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects in the mean.

        Returns
        -------
        SoftMarginPath

        Raises
        ------
        ValueError
            If X, y or the weights cannot be used, or X holds more than 1,000 numbers.

        Examples
        --------
        >>> path = SoftMarginSVM().exact_path([[0.0], [1.0]], ["no", "yes"])
        >>> path.breaks, path.at(1).normal, path.at(1).offsets
        ((Fraction(1, 8),), (Fraction(1, 4),), (Fraction(-3, 4), Fraction(1, 1)))
        """
        X, y, weights, _, classes, _ = clone(self)._problem(X, y, sample_weight)
        if X.size > MAX_PATH_NUMBERS:
            raise InputError(
                f"X holds {X.size} numbers; give at most {MAX_PATH_NUMBERS}, or choose some lambdas and call path."
            )
        signs = [1 if positive else -1 for positive in (y == classes[1]).tolist()]
        given = [Fraction(1)] * len(X) if weights is None else [Fraction(weight) for weight in weights.tolist()]
        shares = [weight / sum(given) for weight in given]
        return SoftMarginPath(tuple(soft_margin_pieces(X, signs, shares)), fractions(X), signs, shares)

    def reliable(self, X: Any) -> Array:
        """Tell which answers are reliable: those for objects outside the strip, with |w.x - b| >= 1 (Example 7.4.1).

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)

        Returns
        -------
        ndarray of bool of shape (N,)
        """
        return np.asarray(np.abs(self.decision_function(X)) >= 1)

    def predict_three_way(self, X: Any) -> Array:
        """Predict the classes of those objects whose answers are reliable.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)

        Returns
        -------
        ndarray of int of shape (N,)
            1 for the second class, -1 for the first, and 0 within the strip |w.x - b| < 1.
        """
        values = self.decision_function(X)
        return np.where(np.abs(values) >= 1, np.sign(values), 0).astype(np.intp)

    def _check_parameters(self) -> None:
        """Raise InputError for a parameter that cannot be used."""
        if not _is_positive(self.regularization):
            raise InputError(f"regularization is {self.regularization!r}; give lambda, a finite number above 0.")
        if not _is_positive(self.tol) or self.tol >= 1:
            raise InputError(f"tol is {self.tol!r}; give a number between 0 and 1.")
        require_at_least("max_iter", self.max_iter, 1)

    def _problem(self, X: Any, y: Any, sample_weight: Any) -> _Problem:
        """Check the training data."""
        X, y, weights = self._checked(X, y, sample_weight)
        X = np.ascontiguousarray(X)
        all_kept = weights is None or np.asarray(sample_weight).ndim == 0
        has_weight = np.ones(len(X), bool) if all_kept else np.asarray(sample_weight) > 0
        names = getattr(self, "feature_names_in_", None)
        return _Problem(X, y, weights, has_weight, self.classes_, names)

    def _learn(self, problem: _Problem, guess: tuple[Array, float] | None) -> SoftMarginSolution:
        """Solve, and set what is learned."""
        X, y, weights, has_weight, self.classes_, names = problem
        self.n_features_in_ = X.shape[1]
        if names is not None:
            self.feature_names_in_ = names
        signs = np.where(y == self.classes_[1], 1.0, -1.0)
        shares = np.full(len(X), 1 / len(X)) if weights is None else weights / weights.sum()
        regularization, tol, max_iter = float(self.regularization), float(self.tol), int(self.max_iter)
        found = solve_soft_margin(X, signs, shares, regularization, tol, max_iter, guess)
        self.coef_, self.intercept_ = found.w[None, :].copy(), np.array([-found.b])
        self.intercept_interval_ = -np.array(found.interval[::-1])
        length = float(np.linalg.norm(found.w))
        self.margin_ = 2 / length if length else inf
        self.objective_, self.dual_objective_ = found.objective, found.dual_objective
        self.multipliers_ = np.zeros(len(has_weight))
        self.multipliers_[has_weight] = found.multipliers
        self._remember(X, y, weights, has_weight)
        self.support_ = np.flatnonzero(has_weight)[signs * (X @ found.w - found.b) <= 1 + ON_THE_EDGE]
        self.n_iter_ = found.iterations
        self.status_ = Status.CONVERGED if found.converged else Status.LIMIT_REACHED
        if not found.converged:
            warnings.warn(
                f"SoftMarginSVM stopped after {found.iterations} of {self.max_iter} steps at a relative gap of "
                f"{found.gap:.1e} instead of {self.tol:g}; standardise the features, or change max_iter, tol or "
                "regularization.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return found

    def _certificate(self, data: Data) -> tuple[Certificate, dict[str, Any]]:
        """Write down w, b, feasible multipliers, and bounds for both values."""
        X, y, weights, has_weight = self._evidence
        weights = np.ones(len(X)) if weights is None else weights
        positive = y == self.classes_[1]
        signs, labels = np.where(positive, 1.0, -1.0), data.labels or []
        regularization, w, b = float(self.regularization), self.coef_[0], -float(self.intercept_[0])
        multipliers = feasible_multipliers(self.multipliers_[has_weight], signs, weights)
        objective = objective_above(X, signs, weights, regularization, w, b)
        gap = difference_above(objective, minimum_below(X, signs, weights, regularization, multipliers))
        too_large = self.status_ == Status.CONVERGED and gap > PROVEN * self.tol * objective
        numbers = {
            "regularization": text_of(regularization),
            "normal": [text_of(value) for value in w.tolist()],
            "offset": text_of(b),
            "positive": labels[int(np.argmax(positive))],
            "multipliers": [text_of(value) for value in multipliers.tolist()],
            "objective": text_of(objective),
            "gap": text_of(gap),
        }
        return write("soft_margin", numbers, data), {"status_": Status.INEXACT} if too_large else {}


def _is_positive(value: Any) -> bool:
    """Whether this is a finite number above 0."""
    return is_number(value) and 0 < float(value) < inf
