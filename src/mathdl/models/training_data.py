"""What estimators do alike with their data: checks before and after scikit-learn's, sparse rows made dense, weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import _check_sample_weight, validate_data

from mathdl.checks import require_numbers, require_unmasked, shortened
from mathdl.data.mapped_arrays import as_type, is_memory_mapped, rows_of
from mathdl.data.memory_map import from_batches, is_batches
from mathdl.errors import InputError

Array = NDArray[Any]


def data_of(X: Any, y: Any, sample_weight: Any, dtypes: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Return X, y and the weights that ``fit`` was given; batches go to a memory map, X as one of some types."""
    return from_batches(X, y, sample_weight, partial(_of_type, dtypes))


def _of_type(dtypes: Sequence[Any], X: Any) -> Array:
    """Return numbers of one of some types, of the first one where they are of none; bytes of images stay bytes."""
    given = np.asarray(require_numbers("X", X))
    if given.ndim == 0 or given.dtype.kind not in "biuf":
        raise InputError(f"X is {shortened(X)}; give an array of numbers.")
    stays = given.dtype in dtypes or (given.dtype == np.uint8 and given.ndim > 2)
    return given if stays else as_type(given, dtypes[0])


def validated(estimator: Any, X: Any, y: Any = "no_validation", **options: Any) -> Any:
    """Check data as scikit-learn does, after refusing what it would misread: masked values, texts, dates and times."""
    if is_batches(X):
        raise InputError("X yields batches where an array is expected; give one, as memory_map makes of batches.")
    X = require_numbers("X", X)
    if issparse(y):
        raise InputError("y is a sparse matrix; give an array, such as y.toarray().")
    if options.get("y_numeric", False):
        y = require_numbers("y", y)
    require_unmasked("y", y)
    if is_memory_mapped(X) and "dtype" in options:
        X = _of_type(options["dtype"] if isinstance(options["dtype"], list) else [options["dtype"]], X)
    return validate_data(estimator, X, y, **options)


def dense(X: Any) -> Array:
    """Return a matrix as an array."""
    return np.asarray(X.toarray() if issparse(X) else X)


def checked_sample_weight(sample_weight: Any, X: Array) -> Array:
    """Return finite weights of the objects, not negative, with a finite sum; raise ValueError where there are none."""
    given = require_numbers("sample_weight", sample_weight)
    weights: Array = _check_sample_weight(given, X, dtype=np.float64, ensure_non_negative=True)
    if not np.isfinite(weights).all():
        raise InputError(f"sample_weight is {sample_weight!r}; give finite numbers.")
    with np.errstate(over="ignore"):
        if not np.isfinite(weights.sum()):
            raise InputError("sample_weight holds numbers whose sum is beyond float64; scale them.")
    return weights


def with_weight(X: Array, y: Any, sample_weight: Any) -> tuple[Array, Any, Array | None]:
    """Check weights and leave out objects without any, which count as absent; ``y`` may be None."""
    if sample_weight is None:
        return X, y, None
    weights = checked_sample_weight(sample_weight, X)
    counts = weights > 0
    if not counts.any():
        raise InputError("sample_weight holds only zeros; give at least one object a positive weight.")
    if counts.all():
        return X, y, weights
    return rows_of(X, counts), None if y is None else y[counts], weights[counts]
