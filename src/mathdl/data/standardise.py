"""Mean and scale of a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def mean_and_scale(values: NDArray[Any]) -> tuple[float, float]:
    """Return the mean and the standard deviation of finite values; the scale is 1 where all are equal.

    Parameters
    ----------
    values
        At least one finite number.

    Returns
    -------
    tuple of float
        Mean and scale, both finite, the scale positive.

    Examples
    --------
    >>> mean_and_scale(np.array([1.0, 3.0]))
    (2.0, 1.0)
    >>> mean_and_scale(np.array([7.0, 7.0]))
    (7.0, 1.0)
    """
    values = values.astype(np.float64)
    if values.min() == values.max():
        return float(values[0]), 1.0
    # Relative to the largest value, so that neither the sum nor the squares overflow.
    largest = float(np.abs(values).max())
    relative = values / largest
    scale = largest * float(relative.std())
    return largest * float(relative.mean()), scale if scale > 0 else 1.0
