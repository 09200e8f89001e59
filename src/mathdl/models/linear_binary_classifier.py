"""What the classifiers share that decide between two classes by the sign of an affine function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from mathdl.errors import InputError
from mathdl.geometry.hyperplane import Hyperplane
from mathdl.models.declaration import DeclaredEstimator
from mathdl.models.number_table import NumberTable, table_of_coefficients
from mathdl.models.training_data import dense, validated, with_weight

Array = NDArray[Any]


class LinearBinaryClassifier(DeclaredEstimator, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier for two classes with ``coef_`` and ``intercept_``.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is the positive class.
    coef_ : ndarray of shape (1, p)
        w.
    intercept_ : ndarray of shape (1,)
        Minus the book's b: the decision function is w.x + intercept.
    """

    classes_: Array
    coef_: Array
    intercept_: Array

    def __sklearn_tags__(self) -> Any:
        """Say that there are two classes, and that sparse matrices are welcome."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = True
        return tags

    @property
    def decision_boundary_(self) -> Hyperplane:
        """The hyperplane on which the decision function is zero."""
        check_is_fitted(self)
        return Hyperplane(self.coef_[0], -self.intercept_[0])

    def table_of_learned(self, feature_names: Sequence[str]) -> NumberTable:
        """Return the coefficients."""
        return table_of_coefficients(self.coef_, self.intercept_, feature_names, self.classes_.tolist())

    def decision_function(self, X: Any) -> Array:
        """Return w.x - b for objects: positive for the second class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)

        Returns
        -------
        ndarray of shape (N,)
        """
        check_is_fitted(self)
        X = validated(self, X, reset=False, accept_sparse="csr", dtype=np.float64)
        return np.asarray(X @ self.coef_[0] + self.intercept_[0])

    def predict(self, X: Any) -> Array:
        """Predict the class of each object. As for :meth:`decision_function`."""
        positive = self.decision_function(X) > 0
        return self.classes_[positive.astype(np.intp)]

    def _checked(self, X: Any, y: Any, sample_weight: Any) -> tuple[Array, Array, Array | None]:
        """Check the training data and set ``classes_``; return X (float64, dense), the labels, and the weights.

        Objects without weight are left out.
        """
        X, y = validated(self, X, y, accept_sparse="csr", dtype=np.float64)
        check_classification_targets(y)
        X, y, weights = with_weight(dense(X), y, sample_weight)
        self.classes_ = np.unique(y)
        if len(self.classes_) != 2:
            # The words in brackets are the ones that scikit-learn's own checks look for.
            raise InputError(
                f"{type(self).__name__} decides between two classes (Only binary classification is supported), but y "
                f"holds {len(self.classes_)} class{'' if len(self.classes_) == 1 else 'es'}; for more than two, wrap "
                "it in scikit-learn's OneVsRestClassifier."
            )
        return X, y, weights
