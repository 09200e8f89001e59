"""Logistic regression as a classifier of scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import inf
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from mathdl.certificates import Certificate, Data, text_of, write
from mathdl.checks import is_number, require_at_least
from mathdl.errors import ConvergenceWarning, InputError, NotCertifiedError
from mathdl.geometry.hyperplane import Hyperplane
from mathdl.models.certified import Certified
from mathdl.models.declaration import Declaration, DeclaredEstimator, Option
from mathdl.models.number_table import NumberTable, table_of_coefficients
from mathdl.models.training_data import data_of, dense, validated, with_weight
from mathdl.solvers import logistic
from mathdl.solvers.logistic_dual import dual_bounds
from mathdl.solvers.logistic_objective import probabilities
from mathdl.solvers.softmax import log_softmax
from mathdl.status import Status

Array = NDArray[Any]


class LogisticRegression(Certified, DeclaredEstimator, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify by the probabilities sigma(w.x + b), or a softmax for more than two classes (sections 6.2 and 6.3).

    ``fit`` minimises lambda |w|^2 + the mean cross-entropy (equation (6.7)) by Newton's method; the bias is not
    regularised. scikit-learn's ``LogisticRegression`` minimises the same for C = 1 / (2 lambda N).

    With lambda = 0 there is a minimum if and only if no hyperplane separates the classes, not even weakly (objects on
    it, but none on the wrong side). Where one does, the probabilities can be raised for ever. ``fit`` then gives a
    warning, and weights whose margins, the leads of the right logit, are at least 1 wherever they can be raised: if
    that is everywhere, those of a separating hyperplane with a smallest margin of exactly 1 (up to rounding), else
    those of the last step of Newton's method and a multiple of the direction of separation.

    Parameters
    ----------
    regularization : float, default 0.0
        lambda.
    tol : float, default 1e-10
        The relative gap between objective and minimum to reach, as half the squared Newton decrement estimates it.
    max_iter : int, default 100
        Newton's steps at most.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    coef_ : ndarray of shape (1, p) or (n_classes, p)
        The weights; one row for two classes. Rows of more than two sum to 0.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        The bias b.
    objective_ : float
        lambda |w|^2 + mean cross-entropy.
    gap_ : float
        What the objective exceeds the minimum by: an estimate from ``fit``, a bound after ``certify``. Where there is
        no minimiser, the objective itself bounds it.
    n_iter_ : ndarray of shape (1,)
        Newton's steps.
    status_ : str
        "converged", "certified" after ``certify``, "no minimiser" or "limit reached".
    certificate_ : Certificate
        What ``certify`` found.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import LogisticRegression
    >>> hours, passed = [[1.0], [2.0], [3.0], [4.0], [5.0]], ["no", "no", "yes", "no", "yes"]
    >>> model = LogisticRegression().fit(hours, passed)
    >>> model.predict_proba([[3.5]]).round(3)
    array([[0.519, 0.481]])
    >>> model.certify().kind, model.status_
    ('logistic', 'certified')
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="logistic",
        task="classification",
        minimises="\N{GREEK SMALL LETTER LAMDA}|w|² + mean cross-entropy",
        learned={
            "classes_": "labels",
            "coef_": "r p",
            "intercept_": "r",
            "objective_": "unbounded",
            "gap_": "unbounded",
            "n_iter_": "whole 1",
            "status_": "status",
        },
        options={"regularization": Option("regularization", float, "lambda, the weight of the penalty |w|^2", "0")},
    )
    classes_: Array
    coef_: Array
    intercept_: Array
    objective_: float
    gap_: float
    n_iter_: Array

    def __init__(self, regularization: float = 0.0, *, tol: float = 1e-10, max_iter: int = 100) -> None:
        self.regularization = regularization
        self.tol = tol
        self.max_iter = max_iter

    def __sklearn_tags__(self) -> Any:
        """Say that sparse matrices are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the weights.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)
            Objects; computed with in float64. Or what yields batches (X, y), as for ``memory_map``, in whose temporary
            files they are kept; y is then left out.
        y : array-like of shape (N,)
            Labels of any type that can be sorted.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects in the mean, not all zero; an object of weight 0 counts as absent.

        Returns
        -------
        self
            A ConvergenceWarning is given where there is no minimiser or the limit of steps was reached.

        Raises
        ------
        ValueError
            If X, y or a parameter cannot be used; there have to be at least two classes.
        """
        self._check_parameters()
        X, y, sample_weight = data_of(X, y, sample_weight, [np.float64])
        X, y, weights = self._checked(X, y, sample_weight)
        codes = np.searchsorted(self.classes_, y)
        shares = np.full(len(X), 1 / len(X)) if weights is None else weights / weights.max()
        shares /= shares.sum()
        found = logistic.solve_logistic(
            X, codes, shares, len(self.classes_), float(self.regularization), float(self.tol), int(self.max_iter)
        )
        self.coef_, self.intercept_, self.objective_, self.gap_ = found.coef, found.bias, found.value, found.gap
        self.n_iter_ = np.array([found.iterations], np.int32)
        self.status_ = Status(found.outcome)  # type: ignore[call-arg]
        self._remember(X, y, weights, found.direction)
        self._warn()
        return self

    def _check_parameters(self) -> None:
        """Raise InputError for parameters that cannot be used."""
        for name in ("regularization", "tol"):
            value = getattr(self, name)
            if not is_number(value) or not 0 <= float(value) < inf:
                raise InputError(f"LogisticRegression: {name} is {value!r}; give a number of at least 0.")
        require_at_least("LogisticRegression: max_iter", self.max_iter, 1)

    def _checked(self, X: Any, y: Any, sample_weight: Any) -> tuple[Array, Array, Array | None]:
        """Check the training data and set ``classes_``; objects without weight are left out."""
        X, y = validated(self, X, y, accept_sparse="csr", dtype=np.float64)
        check_classification_targets(y)
        X, y, weights = with_weight(dense(X), y, sample_weight)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise InputError(
                f"LogisticRegression needs at least two classes, but y holds one class only, "
                f"{self.classes_.tolist()[0]!r}; add objects of another class."
            )
        return X, y, weights

    def _warn(self) -> None:
        """Give the warning that goes with the status."""
        if self.status_ == Status.NO_MINIMISER:
            how = "strictly" if self._evidence.detail.strict else "weakly"
            warnings.warn(
                f"The classes can be separated {how} and nothing is regularised, so the cross-entropy has no minimum; "
                "the weights returned separate them. Give a positive regularization for a minimiser.",
                ConvergenceWarning,
                stacklevel=3,
            )
        elif self.status_ == Status.LIMIT_REACHED:
            warnings.warn(
                f"Newton's method ended after {self.n_iter_[0]} steps at an estimated gap of {self.gap_:.2g}; give a "
                "larger max_iter, or a positive regularization.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def objective_value(self, X: Array, y: Any) -> float:
        """Return the regularised mean cross-entropy."""
        return self.objective_

    def table_of_learned(self, feature_names: Sequence[str]) -> NumberTable:
        """Return the coefficients."""
        return table_of_coefficients(self.coef_, self.intercept_, feature_names, self.classes_.tolist())

    @property
    def decision_boundary_(self) -> Hyperplane:
        """The hyperplane on which two classes have the probability 1/2 each."""
        check_is_fitted(self)
        if len(self.classes_) != 2:
            raise InputError(
                f"There are {len(self.classes_)} classes, but a decision boundary lies between two; fit two of them."
            )
        return Hyperplane(self.coef_[0], -self.intercept_[0])

    def decision_function(self, X: Any) -> Array:
        """Return the logits.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)

        Returns
        -------
        ndarray of shape (N,) or (N, n_classes)
            For two classes w.x + b, positive for the second one.
        """
        check_is_fitted(self)
        X = validated(self, X, reset=False, accept_sparse="csr", dtype=np.float64)
        logits = X @ self.coef_.T + self.intercept_
        return np.asarray(logits[:, 0] if len(self.coef_) == 1 else logits)

    def predict(self, X: Any) -> Array:
        """Predict the most probable label of each object. As for :meth:`decision_function`."""
        logits = self.decision_function(X)
        codes = (logits > 0).astype(np.intp) if logits.ndim == 1 else logits.argmax(axis=1)
        return np.asarray(self.classes_[codes])

    def predict_proba(self, X: Any) -> Array:
        """Compute the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)

        Returns
        -------
        ndarray of shape (N, n_classes)
            In the order of ``classes_``.
        """
        return probabilities(np.atleast_2d(self.decision_function(X).T)).T

    def predict_log_proba(self, X: Any) -> Array:
        """Compute the logarithm of each probability, finite also where the probability underflows.

        As for :meth:`predict_proba`.
        """
        logits = self.decision_function(X)
        return log_softmax(np.column_stack([np.zeros_like(logits), logits]) if logits.ndim == 1 else logits)

    def _certificate(self, data: Data) -> tuple[Certificate, dict[str, Any]]:
        """Write that there is no minimiser, or how far the objective is from the minimum at most."""
        numbers: dict[str, Any] = {"classes": self.classes_.tolist()}
        X, y, weights, direction = self._evidence
        if direction is not None:
            return write("no_minimiser", numbers | _parameters(direction.rows), data), {}
        codes, regularization = np.searchsorted(self.classes_, y), float(self.regularization)
        found = dual_bounds(X, codes, weights, self.coef_, self.intercept_, regularization)
        if isinstance(found, str):
            raise NotCertifiedError(f"There is no certificate of this LogisticRegression: {found}.")
        objective = max(found.upper, self.objective_)
        gap = float(np.nextafter(objective - found.lower, np.inf))
        rows = [[*w, b] for w, b in zip(self.coef_.tolist(), self.intercept_.tolist(), strict=True)]
        numbers |= {"regularization": text_of(regularization), **_parameters(rows)}
        numbers |= {"objective": text_of(float(objective)), "gap": text_of(gap)}
        numbers["others"] = [[text_of(value) for value in row] for row in found.others]
        return write("logistic", numbers, data), {"gap_": gap}


def _parameters(rows: Any) -> dict[str, Any]:
    """Write rows of weights with the bias behind them."""
    return {
        "coef": [[text_of(value) for value in row[:-1]] for row in rows],
        "intercept": [text_of(row[-1]) for row in rows],
    }
