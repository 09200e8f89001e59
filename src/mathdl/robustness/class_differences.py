"""By how much an output of a classifier is larger than every other one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def class_differences(own: int, outputs: int) -> NDArray[np.float64]:
    """Return the rows of the matrix that makes them of the outputs; a single output is of class 1 where positive."""
    if outputs == 1:
        return np.array([[1.0 if own else -1.0]])
    return np.delete(np.eye(outputs)[own] - np.eye(outputs), own, axis=0)
