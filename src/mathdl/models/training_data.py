"""What estimators do alike with data that scikit-learn has checked: sparse rows made dense, weights looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import _check_sample_weight

from mathdl.errors import InputError

Array = NDArray[Any]


def dense(X: Any) -> Array:
    """Return a matrix as an array.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> dense(csr_array([[0.0, 2.0]]))
    array([[0., 2.]])
    """
    return np.asarray(X.toarray() if issparse(X) else X)


def with_weight(X: Array, y: Any, sample_weight: Any) -> tuple[Array, Any, Array | None]:
    """Check weights and leave out objects without any, which count as absent; ``y`` may be None.

    Raises
    ------
    ValueError
        If the weights are not one number that is not negative for each object, or all are zero.

    Examples
    --------
    >>> with_weight(np.array([[1.0], [2.0]]), np.array([0, 1]), [0, 3])
    (array([[2.]]), array([1]), array([3.]))
    """
    if sample_weight is None:
        return X, y, None
    weights: Array = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    counts = weights > 0
    if not counts.any():
        raise InputError("sample_weight holds only zeros; give at least one object a positive weight.")
    return X[counts], None if y is None else y[counts], weights[counts]
