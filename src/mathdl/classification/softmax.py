"""The softmax function (4.11): from any numbers to probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import reals, require_numbers
from mathdl.errors import InputError
from mathdl.solvers.softmax import softmax as softmax_of_rows


def softmax(y: Any) -> NDArray[np.float64]:
    """Compute the softmax e^(y_i) / (e^(y_1) + ... + e^(y_m)) of vectors (4.11).

    The largest entry is subtracted first, so that nothing overflows. Every exact value lies strictly between 0 and 1;
    in floating point a value is rounded to 1 where the other entries are smaller by about 38 or more.

    Parameters
    ----------
    y : array-like of shape (..., m)
        Vectors of finite numbers.

    Returns
    -------
    ndarray of the shape of y

    Raises
    ------
    InputError
        If y holds no number, or one that is not finite.

    Examples
    --------
    >>> softmax([1.0, 0.0, -1.0]).round(4)
    array([0.6652, 0.2447, 0.09  ])
    >>> float(softmax([1000.0, 0.0])[0])
    1.0
    """
    try:
        values = reals(np.asarray(require_numbers("y", y)), "float64")
    except (TypeError, ValueError):
        raise InputError("y holds something that is no number; give real numbers.") from None
    if values.ndim == 0 or values.size == 0 or not np.isfinite(values).all():
        raise InputError(f"y has shape {values.shape} or a number that is not finite; give vectors of finite numbers.")
    with np.errstate(over="ignore"):  # differences beyond all floats: those entries are 0
        return softmax_of_rows(values)
